"""Which columns of a table fit a screen: whole columns are left out, numbers are never cut."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rich.cells import cell_len

from regcli.report.cells import harmless, is_empty, marked, shown
from regcli.report.contents import ALWAYS, FIRST, Column, Row, Table
from regcli.report.plain_text import plain
from regcli.results.settings import Spread

DEVIATIONS = "deviations over seeds"
"""What a note says is left out where means are shown without their deviations."""

_USUAL = 80
"""Columns of a screen that has room for what a person needs first."""
_EDGES = 2
_WIDE, _TIGHT = 3, 2
"""Blanks between two columns."""
_NUMBER_WIDTH, _TEXT_WIDTH, _KEY_WIDTH = 12, 24, 40
"""Of columns continued below: no number is wider, and texts and keys are wrapped to it."""


@dataclass
class Filled:
    """A column with the texts that a screen can show, made once."""

    column: Column
    head: str
    cells: list[str]

    @property
    def has_something(self) -> bool:
        """Whether any row has a value here, or the column stays without one."""
        return not self.column.may_hide or not all(map(is_empty, self.cells))

    @cached_property
    def width(self) -> int:
        """Of its widest line; of its widest word where it wraps."""
        texts = self.cells
        if self.column.wraps:
            texts = [word for text in texts for word in text.split(" ")]
        return max(map(cell_len, [*self.head.split("\n"), *texts]))


@dataclass(frozen=True)
class Fitted:
    """What is drawn of a table.

    Attributes:
        table: the table itself, or the one that replaces it where the width is short.
        columns: those that are drawn.
        left_out: what is not, in words.
        is_tight: whether columns are closer together than usual.
    """

    table: Table
    columns: Sequence[Filled]
    left_out: tuple[str, ...] = ()
    is_tight: bool = False


def fit(table: Table, width: int, encoding: str | None) -> Fitted:
    """The columns of a table that fit a width, the most important ones.

    Labels and texts become shorter first; then whole columns go, those of the highest priority
    first; deviations go when their turn comes, and bring back the columns that they took the room
    of. Where even the columns that stay do not fit, another table takes its place if there is one,
    else the lines go beyond the screen.
    """
    whole = _filled(table, encoding, is_short=False)
    if _width(whole, _WIDE) <= width:
        return Fitted(table, whole)
    least = FIRST if width >= _USUAL else ALWAYS
    has_deviations = any(map(_has_deviation, table.rows))
    if has_deviations:
        short = _filled(table, encoding, is_short=True)
        kept, left_out = _without_least(short, width, table.deviations_priority)
        if _width(kept, _WIDE) <= width:
            return Fitted(table, kept, left_out)
    short = _filled(table, encoding, is_short=True, deviations=False)
    kept, left_out = _without_least(short, width, least)
    if _width(kept, _TIGHT) > width and table.instead is not None:
        return fit(table.instead, width, encoding)
    lost = (DEVIATIONS,) if has_deviations else ()
    return Fitted(table, kept, lost + left_out, is_tight=_width(kept, _WIDE) > width)


def _without_least(
    columns: Sequence[Filled], width: int, least: int
) -> tuple[list[Filled], tuple[str, ...]]:
    """Columns that fit where those of a priority above `least` may go, and the titles of the rest.

    Where even that is not enough, the columns that are left are wider than the screen.
    """
    kept = list(columns)
    left_out: list[Filled] = []
    while _width(kept, _WIDE) > width:
        going = max(kept, key=lambda filled: filled.column.priority)
        if going.column.priority <= least:
            break
        kept.remove(going)
        left_out.append(going)
    return kept, tuple(filled.column.title for filled in left_out)


def split_columns(table: Table, width: int, encoding: str | None) -> Iterator[list[Filled]]:
    """Columns of a table that is continued below, as many at a time as fit after the first."""
    first, *others = _filled(table, encoding, is_short=False)
    beside = min(max(map(cell_len, first.cells), default=0), _KEY_WIDTH)
    widest = max((cell_len(cell) for filled in others for cell in filled.cells), default=0)
    each = min(max(widest, _NUMBER_WIDTH), _TEXT_WIDTH) + _WIDE
    count = max(1, (width - beside) // each)
    for start in range(0, len(others), count):
        yield [first, *others[start : start + count]]


def _filled(
    table: Table, encoding: str | None, is_short: bool, deviations: bool = True
) -> list[Filled]:
    filled = []
    for position, column in enumerate(table.columns):
        label = column.short_label if is_short and column.short_label else column.label
        texts = (
            marked(str(shown(row, position, column, is_short, deviations)), row, column)
            for row in table.rows
        )
        cells = [plain(harmless(text), encoding) for text in texts]
        filled.append(Filled(column, plain(label, encoding), cells))
    return [column for column in filled if column.has_something]


def _has_deviation(row: Row) -> bool:
    return any(isinstance(value, Spread) and value.deviation for value in row.values)


def drawn_width(columns: Sequence[Filled]) -> int:
    """Characters of a line with these columns, as far apart as usual."""
    return _width(columns, _WIDE)


def _width(columns: Sequence[Filled], between: int) -> int:
    return sum(filled.width for filled in columns) + between * (len(columns) - 1) + _EDGES
