"""Outputs of plain stacks of Dense layers in NumPy, without the seconds that TensorFlow takes.

A layer gives f(x W + b), in float32 as Keras does; dropout does nothing outside of training. Only
what is equal to Keras up to rounding is computed here; everything else is left to Keras.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.config import catalogue
from regcli.config.keras_parts import Layer
from regcli.config.schema import Config
from regcli.config.stack import Stack, complete_stack
from regcli.metrics.predictions import Scale
from regcli.results.records import DataSummary

_Floats = NDArray[np.float32]
_Activation = Callable[[_Floats], _Floats]

_WITHOUT_EFFECT = frozenset(
    {"Dropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization", "Identity"}
)
"""Layers that leave rows as they are outside of training."""
_UNDERSTOOD = frozenset(
    {
        *("units", "activation", "use_bias", "name"),
        *(
            f"{part}_{what}"
            for part in ("kernel", "bias")
            for what in ("initializer", "constraint")
        ),
        *(f"{part}_regularizer" for part in ("kernel", "bias", "activity")),
    }
)
"""Arguments of Dense that are taken care of, or that matter in training alone."""
_CELLS_AT_ONCE = 2**20
"""Outputs of the widest layer that are at hand together."""


@dataclass(frozen=True)
class DenseStack:
    """A stack of Dense layers.

    Attributes:
        layers: of each its kernel (inputs, outputs), its bias (outputs,) or None, and what its
            activation does.
        scale: what the outputs of the last one are.
    """

    layers: Sequence[tuple[_Floats, _Floats | None, _Activation]]
    scale: Scale

    def outputs(self, blocks: Iterable[_Floats]) -> _Floats:
        """Outputs of rows (rows, inputs) that come a block at a time: (all rows, outputs)."""
        rows = max(_CELLS_AT_ONCE // max(kernel.shape[1] for kernel, *_ in self.layers), 1)
        parts = [
            self._outputs(x[begin : begin + rows])
            for x in blocks
            for begin in range(0, len(x), rows)
        ]
        width = self.layers[-1][0].shape[1]
        return np.concatenate(parts) if parts else np.zeros((0, width), np.float32)

    def _outputs(self, x: _Floats) -> _Floats:
        for kernel, bias, activation in self.layers:
            x = x @ kernel
            x = activation(x if bias is None else x + bias)
        return x


def dense_stack(
    config: Config, data: DataSummary, weights: Mapping[str, NDArray[Any]]
) -> DenseStack | None:
    """A stored run's model as a stack of Dense layers; None where it is anything else.

    Args:
        weights: what is stored of the run, `dense/kernel` and the like.

    Raises:
        ModelError: as `complete_stack`.
    """
    if len(data.input_shape) != 1 or not config.model.is_stack:
        return None
    outputs = len(data.classes) if data.task == "multiclass" else 1
    stack = complete_stack(config.model, data.task, outputs)
    if stack.is_graph:
        return None
    layers = [
        _dense(layer, name, weights)
        for layer, name in zip(stack.layers, stack.names, strict=True)
        if layer.kind not in _WITHOUT_EFFECT
    ]
    scale = _scale(config, data, stack)
    found = [layer for layer in layers if layer is not None]
    return None if scale is None or len(found) < len(layers) else DenseStack(found, scale)


def _dense(
    layer: Layer, name: str, weights: Mapping[str, NDArray[Any]]
) -> tuple[_Floats, _Floats | None, _Activation] | None:
    """What a layer computes with; None where it is no plain Dense layer."""
    if layer.kind != "Dense" or not set(layer.arguments) <= _UNDERSTOOD:
        return None
    activation = _ACTIVATIONS.get(_activation_of(layer))
    kernel = weights.get(f"{name}/kernel")
    bias = weights.get(f"{name}/bias")
    has_bias = layer.arguments.get("use_bias", True)
    if activation is None or kernel is None or (has_bias and bias is None):
        return None
    return kernel, bias if has_bias else None, activation


def _activation_of(layer: Layer) -> str:
    """The name of a layer's activation; empty for one that has arguments of its own."""
    given = layer.arguments.get("activation")
    if given is None:
        return "linear"
    return catalogue.first_name("activations", given) if isinstance(given, str) else ""


def _scale(config: Config, data: DataSummary, stack: Stack) -> Scale | None:
    """What the outputs are, as `models.parts.output_scale` has it; None where Keras has to tell.

    Only quantities have another loss here than the one that the task implies: cross-entropy, which
    takes linear outputs for scores.
    """
    if data.task == "regression":
        return Scale.VALUES
    if config.training.loss is not None:
        return None
    output = stack.layers[-1]
    activation, units = _activation_of(output), output.arguments.get("units")
    if activation == "linear":
        return Scale.LOGITS
    if activation == "softmax":
        return Scale.PROBABILITIES
    return Scale.PROBABILITIES if activation == "sigmoid" and units == 1 else None


def _sigmoid(x: _Floats) -> _Floats:
    with np.errstate(over="ignore"):
        found: _Floats = np.reciprocal(np.float32(1) + np.exp(-x))
    return found


def _softmax(x: _Floats) -> _Floats:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    found: _Floats = powers / powers.sum(axis=-1, keepdims=True)
    return found


def _elu(x: _Floats) -> _Floats:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


_ACTIVATIONS: Mapping[str, _Activation] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "elu": _elu,
    "sigmoid": _sigmoid,
    "silu": lambda x: x * _sigmoid(x),
    "softmax": _softmax,
    "softplus": lambda x: np.logaddexp(x, np.float32(0)),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "tanh": np.tanh,
}
"""By the first of the names that Keras has for them."""
