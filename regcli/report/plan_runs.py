"""The report of a sweep that is still to be trained."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from regcli.report.contents import Column, Report, Row, Table, View, data_table
from regcli.report.setting_columns import setting_column
from regcli.report.setting_names import short_names
from regcli.report.setting_values import digits_for, value_text

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
    # A column of a plan may go: the table that stands for it then has all of them in one.
    columns = [setting_column(name, titles[name], values[name], priority=1) for name in varied]
    rows = [
        Row([identity, *(settings.get(name) for name in varied), state])
        for identity, settings, state in runs
    ]
    narrow = _one_column(runs, varied, titles)
    return Report((Table([_RUN, *columns, _STORED], rows, instead=narrow),), "plan")


def _one_column(runs: Sequence[PlanRow], varied: Sequence[str], titles: Mapping[str, str]) -> Table:
    digits = {name: digits_for(row[1].get(name) for row in runs) for name in varied}

    def text(settings: Mapping[str, Any]) -> str:
        # A key and its value are parted by a space at which no line is broken.
        cells = (
            f"{titles[name]}\u00a0{value_text(settings.get(name), digits[name])}" for name in varied
        )
        return ", ".join(cells)

    setting = Column("setting", "setting", text, justify="left", wraps=True)
    return Table([_RUN, setting, _STORED], [Row([*row]) for row in runs])
