"""The rows that members are trained and scored on, of all their splits side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.stacked.tensors import Tensor


@dataclass(frozen=True)
class Rows:
    """Rows of one part in every split, each filled up to as many as the longest one has.

    What fills a split up is its last row again, so that nothing can be computed from it that could
    not be from the others; it counts for nothing.

    Attributes:
        inputs: (splits, rows, …).
        targets: as the loss compares them: (splits, rows, 1), or one-hot (splits, rows, classes).
        y: as the metrics compare them, (splits, rows).
        weights: what multiplies each row's loss, (splits, rows); None where nothing does.
        counts: how many rows each split has of its own, (splits,).
    """

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]
    y: NDArray[Any]
    weights: NDArray[np.float32] | None
    counts: NDArray[np.int32]

    def __len__(self) -> int:
        """How many rows the longest split has."""
        return int(self.inputs.shape[1])

    @property
    def splits(self) -> int:
        """How many splits there are."""
        return len(self.inputs)

    @property
    def is_even(self) -> bool:
        """Whether all splits have equally many rows."""
        return bool((self.counts == len(self)).all())

    def of(self, split: int) -> Self:
        """The rows of one split alone, still with a leading axis."""
        cut = slice(split, split + 1), slice(int(self.counts[split]))
        weights = None if self.weights is None else self.weights[cut]
        own = self.inputs[cut], self.targets[cut], self.y[cut]
        return type(self)(*own, weights, self.counts[cut[0]])

    def counted(self) -> NDArray[np.float32]:
        """1 for rows that are a split's own, 0 for those that fill it up, (splits, rows)."""
        return (np.arange(len(self)) < self.counts[:, np.newaxis]).astype(np.float32)


@dataclass(frozen=True)
class Blocks:
    """Rows in blocks of equal length, filled up with rows that count for nothing.

    Attributes:
        tensors: inputs and targets, (blocks, splits, width, …); what multiplies a row's loss, and
            1 for rows that count, (blocks, splits, width).
    """

    tensors: tuple[Tensor, Tensor, Tensor, Tensor]

    @property
    def count(self) -> int:
        """How many blocks there are."""
        return int(self.tensors[0].shape[0])


def in_blocks(rows: Rows, width: int, *, is_exact: bool = False) -> Blocks:
    """Rows in blocks of at most `width`, as tensors on the current device.

    Args:
        is_exact: whether few rows are filled up to that width too.
    """
    width = max(1, width if is_exact else min(width, len(rows)))
    count = -(-len(rows) // width)
    filling = count * width - len(rows)

    def cut(part: NDArray[Any]) -> Tensor:
        padded = np.pad(part, [(0, 0), (0, filling), *[(0, 0)] * (part.ndim - 2)])
        blocks = padded.reshape(rows.splits, count, width, *part.shape[2:])
        return tf.constant(np.moveaxis(blocks, 1, 0))

    counted = rows.counted()
    weights = counted if rows.weights is None else rows.weights * counted
    return Blocks((cut(rows.inputs), cut(rows.targets), cut(weights), cut(counted)))


def side_by_side(parts: Sequence[Rows]) -> Rows:
    """The same part of several splits, each (1, rows, …), as one, (splits, rows, …)."""
    if len(parts) == 1:
        return parts[0]
    longest = max(map(len, parts))

    def joined(given: Sequence[NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate([_filled_up(part, longest) for part in given])

    weights = [part.weights for part in parts if part.weights is not None]
    return Rows(
        joined([part.inputs for part in parts]),
        joined([part.targets for part in parts]),
        joined([part.y for part in parts]),
        joined(weights) if weights else None,
        np.concatenate([part.counts for part in parts]),
    )


def _filled_up(part: NDArray[Any], rows: int) -> NDArray[Any]:
    """(1, …) with so many rows: the last one again and again."""
    filling = rows - part.shape[1]
    last = part[:, -1:].repeat(filling, axis=1)
    return np.concatenate([part, last], axis=1) if filling else part
