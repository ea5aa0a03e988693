"""Marks of a panel: one function for each kind."""

import math
from collections.abc import Iterator
from functools import singledispatch
from itertools import groupby
from xml.etree.ElementTree import Element

from regcli.report.plots.plot import GREY, Band, Bars, Cells, Dots, Line, Rule
from regcli.report.plots.scales import Scale, Steps
from regcli.report.writers.svg.elements import SIZE, element, number, text, titled, width_of
from regcli.report.writers.svg.places import LINE_HEIGHT, Places, Point, stroke
from regcli.report.writers.svg.shapes import RADIUS, color_class, draw_shape, line_class

_APART = 8.0
"""Room between two names."""


@singledispatch
def draw(mark: object, svg: Element, place: Places) -> None:
    """Draw a mark."""
    raise TypeError(f"no mark: {mark!r}")


@draw.register
def _(mark: Line, svg: Element, place: Places) -> None:
    for points in _known(mark):
        element(svg, "polyline", class_=line_class(mark), points=place.points(points))
        for x, y in points if mark.has_dots or len(points) == 1 else ():
            draw_shape(svg, place.x(x), place.y(y), mark.color, mark.color)


def _known(line: Line) -> Iterator[list[Point]]:
    """The parts of a line between values that are not known."""
    for known, points in groupby(line.points, lambda point: all(map(math.isfinite, point))):
        if known:
            yield list(points)


@draw.register
def _(mark: Band, svg: Element, place: Places) -> None:
    known = [point for point in mark.points if all(map(math.isfinite, point))]
    low = [(x, below) for x, below, _ in known]
    high = [(x, above) for x, _, above in reversed(known)]
    if len(known) == 1:
        # As a whisker: a polygon of one place has no width.
        path = stroke(*((place.x(x), place.y(y)) for x, y in (*low, *high)))
        element(svg, "path", class_=f"line {color_class(mark.color)}", d=path)
        return
    classes = f"band {color_class(mark.color)}"
    element(svg, "polygon", class_=classes, points=place.points([*low, *high]))


@draw.register
def _(mark: Dots, svg: Element, place: Places) -> None:
    for dot in mark.dots:
        if not (math.isfinite(dot.x) and math.isfinite(dot.y)):
            continue
        x, y = place.x(dot.x), place.y(dot.y)
        if dot.interval is not None and all(map(math.isfinite, dot.interval)):
            ends = _interval(dot.interval, x, y, place, mark.has_level_intervals)
            element(svg, "path", class_=f"line {color_class(mark.color)}", d=stroke(*ends))
        radius = RADIUS if mark.color == GREY else RADIUS + 1
        titled(draw_shape(svg, x, y, mark.color, mark.shape, radius), dot.title)


def _interval(
    ends: tuple[float, float], x: float, y: float, place: Places, is_level: bool
) -> tuple[Point, Point]:
    low, high = ends
    if is_level:
        return (place.x(low), y), (place.x(high), y)
    return (x, place.y(low)), (x, place.y(high))


@draw.register
def _(mark: Rule, svg: Element, place: Places) -> None:
    classes, area = "rule" + (" dash1" if mark.is_dashed else ""), place.area
    if mark.is_upright:
        x = place.x(mark.at)
        path = stroke((x, area.top), (x, area.bottom))
    else:
        y = place.y(mark.at)
        path = stroke((area.left, y), (area.right, y))
    element(svg, "path", class_=classes, d=path)


def rows_of_rules(place: Places) -> list[list[tuple[float, Rule]]]:
    """The names of upright rules in as few lines above the panel as let none touch another.

    Each stands with the middle of its name: above its rule, within the panel.
    """
    area, marks = place.area, place.panel.marks
    rules = [mark for mark in marks if isinstance(mark, Rule) and mark.is_upright and mark.name]
    rows: list[list[tuple[float, Rule]]] = []
    ends: list[float] = []
    for rule in sorted(rules, key=lambda rule: place.x(rule.at)):
        half = width_of(rule.name) / 2
        middle = min(max(place.x(rule.at), area.left + half), max(area.right - half, area.left))
        row = next((n for n, end in enumerate(ends) if end + _APART <= middle - half), len(rows))
        if row == len(rows):
            rows.append([])
            ends.append(0.0)
        rows[row].append((middle, rule))
        ends[row] = middle + half
    return rows


def name_rules(svg: Element, place: Places) -> None:
    """Write the names of upright rules above the panel, from its top upwards."""
    for above, row in enumerate(rows_of_rules(place)):
        for middle, rule in row:
            text(svg, middle, place.area.top - 5 - LINE_HEIGHT * above, rule.name, "middle")


@draw.register
def _(mark: Bars, svg: Element, place: Places) -> None:
    path, bottom = "", number(place.area.bottom)
    for start, end, height in mark.bars:
        if height > 0:
            left, right, top = place.x(start), place.x(end), place.y(height)
            path += f"M{number(left)} {bottom}V{number(top)}H{number(right)}V{bottom}Z"
    element(svg, "path", class_=f"bars {color_class(mark.color)}", d=path)


@draw.register
def _(mark: Cells, svg: Element, place: Places) -> None:
    area = place.area
    columns, rows = (_count(axis.scale) for axis in (place.panel.x, place.panel.y))
    width, height = area.width / columns, area.height / rows
    gap = 1.0 if min(width, height) > 8 else 0.0
    kind = "diverging" if mark.is_diverging else "shade"
    # Frames last: neighbors would cover them.
    for cell in sorted(mark.cells, key=lambda each: each.is_marked):
        left, top = area.left + cell.column * width, area.bottom - (cell.row + 1) * height
        level = "none" if cell.level is None else str(cell.level)
        classes = f"{kind} s{level}" + (" framed" if cell.is_marked else "")
        box = {"x": left + gap, "y": top + gap}
        size = {"width": width - 2 * gap, "height": height - 2 * gap}
        titled(element(svg, "rect", class_=classes, **box, **size), cell.title)
        if cell.text and width_of(cell.text) <= width - 2 and height >= SIZE + 4:
            middle = left + width / 2, top + height / 2 + SIZE / 3
            text(svg, *middle, cell.text, "middle", f"on s{level}")


def _count(scale: Scale) -> int:
    return len(scale.texts) if isinstance(scale, Steps) else 1
