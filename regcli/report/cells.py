"""The cells of a table as text: what all writers of tables share."""

from collections.abc import Iterator

from regcli.one_line import printable
from regcli.report.contents import Column, Mark, Row, Shown, Table
from regcli.report.figures import NOTHING, Figure
from regcli.report.plain_text import plain

STAR = "★"
NOT_CONVERGED = "~"
_NO_BREAK = "\u00a0"
_EMPTY = frozenset({"", NOTHING, plain(NOTHING, "ascii")})


def is_empty(text: str) -> bool:
    """Whether a cell says nothing."""
    return text in _EMPTY


def shown(
    row: Row, position: int, column: Column, is_short: bool = False, deviations: bool = True
) -> Shown:
    """A value as its column, or its row, shows it; without its mark.

    Args:
        is_short: whether as where the width is short.
        deviations: whether a mean is shown with its deviation.
    """
    chosen = column.short_format if is_short and column.short_format else column.format
    if row.format is not None and position:
        chosen = row.format
    found = chosen(row.values[position])
    # The mean keeps the digits that its deviation lets it have.
    return found if deviations or not isinstance(found, Figure) else Figure(found.digits)


def marked(
    text: str, row: Row, column: Column, star: str = STAR, not_converged: str = NOT_CONVERGED
) -> str:
    """A cell's text with the mark that its row has there."""
    mark = row.marks.get(column.key)
    if mark is Mark.BEST:
        return f"{star} {text}"
    return f"{text} {not_converged}" if mark is Mark.UNCONVERGED else text


def harmless(text: str) -> str:
    """Text as `printable` shows it; a blank at which no line is broken stays one."""
    return _NO_BREAK.join(map(printable, text.split(_NO_BREAK)))


def filled_columns(table: Table) -> Iterator[tuple[int, Column]]:
    """The columns of a table in which any row has something, with their positions."""
    for position, column in enumerate(table.columns):
        texts = (str(shown(row, position, column)) for row in table.rows)
        if not column.may_hide or not all(map(is_empty, texts)):
            yield position, column
