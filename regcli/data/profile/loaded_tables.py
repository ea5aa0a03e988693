"""Warnings about a table that is loaded: what `init` would have left out or warned of.

Importing this imports polars.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.data.columns.text_columns import text_of
from regcli.data.dataset import Table
from regcli.data.features import Kind
from regcli.data.profile.cell_contents import Gaps
from regcli.data.profile.column_kinds import ColumnKind, ColumnProfile
from regcli.data.profile.findings import Cause, TableFinding, findings_of
from regcli.data.profile.leaks import find_leaks
from regcli.data.profile.target_guess import guess_target
from regcli.data.profile.twin_columns import mark_twins
from regcli.data.target.targets import AskedTask
from regcli.data.wording import number_text, quoted

_FIRST, _MORE = 2_000, 10_000
"""Rows that are looked at, and how many where those rows show something."""
_MOST_INPUTS = 500
"""Of wider tables nothing is said: looking takes longer than it may."""
_MOST_TOLD = 6
_KINDS = {
    "number": ColumnKind.NUMBER,
    "boolean": ColumnKind.BOOLEAN,
    "category": ColumnKind.CATEGORY,
    "ordinal": ColumnKind.NUMBER,
    "date": ColumnKind.DATE,
}


@dataclass(frozen=True)
class TableWarnings:
    """What a person should know of a table before a verdict is made of it, a sentence each.

    Attributes:
        leaks: columns that predict the target too well: a verdict on them may be worth nothing.
        all: these and others, as many as are worth reading.
    """

    leaks: tuple[str, ...] = ()
    all: tuple[str, ...] = ()


def warnings_of(table: Table) -> TableWarnings:
    """Columns that never vary, copy another, or predict the target too well.

    Looks at 2,000 rows, and at 10,000 where those show something: what is so in many rows is so in
    few of them. This takes a twentieth of a second, or a fifth.

    Args:
        table: of columns rather than of tensors.
    """
    if table.x.ndim != 2 or not 0 < table.x.shape[1] <= _MOST_INPUTS:
        return TableWarnings()
    found = _seen_in(table, _FIRST)
    if found and len(table.y) > _FIRST:
        found = _seen_in(table, _MORE)
    sentences = [finding.sentence for finding in found]
    if (more := len(sentences) - _MOST_TOLD) > 0:
        sentences[_MOST_TOLD:] = [f"{more:,} more columns are of such kinds"]
    leaks = (finding.sentence for finding in found if finding.cause is Cause.LEAK)
    return TableWarnings(tuple(leaks), tuple(sentences))


def _seen_in(table: Table, most: int) -> Sequence[TableFinding]:
    """What some rows of a table show, at most so many of them."""
    rows = np.arange(len(table.y))
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
    columns = mark_twins(list(_columns(table, rows)))
    asked: AskedTask = "regression" if table.task == "regression" else "classification"
    target = guess_target(_target(table, rows), asked)
    inputs = [column for column in columns if column.kind.is_input]
    findings = findings_of(columns, target, find_leaks(inputs, target))
    return [finding for finding in findings if finding.cause in (Cause.USELESS, Cause.LEAK)]


def _columns(table: Table, rows: NDArray[np.int64]) -> Iterator[ColumnProfile]:
    for place, name in enumerate(table.columns):
        whole = table.x[:, place]
        values = pl.Series(name, whole[rows].astype(np.float64)).fill_nan(None)
        feature = table.features.kind(name)
        distinct = values.drop_nulls().n_unique()
        gaps = Gaps(values.null_count())
        if distinct <= 1 and not gaps.count and (whole == whole[0]).all():
            why = f"is {_shown(float(whole[0]), feature)} in every row"
            yield ColumnProfile(name, ColumnKind.CONSTANT, values, gaps, 1, why)
            continue
        kind = _KINDS[feature.name]
        if feature.name == "category":
            values = text_of(values)
        yield ColumnProfile(name, kind, values, gaps, distinct)


def _shown(value: float, feature: Kind) -> str:
    return quoted(feature.values[int(value)]) if feature.values else number_text(float(value))


def _target(table: Table, rows: NDArray[np.int64]) -> ColumnProfile:
    y = table.y[rows]
    if table.task == "regression":
        values = pl.Series("target", y.astype(np.float64))
    else:
        values = pl.Series("target", [f"class {number}" for number in y.tolist()])
    kind = ColumnKind.NUMBER if table.task == "regression" else ColumnKind.CATEGORY
    return ColumnProfile("target", kind, values, Gaps(), values.n_unique())
