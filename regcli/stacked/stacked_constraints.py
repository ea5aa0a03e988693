"""Keras's constraints on stacked weights: applied to each member separately."""

from collections.abc import Callable

import tensorflow as tf

from regcli.stacked.tensors import Tensor


def constrained_by_member(
    constraint: Callable[[Tensor], Tensor], shape: tuple[int, ...]
) -> Callable[[Tensor], Tensor]:
    """A constraint for a stacked variable, (members, n), which Keras's optimizer calls.

    Args:
        constraint: Keras's, for one member's weights.
        shape: of one member's own weights.
    """

    def of_one(own: Tensor) -> Tensor:
        return tf.reshape(constraint(tf.reshape(own, shape)), own.shape)

    def of_all(variable: Tensor) -> Tensor:
        stacked = tf.convert_to_tensor(variable)
        return tf.vectorized_map(of_one, stacked, fallback_to_while_loop=False)

    return of_all
