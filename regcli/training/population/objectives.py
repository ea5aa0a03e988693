"""Losses and scores of stacked outputs: tensors in, tensors out.

XLA vectorises along the last axis alone on a CPU. Hence rows go last in the cross-entropy.
"""

from typing import Any

import keras
import tensorflow as tf

from regcli.config.task import Task
from regcli.nets.parts import wants_class_numbers

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
    z, own = _below_largest(scores, tf.cast(labels, tf.int32))
    return tf.math.log(tf.reduce_sum(tf.exp(z), axis=1)) - own[:, 0]


def _below_largest(scores: Any, label: Any) -> tuple[Any, Any]:
    """Scores less the row's largest, (members, classes, rows), and the label's, (members, 1, rows).

    Loss and accuracy start with the same numbers, so that XLA computes them once.
    """
    z = tf.transpose(scores, [0, 2, 1])
    z = z - tf.stop_gradient(tf.reduce_max(z, axis=1, keepdims=True))
    chosen = _classes(z) == label[:, tf.newaxis]
    return z, tf.reduce_sum(tf.where(chosen, z, 0.0), axis=1, keepdims=True)


def _classes(z: Any) -> Any:
    return tf.range(z.shape[1])[:, tf.newaxis]


def row_scores(task: Task, cut: float, outputs: Any, targets: Any) -> tuple[Any, Any]:
    """Two numbers a row that metrics are made from, (members, rows) each.

    For classes: 1 where the row is right, and 0. For regression: absolute and squared error.

    Args:
        cut: where a single output turns from class 0 to class 1.
    """
    if task == "regression":
        error = outputs[..., 0] - targets[..., 0]
        return tf.abs(error), tf.square(error)
    if outputs.shape[-1] == 1:
        right = (outputs[..., 0] > cut) == (targets[..., 0] > 0.5)
    else:
        one_hot = targets.shape[-1] > 1
        label = tf.argmax(targets, -1, tf.int32) if one_hot else tf.cast(targets[..., 0], tf.int32)
        right = _is_largest(outputs, label)
    right = tf.cast(right, tf.float32)
    return right, tf.zeros_like(right)


def _is_largest(outputs: Any, label: Any) -> Any:
    """Whether the label's output is the first largest; false where outputs are not finite."""
    z, own = _below_largest(outputs, label)
    is_before = _classes(z) < label[:, tf.newaxis]
    beaten = (z > own) | ((z == own) & is_before) | tf.math.is_nan(z)
    return tf.reduce_max(tf.cast(beaten, tf.float32), axis=1) == 0
