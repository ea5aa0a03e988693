"""The order in which rows are used: a pure function of seed and epoch, for every executor."""

import numpy as np
from numpy.typing import NDArray

_STREAM = 3
"""Tells these draws apart from those of the split, the noise columns and the synthetic data."""


def batch_order(seed: int, epoch: int, rows: int) -> NDArray[np.int64]:
    """The permutation of row numbers, (rows,), that an epoch (from 0) takes its batches from.

    Every epoch has a generator of its own: an order does not depend on where training began.
    """
    return np.random.default_rng((seed, epoch, _STREAM)).permutation(rows)
