"""What a person's table holds, and what a first config makes of it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from regcli.data.profile.column_kinds import ColumnKind, ColumnProfile
from regcli.data.profile.findings import Cause
from regcli.data.profile.table_profile import TableProfile
from regcli.data.profile.target_guess import TargetProfile
from regcli.data.wording import number_text, quoted
from regcli.one_line import printable, shortened
from regcli.proposal.dataset_choice import counted_inputs, missing_rule
from regcli.proposal.model_choice import ModelChoice
from regcli.report.contents import Column, Note, Report, Row, Table, View, data_table
from regcli.report.counts import counted
from regcli.report.listing import listed
from regcli.results.records import SCHEMA_VERSION

_MOST_COLUMNS = 40
"""Columns of a table that are all shown; of more only those that need a word, and the first."""
_FIRST = 10
_MOST_DROPPED = 12
_LONGEST_VALUE, _MOST_VALUES, _LONGEST_VALUES = 16, 4, 36
_LONGEST_NAME = 30
_NO_GAPS = "–"


def profile_view(
    profile: TableProfile,
    model: ModelChoice,
    source: str,
    notes: Sequence[str],
    asked: Mapping[str, Any],
) -> View:
    """A row for each column, and what was found and decided.

    Args:
        source: the file's name.
        notes: what was found of how it is written.
        asked: keys of the `dataset` section that a person has set.
    """
    return View(
        report=partial(_report, profile, model, source, notes, asked),
        rows=partial(_data_rows, profile),
        document=partial(_document, profile, model, source),
    )


def _report(
    profile: TableProfile,
    model: ModelChoice,
    source: str,
    notes: Sequence[str],
    asked: Mapping[str, Any],
) -> Report:
    columns = [
        Column("column", "column", justify="left", is_head=True),
        Column("kind", "kind", justify="left"),
        Column("values", "values", justify="left", priority=1),
        Column("gaps", "gaps"),
        Column("use", "use", justify="left"),
    ]
    shown = _shown(profile)
    rows = [Row(_cells(column, profile)) for column in shown]
    below = [Note(f"{source}: {profile.rows:,} rows, {counted(len(profile.columns), 'column')}")]
    below += [Note(text) for text in notes]
    if more := len(profile.columns) - len(shown):
        below.append(Note(f"and {more:,} more columns, inputs without a problem"))
    return Report(
        (Table(columns, rows, below), listed([*_lines(profile, model, asked)])), "profile"
    )


def _shown(profile: TableProfile) -> Sequence[ColumnProfile]:
    if len(profile.columns) <= _MOST_COLUMNS:
        return profile.columns
    named = {name for finding in profile.findings for name in finding.columns}
    named.add(profile.target.column.name)
    named.update(column.name for column in profile.columns[:_FIRST])
    return [column for column in profile.columns if column.name in named]


def _cells(column: ColumnProfile, profile: TableProfile) -> list[str]:
    gaps = f"{column.gaps.count:,}" if column.gaps.count else _NO_GAPS
    name = printable(shortened(column.name, _LONGEST_NAME))
    return [name, column.kind.value, _values_text(column), gaps, _use(column, profile)]


def _use(column: ColumnProfile, profile: TableProfile) -> str:
    if column.name == profile.target.column.name:
        return f"target, {_TASKS[profile.target.task]}"
    if not column.kind.is_input:
        return "left out; see the warning" if column.mend else "left out"
    words = "input, as a category" if column.type == "category" else "input"
    return f"{words}; see the warning" if column.name in profile.leaking else words


_TASKS = {
    "regression": "regression",
    "binary": "two classes",
    "multiclass": "classes",
}


def _values_text(column: ColumnProfile) -> str:
    known = column.values.drop_nulls()
    if known.is_empty():
        return ""
    if known.dtype == pl.Float64 and column.kind is not ColumnKind.BOOLEAN:
        return f"{_bound(known.min())} to {_bound(known.max())}"
    if column.kind is ColumnKind.DATE:
        return f"{_day(known.min())} to {_day(known.max())}"
    return _few_values(known, column.distinct)


def _few_values(known: pl.Series, distinct: int) -> str:
    """The most frequent values, as many as there is room for."""
    counted_values = known.value_counts(sort=True).head(_MOST_VALUES)
    ordered = sorted(counted_values.iter_rows(), key=lambda row: (-row[1], str(row[0])))
    texts = [shortened(printable(_plain(value)), _LONGEST_VALUE) for value, _ in ordered]
    while len(texts) > 1 and len(", ".join(texts)) > _LONGEST_VALUES:
        texts.pop()
    more = f", … ({distinct:,})" if distinct > len(texts) else ""
    return ", ".join(texts) + more


def _plain(value: object) -> str:
    return number_text(value) if isinstance(value, float) else str(value)


def _bound(value: Any) -> str:
    return number_text(float(value))


def _day(value: object) -> str:
    """A date without the time of day, where that is midnight."""
    return str(value).removesuffix(" 00:00:00").removesuffix(" 00:00:00+00:00")


def _lines(
    profile: TableProfile, model: ModelChoice, asked: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    target = profile.target
    yield "target", f"{quoted(target.column.name)}: {_task_text(target)}"
    for finding in profile.findings:
        if finding.cause is Cause.TARGET:
            yield "target", f"{quoted(target.column.name)} {finding.fault}; {finding.advice}"
    for column in profile.useless[:_MOST_DROPPED]:
        yield "left out", f"{quoted(column.name)} {column.why}"
    if (more := len(profile.useless) - _MOST_DROPPED) > 0:
        yield "left out", f"and {more:,} more, each with its reason in the config"
    if (rule := missing_rule(profile)) is not None:
        filled = "missing is as you asked" if "missing" in asked else f"missing: {rule} fills them"
        yield "gaps", f"{_gaps_text(profile)}; {filled}"
    yield from _unread_lines(profile)
    for finding in profile.findings:
        if finding.cause in (Cause.LEAK, Cause.SENTINEL, Cause.SPELLINGS):
            yield "warning", finding.sentence
    for finding in profile.findings:
        if finding.cause in (Cause.CODES, Cause.ROWS):
            yield "hint", finding.sentence
    yield "model", model.why


def _unread_lines(profile: TableProfile) -> Iterator[tuple[str, str]]:
    """The columns that a model could learn from if they were read."""
    unread = [finding for finding in profile.findings if finding.cause is Cause.UNREAD]
    for finding in unread[:_MOST_DROPPED]:
        yield "warning", finding.sentence
    if (more := len(unread) - _MOST_DROPPED) > 0:
        yield (
            "warning",
            f"and {more:,} more columns are not read, each with its reason in the config",
        )


def _task_text(target: TargetProfile) -> str:
    if target.guess is None:
        return str(target.asked)
    if target.guess.is_doubtful:
        return target.guess.sentence
    return f"{target.guess.task}, because {target.guess.reason}"


def _gaps_text(profile: TableProfile) -> str:
    marks = sorted({mark for column in profile.inputs for mark in column.gaps.marks})
    written = f", written {', '.join(map(quoted, marks[:4]))}" if marks else ""
    return f"in {counted_inputs(profile)}{written}"


def _data_rows(profile: TableProfile) -> Table:
    keys = ["column", "kind", "distinct", "missing", "use"]
    rows = [
        [c.name, c.kind.value, c.distinct, c.gaps.count, _use(c, profile)] for c in profile.columns
    ]
    return data_table(keys, rows)


def _document(profile: TableProfile, model: ModelChoice, source: str) -> Mapping[str, Any]:
    target = profile.target
    return {
        "schema_version": SCHEMA_VERSION,
        "file": source,
        "rows": profile.rows,
        "target": {
            "column": target.column.name,
            "task": target.task,
            "reason": target.guess and target.guess.reason,
            "classes": dict(target.counts) or None,
            "positive": target.positive,
            "skewness": target.skewness,
        },
        "columns": [_column_document(column, profile) for column in profile.columns],
        "findings": [
            {
                "cause": finding.cause.value,
                "columns": list(finding.columns),
                "fault": finding.fault,
                "advice": finding.advice,
            }
            for finding in profile.findings
        ],
        "model": {"layers": list(model.layers), "why": model.why},
    }


def _column_document(column: ColumnProfile, profile: TableProfile) -> Mapping[str, Any]:
    gaps = column.gaps
    return {
        "name": column.name,
        "kind": column.kind.value,
        "distinct": column.distinct,
        "missing": {"count": gaps.count, "first_rows": list(gaps.rows), "marks": dict(gaps.marks)},
        "use": _use(column, profile),
        "why": column.why or None,
        "mend": column.mend or None,
    }
