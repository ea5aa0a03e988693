"""What a model gives for one row: how many numbers, and the activation that they come out of."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from regcli.models.keras_private import producer

Activation = Callable[[Any], Any]

_L = keras.layers
_TRIED_ROWS = 64
_LEAVING = (_L.Identity, _L.Dropout, _L.ActivityRegularization, _L.Flatten, _L.Reshape)
"""Layers that leave the numbers of a row as they are outside of training."""
_NAMED: Mapping[str, Activation] = {
    "Softmax": keras.activations.softmax,
    "Sigmoid": keras.activations.sigmoid,
}
"""What ends a model without an activation of its own: a layer, or an operation of `keras.ops`."""


@dataclass(frozen=True)
class Output:
    """The end of a model.

    Attributes:
        units: numbers of one row's output.
        activation: the last function that they went through; linear where there was none.
    """

    units: int
    activation: Activation


def output_of(model: keras.Model) -> Output:
    """The end of a model that has one output (rows, …, units)."""
    return Output(int(model.output_shape[-1]), _activation(model))


def _activation(model: keras.Model) -> Activation:
    """The activation of the last operation that changes numbers."""
    tensor = model.outputs[0]
    operation = producer(tensor)
    while isinstance(operation, _LEAVING):
        tensor = operation.input
        operation = producer(tensor)
    if isinstance(operation, keras.Model):
        return _activation(operation) if getattr(operation, "outputs", None) else _tried(model)
    found: Activation | None
    if isinstance(operation, keras.Layer) and not isinstance(operation, _L.Softmax):
        found = getattr(operation, "activation", None)
    else:
        found = _NAMED.get(type(operation).__name__)
    return found or keras.activations.linear


def _tried(model: keras.Model) -> Activation:
    """What the outputs look like that a model gives of its own `call`, whose end nothing tells.

    Shares of one are taken for a softmax's, and numbers from 0 to 1 for a sigmoid's.
    """
    shape = (_TRIED_ROWS, *model.input_shape[1:])
    rows = np.random.default_rng(0).normal(scale=3.0, size=shape).astype(np.float32)
    name = "linear"
    with suppress(Exception):  # rows that it does not take, such as tokens
        found = np.asarray(model(rows, training=False))
        if ((found >= 0) & (found <= 1)).all():
            sums = found.sum(axis=-1)
            are_shares = found.shape[-1] > 1 and np.allclose(sums, 1, atol=1e-4)
            name = "softmax" if are_shares else "sigmoid"
    activation: Activation = getattr(keras.activations, name)
    return activation
