"""A plot of one panel in some lines of characters: values, their intervals, and named values."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from textwrap import wrap

from regcli.report.plots.plot import Band, Line, Panel, Plot, Rule
from regcli.report.plots.scales import Linear, Logarithmic, Scale
from regcli.report.writers.characters.ink import Ink

ROWS = 6
"""Lines of the area of the marks."""
_MOST, _LEAST = 80, 24
"""Characters of a line at most, and of the area at least."""

Cells = list[list[str]]
"""The characters of the area, (rows, columns), from the top."""
Spot = tuple[int, tuple[float, ...]]
"""A column, and the heights of what stands there, from 0 to 1."""


def panel_lines(plot: Plot, width: int, ink: Ink) -> list[str]:
    """The first panel of a plot with its title, and the plot's notes; none on a narrow screen.

    Its bands, its lines and the names of its upright rules are drawn. Lines that have dots stay
    apart; others are joined.
    """
    panel = plot.panels[0]
    ticks = _texts_by_row(panel.y.scale)
    margin = max(map(len, ticks.values()), default=0)
    columns = min(width, _MOST) - margin - 4
    if columns < _LEAST:
        return []
    sides = (
        f" {ticks.get(row, '').rjust(margin)} {ink.side_tick if row in ticks else ink.side}"
        for row in range(ROWS)
    )
    drawn = zip(sides, _area(panel, columns, ink), strict=True)
    below = [*_names(panel, columns, ink), _tick_texts(panel.x.scale, columns)]
    return [
        *_wrapped(_title(plot, panel, ink), width),
        *(f"{side}{''.join(cells)}".rstrip() for side, cells in drawn),
        f"{' ' * (margin + 2)}{ink.corner}{_ground(panel.x.scale, columns, ink)}",
        *(f"{' ' * (margin + 3)}{line}".rstrip() for line in below),
        *(line for note in plot.notes for line in _wrapped(note, width)),
    ]


def _wrapped(text: str, width: int) -> list[str]:
    return [f" {line}" for line in wrap(text, width - 1)]


def _title(plot: Plot, panel: Panel, ink: Ink) -> str:
    parts = [plot.title]
    for mark in panel.marks:
        if isinstance(mark, Band):
            parts.append(f"{_range_mark(panel, ink)} {mark.name}")
    beyond = [
        _beyond(panel.y.scale, value, ink)
        for mark in panel.marks
        if isinstance(mark, Line)
        for _, value in mark.points
    ]
    parts += [f"{mark} beyond the axis" for mark in dict.fromkeys(beyond) if mark]
    return "; ".join(parts)


def _beyond(scale: Scale, value: float, ink: Ink) -> str:
    """The mark for a value that the axis does not cover; nothing for others."""
    side = _side(scale, value)
    return ink.above if side > 0 else ink.below if side < 0 else ""


def _side(scale: Scale, value: float) -> int:
    """1 for a value above the axis, −1 for one below it, else 0."""
    if not isinstance(scale, Linear | Logarithmic) or not math.isfinite(value):
        return 0
    return 0 if scale.covers(value) else 1 if value > scale.high else -1


def _is_shown(scale: Scale, values: Sequence[float]) -> bool:
    """Whether some of what lies between values is on the axis."""
    sides = {_side(scale, value) for value in values}
    return all(map(math.isfinite, values)) and sides not in ({1}, {-1})


def _texts_by_row(scale: Scale) -> Mapping[int, str]:
    return {_row(scale.place(tick.value))[0]: tick.text for tick in scale.ticks}


def _area(panel: Panel, columns: int, ink: Ink) -> Cells:
    """The marks: values lie above their intervals."""
    cells = [[" "] * columns for _ in range(ROWS)]
    for mark in panel.marks:
        if isinstance(mark, Band):
            _draw_band(cells, panel, mark, ink)
    for mark in panel.marks:
        if isinstance(mark, Line):
            _draw_line(cells, panel, mark, ink)
    return cells


def _draw_band(cells: Cells, panel: Panel, band: Band, ink: Ink) -> None:
    mark = _range_mark(panel, ink)
    for column, (low, high) in _spots(panel, band.points, len(cells[0])):
        for row in range(_row(high)[0], _row(low)[0] + 1):
            cells[row][column] = mark
    for x, *ends in band.points:
        for end in ends:
            _draw_beyond(cells, panel, x, end, ink)


def _draw_line(cells: Cells, panel: Panel, line: Line, ink: Ink) -> None:
    for column, (height,) in _spots(panel, line.points, len(cells[0])):
        row, is_upper = _row(height)
        cells[row][column] = ink.upper if is_upper else ink.lower
    for x, value in line.points:
        _draw_beyond(cells, panel, x, value, ink)


def _draw_beyond(cells: Cells, panel: Panel, x: float, value: float, ink: Ink) -> None:
    """An arrow at the edge, in place of a value that is not shown."""
    if mark := _beyond(panel.y.scale, value, ink):
        row = 0 if mark == ink.above else ROWS - 1
        cells[row][_column(panel.x.scale.place(x), len(cells[0]))] = mark


def _spots(panel: Panel, points: Sequence[tuple[float, ...]], columns: int) -> Iterator[Spot]:
    """Where points stand; with what lies between them, where they are joined.

    Values that are not finite interrupt them, as do those that lie beyond the axis, all of them.
    """
    x, y = panel.x.scale, panel.y.scale
    placed = [
        (x.place(at), tuple(map(y.place, values)) if _is_shown(y, values) else None)
        for at, *values in points
    ]
    for place, heights in placed:
        if heights is not None:
            yield _column(place, columns), heights
    for (start, first), (end, last) in pairwise(placed if _is_joined(panel) else []):
        if first is None or last is None or any(start < place < end for place in x.breaks):
            continue
        begin, stop = _column(start, columns), _column(end, columns)
        for column in range(begin + 1, stop):
            share = (column - begin) / (stop - begin)
            between = (a + share * (b - a) for a, b in zip(first, last, strict=True))
            yield column, tuple(between)


def _is_joined(panel: Panel) -> bool:
    return any(isinstance(mark, Line) and not mark.has_dots for mark in panel.marks)


def _range_mark(panel: Panel, ink: Ink) -> str:
    return ink.shade if _is_joined(panel) else ink.range


def _row(height: float) -> tuple[int, bool]:
    """The line of a height, from the top, and whether it lies in the line's upper half."""
    half = round(height * (2 * ROWS - 1))
    return ROWS - 1 - half // 2, half % 2 == 1


