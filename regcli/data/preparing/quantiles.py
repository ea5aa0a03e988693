"""Ranks among the training rows: the scaling that is not affine."""

import numpy as np
from numpy.typing import NDArray

MOST_QUANTILES = 200
"""Quantiles that are kept of a column: its ranks are then right to half a percent."""


def quantiles_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of some values (rows,) at equal steps from the smallest to the largest."""
    count = min(MOST_QUANTILES, len(values))
    found = np.quantile(values, np.linspace(0, 1, count))
    # Interpolation can fall short of its neighbour by a rounding.
    return np.asarray(np.maximum.accumulate(found), np.float64)


def ranks(values: NDArray[np.float64], quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of training rows below each value (rows,), from 0 to 1, half of its equals with it.

    As scikit-learn's QuantileTransformer has it: values between two quantiles are interpolated, and
    those beyond the training rows have the rank of the nearest one.
    """
    if len(quantiles) < 2 or quantiles[0] == quantiles[-1]:
        return np.asarray((values > quantiles[0]).astype(np.float64))
    steps = np.linspace(0, 1, len(quantiles))
    # From both ends, because equal quantiles have many ranks, of which the middle is meant.
    from_below = np.interp(values, quantiles, steps)
    from_above = -np.interp(-values, -quantiles[::-1], -steps[::-1])
    found = 0.5 * (from_below + from_above)
    found[values <= quantiles[0]] = 0.0
    found[values >= quantiles[-1]] = 1.0
    return np.asarray(found)
