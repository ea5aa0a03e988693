"""Targets in the form that a loss compares with."""

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.data.dataset import Splits
from regcli.nets.parts import wants_class_numbers


def loss_targets(
    y: NDArray[np.generic], splits: Splits, loss: keras.losses.Loss, outputs: int
) -> NDArray[np.float32]:
    """Targets (rows, 1) for one output; one-hot (rows, classes) for an output for each class.

    Losses that compare those with class numbers get them as (rows,).
    """
    classes = len(splits.table.classes)
    if wants_class_numbers(loss):
        return y.astype(np.float32)
    if outputs > 1:
        return np.eye(classes, dtype=np.float32)[y.astype(np.int64)]
    return y.astype(np.float32).reshape(-1, 1)
