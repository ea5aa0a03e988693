"""What a run did with each row: its loss there, and every metric that is a mean over rows."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

RowValues = Mapping[str, NDArray[np.float32]]
"""By `data_loss` or the metric's key: one value for each row of a part, in the part's order."""

RunRows = Mapping[str, RowValues]
"""The values of a run's rows by part: validation and test."""

SCORED_PARTS = ("validation", "test")
"""Parts whose rows are kept: those that settings are compared on."""

RowsOf = Callable[[str], RunRows | None]
"""Gives the rows of a run by its id; None where they were not stored."""

MOST_ROWS = 100_000
"""Rows of a part up to which each has its value; of more, blocks have theirs."""
BLOCKS = 2_000


def kept_rows(by_row: Mapping[str, NDArray[np.floating]]) -> RowValues:
    """The values of a part's rows, (rows,) or (members, rows) each, as they are kept."""
    return {
        key: in_blocks(values, BLOCKS if values.shape[-1] > MOST_ROWS else MOST_ROWS)
        for key, values in by_row.items()
    }


def in_blocks(values: NDArray[np.floating], blocks: int = BLOCKS) -> NDArray[np.float32]:
    """Means of blocks of rows that follow each other; fewer rows stay as they are.

    Blocks are alike in size up to one row, so that their means count alike.

    Args:
        values: (rows,) or (members, rows).

    Returns:
        (blocks,), or (rows,) where that is less; of each member.
    """
    count = values.shape[-1]
    if count <= blocks:
        return values.astype(np.float32)
    starts = block_starts(count, blocks)
    sums = np.add.reduceat(values.astype(np.float64), starts, axis=-1)
    return (sums / np.diff(starts, append=count)).astype(np.float32)


def block_starts(count: int, blocks: int) -> NDArray[np.int64]:
    """The first row of each block of some rows, (blocks,)."""
    return np.linspace(0, count, min(blocks, count) + 1).astype(np.int64)[:-1]
