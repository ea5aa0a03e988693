"""Targets in the form that a loss compares with."""

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.data.dataset import Splits
from regcli.nets.parts import wants_one_hot


def loss_targets(
    y: NDArray[np.generic], splits: Splits, loss: keras.losses.Loss
) -> NDArray[np.float32]:
    """Targets (rows, 1), or one-hot (rows, classes) for losses that compare distributions."""
    classes = len(splits.table.classes)
    if wants_one_hot(loss) and classes > 1:
        return np.eye(classes, dtype=np.float32)[y.astype(np.int64)]
    return y.astype(np.float32).reshape(-1, 1)
