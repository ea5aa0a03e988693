"""What kind of target a column is, why, and what to mind about it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.config.task import Task
from regcli.data.profile.column_kinds import ColumnProfile
from regcli.data.target.targets import AskedTask, class_name
from regcli.data.target.task_guess import Guess, guess_task

_SKEWED = 2.0
"""Skewness from which the logarithm is learnt. A little skew does no harm, and a straight line on
the logarithm errs by much where it reaches beyond the rows that it was fitted to."""
_RARE = 0.2
"""Share of the rarest class, times half the number of classes, below which accuracy misleads."""
_POSITIVE = ("yes", "true", "1", "y", "t", "positive", "pos", "case", "present", "sick", "bad")


@dataclass(frozen=True)
class TargetProfile:
    """A target.

    Attributes:
        column: the column.
        task: what kind of target it is taken for.
        guess: why, and what else it may be; None where a person has named the task.
        asked: the task that a person has named.
        counts: rows of each class, the most frequent first; empty for regression.
        positive: of two classes the one that is looked for; None where nothing says so.
        skewness: of a regression target, in the rows that are not held out for testing; None where
            the logarithm does not exist or does not help.
    """

    column: ColumnProfile
    task: Task
    guess: Guess | None
    asked: AskedTask
    counts: Mapping[str, int]
    positive: str | None
    skewness: float | None

    @property
    def is_imbalanced(self) -> bool:
        """Whether the classes differ so much in size that accuracy says little."""
        rows = sum(self.counts.values())
        least = min(self.counts.values(), default=0)
        return bool(self.counts) and least * len(self.counts) < 2 * _RARE * rows


def guess_target(
    column: ColumnProfile, asked: AskedTask = None, seen: NDArray[np.bool_] | None = None
) -> TargetProfile:
    """What a column is as a target.

    Args:
        column: its profile, of two different values or more.
        asked: the task that a person has named.
        seen: rows that are not held out for testing, (rows,); None for all. Shares of classes are
            those of all rows, because test rows are drawn in proportion to the classes.
    """
    known = column.values.drop_nulls()
    distinct = known.unique().sort().to_numpy()
    guess = guess_task(distinct, len(known)) if asked is None else None
    broad = asked if guess is None else guess.task
    task: Task = "regression" if broad == "regression" else _classes(column.distinct)
    if task == "regression":
        return TargetProfile(column, task, guess, asked, {}, None, _skewness(column.values, seen))
    counts = _counts(known)
    return TargetProfile(column, task, guess, asked, counts, _positive(counts), None)


def _classes(distinct: int) -> Task:
    return "binary" if distinct == 2 else "multiclass"


def _counts(known: pl.Series) -> Mapping[str, int]:
    counted = known.value_counts(sort=True)
    rows = sorted(counted.iter_rows(), key=lambda row: (-row[1], str(row[0])))
    return {class_name(value): count for value, count in rows}


def _positive(counts: Mapping[str, int]) -> str | None:
    """The class called yes, or the rarer one where the two differ much."""
    if len(counts) != 2:
        return None
    for name in counts:
        if name.casefold() in _POSITIVE:
            return name
    (_, most), (rarer, least) = counts.items()
    return rarer if least < _RARE * (most + least) else None


def _skewness(column: pl.Series, seen: NDArray[np.bool_] | None) -> float | None:
    """The skewness of the rows that are seen; every row has to have a logarithm."""
    if column.drop_nulls().to_numpy().min() <= 0:
        return None
    values = (column if seen is None else column.filter(pl.Series(seen))).drop_nulls().to_numpy()
    if not len(values) or values.min() == values.max():
        return None
    deviations = values - values.mean()
    width = np.sqrt((deviations**2).mean())
    found = float(((deviations / width) ** 3).mean())
    return found if found > _SKEWED else None
