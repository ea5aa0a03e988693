"""Nadeau and Bengio's corrected interval: by formula, and by how often it covers the truth."""

import math

import numpy as np
import pytest
from scipy import stats

from regcli.results.statistics.estimate import Estimate
from regcli.results.statistics.resampled import (
    corrected_mean,
    error_over_folds,
    of_more_splits,
    shares_of_splits,
)
from regcli.results.statistics.two_way import two_way


def test_the_variance_by_formula() -> None:
    values = np.array([0.1, 0.3, 0.2, 0.5, 0.4])
    found = corrected_mean(values, 1 / 4)
    variance = values.var(ddof=1) * (1 / 5 + 1 / 4)
    assert found == Estimate(pytest.approx(0.3), pytest.approx(variance), 4)
    half = stats.t.ppf(0.975, 4) * math.sqrt(variance)
    assert found.interval() == pytest.approx((0.3 - half, 0.3 + half))


def test_one_split_tells_nothing_of_others() -> None:
    assert corrected_mean(np.array([0.2]), 0.25).interval() == (-math.inf, math.inf)


def test_more_splits_of_the_same_variance() -> None:
    values = np.array([0.1, 0.3, 0.2, 0.5, 0.4])
    found = of_more_splits(corrected_mean(values, 1 / 4), 1 / 4, 15)
    variance = values.var(ddof=1) * (1 / 15 + 1 / 4)
    assert found == Estimate(pytest.approx(0.3), pytest.approx(variance), 14)


def test_the_error_over_folds_is_glmnet_s() -> None:
    """The weighted deviation of folds of one size, over √(K − 1), as `cv.glmnet` computes it."""
    values = np.array([0.1, 0.3, 0.2, 0.5, 0.4])
    squares = (values - values.mean()) ** 2
    assert error_over_folds(values, 5) == pytest.approx(math.sqrt(squares.mean() / 4))
    twice = np.concatenate([values, values])
    assert error_over_folds(twice, 5) == pytest.approx(twice.std(ddof=1) / math.sqrt(5))
    assert math.isnan(error_over_folds(values[:1], 1))


def test_splits_without_any_variance_have_no_shares() -> None:
    found = shares_of_splits(np.zeros(3), [two_way(np.zeros((2, 4)))] * 3)
    assert all(map(math.isnan, (found.of_rows, found.of_seeds, found.of_splits)))


@pytest.mark.slow
def test_overlapping_training_rows_make_the_ordinary_interval_too_short() -> None:
    """The difference of two nearest-neighbour rules by 10 × 5 folds, around its mean over data."""
    folds, repeats, rows = 5, 10, 60
    rng = np.random.default_rng(5)
    runs = [_differences(rng, rows, folds, repeats) for _ in range(400)]
    truth = np.mean([run.mean() for run in runs])
    plain = corrected = 0
    for run in runs:
        naive = Estimate(float(run.mean()), float(run.var(ddof=1)) / len(run), len(run) - 1)
        plain += abs(naive.mean - truth) <= naive.half_width()
        wide = corrected_mean(run, 1 / (folds - 1))
        corrected += abs(wide.mean - truth) <= wide.half_width()
    assert plain / len(runs) < 0.85
    assert corrected / len(runs) > 0.93


def _differences(
    rng: np.random.Generator, rows: int, folds: int, repeats: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Error of the nearest neighbour minus that of the nearest mean, of each fold."""
    y = rng.integers(0, 2, rows)
    x = rng.normal(0, 1, (rows, 3)) + y[:, np.newaxis]
    found = []
    for _ in range(repeats):
        for test in np.array_split(rng.permutation(rows), folds):
            train = np.setdiff1d(np.arange(rows), test)
            squares = ((x[test, np.newaxis] - x[train]) ** 2).sum(axis=-1)
            nearest = y[train][squares.argmin(axis=1)]
            means = np.stack([x[train][y[train] == kind].mean(axis=0) for kind in (0, 1)])
            mean = ((x[test, np.newaxis] - means) ** 2).sum(axis=-1).argmin(axis=1)
            found.append((nearest != y[test]).mean() - (mean != y[test]).mean())
    return np.array(found)
