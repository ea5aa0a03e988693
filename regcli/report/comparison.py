"""Runs side by side."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from regcli.report.columns import plain_table
from regcli.report.numbers import (
    NOTHING,
    NumberText,
    count_text,
    loss_text,
    percent_text,
    seconds_text,
    share_text,
)
from regcli.report.setting_values import digits_for, value_text
from regcli.results.comparison import Difference
from regcli.results.records import RunRecord

_TEXTS: dict[str, NumberText] = {
    "accuracy": share_text,
    "r2": share_text,
    "exact": percent_text,
    "near": percent_text,
    "nonzero": count_text,
    "total": count_text,
    "active_inputs": count_text,
    "live_units": count_text,
    "precision": share_text,
    "recall": share_text,
    "f1": share_text,
    "gzip_bytes": count_text,
    "epochs": count_text,
}

_NUMBER_WIDTH = 12
"""No number is shown wider than this, and no id is longer."""
_TEXT_WIDTH = 24
_KEY_WIDTH = 40


def comparison_tables(
    records: Sequence[RunRecord], rows: Sequence[Difference], console: Console
) -> Iterator[Table]:
    """A column a run, a row a difference: config keys first, then results.

    Runs that do not fit side by side go on in a further table with the same rows. Results that
    differ in digits that are not shown are left out: a row of equal numbers reads as a mistake.
    """
    rows = [
        row for row in rows if not row.is_result or len({_shown(row, v) for v in row.values}) > 1
    ]
    cells = [
        [_shown(row, row.values[position]) for row in rows] for position in range(len(records))
    ]
    key_width = min(max((len(row.key) for row in rows), default=0), _KEY_WIDTH)
    widest = max((len(cell) for column in cells for cell in column), default=0)
    run_width = min(max(widest, _NUMBER_WIDTH), _TEXT_WIDTH) + 3
    side_by_side = max(1, (console.width - key_width) // run_width)
    for first in range(0, len(records), side_by_side):
        part = slice(first, first + side_by_side)
        yield _table(rows, [record.id for record in records[part]], cells[part])


def _table(rows: Sequence[Difference], ids: Sequence[str], cells: Sequence[Sequence[str]]) -> Table:
    table = plain_table()
    table.add_column("", overflow="fold")
    for identity in ids:
        table.add_column(identity, justify="right", overflow="fold", min_width=_NUMBER_WIDTH)
    for position, row in enumerate(rows):
        begins_results = row.is_result and not rows[position - 1].is_result
        if begins_results and position:
            table.add_section()
        table.add_row(row.key, *(column[position] for column in cells))
    if not rows:
        table.caption = "these runs do not differ"
    return table


def _shown(row: Difference, value: object) -> str:
    if value is None:
        return NOTHING
    if not row.is_result or isinstance(value, str):
        return value_text(value, digits_for(row.values))
    assert isinstance(value, int | float)
    name = row.key.rsplit(".", 1)[-1]
    return seconds_text(value) if name == "seconds" else _TEXTS.get(name, loss_text)(value)
