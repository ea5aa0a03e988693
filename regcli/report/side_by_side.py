"""Runs side by side."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from regcli.report.column_choice import EVERYTHING, Choice, in_order
from regcli.report.contents import Column, Format, Note, Report, Row, Shown, Table, View
from regcli.report.figures import NOTHING
from regcli.report.match_view import (
    margin_text,
    match_entry,
    score_cells,
    score_columns,
    unpaired_texts,
)
from regcli.report.result_columns import result_format
from regcli.report.run_documents import sweep_document
from regcli.report.run_rows import run_rows
from regcli.report.run_values import RESULTS, value_of
from regcli.report.setting_values import digits_for, value_text
from regcli.results.comparison import Difference, differences
from regcli.results.records import RunRecord
from regcli.results.statistics.equivalence import Finding
from regcli.results.verdict.matching import Matches


def comparison_view(
    records: Sequence[RunRecord], choice: Choice = EVERYTHING, matches: Matches | None = None
) -> View:
    """Runs side by side.

    Args:
        matches: each run but the first beside the first.
    """

    def document() -> dict[str, Any]:
        whole = sweep_document(None, 0, records, choice)
        if matches is None:
            return whole
        pairs = zip(records[1:], matches.found, strict=True)
        entries = [{"id": run.id, **match_entry(match)} for run, match in pairs]
        found = {"score": matches.score.key, "margin": matches.margin, "to_first": entries}
        return {**whole, "differences": found}

    return View(
        report=partial(comparison_report, records, choice, matches),
        rows=partial(run_rows, records, choice),
        document=document,
    )


def comparison_report(
    records: Sequence[RunRecord], choice: Choice = EVERYTHING, matches: Matches | None = None
) -> Report:
    """A column a run, a row a difference: config keys first, then results.

    Results that differ in digits that are not shown are left out: a row of equal numbers reads as a
    mistake.
    """
    records = in_order(records, choice.sort, value_of)
    found = [row for row in _rows(records, choice) if choice.columns or _is_seen(row)]
    columns = [
        Column("key", "", justify="left", may_hide=False),
        *(Column(record.id, record.id, may_hide=False) for record in records),
    ]
    rows = [
        Row(
            [row.key, *row.values],
            format=_format(row),
            begins_group=row.is_result and not found[position - 1].is_result,
        )
        for position, row in enumerate(found)
    ]
    notes = [] if rows else [Note("these runs do not differ")]
    tables = [Table(columns, rows, notes, continues=True)]
    if matches is not None and choice.columns is None and _is_known(matches):
        tables.append(_beside_first(matches))
    return Report(tuple(tables), "comparison")


def _beside_first(matches: Matches) -> Table:
    """A row for each run but the first: how it differs from that."""
    columns = [Column("run", "run", justify="left", may_hide=False)]
    columns += score_columns(matches.score, ("first", "own"))
    rows = [
        Row([match.settings["run"], *score_cells(match, matches.score)]) for match in matches.found
    ]
    texts = list(unpaired_texts(matches))
    if any(match.finding is Finding.SAME for match in matches.found):
        texts.insert(0, margin_text(matches))
    if any(match.difference for match in matches.found):
        texts.insert(0, "differences to the first run, by the same validation rows")
    return Table(columns, rows, [*map(Note, texts)])


def _is_known(matches: Matches) -> bool:
    """Whether any run and the first have a score."""
    return any(None not in (match.first, match.second) for match in matches.found)


def _rows(records: Sequence[RunRecord], choice: Choice) -> Sequence[Difference]:
    """The requested keys, else those in which the runs differ."""
    if choice.columns is None:
        return differences(records)
    return [
        Difference(key, tuple(value_of(record, key) for record in records), key in RESULTS)
        for key in choice.columns
    ]


def _is_seen(row: Difference) -> bool:
    shown = _format(row)
    return not row.is_result or len({str(shown(value)) for value in row.values}) > 1


def _format(row: Difference) -> Format:
    def setting(value: object) -> Shown:
        return NOTHING if value is None else value_text(value, digits_for(row.values))

    def result(value: object) -> Shown:
        return NOTHING if value is None else result_format(row.key)(value)

    are_numbers = row.is_result and not any(isinstance(value, str) for value in row.values)
    return result if are_numbers else setting
