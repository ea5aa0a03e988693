"""The order in which rows are used: a pure function of seed and epoch, for every executor.

Rows of up to 2^26 numbers are shuffled as a whole. Of more rows blocks that follow each other are
shuffled, and then the rows of a few blocks together, so that those that are used soon after each
other lie in a few places of a file. Which it is follows from the rows, not from memory.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_STREAM = 3
"""Tells these draws apart from those of the split, the noise columns and the synthetic data."""
WINDOW_NUMBERS = 2**26
"""Inputs of the rows that are shuffled together."""
_BLOCKS_OF_A_WINDOW = 16


def batch_order(seed: int, epoch: int, rows: int, width: int = 1) -> NDArray[np.int64]:
    """The permutation of row numbers, (rows,), that an epoch (from 0) takes its batches from.

    Every epoch has a generator of its own: an order does not depend on where training began.

    Args:
        width: numbers of a row's inputs.
    """
    windows = list(order_in_windows(seed, epoch, rows, width))
    return windows[0] if len(windows) == 1 else np.concatenate(windows)


def order_in_windows(
    seed: int, epoch: int, rows: int, width: int = 1
) -> Iterator[NDArray[np.int64]]:
    """As `batch_order`, piece by piece: the numbers of the rows that are shuffled together."""
    draws = np.random.default_rng((seed, epoch, _STREAM))
    if not is_in_windows(rows, width):
        yield draws.permutation(rows)
        return
    block = _rows_of_a_block(width)
    blocks = draws.permutation(-(-rows // block))
    for begin in range(0, len(blocks), _BLOCKS_OF_A_WINDOW):
        own = np.sort(blocks[begin : begin + _BLOCKS_OF_A_WINDOW])
        numbers = (own[:, np.newaxis] * block + np.arange(block)).ravel()
        yield draws.permutation(numbers[numbers < rows])


def is_in_windows(rows: int, width: int) -> bool:
    """Whether rows are too many to be shuffled as a whole."""
    return rows > _BLOCKS_OF_A_WINDOW * _rows_of_a_block(width)


def _rows_of_a_block(width: int) -> int:
    return max(WINDOW_NUMBERS // (max(width, 1) * _BLOCKS_OF_A_WINDOW), 1)


def order_in_pieces(
    seed: int, epoch: int, rows: int, width: int, size: int
) -> Iterator[NDArray[np.int64]]:
    """As `batch_order`, in pieces of `size` rows, of which the last one may be smaller."""
    left = np.empty(0, np.int64)
    for window in order_in_windows(seed, epoch, rows, width):
        numbers = np.concatenate([left, window]) if len(left) else window
        whole = len(numbers) - len(numbers) % size
        for begin in range(0, whole, size):
            yield numbers[begin : begin + size]
        left = numbers[whole:]
    if len(left):
        yield left
