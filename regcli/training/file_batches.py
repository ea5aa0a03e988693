"""Batches of rows that stay in a file, for Keras's `fit`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.data.dataset import Part, Splits
from regcli.training.loss_targets import loss_targets

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class FileBatches:
    """What `fit` takes of a part: inputs and targets, and the rows' weights where they have any.

    Attributes:
        weights: what multiplies each row's loss, (rows,), or None.
        outputs: units of the output layer.
    """

    part: Part
    splits: Splits
    loss: keras.losses.Loss
    outputs: int
    weights: NDArray[np.float32] | None

    def of(self, batches: Callable[[], Iterator[Numbers]], count: int) -> tf.data.Dataset:
        """The batches of some row numbers, in that order.

        Args:
            batches: gives the numbers of each batch's rows anew at every call.
            count: how many batches these are; without it Keras warns at the last one.
        """
        example = self._read(np.zeros(1, np.int64))
        signature = tuple(tf.TensorSpec((None, *each.shape[1:]), each.dtype) for each in example)
        read = tf.data.Dataset.from_generator(
            lambda: map(self._read, batches()), output_signature=signature
        )
        return read.apply(tf.data.experimental.assert_cardinality(count)).prefetch(2)

    def in_file_order(self, size: int) -> tf.data.Dataset:
        """All rows once, `size` of them at a time."""
        count = len(self.part)
        starts = range(0, count, size)
        return self.of(
            lambda: (np.arange(begin, min(begin + size, count)) for begin in starts), len(starts)
        )

    def _read(self, rows: Numbers) -> tuple[NDArray[Any], ...]:
        targets = loss_targets(self.part.y[rows], self.splits, self.loss, self.outputs)
        given = (self.part.x[rows], targets)
        return given if self.weights is None else (*given, self.weights[rows])
