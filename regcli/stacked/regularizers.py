"""What regularizers other than the kernels' l1 and l2 add to the loss, member by member.

Those of weights are Keras's own, called on each member's weights. An activity regularizer is a sum
over a batch that Keras divides by the batch's size: a mean over rows.
"""

from collections.abc import Mapping

import keras
import tensorflow as tf

from regcli.stacked.tensors import Tensor

ACTIVITY = (keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2)
"""Activity regularizers that are a sum over rows, so that a row has a share of its own."""


def other_regularizers(model: keras.Model) -> Mapping[int, keras.regularizers.Regularizer]:
    """The regularizers that the layers name, by position among the trainable variables.

    Args:
        model: the template, which has none for the strengths: those are inputs of the program.
    """
    return {
        position: variable.regularizer
        for position, variable in enumerate(model.trainable_variables)
        if variable.regularizer is not None
    }


def value_and_slope(
    regularizer: keras.regularizers.Regularizer, weights: Tensor, shape: tuple[int, ...]
) -> tuple[Tensor, Tensor]:
    """A regularizer's value for each member, (members, 1), and its gradient, (members, n).

    Args:
        weights: (members, n).
        shape: of one member's own weights.
    """

    def of_one(own: Tensor) -> tuple[Tensor, Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(own)
            value = regularizer(tf.reshape(own, shape))
        return value, tape.gradient(value, own, unconnected_gradients="zero")

    values, slopes = tf.vectorized_map(of_one, weights, fallback_to_while_loop=False)
    return values[:, tf.newaxis], slopes


def activity(regularizer: keras.regularizers.Regularizer, y: Tensor) -> Tensor:
    """l1·Σ|y| + l2·Σy² of every row, (members, rows); y (members, rows, …)."""
    axes = list(range(2, len(y.shape)))
    l1, l2 = (float(getattr(regularizer, name, 0.0)) for name in ("l1", "l2"))
    absolute = l1 * tf.reduce_sum(tf.abs(y), axes) if l1 else 0.0
    square = l2 * tf.reduce_sum(tf.square(y), axes) if l2 else 0.0
    return tf.zeros(y.shape[:2]) + absolute + square
