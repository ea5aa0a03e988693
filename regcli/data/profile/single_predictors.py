"""How well one column by itself predicts the target, on rows that it was not fitted on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regcli.metrics.ranks import rank_areas

_Floats = NDArray[np.float64]
_Predictor = Callable[[_Floats, _Floats, _Floats], _Floats]
_BINS = 200
_LEAST_IN_BIN = 3
_UNRELATED = 0.5
_LEAST_ROWS = 30
"""Too few rows, halved, tell nothing."""


@dataclass(frozen=True)
class Outcomes:
    """The target as it is predicted by one column.

    Attributes:
        values: (rows, 1) for regression; for classification 1 where a row is of a class, (rows,
            classes), or (rows, 1) of two classes.
        is_regression: whether the score is R²; else it is the area under the ROC curve.
        halves: two lists of rows, each of which is predicted from the other.
    """

    values: _Floats
    is_regression: bool
    halves: tuple[NDArray[np.int64], NDArray[np.int64]]

    @property
    def is_enough(self) -> bool:
        """Whether there are rows enough to tell."""
        return len(self.values) >= _LEAST_ROWS

    @property
    def score_name(self) -> str:
        """What the score is called."""
        return "R²" if self.is_regression else "AUC"


def halved(values: _Floats, is_regression: bool) -> Outcomes:
    """A target whose rows are dealt to two halves at random."""
    order = np.random.default_rng(0).permutation(len(values))
    return Outcomes(values, is_regression, (order[::2], order[1::2]))


def may_predict(columns: _Floats, outcomes: Outcomes) -> NDArray[np.bool_]:
    """Which columns of numbers are worth `score_of`: (columns,) of numbers (rows, columns).

    In the order of a column that predicts the target, the target's steps from row to row are small:
    the ratio of their mean square to twice the variance (J. von Neumann, 1941) is near 0, and near
    1 for a column that has nothing to do with it. This costs a hundredth of a score.
    """
    y = outcomes.values
    variance = y.var(axis=0)
    found = np.zeros(columns.shape[1], bool)
    for number, column in enumerate(columns.T):
        steps = np.diff(y[np.argsort(column, kind="stable")], axis=0)
        ratios = (steps**2).mean(axis=0) / np.where(variance > 0, 2 * variance, np.inf)
        found[number] = ratios.mean() < _UNRELATED
    return found


def score_of(column: _Floats, is_number: bool, outcomes: Outcomes) -> float:
    """R² or the mean AUC over classes of predictions from one column, on held-out rows.

    From a number the target's means in up to 200 bins are predicted, with lines between them, or
    one straight line where that is better; from a category its means. NaN cells are a category of
    their own.

    Args:
        column: (rows,) numbers, or numbers of categories.
    """
    if outcomes.is_regression:
        ways = (_by_lines, _by_one_line) if is_number else (_by_means,)
        return max(_explained(_predicted(way, column, outcomes), outcomes) for way in ways)
    predicted = _predicted(_by_lines if is_number else _by_means, column, outcomes)
    # Each half is ranked by itself: the two have predictors of their own.
    areas = [
        rank_areas(np.ascontiguousarray(predicted[rows].T)[None], outcomes.values[rows].T > 0).roc
        for rows in outcomes.halves
    ]
    found = np.concatenate([area.ravel() for area in areas])
    return float(found[~np.isnan(found)].mean()) if (~np.isnan(found)).any() else 0.5


def _predicted(way: _Predictor, column: _Floats, outcomes: Outcomes) -> _Floats:
    """Each half of the rows as predicted from the other."""
    predicted = np.empty_like(outcomes.values)
    one, other = outcomes.halves
    for fitted, held_out in ((one, other), (other, one)):
        at = column[held_out]
        predicted[held_out] = _with_gaps(way, column[fitted], outcomes.values[fitted], at)
    return predicted


def _explained(predicted: _Floats, outcomes: Outcomes) -> float:
    """R² of predictions."""
    errors = ((outcomes.values - predicted) ** 2).sum()
    return 1.0 - float(errors / (outcomes.values.var() * outcomes.values.size))


def _with_gaps(predict: _Predictor, x: _Floats, y: _Floats, at: _Floats) -> _Floats:
    known, asked = ~np.isnan(x), ~np.isnan(at)
    found = np.tile(y.mean(axis=0), (len(at), 1))
    if known.any():
        found[asked] = predict(x[known], y[known], at[asked])
    if not known.all():
        found[~asked] = y[~known].mean(axis=0)
    return found


def _by_lines(x: _Floats, y: _Floats, at: _Floats) -> _Floats:
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    bins = min(_BINS, max(len(x) // _LEAST_IN_BIN, 1))
    starts = np.unique(np.searchsorted(x, x[np.arange(bins) * len(x) // bins]))
    sizes = np.diff([*starts, len(x)])
    centers = np.add.reduceat(x, starts) / sizes
    means = np.add.reduceat(y, starts, axis=0) / sizes[:, None]
    return np.column_stack([np.interp(at, centers, mean) for mean in means.T])


def _by_one_line(x: _Floats, y: _Floats, at: _Floats) -> _Floats:
    """Least squares, which few rows suffice for, and which reaches beyond them."""
    deviations = x - x.mean()
    square = float(deviations @ deviations)
    slope = deviations @ y / square if square > 0 else np.zeros(y.shape[1])
    found: _Floats = y.mean(axis=0) + np.outer(at - x.mean(), slope)
    return found


def _by_means(x: _Floats, y: _Floats, at: _Floats) -> _Floats:
    groups, numbers = np.unique(x, return_inverse=True)
    sums = np.zeros((len(groups), y.shape[1]))
    np.add.at(sums, numbers, y)
    means = sums / np.bincount(numbers)[:, None]
    place = np.minimum(np.searchsorted(groups, at), len(groups) - 1)
    is_known = groups[place] == at
    return np.where(is_known[:, None], means[place], y.mean(axis=0))
