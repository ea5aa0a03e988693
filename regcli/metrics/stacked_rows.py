"""Stacked scores of classes in TensorFlow: which is largest, and whether it is the right one.

On a CPU, XLA vectorizes only along the last axis. Hence rows come last.
"""

from typing import Any

import tensorflow as tf


def below_largest(scores: Any, label: Any) -> tuple[Any, Any]:
    """Scores less the row's largest, (members, classes, rows), and the label's, (members, 1, rows).

    Loss and accuracy start with the same numbers, so that XLA computes them once.

    Args:
        scores: (members, rows, classes).
        label: class numbers, (members, rows), int32.
    """
    z = tf.transpose(scores, [0, 2, 1])
    z = z - tf.stop_gradient(tf.reduce_max(z, axis=1, keepdims=True))
    chosen = _classes(z) == label[:, tf.newaxis]
    return z, tf.reduce_sum(tf.where(chosen, z, 0.0), axis=1, keepdims=True)


def _classes(z: Any) -> Any:
    return tf.range(z.shape[1])[:, tf.newaxis]


def is_right(threshold: float, outputs: Any, targets: Any) -> Any:
    """1 where the class of a row is predicted, else 0; (members, rows).

    Args:
        threshold: where a single output turns from class 0 to class 1.
        outputs: (members, rows, outputs).
        targets: (members, rows, 1), or one-hot (members, rows, classes).
    """
    if outputs.shape[-1] == 1:
        right = (outputs[..., 0] > threshold) == (targets[..., 0] > 0.5)
    else:
        one_hot = targets.shape[-1] > 1
        label = tf.argmax(targets, -1, tf.int32) if one_hot else tf.cast(targets[..., 0], tf.int32)
        right = _is_largest(outputs, label)
    return tf.cast(right, tf.float32)


def _is_largest(outputs: Any, label: Any) -> Any:
    """Whether the label's output is the first largest; false where outputs are not finite."""
    z, own = below_largest(outputs, label)
    is_before = _classes(z) < label[:, tf.newaxis]
    beaten = (z > own) | ((z == own) & is_before) | tf.math.is_nan(z)
    return tf.reduce_max(tf.cast(beaten, tf.float32), axis=1) == 0
