"""Losses and penalties of stacked outputs: tensors in, tensors out.

XLA vectorises along the last axis alone on a CPU, and turns a long sum into a chain of scalar
additions. Hence rows go last in the cross-entropy, and sums over weights go by halves.
"""

from typing import Any

import keras
import tensorflow as tf

from regcli.metrics.stacked_rows import below_largest
from regcli.nets.parts import wants_class_numbers
from regcli.nets.proximal import Axes, group_norms, group_value

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


def penalty(kernel: Any, l1: Any, l2: Any) -> tuple[Any, Any]:
    """l1·Σ|W| + l2·ΣW² of each member, (members, 1), and its gradient l1·sign(W) + 2·l2·W.

    Args:
        kernel: (members, n); l1, l2: (members, 1).
    """
    sign_part, square_part = l1 * tf.sign(kernel), l2 * kernel
    terms = kernel * (sign_part + square_part)
    return _sum_by_halves(terms), sign_part + 2.0 * square_part


def group_penalty(
    kernel: Any, strength: Any, shape: tuple[int, int, int], axes: Axes
) -> tuple[Any, Any]:
    """strength·Σ_g‖W_g‖ of each member, (members, 1), and its gradient strength·W/‖W_g‖.

    Args:
        kernel: (members, n); strength: (members, 1).
        shape: that n numbers stand in, beside whose axes the members' comes first.
        axes: those that a group's weights lie along.
    """
    w, column = tf.reshape(kernel, [-1, *shape]), tf.reshape(strength, [-1, 1, 1, 1])
    slope = tf.reshape(column * tf.math.divide_no_nan(w, group_norms(w, axes)), kernel.shape)
    return group_value(w, column, axes)[:, tf.newaxis], slope


def _sum_by_halves(terms: Any) -> Any:
    """Sum of non-negative terms, (members, n) → (members, 1), in steps of 32.

    The relu changes nothing and keeps XLA from joining the steps into one serial chain.
    """
    while terms.shape[1] > 32:
        terms = tf.pad(terms, [[0, 0], [0, -terms.shape[1] % 32]])
        terms = tf.nn.relu(tf.reduce_sum(tf.reshape(terms, [terms.shape[0], 32, -1]), axis=1))
    return tf.reduce_sum(terms, axis=1, keepdims=True)
