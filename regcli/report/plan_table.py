"""The table of a sweep that is still to be trained."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from regcli.report.columns import Column, fit_table, plain_table
from regcli.report.document import csv_table, markdown_table
from regcli.report.setting_names import short_names
from regcli.report.setting_values import digits_for, short_texts, value_text
from regcli.report.sink import Format, Sink

PlanRow = tuple[str, Mapping[str, Any], str | None]
"""A run's id, its settings, and its state where it is stored."""

MOST_ROWS = 1000
"""Rows of a table for people: to measure and draw each takes a millisecond."""


def render_plan(sink: Sink, form: Format, runs: Sequence[PlanRow]) -> None:
    """Write a plan as a table, as CSV or as Markdown: a row a run.

    A table shows the first runs of a very large plan, and says how to see the others.
    """
    names = list(dict.fromkeys(key for _, settings, _ in runs for key in settings))
    if form == "table":
        varied = [name for name in names if len({repr(row[1].get(name)) for row in runs}) > 1]
        sink.table(_table(runs[:MOST_ROWS], varied, sink.out))
        if (more := len(runs) - MOST_ROWS) > 0:
            sink.result(f"and {more:,} more; show all with --format json, csv or md")
        return
    rows = [
        [identity, *(settings.get(name) for name in names), state]
        for identity, settings, state in runs
    ]
    write = csv_table if form == "csv" else markdown_table
    sink.result(write(["id", *names, "stored"], rows))


def _table(runs: Sequence[PlanRow], varied: Sequence[str], console: Console) -> Table:
    """A column for each varied key; where that is too wide, one for the whole setting."""
    titles = short_names(varied)
    settings = [_setting_column(name, titles[name], runs) for name in varied]
    fitted = fit_table([_RUN, *settings, _STORED], runs, console, lambda row: None)
    return _narrow_table(runs, varied) if fitted.left_out else fitted.table


def _setting_column(name: str, title: str, runs: Sequence[PlanRow]) -> Column[PlanRow]:
    values = [settings.get(name) for _, settings, _ in runs]
    short, digits = short_texts(values), digits_for(values)

    def cell(row: PlanRow) -> str:
        return value_text(row[1].get(name), digits)

    return Column(title, cell, priority=1, narrow_cell=lambda row: short[cell(row)])


def _narrow_table(runs: Sequence[PlanRow], varied: Sequence[str]) -> Table:
    table = plain_table()
    table.add_column(_RUN.header, no_wrap=True)
    table.add_column("setting")
    table.add_column(_STORED.header, no_wrap=True)
    titles = short_names(varied)
    digits = {name: digits_for(row[1].get(name) for row in runs) for name in varied}
    for row in runs:
        # A key and its value are parted by a space at which no line is broken.
        cells = (
            f"{titles[name]}\u00a0{value_text(row[1].get(name), digits[name])}" for name in varied
        )
        table.add_row(_RUN.cell(row), Text(", ".join(cells)), _STORED.cell(row))
    return table


_RUN: Column[PlanRow] = Column("run", lambda row: row[0], is_text=True)
_STORED: Column[PlanRow] = Column("stored", lambda row: row[2] or "to train", is_text=True)
