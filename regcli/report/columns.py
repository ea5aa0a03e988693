"""Tables that fit: where the width is short whole columns go, and no number is ever cut."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table

from regcli.one_line import printable
from regcli.report.numbers import NOTHING
from regcli.report.plain_text import plain

Row = TypeVar("Row")
_NOTHING = (NOTHING, plain(NOTHING, "ascii"))
ALWAYS = 0
"""Priority of a column that never goes."""


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column that a table may have.

    Attributes:
        cell: the text for one row.
        priority: columns with the highest number go first where the width is short.
        narrow_cell, narrow_header: what stands there instead where the width is short, before any
            column goes; None for the same.
        title: what the column is called where it was left out; None for its header.
        may_hide: whether the column goes where no row has anything in it.
    """

    header: str
    cell: Callable[[Row], str]
    priority: int = ALWAYS
    is_text: bool = False
    may_hide: bool = True
    narrow_cell: Callable[[Row], str] | None = None
    narrow_header: str | None = None
    title: str | None = None

    def narrowed(self) -> "Column[Row]":
        """The column as it stands where the width is short; its title is not changed."""
        cell, header = self.narrow_cell or self.cell, self.narrow_header or self.header
        return replace(self, cell=cell, header=header, title=self.header)


@dataclass(frozen=True)
class Fitted:
    """A table that fits.

    Attributes:
        left_out: titles of the columns that were left out for it.
        is_narrow: whether its columns stand as they do where the width is short.
    """

    table: Table
    left_out: tuple[str, ...]
    is_narrow: bool


def fit_table(
    columns: Sequence[Column[Row]],
    rows: Sequence[Row],
    console: Console,
    style: Callable[[Row], str | None],
) -> Fitted:
    """Draw as many columns as the console is wide, the most important ones."""
    kept = _filled(columns, rows, console)
    is_narrow = _width(kept, console) > console.width
    if is_narrow:
        kept = _filled([column.column.narrowed() for column in kept], rows, console)
    left_out: list[str] = []
    while _width(kept, console) > console.width and any(column.priority for column in kept):
        least = max(kept, key=lambda column: column.priority)
        kept.remove(least)
        left_out.append(least.title)
    table = _headed(kept)
    table.min_width = _width(kept, console)  # on the narrowest screen no number is cut either
    for position, row in enumerate(rows):
        table.add_row(*(column.cells[position] for column in kept), style=style(row))
    return Fitted(table, tuple(left_out), is_narrow)


def _filled(
    columns: Sequence[Column[Row]], rows: Sequence[Row], console: Console
) -> list["_Filled[Row]"]:
    """Columns with their texts as the console can show them: what is drawn has their widths."""

    def shown(text: str) -> str:
        return plain(printable(text), console.encoding)

    filled = [
        _Filled(
            replace(column, header=plain(column.header, console.encoding)),
            [shown(column.cell(row)) for row in rows],
        )
        for column in columns
    ]
    return [column for column in filled if column.has_something]


ASCII_HEAD = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
"""`box.SIMPLE_HEAD` where the screen has no line characters."""


class PlainTable(Table):
    """A table whose rows show control characters of a text escaped."""

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        """Add a row, as rich does."""
        shown = (printable(cell) if isinstance(cell, str) else cell for cell in cells)
        super().add_row(*shown, **options)


def plain_table(header: bool = True, footer: bool = False) -> Table:
    """An empty table in the style of all of regcli's."""
    return PlainTable(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_header=header,
        show_footer=footer,
        caption_justify="left",
        caption_style="dim",
    )


@dataclass
class _Filled(Generic[Row]):
    """A column with its texts, made once."""

    column: Column[Row]
    cells: list[str]

    @property
    def priority(self) -> int:
        return self.column.priority

    @property
    def title(self) -> str:
        return (self.column.title or self.column.header).replace("\n", " ")

    @property
    def has_something(self) -> bool:
        return not self.column.may_hide or any(cell not in {"", *_NOTHING} for cell in self.cells)

    @cached_property
    def width(self) -> int:
        lines = [*self.column.header.split("\n"), *self.cells]
        return max(map(cell_len, lines))


def _headed(columns: Sequence[_Filled[Row]]) -> Table:
    table = plain_table()
    for filled in columns:
        justify: Literal["left", "right"] = "left" if filled.column.is_text else "right"
        # Known widths: rich would measure every cell several times over.
        table.add_column(filled.column.header, justify=justify, no_wrap=True, width=filled.width)
    return table


def _width(columns: Sequence[_Filled[Row]], console: Console) -> int:
    """How wide the table will be."""
    table = _headed(columns)
    return console.measure(table, options=console.options.update(width=10_000)).maximum
