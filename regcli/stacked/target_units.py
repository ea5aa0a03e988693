"""The way back from what members are trained on to the target's own unit, in which metrics are."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.stacked.tensors import Tensor


@dataclass(frozen=True)
class TargetUnits:
    """z ↦ width·z + center, and its exponential where a logarithm was taken.

    Attributes:
        log: whether it was, of all splits.
        center, width: of each split, (splits,).
    """

    log: bool
    center: NDArray[np.float32]
    width: NDArray[np.float32]

    def restored(self, values: Tensor, splits: Tensor) -> Tensor:
        """Outputs or targets (members, rows, 1) in the target's own unit.

        Args:
            splits: which split each member has, (members,).
        """
        center, width = (
            tf.gather(tf.constant(numbers), splits)[:, tf.newaxis, tf.newaxis]
            for numbers in (self.center, self.width)
        )
        restored = values * width + center
        return tf.exp(restored) if self.log else restored
