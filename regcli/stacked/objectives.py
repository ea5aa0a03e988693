"""Losses of stacked outputs: tensors in, tensors out.

XLA vectorises along the last axis alone on a CPU. Hence rows go last in the cross-entropy.
"""

from typing import Any

import keras
import tensorflow as tf

from regcli.metrics.stacked_rows import below_largest
from regcli.models.class_numbers import wants_class_numbers

SCORES = "_keras_logits"
"""Where Keras's sigmoid and softmax leave the scores that they were given.

Its cross-entropies take those, which have a gradient where a probability has rounded to 0 or 1.
"""


def row_losses(loss: keras.losses.Loss, outputs: Any, targets: Any) -> Any:
    """The loss of every row, (members, rows).

    Args:
        outputs: (members, rows, outputs).
        targets: (members, rows, 1), or one-hot (members, rows, classes).
    """
    members, rows, width = outputs.shape
    if is_cross_entropy_of_scores(loss):
        return cross_entropy(outputs, targets[..., 0])
    flat = tf.reshape(outputs, [members * rows, width])
    if hasattr(outputs, SCORES):
        setattr(flat, SCORES, tf.reshape(getattr(outputs, SCORES), [members * rows, width]))
    compared = [] if wants_class_numbers(loss) else [targets.shape[-1]]
    by_row = loss.call(tf.reshape(targets, [members * rows, *compared]), flat)
    return tf.reshape(by_row, [members, rows])


def is_cross_entropy_of_scores(loss: keras.losses.Loss) -> bool:
    """Whether a loss is plain softmax cross-entropy of scores, which has a faster form here."""
    config = loss.get_config()
    plain = config.get("from_logits") is True and config.get("ignore_class") is None
    return type(loss) is keras.losses.SparseCategoricalCrossentropy and plain


def cross_entropy(scores: Any, labels: Any) -> Any:
    """Softmax cross-entropy; scores (members, rows, classes), labels (members, rows)."""
    z, own = below_largest(scores, tf.cast(labels, tf.int32))
    return tf.math.log(tf.reduce_sum(tf.exp(z), axis=1)) - own[:, 0]
