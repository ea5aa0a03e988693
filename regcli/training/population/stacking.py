"""What stacked forms of layers share: the pass they are part of, and products by member."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

Tensors = list[Any]


@dataclass(frozen=True)
class Pass:
    """What a forward pass knows besides inputs and weights, and what it leaves behind.

    Attributes:
        share: each row's share of the batch's mean, (rows,), 0 for rows that fill a batch up; None
            outside of training.
        keys: the random key of each member at this step, (members,) uint32.
        rates: dropout rates, (members, 1), by layer name.
        scope: names of the wrappers around a layer, which tell its random numbers apart.
        activities: what activity regularizers take of every row, (members, rows) each; layers add
            to it as they are called.
    """

    share: Any
    keys: Any
    rates: Mapping[str, Any]
    scope: str = ""
    activities: Tensors = field(default_factory=list)

    @property
    def training(self) -> bool:
        """Whether layers behave as in training."""
        return self.share is not None


Form = Callable[[keras.Layer, Tensors, Tensors, Any, Pass], tuple[Any, Tensors]]
"""(layer, stacked weights, stacked statistics, inputs, pass) → outputs, new statistics."""


def align(per_member: Any, x: Any) -> Any:
    """(members, k) with as many axes as `x` has, (members, 1, …, 1, k)."""
    return tf.reshape(per_member, [per_member.shape[0], *[1] * (len(x.shape) - 2), -1])


def product(x: Any, kernel: Any) -> Any:
    """(members, …, i) times (members, i, o) → (members, …, o)."""
    members, inputs = x.shape[0], x.shape[-1]
    multiplied = tf.matmul(tf.reshape(x, [members, -1, inputs]), kernel)
    return tf.reshape(multiplied, [*x.shape[:-1], kernel.shape[-1]])


def finish(layer: keras.Layer, y: Any, bias: Sequence[Any]) -> Any:
    """What Dense layers and convolutions end with: a bias (members, outputs) if any, activation."""
    y = y + align(bias[0], y) if bias else y
    return y if layer.activation is None else layer.activation(y)
