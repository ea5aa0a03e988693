"""What the weights of a variable are held to after each update, as Keras's constraints.

A proximal step takes the place of a penalty's gradient; kept zeros leave a model its support. The
maths is in `regcli.penalties`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from regcli.models.keras_private import position_of
from regcli.models.kernel_penalties import covered, view_shape
from regcli.models.step_sizes import step_size
from regcli.penalties.penalty import LayerStrengths, Numbers, Penalty


@dataclass(frozen=True)
class ProximalStep:
    """A variable's constraint: the proximal map after each gradient step of its optimizer.

    Works on one model's kernel and on stacked ones (members, n).

    Attributes:
        penalty: whose map it is.
        shape: the kernel's own (blocks, inputs, units).
        numbers: gives the penalty's parameters: numbers, or columns (members, 1).
        then: the constraint that the config asks for, which comes after.
    """

    optimizer: keras.optimizers.Optimizer
    penalty: Penalty
    shape: tuple[int, int, int]
    numbers: Callable[[], Numbers]
    then: Callable[[Any], Any] | None = None

    def __call__(self, variable: Any) -> Any:
        """The variable's value after the map, in its own shape."""
        u = keras.ops.convert_to_tensor(variable)
        position = position_of(self.optimizer, variable)
        step = keras.ops.convert_to_tensor(step_size(self.optimizer, position))
        mapped = self._map(u, step)
        return mapped if self.then is None else self.then(mapped)

    def _map(self, u: Any, step: Any) -> Any:
        numbers = self.numbers()
        if self.penalty.is_elementwise:
            return self.penalty.proximal_map(u, step, numbers)
        stacked = [-1, *self.shape]
        steps = tf.reshape(tf.broadcast_to(step, u.shape), stacked)
        columns = {name: self._column(number) for name, number in numbers.items()}
        mapped = self.penalty.proximal_map(tf.reshape(u, stacked), steps, columns)
        return tf.reshape(mapped, u.shape)

    @staticmethod
    def _column(number: Any) -> Any:
        return tf.reshape(tf.convert_to_tensor(number, tf.float32), [-1, 1, 1, 1])


def attach_proximal_steps(model: keras.Model, strengths: Mapping[str, LayerStrengths]) -> None:
    """Have a compiled model's optimizer take a proximal step after each update."""
    for found in covered(model, strengths):
        variable, own = found.variable, found.strengths
        if own.any:
            variable.constraint = ProximalStep(
                optimizer=model.optimizer,
                penalty=own.penalty,
                shape=view_shape(tuple(variable.shape)),
                numbers=partial(_given, own.numbers),
                then=variable.constraint,
            )


@dataclass(frozen=True)
class KeepZeros:
    """A variable's constraint: weights that were zero stay zero, after its other constraints.

    Attributes:
        kept: gives 1 for weights that may move and 0 for the others, shaped like the variable.
    """

    kept: Callable[[], Any]
    first: Callable[[Any], Any] | None = None

    def __call__(self, variable: Any) -> Any:
        """The variable's value, zero where it has to be."""
        value = keras.ops.convert_to_tensor(variable)
        return (value if self.first is None else self.first(variable)) * self.kept()


def hold_zeros(model: keras.Model, strengths: Mapping[str, LayerStrengths]) -> None:
    """Have weights of a model that are zero now stay zero while it is trained.

    They are those of kernels, and those that the config names.
    """
    for variable in (own.variable for own in covered(model, strengths) if own.keeps_zeros):
        moving = tf.constant((np.asarray(variable) != 0).astype(np.float32))
        variable.constraint = KeepZeros(partial(_given, moving), variable.constraint)


def _given(value: Any) -> Any:
    return value
