"""The report of a path: one row a strength, what is left of the model and how well it does."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from regcli.config.result_keys import GAP
from regcli.report.caution_words import baseline_notes
from regcli.report.column_choice import EVERYTHING, Choice, in_order
from regcli.report.contents import FIRST, Column, Note, NoteKind, Report, Table, View
from regcli.report.convergence import is_polished, unconverged_notes
from regcli.report.ranking import Ranked, loss_notes
from regcli.report.result_columns import fact_column, metric_label, result_column
from regcli.report.run_documents import path_entry, sweep_document
from regcli.report.run_rows import run_rows
from regcli.report.run_values import summary_value
from regcli.report.setting_columns import constants_notes, split_settings
from regcli.report.setting_names import short_names
from regcli.report.sweep_results import (
    chosen_columns,
    gap_notes,
    rows_notes,
    score_columns,
    seeds_columns,
    setting_rows,
)
from regcli.report.verdict_lines import verdict_table
from regcli.report.verdict_sketch import verdict_sketch
from regcli.results.records import RunRecord
from regcli.results.settings import SettingSummary, Spread, by_setting
from regcli.results.shown_metrics import shown_metrics
from regcli.results.verdict.judgement import Verdict

if TYPE_CHECKING:  # a stored path is shown without what trains
    from regcli.workflows.strength_path import PathResult

Refitted = Mapping[str, RunRecord]
"""Refitted runs by the id of the point that each belongs to."""

_NONZERO = "sparsity.nonzero"
_REFIT = "refit."
"""Before the keys of a refitted run's results."""
_REFITS_NOTE = (
    "refit: not polished; training ended after its epochs, which may be too few to undo the "
    "shrinkage"
)


def path_view(
    result: "PathResult",
    choice: Choice = EVERYTHING,
    verdict: Verdict | None = None,
    show_test: bool = False,
) -> View:
    """A path: its points in a table of their own; for other programs the refitted runs as well.

    Args:
        show_test: whether people see every point's test scores where there is a verdict.
    """
    points = result.points
    records = (*points.records, *result.refitted.values())

    def document() -> dict[str, Any]:
        whole = sweep_document(points.sweep, points.reused, records, choice, verdict)
        return {**whole, "path": path_entry(result.along, result.largest)}

    return View(
        report=partial(path_report, points.records, result.refitted, choice, verdict, show_test),
        rows=partial(run_rows, records, choice),
        document=document,
    )


def path_report(
    records: Sequence[RunRecord],
    refitted: Refitted,
    choice: Choice = EVERYTHING,
    verdict: Verdict | None = None,
    show_test: bool = False,
) -> Report:
    """A row a point, the seeds gathered; test scores as in `sweep_results.results_report`."""
    if not records:
        return Report(())
    summaries = by_setting(records)
    # Where one fold's path ended before the others, its last points are not ranked.
    judged = summaries if verdict is None else [s for s in summaries if s in verdict.settings]
    ranked = Ranked(judged)
    settings, same = split_settings([summary.settings for summary in summaries])
    if choice.columns is None:
        columns = [
            *settings,
            *seeds_columns(summaries),
            *_result_columns(records, refitted, ranked),
        ]
    else:
        columns = chosen_columns(choice.columns, summaries)
    keys = [column.key for column in columns]
    ordered = in_order(summaries, choice.sort, summary_value)
    tested = None if verdict is None or show_test else [verdict.settings[n] for n in verdict.tests]
    rows = setting_rows(ordered, keys, ranked, partial(_value, refitted, tested), _NONZERO)
    notes = [*_constants(same), *_notes(summaries, refitted, ranked, choice.sort is None)]
    notes += gap_notes(summaries, keys)
    notes += [] if verdict is None else baseline_notes(verdict)
    sketch = None if verdict is None else verdict_sketch(verdict)
    tables = [Table(columns, rows, notes, deviations_priority=_LAST, sketch=sketch)]
    tables += [] if verdict is None else [verdict_table(verdict)]
    return Report(tuple(tables), records[0].name)


_LAST = 10
"""Above the priority of every column of a path: deviations go first."""


def _value(
    refitted: Refitted,
    tested: Sequence[SettingSummary] | None,
    summary: SettingSummary,
    key: str,
) -> Any:
    if tested is not None and summary not in tested and ".test." in f".{key}":
        return None
    if not key.startswith(_REFIT):
        return summary_value(summary, key)
    found = tuple(refitted[record.id] for record in summary.records if record.id in refitted)
    again = SettingSummary(summary.settings, found)
    return again.spread(key.removeprefix(_REFIT)) if found else None


def _result_columns(
    records: Sequence[RunRecord], refitted: Refitted, ranked: Ranked
) -> list[Column]:
    metrics = [metric.key for metric in shown_metrics(records)]
    score = metrics[:1]
    return [
        replace(result_column(_NONZERO), share=partial(_kept_share, _weights(records))),
        result_column("sparsity.active_inputs", 3),
        result_column("sparsity.live_units", 4),
        result_column("train.data_loss", FIRST),
        result_column("validation.data_loss"),
        result_column(GAP, FIRST),
        *score_columns(metrics, ranked, 7),
        *(result_column(f"test.{name}", 2) for name in score),
        *(column for name in score if refitted for column in _refit_columns(name)),
        fact_column("id", FIRST),
    ]


def _weights(records: Sequence[RunRecord]) -> int:
    """How many kernel weights the model has."""
    return max((run.sparsity.total for run in records if run.sparsity is not None), default=0)


def _kept_share(total: int, nonzero: Spread | None) -> float | None:
    return nonzero.mean / total if nonzero is not None and total else None


def _refit_columns(score: str) -> list[Column]:
    """How well the points do once they are trained without penalty on their support."""
    return [
        replace(
            result_column(f"{part}.{score}", priority),
            key=f"{_REFIT}{part}.{score}",
            label=f"refit {part}\n{metric_label(score)}",
            short_label=f"refit\n{short}",
        )
        for part, short, priority in (("validation", "val", 6), ("test", "test", 1))
    ]


def _constants(same: Mapping[str, Any]) -> list[Note]:
    """Settings that all points share besides the path's strength: `l2 0.01, group inputs`."""
    kept = {name: value for name, value in same.items() if value and name != "method"}
    return constants_notes(kept, short_names(same))


def _notes(
    summaries: Sequence[SettingSummary], refitted: Refitted, ranked: Ranked, is_path_order: bool
) -> list[Note]:
    records = [record for summary in summaries for record in summary.records]
    notes = rows_notes(records)
    if is_path_order:
        notes.append(Note("each point starts from the weights of the one above it"))
    notes += ranked.notes()
    notes += loss_notes(summaries)
    notes += unconverged_notes(summaries)
    if not all(map(is_polished, refitted.values())):
        notes.append(Note(_REFITS_NOTE, NoteKind.WARNING))
    return notes
