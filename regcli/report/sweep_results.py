"""The report of a sweep: one row a setting, what differs and how it came out."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from regcli.config.result_keys import GAP
from regcli.one_line import printable
from regcli.report.caution_words import baseline_notes
from regcli.report.column_choice import EVERYTHING, Choice, in_order
from regcli.report.contents import ALWAYS, FIRST, Column, Note, NoteKind, Report, Row, Table, View
from regcli.report.convergence import has_marks, marks, polish_notes, unconverged_notes
from regcli.report.own_code_option import allow_option
from regcli.report.ranking import Ranked, loss_notes
from regcli.report.result_columns import column_of, fact_column, result_column
from regcli.report.run_documents import sweep_document
from regcli.report.run_rows import run_rows
from regcli.report.run_values import SEEDS, summary_value
from regcli.report.setting_columns import (
    constants_notes,
    joined_column,
    setting_column,
    split_settings,
)
from regcli.report.setting_names import short_names
from regcli.report.verdict_lines import lines_table, verdict_table
from regcli.report.verdict_sketch import verdict_sketch
from regcli.results.records import DataSummary, RunRecord, RunState, SweepRecord
from regcli.results.settings import (
    BY_LOSS,
    SettingSummary,
    Spread,
    by_setting,
    fold_of,
    held_out_rows,
)
from regcli.results.shown_metrics import shown_metrics
from regcli.results.verdict.design import design_of, places_of
from regcli.results.verdict.judgement import Verdict

_ZEROS = "sparsity.exact"


def results_view(
    records: Sequence[RunRecord],
    sweep: SweepRecord | None = None,
    reused: int = 0,
    choice: Choice = EVERYTHING,
    verdict: Verdict | None = None,
    show_test: bool = False,
) -> View:
    """The runs of a sweep with the verdict on them, or single ones where `sweep` is None.

    Args:
        show_test: whether people see every setting's test scores where there is a verdict.
    """
    return View(
        report=partial(results_report, records, choice, verdict, show_test),
        rows=partial(run_rows, records, choice),
        document=partial(sweep_document, sweep, reused, records, choice, verdict),
    )


def single_view(run: RunRecord) -> View:
    """One run that was trained; a person also reads how to predict with it."""
    return replace(results_view([run]), report=partial(_single_report, run))


def _single_report(run: RunRecord) -> Report:
    report = results_report([run])
    if run.state is not RunState.FINISHED:
        return report
    line = f"regcli predict {run.id} new.csv -o predictions.csv{allow_option(run)}"
    following = "next", line
    return replace(report, tables=(*report.tables, lines_table([following])))


def results_report(
    records: Sequence[RunRecord],
    choice: Choice = EVERYTHING,
    verdict: Verdict | None = None,
    show_test: bool = False,
) -> Report:
    """A row a setting, its runs gathered; its notes say what all rows have, and what ranks.

    Where there is a verdict, those settings alone have test scores that it names: whoever looks at
    all of them chooses by them.
    """
    if not records:
        return Report(())
    summaries = by_setting(records)
    if verdict is None:
        return Report((settings_table(summaries, choice),), records[0].name)
    named = [summaries[place] for place in verdict.tests]
    table = settings_table(
        summaries, choice, tested=None if show_test else named, notes=baseline_notes(verdict)
    )
    table = replace(table, sketch=verdict_sketch(verdict))
    return Report((table, verdict_table(verdict)), records[0].name)


def settings_table(
    summaries: Sequence[SettingSummary],
    choice: Choice,
    facts: Sequence[str] = (),
    tested: Sequence[SettingSummary] | None = None,
    notes: Sequence[Note] = (),
) -> Table:
    """A table of settings.

    Args:
        facts: what else is known of the runs and is shown first.
        tested: the settings that have their test scores shown; None for all.
        notes: what else is to be said below it.
    """

    def value(summary: SettingSummary, key: str) -> Any:
        hidden = tested is not None and key.startswith("test.") and summary not in tested
        return None if hidden else summary_value(summary, key)

    ranked = Ranked(summaries)
    settings, same = split_settings([summary.settings for summary in summaries])
    if choice.columns is None:
        columns = [
            *map(fact_column, facts),
            *settings,
            *seeds_columns(summaries),
            *(c for c in _result_columns(summaries, ranked) if c.key not in facts),
        ]
    else:
        columns = chosen_columns(choice.columns, summaries)
    keys = [column.key for column in columns]
    ordered = in_order(summaries, choice.sort, summary_value)
    rows = setting_rows(ordered, keys, ranked, value, _ZEROS)
    titles = short_names(key for summary in summaries for key in summary.settings)
    others = {name: value for name, value in same.items() if name not in keys}
    notes = [*constants_notes(others, titles), *_notes(summaries, ranked, keys), *notes]
    varied = [column.key for column in settings] if choice.columns is None else []
    narrow = _joined(Table(columns, rows, notes), varied, [each.settings for each in ordered])
    return Table(columns, rows, notes, instead=narrow)


def setting_rows(
    summaries: Sequence[SettingSummary],
    keys: Sequence[str],
    ranked: Ranked,
    value: Callable[[SettingSummary, str], Any],
    marked: str,
) -> list[Row]:
    """A row for each setting, with the star of the best.

    Args:
        value: what a setting has under a key.
        marked: the key of the column that marks what has not converged.
    """
    are_marked = has_marks(summaries)
    return [
        Row(
            [value(summary, key) for key in keys],
            ranked.tone(summary),
            {**marks(summary, marked, are_marked), **ranked.marks(summary, keys)},
        )
        for summary in summaries
    ]


def _joined(
    table: Table, varied: Sequence[str], settings: Sequence[Mapping[str, Any]]
) -> Table | None:
    """The table with one column for the whole setting; None where that would save nothing."""
    if len(varied) < 2:
        return None
    kept = [place for place, column in enumerate(table.columns) if column.key not in varied]
    columns = [joined_column(settings, varied), *(table.columns[place] for place in kept)]
    rows = [
        replace(row, values=[each, *(row.values[place] for place in kept)])
        for row, each in zip(table.rows, settings, strict=True)
    ]
    return Table(columns, rows, table.notes)


def chosen_columns(keys: Sequence[str], summaries: Sequence[SettingSummary]) -> list[Column]:
    """Columns by their keys; none of them is ever left out."""
    titles = short_names(key for summary in summaries for key in summary.settings)

    def setting(key: str) -> Column:
        values = [summary_value(summary, key) for summary in summaries]
        return setting_column(key, titles.get(key, key), values)

    return [column_of(key, setting) for key in keys]


def seeds_columns(summaries: Sequence[SettingSummary]) -> list[Column]:
    """How many seeds, or runs of folds and seeds, a mean is of, where some settings have fewer."""
    counts = {len(summary.records) for summary in summaries}
    most = max(counts, default=0)
    if len(counts) < 2:
        return []
    folds = any(fold_of(run) for summary in summaries for run in summary.records)
    return [
        Column(
            SEEDS,
            "runs" if folds else "seeds",
            lambda count: f"{count} of {most}",
            short_format=lambda count: f"{count}/{most}",
        )
    ]


def _result_columns(summaries: Sequence[SettingSummary], ranked: Ranked) -> list[Column]:
    records = [record for summary in summaries for record in summary.records]
    metrics = [metric.key for metric in shown_metrics(records)]
    score, others = metrics[:1], metrics[1:]
    column = result_column
    states = {record.state for record in records}
    return [
        *([fact_column("state", 1)] if states - {RunState.FINISHED} else []),
        column("train.objective", 4),
        column("train.data_loss", FIRST),
        column("validation.data_loss"),
        column(GAP, FIRST),
        *score_columns(metrics, ranked, 5),
        *(column(f"train.{name}", 10) for name in score),
        *(column(f"train.{name}", 11) for name in others),
        *(column(f"test.{name}", 2) for name in score),
        *(column(f"test.{name}", 6) for name in others),
        replace(column(_ZEROS, FIRST), share=_mean),
        replace(column("sparsity.near", 3), share=_mean),
        column("sparsity.nonzero", 7),
        *_live_columns(records),
        *([column("epochs", 8)] if len({record.epochs for record in records}) > 1 else []),
        column("seconds", 6),
        fact_column("id", FIRST),
    ]


def _mean(spread: Spread | None) -> float | None:
    return None if spread is None else spread.mean


def score_columns(metrics: Sequence[str], ranked: Ranked, priority: int) -> list[Column]:
    """The metrics on validation rows: the first and the one that ranks are never left out.

    Args:
        priority: of the others.
    """
    keys = [f"validation.{name}" for name in metrics]
    ranking = [] if ranked.ranking is None or ranked.ranking == BY_LOSS else [ranked.ranking.key]
    first = {*keys[:1], *ranking}
    every = dict.fromkeys([*keys, *ranking])
    return [result_column(key, ALWAYS if key in first else priority) for key in every]


def _live_columns(records: Sequence[RunRecord]) -> list[Column]:
    """Active inputs and live units, each only where some run has fewer than there are."""
    columns = []
    measured = [(r.sparsity, r.data) for r in records if r.sparsity is not None]
    if any(data and _fewer(s.active_inputs, len(data.columns)) for s, data in measured):
        columns.append(result_column("sparsity.active_inputs", 7))
    if any(_fewer(sum(s.live_units.values()), s.hidden_units) for s, _ in measured):
        columns.append(result_column("sparsity.live_units", 8))
    return columns


def _fewer(count: int | None, most: int) -> bool:
    return count is not None and count < most


def _notes(summaries: Sequence[SettingSummary], ranked: Ranked, keys: Sequence[str]) -> list[Note]:
    records = [record for summary in summaries for record in summary.records]
    notes = rows_notes(records)
    notes += ranked.notes("; test metrics are not used for ranking")
    notes += loss_notes(summaries)
    notes += deviation_notes(summaries)
    notes += gap_notes(summaries, keys)
    threshold = next((record.sparsity.threshold for record in records if record.sparsity), None)
    if threshold is not None and {_ZEROS, "sparsity.near"} & set(keys):
        text = f"zeros: fraction of kernel weights, exact (0.0) or near (below {threshold:g})"
        notes.append(Note(text))
    notes += unconverged_notes(summaries)
    notes += polish_notes(summaries)
    notes += _no_zeros_notes(records)
    return notes


def deviation_notes(summaries: Sequence[SettingSummary]) -> list[Note]:
    """What means and deviations are over: seeds, folds, splits, or several of them."""
    most = max(summaries, key=lambda summary: len(summary.records), default=None)
    if most is None or len(most.records) < 2:
        return []
    design = design_of(places_of(most.records, of_test=False), most.records)
    counts = {
        "splits": design.splits,
        "folds": design.folds,
        "repeats": design.repeats,
        "seeds": design.seeds,
    }
    over = ", ".join(f"{count} {noun}" for noun, count in counts.items() if count > 1)
    return [Note(f"mean ± standard deviation over {over or f'{len(most.records)} runs'}")]


def gap_notes(summaries: Sequence[SettingSummary], keys: Sequence[str]) -> list[Note]:
    """What the gap is, where it is shown."""
    has_gap = any(summary_value(summary, GAP) is not None for summary in summaries)
    return [Note("gap: validation loss − train loss")] if GAP in keys and has_gap else []


def _no_zeros_notes(records: Sequence[RunRecord]) -> list[Note]:
    """A note for a person who expects exact zeros from l1 with method penalty."""
    asked = [
        record.sparsity
        for record in records
        if record.settings.get("method") == "penalty"
        and record.settings.get("l1")
        and record.sparsity is not None
    ]
    if not asked or any(record.settings.get("method") == "proximal" for record in records):
        return []
    total = sum(sparsity.total for sparsity in asked)
    zeros = total - sum(sparsity.nonzero for sparsity in asked)
    if zeros > total / 100:
        return []
    counted = f"{zeros:,} of {total:,} weights are exactly 0 with l1"
    return [Note(f"{counted}; method proximal gives exact zeros", NoteKind.WARNING)]


def rows_notes(records: Sequence[RunRecord]) -> list[Note]:
    """The split in one line where all runs have the same; folds of one split are one."""
    by_split: dict[Hashable, list[RunRecord]] = {}
    for run in records:
        if run.data is not None:
            part = run.id if fold_of(run) is None else held_out_rows(run)
            by_split.setdefault(part, []).append(run)
    texts = list(dict.fromkeys(map(_split_text, by_split.values())))
    return [Note(texts[0], NoteKind.CONTEXT)] if len(texts) == 1 else []


def _split_text(runs: Sequence[RunRecord]) -> str:
    """The split of a run, or the folds of several: `iris: 150 rows; 5 folds of 24 rows, …`.

    Folds that go forward in time are trained on the rows before them, of which each has more.
    """
    found = [run.data for run in runs if run.data is not None]
    fold = fold_of(runs[0])
    if fold is None:
        return rows_text(found[0])
    train, validation, test = (
        [data.rows.get(part, 0) for data in found] for part in ("train", "validation", "test")
    )
    used = [sum(pair) for pair in zip(train, validation, strict=True)]
    text = f"{printable(found[0].source)}: {max(used) + test[0]:,} rows; "
    text += f"{fold.of} folds of {_from_to(validation)} rows"
    if len(set(used)) > 1:
        text += f", each trained on the {_from_to(train)} rows before it"
    return f"{text}, {test[0]:,} test rows" if test[0] else text


def _from_to(counts: Sequence[int]) -> str:
    """`24`, or `23 to 24`."""
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def rows_text(data: DataSummary) -> str:
    """The split in one line: `digits: 1,079 train, 359 validation, 359 test rows`."""
    rows = ", ".join(f"{count:,} {part}" for part, count in data.rows.items() if count)
    return f"{printable(data.source)}: {rows} rows"
