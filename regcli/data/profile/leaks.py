"""Columns that predict the target too well: what would not be known when a prediction is made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.data.profile.column_kinds import ColumnKind, ColumnProfile
from regcli.data.profile.single_predictors import Outcomes, halved, may_predict, score_of
from regcli.data.profile.target_guess import TargetProfile
from regcli.data.profile.twin_columns import by_appearance

_BY_ITSELF = 0.995
"""Score from which one column alone predicts too well."""
_BY_GAPS = {False: 0.9, True: 0.8}
"""AUC, or R² of a regression, from which it matters that gaps predict the target."""
_LEAST_SHARE = 0.02
"""Fewer gaps, or fewer filled rows, tell nothing."""
_SAMPLE = 10_000
_MOST_CLASSES = 20
_LEAST_ROWS = 20
_MOST_NUMBERS = 200
"""Numbers of which sums of two are tried."""
_EQUAL = 1e-9


@dataclass(frozen=True)
class Leak:
    """A column, or two, that predict the target too well.

    Attributes:
        columns: their names.
        evidence: how, as a predicate with its figure.
    """

    columns: tuple[str, ...]
    evidence: str


def find_leaks(inputs: Sequence[ColumnProfile], target: TargetProfile) -> list[Leak]:
    """Columns that equal the target or predict it by themselves, gaps that do, sums of two.

    Looks at 10,000 rows at most.
    """
    rows = _sampled(target.column.values)
    y = target.column.values.gather(rows)
    outcomes = halved(_outcomes(y, target), target.task == "regression")
    leaks: list[Leak] = []
    for column in _worth_a_look(inputs, rows, outcomes):
        values = column.values.gather(rows)
        evidence = _of_gaps(values, outcomes) or _evidence(column, values, target, y, outcomes)
        if evidence is not None:
            leaks.append(Leak((column.name,), evidence))
    known = {name for leak in leaks for name in leak.columns}
    others = [column for column in inputs if column.name not in known]
    return [*leaks, *_of_sums(others, target, rows, y)]


def _worth_a_look(
    columns: Sequence[ColumnProfile], rows: NDArray[np.int64], outcomes: Outcomes
) -> list[ColumnProfile]:
    """Columns without the numbers that have little to do with the target, and have no gaps."""
    plain = [c for c in columns if c.kind is ColumnKind.NUMBER and not c.gaps.count]
    if not plain or len(rows) < _LEAST_ROWS:
        return list(columns)
    numbers = np.column_stack([column.values.to_numpy()[rows] for column in plain])
    is_related = may_predict(numbers, outcomes)
    unrelated = {c.name for c, related in zip(plain, is_related, strict=True) if not related}
    return [column for column in columns if column.name not in unrelated]


def _sampled(values: pl.Series) -> NDArray[np.int64]:
    """Rows that have a target, at most 10,000 of them."""
    rows = values.is_not_null().arg_true().to_numpy().astype(np.int64)
    if len(rows) <= _SAMPLE:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, _SAMPLE, replace=False))


def _outcomes(y: pl.Series, target: TargetProfile) -> NDArray[np.float64]:
    if target.task == "regression":
        values: NDArray[np.float64] = y.to_numpy().astype(np.float64)[:, None]
        return values
    codes = by_appearance(y).astype(np.int64)
    frequent = np.argsort(-np.bincount(codes), kind="stable")[:_MOST_CLASSES]
    if target.task == "binary":
        frequent = frequent[:1]
    outcomes: NDArray[np.float64] = (codes[:, None] == frequent).astype(np.float64)
    return outcomes


def _evidence(
    column: ColumnProfile,
    values: pl.Series,
    target: TargetProfile,
    y: pl.Series,
    outcomes: Outcomes,
) -> str | None:
    """Why a column predicts the target too well, as a predicate; None where it does not."""
    if len(y) < _LEAST_ROWS:
        return None
    if values.cast(pl.String).equals(y.cast(pl.String)):
        return f"equals the target in all {len(y):,} rows looked at"
    is_number = column.kind is ColumnKind.NUMBER
    if is_number and target.task == "regression" and (way := _monotone(values, y)):
        return f"{way} whenever the target rises, and stays where it stays: it is a function of it"
    if _is_one_to_one(column, values, y):
        return (
            f"says the same as the target: each of its {column.distinct:,} values goes with "
            "one value of the target, and the other way round"
        )
    if not outcomes.is_enough:
        return None
    is_line = is_number or column.kind is ColumnKind.DATE
    score = score_of(_as_numbers(values, is_line), is_line, outcomes)
    if score <= _BY_ITSELF:
        return None
    return f"by itself predicts the target with {outcomes.score_name} {score:.4f} on held-out rows"


def _as_numbers(values: pl.Series, is_line: bool) -> NDArray[np.float64]:
    """Numbers or dates as they lie on a line, or a number for each other value; NaN for gaps."""
    if is_line:
        numbers: NDArray[np.float64] = values.to_physical().cast(pl.Float64).to_numpy()
        return numbers
    codes = by_appearance(values)
    codes[values.is_null().to_numpy()] = np.nan
    return codes


def _is_one_to_one(column: ColumnProfile, values: pl.Series, y: pl.Series) -> bool:
    if not 2 <= column.distinct <= len(y) / 2 or values.has_nulls():
        return False
    here, there = by_appearance(values), by_appearance(y)
    return bool(here.max() == there.max() and (here == there).all())


def _monotone(values: pl.Series, y: pl.Series) -> str | None:
    """`rises` or `falls`, where a column does so at every step of the target; None otherwise."""
    pairs = pl.DataFrame({"x": values, "y": y}).drop_nulls().sort("y", "x").to_numpy()
    if len(pairs) < _LEAST_ROWS or len(np.unique(pairs[:, 0])) < _LEAST_ROWS:
        return None
    steps = np.diff(pairs, axis=0)
    if (steps[steps[:, 1] > 0, 0] > 0).all() and (steps[steps[:, 1] == 0, 0] == 0).all():
        return "rises"
    if (steps[steps[:, 1] > 0, 0] < 0).all() and (steps[steps[:, 1] == 0, 0] == 0).all():
        return "falls"
    return None


def _of_gaps(values: pl.Series, outcomes: Outcomes) -> str | None:
    """Evidence that whether a column has a value predicts the target."""
    missing = values.is_null()
    share = missing.mean()
    if not outcomes.is_enough or not isinstance(share, float):
        return None
    if not _LEAST_SHARE <= share <= 1 - _LEAST_SHARE:
        return None
    score = score_of(missing.cast(pl.Float64).to_numpy(), False, outcomes)
    if score <= _BY_GAPS[outcomes.is_regression]:
        return None
    return (
        f"has gaps that follow the target: whether it has a value predicts the target with "
        f"{outcomes.score_name} {score:.3f} on held-out rows"
    )


def _of_sums(
    columns: Sequence[ColumnProfile],
    target: TargetProfile,
    rows: NDArray[np.int64],
    y: pl.Series,
) -> Iterator[Leak]:
    """Pairs of numbers whose sum or difference is the target in every row."""
    numbers = [
        column for column in columns if column.kind is ColumnKind.NUMBER and column.distinct > 2
    ]
    if target.task != "regression" or not 2 <= len(numbers) <= _MOST_NUMBERS:
        return
    if len(rows) < _LEAST_ROWS:
        return
    x = np.column_stack([column.values.gather(rows).to_numpy() for column in numbers])
    total = y.to_numpy()
    scale = _EQUAL * max(np.abs(total).max(), 1.0)
    for one in range(len(numbers)):
        for sign, word in ((1, "sum"), (-1, "difference")):
            rest = sign * (total - x[:, one])
            near = np.flatnonzero((np.abs(x[:20] - rest[:20, None]) <= scale).all(axis=0))
            for other in near.tolist():
                is_new = other > one or sign < 0
                if is_new and other != one and (np.abs(x[:, other] - rest) <= scale).all():
                    named = (numbers[one].name, numbers[other].name)
                    what = f"have the target as their {word} in all {len(rows):,} rows looked at"
                    yield Leak(named, what)
