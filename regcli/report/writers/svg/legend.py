"""The legend of a panel: the names of its marks, with a sample of each."""

import math
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from regcli.report.plots.plot import Band, Bars, Cells, Dots, Line, Panel, Rule
from regcli.report.writers.svg.elements import SIZE, element, fitting, text, titled, width_of
from regcli.report.writers.svg.places import LINE_HEIGHT, stroke
from regcli.report.writers.svg.shapes import RADIUS, color_class, draw_shape, line_class

_SAMPLE = 24.0
"""Width of the sample of a mark."""
_APART = 12.0

Named = Line | Band | Dots | Bars


@dataclass(frozen=True)
class Entry:
    """A mark in a legend, with its name as it fits, and the width of both."""

    mark: Named
    name: str
    width: float


def legend_rows(panel: Panel, width: float) -> list[list[Entry]]:
    """The names of a panel's marks in lines.

    Args:
        width: of a line at most.
    """
    rows: list[list[Entry]] = []
    used = math.inf
    for mark in panel.marks:
        if isinstance(mark, Rule | Cells) or not mark.name:
            continue
        name = fitting(mark.name, width - _SAMPLE)
        own = _SAMPLE + width_of(name) + _APART
        if used + own > width + _APART:
            rows.append([])
            used = 0.0
        rows[-1].append(Entry(mark, name, own))
        used += own
    return rows


def draw_legend(svg: Element, panel: Panel, left: float, top: float, width: float) -> None:
    """Draw the legend from a place on."""
    for row, entries in enumerate(legend_rows(panel, width)):
        x, y = left, top + row * LINE_HEIGHT + SIZE / 2
        for entry in entries:
            _draw_sample(svg, entry.mark, x, y)
            full = "" if entry.name == entry.mark.name else entry.mark.name
            titled(text(svg, x + _SAMPLE, y + SIZE / 3, entry.name), full)
            x += entry.width


def _draw_sample(svg: Element, mark: Named, x: float, y: float) -> None:
    if isinstance(mark, Line):
        element(svg, "path", class_=line_class(mark), d=stroke((x, y), (x + 19, y)))
        if mark.has_dots:
            draw_shape(svg, x + 9.5, y, mark.color, mark.color)
    elif isinstance(mark, Dots):
        draw_shape(svg, x + 9.5, y, mark.color, mark.shape, RADIUS + 1)
    else:
        classes = f"{'band' if isinstance(mark, Band) else 'bars'} {color_class(mark.color)}"
        element(svg, "rect", class_=classes, x=x, y=y - 5, width=19, height=10)
