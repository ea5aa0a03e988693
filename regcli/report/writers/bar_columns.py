"""Bars beside the shares in a table, where it leaves room for them."""

from dataclasses import replace

from rich.cells import cell_len

from regcli.report.contents import Table
from regcli.report.writers.characters.bar_text import bar_text
from regcli.report.writers.characters.ink import Ink
from regcli.report.writers.fitting import Filled, Fitted, drawn_width


def with_bars(fitted: Fitted, width: int, ink: Ink) -> Fitted:
    """The same columns with bars, from the left as long as there is room; none where all are 0."""
    if fitted.is_tight:
        return fitted
    columns = list(fitted.columns)
    for place, filled in enumerate(fitted.columns):
        shares = _shares(filled, fitted.table)
        if not any(shares):
            continue
        wider = [*columns[:place], _with_bars(filled, shares, ink), *columns[place + 1 :]]
        columns = wider if drawn_width(wider) <= width else columns
    return replace(fitted, columns=columns)


def _shares(filled: Filled, table: Table) -> list[float | None]:
    """The share that each row has in a column; none for a column without bars."""
    share = filled.column.share
    if share is None:
        return []
    place = table.columns.index(filled.column)
    return [share(row.values[place]) for row in table.rows]


def _with_bars(filled: Filled, shares: list[float | None], ink: Ink) -> Filled:
    cells = [
        f"{bar_text(share, ink)} {' ' * (filled.width - cell_len(cell))}{cell}"
        for share, cell in zip(shares, filled.cells, strict=True)
    ]
    return Filled(filled.column, filled.head, cells)
