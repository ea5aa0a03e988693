"""The report of a sweep that is still to be trained."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from regcli.report.contents import Column, Report, Row, Table, View, data_table
from regcli.report.setting_columns import joined_column, setting_column
from regcli.report.setting_names import short_names

PlanRow = tuple[str, Mapping[str, Any], str | None]
"""A run's id, its settings, and its state where it is stored."""

_RUN = Column("id", "run", justify="left")
_STORED = Column("stored", "stored", lambda state: state or "to train", justify="left")


def plan_view(runs: Sequence[PlanRow], document: Mapping[str, Any]) -> View:
    """A plan: a row a run."""
    return View(
        report=partial(plan_report, runs),
        rows=partial(_plan_rows, runs),
        document=lambda: document,
    )


def _plan_rows(runs: Sequence[PlanRow]) -> Table:
    names = list(dict.fromkeys(key for _, settings, _ in runs for key in settings))
    rows = [
        [identity, *(settings.get(name) for name in names), state]
        for identity, settings, state in runs
    ]
    return data_table(["id", *names, "stored"], rows)


def plan_report(runs: Sequence[PlanRow]) -> Report:
    """A column for each varied key; where that is too wide, one for the whole setting."""
    names = list(dict.fromkeys(key for _, settings, _ in runs for key in settings))
    varied = [name for name in names if len({repr(row[1].get(name)) for row in runs}) > 1]
    titles = short_names(varied)
    values = {name: [settings.get(name) for _, settings, _ in runs] for name in varied}
    columns = [setting_column(name, titles[name], values[name]) for name in varied]
    rows = [
        Row([identity, *(settings.get(name) for name in varied), state])
        for identity, settings, state in runs
    ]
    joined = joined_column([settings for _, settings, _ in runs], varied)
    narrow = Table([_RUN, joined, _STORED], [Row(run) for run in runs])
    return Report((Table([_RUN, *columns, _STORED], rows, instead=narrow),), "plan")
