"""The rows that members are trained and scored on, of all their splits side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray


@dataclass(frozen=True)
class Rows:
    """Rows of one part in every split; the splits have equally many.

    Attributes:
        inputs: (splits, rows, …).
        targets: as the loss compares them: (splits, rows, 1), or one-hot (splits, rows, classes).
        y: as the metrics compare them, (splits, rows).
        weights: what multiplies each row's loss, (splits, rows); None where nothing does.
    """

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]
    y: NDArray[Any]
    weights: NDArray[np.float32] | None

    def __len__(self) -> int:
        return int(self.inputs.shape[1])

    @property
    def splits(self) -> int:
        """How many splits there are."""
        return len(self.inputs)

    def of(self, split: int) -> Self:
        """The rows of one split, still with a leading axis."""
        cut = slice(split, split + 1)
        weights = None if self.weights is None else self.weights[cut]
        return type(self)(self.inputs[cut], self.targets[cut], self.y[cut], weights)


@dataclass(frozen=True)
class Blocks:
    """Rows in blocks of equal length, of which only the last has rows that fill it up.

    Attributes:
        tensors: inputs and targets, (blocks, splits, width, …); what multiplies a row's loss, and
            1 for rows that count, (blocks, splits, width).
    """

    tensors: tuple[Any, Any, Any, Any]

    @property
    def count(self) -> int:
        """How many blocks there are."""
        return int(self.tensors[0].shape[0])


def in_blocks(rows: Rows, width: int) -> Blocks:
    """Rows in blocks of at most `width`, as tensors on the current device."""
    width = max(1, min(width, len(rows)))
    count = -(-len(rows) // width)
    filling = count * width - len(rows)

    def cut(part: NDArray[Any]) -> Any:
        padded = np.pad(part, [(0, 0), (0, filling), *[(0, 0)] * (part.ndim - 2)])
        blocks = padded.reshape(rows.splits, count, width, *part.shape[2:])
        return tf.constant(np.moveaxis(blocks, 1, 0))

    counted = np.ones(rows.inputs.shape[:2], np.float32)
    weights = counted if rows.weights is None else rows.weights
    return Blocks((cut(rows.inputs), cut(rows.targets), cut(weights), cut(counted)))


def side_by_side(parts: Sequence[Rows]) -> Rows:
    """The same part of several splits, each (1, rows, …), as one, (splits, rows, …)."""
    if len(parts) == 1:
        return parts[0]
    weights = [part.weights for part in parts if part.weights is not None]
    return Rows(
        np.concatenate([part.inputs for part in parts]),
        np.concatenate([part.targets for part in parts]),
        np.concatenate([part.y for part in parts]),
        np.concatenate(weights) if weights else None,
    )
