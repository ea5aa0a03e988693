"""Whether a loss is a mean over rows, each by itself: tried on a few made rows."""

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.training.loss_targets import targets_for

_ROWS = 5
_RELATIVE, _ABSOLUTE = 1e-4, 1e-6

Array = NDArray[np.float32]


def why_not_by_row(loss: keras.losses.Loss, classes: int, outputs: int) -> str | None:
    """What keeps a loss from having a value for each row, as the end of a sentence; else None.

    Values and slopes of a row have to be the same with other rows beside it as without. The made
    outputs lie between 0 and 1, and the made targets above 0, so that every loss takes them.

    Args:
        classes: of the target, as many as its numbers name; 0 for a quantity.
        outputs: units of the output layer.
    """
    numbers = np.random.default_rng(0)
    y = np.arange(_ROWS) % classes if classes else numbers.uniform(0.1, 0.9, _ROWS)
    targets = targets_for(loss, y, classes, outputs)
    made = numbers.uniform(0.1, 0.9, (_ROWS, outputs)).astype(np.float32)
    values, slopes = _values_and_slopes(loss, targets, made)
    if values.shape != (_ROWS,):
        return "is not a mean over rows"
    for row in range(_ROWS):
        only = slice(row, row + 1)
        value, slope = _values_and_slopes(loss, targets[only], made[only])
        if (
            value.shape != (1,)
            or not np.allclose(value, values[only], _RELATIVE, _ABSOLUTE)
            or not np.allclose(slope, slopes[only], _RELATIVE, _ABSOLUTE)
        ):
            return "compares rows with each other"
    return None


def _values_and_slopes(
    loss: keras.losses.Loss, targets: Array, outputs: Array
) -> tuple[Array, Array]:
    """What a loss gives for rows, and the gradient of its sum by the outputs."""
    given = tf.constant(outputs)
    with tf.GradientTape() as tape:
        tape.watch(given)
        values = loss.call(tf.constant(targets), given)
    return np.asarray(values), np.asarray(tape.gradient(values, given))
