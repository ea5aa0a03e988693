"""The axes of a panel, with as many texts beside them as there is room for."""

from itertools import pairwise
from xml.etree.ElementTree import Element

from regcli.report.cells import harmless
from regcli.report.plots.plot import Cells
from regcli.report.plots.scales import Tick
from regcli.report.writers.svg.elements import SIZE, element, fitting, text, titled, width_of
from regcli.report.writers.svg.places import Places, stroke

TICK = 4.0
MOST_BESIDE = 180.0
"""Width of a text beside the y axis at most; a longer one is cut and has a title."""
_APART = 6.0
"""Room between two texts."""


def draw_axes(svg: Element, place: Places, has_x_texts: bool) -> None:
    """Draw both axes; a map has texts alone.

    Args:
        has_x_texts: whether the texts of x stand below it: panels below each other share them.
    """
    area, is_map = place.area, any(isinstance(mark, Cells) for mark in place.panel.marks)
    group = element(svg, "g", class_="axis")
    for tick in _thinned_rows(place):
        y = place.y(tick.value)
        if not is_map:
            element(group, "path", class_="grid", d=stroke((area.left, y), (area.right, y)))
        name = fitting(tick.text, MOST_BESIDE)
        made = text(group, area.left - TICK - 2, y + SIZE / 3, name, "end")
        titled(made, "" if name == harmless(tick.text) else tick.text)
    if not is_map:
        element(group, "path", d=_line_of_x(place))
    for tick in _thinned(place) if has_x_texts else ():
        x = place.x(tick.value)
        if not is_map:
            element(group, "path", d=stroke((x, area.bottom), (x, area.bottom + TICK)))
        text(group, x, area.bottom + TICK + SIZE, tick.text, "middle")


def _line_of_x(place: Places) -> str:
    """The line of x, with a gap where its scale is interrupted."""
    area = place.area
    path, begin, y = "", area.left, area.bottom
    for share in place.panel.x.scale.breaks:
        middle = area.left + share * area.width
        path += stroke((begin, y), (middle - 3, y))
        path += stroke((middle - 5, y + 4), (middle - 1, y - 4))
        path += stroke((middle + 1, y + 4), (middle + 5, y - 4))
        begin = middle + 3
    return path + stroke((begin, y), (area.right, y))


def _thinned(place: Places) -> list[Tick]:
    """Every tick of x, or every second, third … one, so that no two texts touch."""
    scale = place.panel.x.scale
    ticks = [tick for tick in scale.ticks if tick.text]
    # Zero, where a scale has it apart, is always written.
    head = ticks[:1] if scale.breaks else []
    for step in range(1, len(ticks) + 1):
        kept = head + ticks[len(head) :: step]
        ends = [_extent(place, tick) for tick in kept]
        if all(before[1] + _APART <= after[0] for before, after in pairwise(ends)):
            return kept
    return ticks[:1]


def _extent(place: Places, tick: Tick) -> tuple[float, float]:
    middle, half = place.x(tick.value), width_of(tick.text) / 2
    return middle - half, middle + half


def _thinned_rows(place: Places) -> list[Tick]:
    """As `_thinned`, of y."""
    ticks = [tick for tick in place.panel.y.scale.ticks if tick.text]
    for step in range(1, len(ticks) + 1):
        kept = ticks[::step]
        if all(abs(place.y(b.value) - place.y(a.value)) > SIZE for a, b in pairwise(kept)):
            return kept
    return ticks[:1]
