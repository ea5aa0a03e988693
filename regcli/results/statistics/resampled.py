"""Means over resampled splits of the same rows: folds, repeated folds, random splits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regcli.results.statistics.estimate import Estimate
from regcli.results.statistics.two_way import TwoWay

Floats = NDArray[np.float64]


def corrected_mean(values: Floats, test_to_train: float) -> Estimate:
    """The mean of one value a split, whose training rows overlap.

    With J splits and s² the variance of the values: the variance of the mean is s²·(1/J + n₂/n₁),
    with J − 1 degrees of freedom. Seeds are averaged within a split before. One split tells
    nothing of others: its variance is NaN.

    Args:
        values: (splits,), such as differences of two settings.
        test_to_train: rows that are scored over rows that are trained on, n₂/n₁: of a split, or
            the mean over splits where they differ. The formula is for splits of one size. Folds
            that go forward in time are far from that: their mean ratio is ruled by the first fold,
            which is trained on the fewest rows, and so the interval is rather too wide.

    Source: Nadeau, C. & Bengio, Y. (2003), Inference for the generalization error, Machine
    Learning 52.
    """
    count = len(values)
    mean = float(np.mean(values))
    if count < 2:
        return Estimate(mean, math.nan, 1)
    variance = float(np.var(values, ddof=1)) * (1 / count + test_to_train)
    return Estimate(mean, variance, count - 1)


def of_more_splits(estimate: Estimate, test_to_train: float, splits: int) -> Estimate:
    """What `corrected_mean` would find of more splits with the same mean and the same variance."""
    count = estimate.degrees + 1
    narrower = (1 / splits + test_to_train) / (1 / count + test_to_train)
    return Estimate(estimate.mean, estimate.variance * narrower, splits - 1)


def error_over_folds(values: Floats, folds: int) -> float:
    """The standard error of a mean over folds that the one-standard-error choice takes.

    The standard deviation of the folds' values over √folds, as `cv.glmnet` has it: without the
    correction for training rows that folds share, which would widen what counts as near the best.
    Repeats make the deviation more certain, and the error no smaller: they score the same rows
    again.

    Args:
        values: (splits,), the mean loss of each fold, of all repeats.
        folds: of one repeat.

    Source: Friedman, J., Hastie, T. & Tibshirani, R. (2010), Regularization paths for generalized
    linear models via coordinate descent, J. Statistical Software 33.
    """
    return float(np.std(values, ddof=1)) / math.sqrt(folds) if len(values) > 1 else math.nan


@dataclass(frozen=True)
class Shares:
    """What makes values of splits differ, as shares of their variance; NaN where not known.

    Attributes:
        of_rows: other rows to score on.
        of_seeds: other seeds.
        of_splits: other rows to train on.
    """

    of_rows: float
    of_seeds: float
    of_splits: float


def shares_of_splits(values: Floats, within: Sequence[TwoWay]) -> Shares:
    """What the variance of splits' means is made of, by the method of moments.

    A split's mean is its own effect (other training rows), plus the mean of its rows' effects, of
    its seeds' and of what is left. So the variance of the means over splits, s², estimates
    V_split + V_row + V_seed + V_res, of which each split's own values give the last three
    (`two_way`), averaged over splits; V_split is what they leave of s², and 0 where they leave
    nothing. V_res counts in the total and for nobody. With one seed its part is in the others.

    Args:
        values: (splits,), the means.
        within: of each split.

    Source: nested analysis of variance: Searle, S. R., Casella, G. & McCulloch, C. E. (1992),
    Variance Components, chapter 4.
    """
    rows = float(np.mean([each.of_rows for each in within]))
    seeds = float(np.mean([each.of_seeds for each in within]))
    both = float(np.mean([each.of_both for each in within]))
    known = rows + both + (0.0 if math.isnan(seeds) else seeds)
    total = max(float(np.var(values, ddof=1)), known)
    if not total:
        return Shares(math.nan, math.nan, math.nan)
    return Shares(rows / total, seeds / total, (total - known) / total)
