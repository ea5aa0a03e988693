"""Runs side by side."""

from collections.abc import Sequence

from rich import box
from rich.table import Table

from regcli.output.numbers import (
    NOTHING,
    NumberText,
    count_text,
    loss_text,
    percent_text,
    seconds_text,
    share_text,
    strength_text,
)
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
    "epochs": count_text,
}


def comparison_table(records: Sequence[RunRecord], rows: Sequence[Difference]) -> Table:
    """A column a run, a row a difference: config keys first, then results."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption_justify="left")
    table.add_column("", overflow="fold")
    for record in records:
        table.add_column(record.id, justify="right", overflow="fold")
    for position, row in enumerate(rows):
        begins_results = row.is_result and not rows[position - 1].is_result
        if begins_results and position:
            table.add_section()
        table.add_row(row.key, *(_shown(row, value) for value in row.values))
    if not rows:
        table.caption = "these runs do not differ"
    return table


def _shown(row: Difference, value: object) -> str:
    if value is None:
        return NOTHING
    if not row.is_result or isinstance(value, str):
        return strength_text(value)
    assert isinstance(value, int | float)
    name = row.key.rsplit(".", 1)[-1]
    return seconds_text(value) if name == "seconds" else _TEXTS.get(name, loss_text)(value)
