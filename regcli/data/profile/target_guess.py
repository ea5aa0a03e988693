"""What kind of target a column is, why, and what to mind about it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from regcli.config.task import Task
from regcli.data.profile.column_kinds import ColumnProfile
from regcli.data.targets import AskedTask, inferred_task
from regcli.data.wording import number_text

_SKEWED = 1.0
"""Skewness from which the logarithm is proposed."""
_RARE = 0.2
"""Share of the rarest class, times half the number of classes, below which accuracy misleads."""
_MAY_BE_CLASSES = 50
"""Different whole numbers that may be classes, where a person says so."""
_POSITIVE = ("yes", "true", "1", "y", "t", "positive", "pos", "case", "present", "sick", "bad")


@dataclass(frozen=True)
class TargetProfile:
    """A target.

    Attributes:
        column: the column.
        task: what kind of target it is taken for.
        reason: why, as a clause; empty where only one reading is possible.
        asked: the task that a person has named.
        other_task: what `task` would have to be for the other reading; None where there is none.
        counts: rows of each class, the most frequent first; empty for regression.
        positive: of two classes the one that is looked for; None where nothing says so.
        skewness: of a regression target; None where the logarithm does not exist or does not help.
    """

    column: ColumnProfile
    task: Task
    reason: str
    asked: AskedTask
    other_task: AskedTask
    counts: Mapping[str, int]
    positive: str | None
    skewness: float | None

    @property
    def is_imbalanced(self) -> bool:
        """Whether the classes differ so much in size that accuracy says little."""
        rows = sum(self.counts.values())
        least = min(self.counts.values(), default=0)
        return bool(self.counts) and least * len(self.counts) < 2 * _RARE * rows

    @property
    def single_rows(self) -> tuple[str, ...]:
        """Classes with one row, which cannot be learnt and tested."""
        return tuple(name for name, count in self.counts.items() if count == 1)


def guess_target(column: ColumnProfile, asked: AskedTask = None) -> TargetProfile:
    """What a column is as a target.

    Args:
        column: its profile, of two different values or more.
        asked: the task that a person has named.
    """
    known = column.values.drop_nulls()
    task, reason, other = _task_of(column, known)
    if asked is not None:
        task = "regression" if asked == "regression" else _classes(column.distinct)
        reason, other = "", None
    if task == "regression":
        return TargetProfile(column, task, reason, asked, other, {}, None, _skewness(known))
    counts = _counts(known)
    return TargetProfile(column, task, reason, asked, other, counts, _positive(counts), None)


def _classes(distinct: int) -> Task:
    return "binary" if distinct == 2 else "multiclass"


def _task_of(column: ColumnProfile, known: pl.Series) -> tuple[Task, str, AskedTask]:
    distinct = known.unique().sort()
    if known.dtype != pl.Float64:
        return _classes(len(distinct)), "", None
    held = f"{len(distinct):,} different numbers"
    least, most = number_text(distinct[0]), number_text(distinct[-1])
    if inferred_task(distinct.to_numpy(), len(known)) == "classification":
        if len(distinct) == 2:
            return "binary", f"it holds two numbers, {least} and {most}", "regression"
        reason = f"it holds only {held}, all whole, {least} to {most}"
        return "multiclass", reason, "regression"
    whole = bool((distinct == distinct.round()).all())
    other: AskedTask = "classification" if whole and len(distinct) <= _MAY_BE_CLASSES else None
    return "regression", f"it holds {held}, {least} to {most}", other


def _counts(known: pl.Series) -> Mapping[str, int]:
    counted = known.value_counts(sort=True)
    rows = sorted(counted.iter_rows(), key=lambda row: (-row[1], str(row[0])))
    return {_class_name(value): count for value, count in rows}


def _class_name(value: object) -> str:
    if isinstance(value, bool):
        return str(value)
    is_whole = isinstance(value, float) and value.is_integer()
    return f"{value:.0f}" if is_whole else str(value)


def _positive(counts: Mapping[str, int]) -> str | None:
    """The class called yes, or the rarer one where the two differ much."""
    if len(counts) != 2:
        return None
    for name in counts:
        if name.casefold() in _POSITIVE:
            return name
    (_, most), (rarer, least) = counts.items()
    return rarer if least < _RARE * (most + least) else None


def _skewness(known: pl.Series) -> float | None:
    values = known.to_numpy().astype(np.float64)
    if values.min() <= 0:
        return None
    deviations = values - values.mean()
    width = np.sqrt((deviations**2).mean())
    found = float(((deviations / width) ** 3).mean())
    return found if found > _SKEWED else None
