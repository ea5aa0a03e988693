"""A picture as a drawing, as wide as a phone, so that its letters can be read on any screen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from regcli.report.cells import harmless
from regcli.report.plots.boxes import Boxes
from regcli.report.plots.plot import Panel, Picture, Plot, Tiles
from regcli.report.writers.svg.axis_lines import MOST_BESIDE, TICK, draw_axes
from regcli.report.writers.svg.box_column import draw_boxes, height_of_boxes
from regcli.report.writers.svg.elements import SIZE, root, text, width_of, written
from regcli.report.writers.svg.legend import draw_legend, legend_rows
from regcli.report.writers.svg.marks import draw, name_rules, rows_of_rules
from regcli.report.writers.svg.places import LINE_HEIGHT, Area, Places
from regcli.report.writers.svg.tiles import draw_tiles, height_of_tiles

WIDTH = 360.0
_RIGHT = 14.0
_BELOW = 22.0
"""Room for the texts of an x axis."""
_BETWEEN = 12.0


def drawn(picture: Picture, identity: str) -> str:
    """A picture as SVG.

    Args:
        identity: tells it from others in one document.
    """
    about = picture.title, picture.description, identity
    if isinstance(picture, Tiles):
        svg = root(WIDTH, height_of_tiles(picture, WIDTH), *about)
        draw_tiles(svg, picture, WIDTH)
        return written(svg)
    if isinstance(picture, Boxes):
        svg = root(WIDTH, height_of_boxes(picture, WIDTH), *about)
        draw_boxes(svg, picture, WIDTH)
        return written(svg)
    slots = list(_slots(picture))
    svg = root(WIDTH, slots[-1].bottom, *about)
    for slot in slots:
        place = Places(slot.panel, slot.area)
        if slot.panel.y.label:
            text(svg, 0, slot.top + SIZE, slot.panel.y.label, kind="label")
        if slot.has_legend:
            below = slot.top + _label(slot.panel) + 2
            draw_legend(svg, slot.panel, slot.area.left, below, slot.area.width)
        draw_axes(svg, place, slot.has_x_texts)
        for mark in slot.panel.marks:
            draw(mark, svg, place)
        name_rules(svg, place)
        if slot.panel.x.label and slot.has_x_texts:
            below = slot.area.bottom + _BELOW + SIZE
            text(svg, slot.area.right, below, slot.panel.x.label, "end", "label")
    return written(svg)


@dataclass(frozen=True)
class _Slot:
    """A panel and its place among the others.

    Attributes:
        has_legend, has_x_texts: whether it has its own, or shares those of its neighbor.
    """

    panel: Panel
    top: float
    area: Area
    bottom: float
    has_legend: bool
    has_x_texts: bool


def _slots(plot: Plot) -> Iterator[_Slot]:
    """The panels below each other."""
    left = max(map(_left, plot.panels))
    right = WIDTH - _RIGHT
    own_legends = _own_legends(plot.panels)
    own_texts = [one.x != other.x for one, other in pairwise(plot.panels)] + [True]
    top = 0.0
    for panel, has_legend, has_texts in zip(plot.panels, own_legends, own_texts, strict=True):
        rows = len(legend_rows(panel, right - left)) if has_legend else 0
        rows += len(rows_of_rules(Places(panel, Area(left, 0, right, 1))))
        begin = top + _label(panel) + rows * LINE_HEIGHT + 4
        area = Area(left, begin, right, begin + WIDTH * panel.height)
        below = (_BELOW + (LINE_HEIGHT if panel.x.label else 0.0)) if has_texts else 2.0
        bottom = area.bottom + below + (_BETWEEN if panel is not plot.panels[-1] else 2.0)
        yield _Slot(panel, top, area, bottom, has_legend, has_texts)
        top = bottom


def _own_legends(panels: Sequence[Panel]) -> list[bool]:
    """Whether a panel has a legend that the panel above it does not have already."""
    names = [[entry.name for row in legend_rows(panel, WIDTH) for entry in row] for panel in panels]
    return [True] + [before != after for before, after in pairwise(names)]


def _left(panel: Panel) -> float:
    """Room for the texts beside a panel."""
    widest = max((width_of(harmless(tick.text)) for tick in panel.y.scale.ticks), default=0.0)
    return min(widest, MOST_BESIDE) + TICK + 4


def _label(panel: Panel) -> float:
    return LINE_HEIGHT if panel.y.label else 4.0
