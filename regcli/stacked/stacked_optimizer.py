"""One Keras optimizer over stacked weights, (members, n), as one optimizer a member.

Elementwise updates need nothing more. What Keras keeps as one number for the whole model becomes a
column (members, 1): the step counter, the learning rate and other scalars, the norms of clipping.
Keras has no public door for these, hence the private names; the tests hold them to `fit`'s numbers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from regcli.stacked.optimizer import MemberOptimizer


class StackedOptimizer(MemberOptimizer):
    """All members side by side."""

    def __init__(
        self,
        optimizer: keras.optimizers.Optimizer,
        weights: Sequence[keras.Variable],
        scalars: Mapping[str, Any],
    ) -> None:
        """Build an optimizer over stacked weights.

        Args:
            optimizer: not built; it is changed in place.
            scalars: (members, 1) variables by the name of the argument that they stand for.
        """
        _stack(optimizer, list(weights), scalars)
        columns = [v for v in optimizer.variables if len(v.shape) == 2]
        slots = [*columns, *_counters(optimizer)]
        super().__init__(optimizer, weights, slots, slots)

    @property
    def steps(self) -> Any:
        """How many steps each member has taken, (members,)."""
        return self.optimizer._iterations.value[:, 0]

    def apply(self, gradients: Sequence[Any]) -> None:
        """Take one step of every member; gradients (members, n)."""
        self.optimizer.apply(gradients, self.weights)


def _stack(
    optimizer: keras.optimizers.Optimizer,
    variables: list[keras.Variable],
    scalars: Mapping[str, Any],
) -> None:
    """Build an optimizer over stacked variables, with columns for what Keras has one number of."""
    members = variables[0].shape[0]
    optimizer.build(variables)
    optimizer._iterations = keras.Variable(
        np.zeros((members, 1), "int32"), trainable=False, dtype="int32"
    )
    if isinstance(optimizer, keras.optimizers.Nadam):
        optimizer._u_product = keras.Variable(np.ones((members, 1), "float32"), trainable=False)
    optimizer._learning_rate = _rates(optimizer, scalars.get("learning_rate"))
    for name, column in scalars.items():
        if name != "learning_rate":
            setattr(optimizer, name, column)
    optimizer._clip_gradients = lambda gradients: clip_by_member(optimizer, gradients)


def _rates(optimizer: keras.optimizers.Optimizer, column: Any) -> Any:
    """The learning rate as Keras asks for it: a number, or a function that gives a column."""
    schedule = optimizer._learning_rate
    if column is not None:
        return lambda: column
    if not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        return schedule

    def by_member() -> Any:
        steps = tf.cast(optimizer._iterations.value[:, 0], tf.float32)
        return tf.vectorized_map(schedule, steps)[:, tf.newaxis]

    return by_member


def _counters(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The columns that count a member's own steps."""
    nadam = isinstance(optimizer, keras.optimizers.Nadam)
    return [optimizer._iterations, *([optimizer._u_product] if nadam else [])]


def clip_by_member(optimizer: keras.optimizers.Optimizer, gradients: list[Any]) -> list[Any]:
    """Keras's three ways of clipping, with norms taken over each member; gradients (members, n)."""
    if optimizer.clipvalue:
        return [tf.clip_by_value(g, -optimizer.clipvalue, optimizer.clipvalue) for g in gradients]
    squares = [tf.reduce_sum(tf.square(g), axis=1, keepdims=True) for g in gradients]
    if optimizer.clipnorm:
        limit = optimizer.clipnorm
        return [
            g * limit / tf.maximum(tf.sqrt(s), limit)
            for g, s in zip(gradients, squares, strict=True)
        ]
    if optimizer.global_clipnorm:
        limit = optimizer.global_clipnorm
        norm = tf.sqrt(tf.add_n(squares))
        return [g * limit / tf.maximum(norm, limit) for g in gradients]
    return gradients