def _column(place: float, columns: int) -> int:
    return round(place * (columns - 1))


def _ground(scale: Scale, columns: int, ink: Ink) -> str:
    """The level axis with its ticks, interrupted where values on either side do not compare."""
    line = [ink.ground] * columns
    for tick in scale.ticks:
        line[_column(scale.place(tick.value), columns)] = ink.ground_tick
    for place in scale.breaks:
        line[_column(place, columns)] = ink.broken
    return "".join(line)


def _tick_texts(scale: Scale, columns: int) -> str:
    """The texts of the ticks below them; where two would touch, the later one is left out."""
    line = ""
    for tick in scale.ticks:
        middle = _column(scale.place(tick.value), columns)
        begin = max(0, min(middle - len(tick.text) // 2, columns - len(tick.text)))
        if not line or begin > len(line):
            line = line.ljust(begin) + tick.text
    return line


def _names(panel: Panel, columns: int, ink: Ink) -> Iterator[str]:
    """What named values are, below them; in a further line where two would touch."""
    line = ""
    for mark in panel.marks:
        if not (isinstance(mark, Rule) and mark.is_upright and mark.name):
            continue
        column = _column(panel.x.scale.place(mark.at), columns)
        text, begin = f"{ink.name_mark} {mark.name}", column
        if begin + len(text) > columns:
            text = f"{mark.name} {ink.name_mark}"
            begin = max(0, column + 1 - len(text))
        if line and begin <= len(line):
            yield line
            line = ""
        line = line.ljust(begin) + text
    if line:
        yield line
