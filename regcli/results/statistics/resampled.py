"""Means over resampled splits of the same rows: folds, repeated folds, random splits."""

import math

import numpy as np
from numpy.typing import NDArray

from regcli.results.statistics.estimate import Estimate


def corrected_mean(values: NDArray[np.float64], test_to_train: float) -> Estimate:
    """The mean of one value a split, whose training rows overlap.

    With J splits and s² the variance of the values: the variance of the mean is s²·(1/J + n₂/n₁),
    with J − 1 degrees of freedom. Seeds are averaged within a split before. One split tells
    nothing of others: its variance is NaN.

    Args:
        values: (splits,), such as differences of two settings.
        test_to_train: rows that are scored over rows that are trained on, of a split: n₂/n₁.

    Source: Nadeau, C. & Bengio, Y. (2003), Inference for the generalization error, Machine
    Learning 52.
    """
    count = len(values)
    mean = float(np.mean(values))
    if count < 2:
        return Estimate(mean, math.nan, 1)
    variance = float(np.var(values, ddof=1)) * (1 / count + test_to_train)
    return Estimate(mean, variance, count - 1)
