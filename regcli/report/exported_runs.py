"""The report of runs from anywhere in a store: one row each, or their settings gathered."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from regcli.report.column_choice import Choice
from regcli.report.contents import Report, View
from regcli.report.run_documents import sweep_document
from regcli.report.run_rows import by_data, run_rows
from regcli.report.run_values import FACTS
from regcli.report.sweep_results import settings_table
from regcli.results.records import RunRecord
from regcli.results.settings import SettingSummary

_TOLD_APART_BY = ("name", "data", "model")


def export_view(records: Sequence[RunRecord], choice: Choice, has_notes: bool = True) -> View:
    """Runs as they are exported.

    Args:
        has_notes: whether what a screen says below the table is in a file for people too.
    """
    return View(
        report=partial(_report, records, choice, has_notes),
        rows=partial(run_rows, records, choice),
        document=partial(sweep_document, None, 0, records, choice),
    )


def _report(records: Sequence[RunRecord], choice: Choice, has_notes: bool) -> Report:
    if not records:
        return Report(())
    differing = [key for key in _TOLD_APART_BY if len({FACTS[key](r) for r in records}) > 1]
    if choice.aggregate:
        table = settings_table(by_data(records), choice, differing)
    else:
        table = settings_table(list(map(_alone, records)), choice, ["id", *differing])
    if not has_notes:
        table = replace(table, notes=())
    return Report((table,), records[0].name if "name" not in differing else "runs")


def _alone(record: RunRecord) -> SettingSummary:
    """A single run: its seed is a setting like the others."""
    settings = {key: value for key, value in record.settings.items() if value is not None}
    return SettingSummary(settings, (record,))
