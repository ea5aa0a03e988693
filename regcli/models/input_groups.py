"""Whether the rows of a first kernel are the data's columns, so that groups can be inputs."""

from math import prod
from typing import Any

import keras

from regcli.models.layer_kinds import BY_UNIT, POOLING, Shape, mixes
from regcli.penalties.covered_weights import KERNELS

_L = keras.layers
_BY_NUMBER = BY_UNIT | {_L.Normalization, _L.Rescaling, _L.Masking}
"""Layers that leave every number in its position."""

_BY_FEATURE = (
    _BY_NUMBER
    | POOLING
    | {_L.RepeatVector}
    | {
        getattr(_L, f"{kind}{axes}D")
        for kind in ("ZeroPadding", "Cropping", "UpSampling")
        for axes in (1, 2, 3)
    }
)
"""Layers that keep the features apart, which are the last axis, wherever they put a place."""

_ROW_A_FEATURE = frozenset(
    {_L.Dense, _L.SimpleRNN, _L.GRU, _L.LSTM}
    | {_L.DepthwiseConv1D, _L.DepthwiseConv2D, _L.SeparableConv1D, _L.SeparableConv2D}
    | {getattr(_L, f"Conv{axes}D") for axes in (1, 2, 3)}
    | {getattr(_L, f"ConvLSTM{axes}D") for axes in (1, 2, 3)}
)
"""Layers whose kernels have a row for each feature that comes in, last but one of their axes."""


def misfit(model: keras.Model) -> str:
    """What keeps the rows of the first kernel from being input columns; empty where they are.

    Columns are the numbers of a row where a row is flat, or is made flat before the first kernel;
    else the features at each place or time: the last axis of a row.
    """
    if not isinstance(model, keras.Sequential):
        return "a graph of layers"
    stays_whole, shape = True, tuple(model.input_shape[1:])
    for layer in model.layers:
        if _has_kernel(layer):
            return _misfit_of_first(layer, shape)
        kind, shape = type(layer), tuple(layer.output.shape[1:])
        if stays_whole and _makes_flat(layer):
            continue
        if kind not in _BY_FEATURE or mixes(layer):
            return f"'{layer.name}', which is {kind.__name__}, before the first kernel"
        stays_whole &= kind in _BY_NUMBER
    return ""


def _has_kernel(layer: keras.Layer) -> bool:
    return any(variable.path.rsplit("/", 1)[-1] in KERNELS for variable in layer.weights)


def _makes_flat(layer: keras.Layer) -> bool:
    """Whether a layer lays the numbers of a row side by side, in their order."""
    flat = len(layer.output.shape) == 2
    return isinstance(layer, _L.Flatten) or (isinstance(layer, _L.Reshape) and flat)


def _misfit_of_first(layer: keras.Layer, shape: Shape) -> str:
    inner = _innermost(layer)
    kind = type(inner)
    if kind not in _ROW_A_FEATURE or getattr(inner, "groups", 1) != 1:
        return f"'{layer.name}', which is {kind.__name__}: its kernel has no row for each column"
    if shape[-1] == 1 and len(shape) > 1:
        places = f"{prod(shape):,} positions"
        return f"'{layer.name}', which takes one feature at {places}: all weights are one group"
    return ""


def _innermost(layer: Any) -> keras.Layer:
    if isinstance(layer, _L.Bidirectional):
        return _innermost(layer.forward_layer)
    return _innermost(layer.layer) if isinstance(layer, _L.Wrapper) else layer
