"""How an epoch's rows are cut into batches, also where members have unequally many rows."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from regcli.stacked.rows import Rows
from regcli.stacked.tensors import Tensor


class EpochBatches:
    """Batches of one width, as many as the longest split needs.

    A member's last batch has what is left of its own rows, as in Keras's `fit`, and is filled up
    with rows that count for nothing: one step serves all batches. In the steps after it, which only
    others need, none of its rows count.

    Attributes:
        width: rows of a batch, filling included.
        steps: batches of an epoch.
        has_idle_steps: whether some members have no rows left in some of the steps.
    """

    def __init__(self, rows: Rows, batch_size: int) -> None:
        self.rows = rows
        self.width = min(batch_size, len(rows))
        self.steps = -(-len(rows) // self.width)
        self.has_idle_steps = bool((-(-rows.counts // self.width) < self.steps).any())

    def cut(self, order: Tensor) -> Tensor:
        """Row numbers in the order they are seen, (rows, members), as (steps, members, width)."""
        filling = self.steps * self.width - len(self.rows)
        padded = tf.pad(order, [[0, filling], [0, 0]])
        batches = tf.reshape(padded, [self.steps, self.width, order.shape[1]])
        return tf.transpose(batches, [0, 2, 1])

    def counting(self, splits: Tensor) -> Callable[[Tensor], Tensor]:
        """From the number of a step to 1 for rows that count and 0 for filling.

        They are (width,) where all members have equally many rows, else (members, width).

        Args:
            splits: the split of each member, (members,).
        """
        if self.rows.is_even:
            places = np.arange(self.steps * self.width) < len(self.rows)
            same = tf.constant(places.astype(np.float32).reshape(self.steps, self.width))
            return lambda step: same[step]
        counts = tf.gather(tf.constant(self.rows.counts), splits)[:, tf.newaxis]
        places = tf.range(self.width)
        return lambda step: tf.cast(step * self.width + places < counts, tf.float32)

    def shares(self, counted: Tensor) -> Tensor:
        """Each row's share of its batch's mean, shaped as `counted`.

        A member without rows in this step gets shares of the filling: it is put back after the
        step, which must only stay finite.
        """
        total = tf.reduce_sum(counted, -1, keepdims=True)
        if not self.has_idle_steps:
            return counted / total
        return tf.where(total > 0, counted / total, 1 / self.width)
