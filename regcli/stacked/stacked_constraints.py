"""Keras's constraints on stacked weights: those of each member by themselves."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def constrained_by_member(constraint: Any, shape: tuple[int, ...]) -> Callable[[Any], Any]:
    """A constraint for a stacked variable, (members, n), which Keras's optimizer calls.

    Args:
        constraint: Keras's, for one member's weights.
        shape: of one member's own weights.
    """

    def of_one(own: Any) -> Any:
        return tf.reshape(constraint(tf.reshape(own, shape)), own.shape)

    def of_all(variable: Any) -> Any:
        stacked = tf.convert_to_tensor(variable)
        return tf.vectorized_map(of_one, stacked, fallback_to_while_loop=False)

    return of_all
