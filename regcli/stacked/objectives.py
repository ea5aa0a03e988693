"""Losses of stacked outputs: tensors in, tensors out.

On a CPU, XLA vectorizes only along the last axis. Hence rows come last in the cross-entropy.
"""

import keras
import tensorflow as tf

from regcli.metrics.stacked_rows import below_largest
from regcli.models.class_numbers import wants_class_numbers
from regcli.models.keras_private import leave_scores, scores_behind
from regcli.stacked.tensors import Tensor


def row_losses(loss: keras.losses.Loss, outputs: Tensor, targets: Tensor) -> Tensor:
    """The loss of every row, (members, rows).

    Args:
        outputs: (members, rows, outputs).
        targets: (members, rows, 1), or one-hot (members, rows, classes).
    """
    members, rows, width = outputs.shape
    if is_cross_entropy_of_scores(loss):
        return cross_entropy(outputs, targets[..., 0])
    flat = tf.reshape(outputs, [members * rows, width])
    if (scores := scores_behind(outputs)) is not None:
        leave_scores(flat, tf.reshape(scores, [members * rows, width]))
    compared = [] if wants_class_numbers(loss) else [targets.shape[-1]]
    by_row = loss.call(tf.reshape(targets, [members * rows, *compared]), flat)
    return tf.reshape(by_row, [members, rows])


def is_cross_entropy_of_scores(loss: keras.losses.Loss) -> bool:
    """Whether a loss is plain softmax cross-entropy of scores, which has a faster form here."""
    config = loss.get_config()
    plain = config.get("from_logits") is True and config.get("ignore_class") is None
    return type(loss) is keras.losses.SparseCategoricalCrossentropy and plain


def cross_entropy(scores: Tensor, labels: Tensor) -> Tensor:
    """Softmax cross-entropy; scores (members, rows, classes), labels (members, rows)."""
    z, own = below_largest(scores, tf.cast(labels, tf.int32))
    return tf.math.log(tf.reduce_sum(tf.exp(z), axis=1)) - own[:, 0]
