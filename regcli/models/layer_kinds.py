"""Which kinds of Keras layer units can be followed through, and which can be made smaller."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, ...]
"""Of one row, as it goes into a layer."""

_TAKEN = (
    "Dense, Conv1D to Conv3D, BatchNormalization, Rescaling, activations, pooling, padding, "
    "cropping, upsampling, dropout, noise, Flatten, Reshape, LayerNormalization, "
    "MultiHeadAttention, Concatenate, and Add, Subtract, Multiply, Average, Maximum and Minimum"
)
KERNELS = frozenset(
    {keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D}
)
MIXING = (
    keras.activations.softmax,
    keras.activations.log_softmax,
    keras.activations.sparsemax,
    keras.activations.glu,
)
"""Activations in which every unit depends on the others."""

BY_UNIT = frozenset(
    {keras.layers.Activation, keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.PReLU}
    | {keras.layers.ELU, keras.layers.Identity, keras.layers.ActivityRegularization}
    | {keras.layers.Dropout, keras.layers.GaussianDropout, keras.layers.AlphaDropout}
    | {keras.layers.SpatialDropout1D, keras.layers.SpatialDropout2D, keras.layers.SpatialDropout3D}
    | {keras.layers.GaussianNoise, keras.layers.BatchNormalization}
)
"""Layers in which every unit depends only on itself, except for the activation."""

POOLING = frozenset(
    getattr(keras.layers, f"{kind}Pooling{axes}D")
    for kind in ("Max", "Average", "GlobalMax", "GlobalAverage")
    for axes in (1, 2, 3)
)
PLACING = POOLING | frozenset(
    getattr(keras.layers, f"{kind}{axes}D")
    for kind in ("Cropping", "UpSampling")
    for axes in (1, 2, 3)
)
"""Layers that choose, repeat or pool places, separately for every unit."""

PADDING = frozenset(getattr(keras.layers, f"ZeroPadding{axes}D") for axes in (1, 2, 3))
MEETING = frozenset(
    {keras.layers.Add, keras.layers.Subtract, keras.layers.Multiply}
    | {keras.layers.Average, keras.layers.Maximum, keras.layers.Minimum}
)
"""Layers of several inputs, in which the same unit of every input meets."""

ATTENTION = frozenset({keras.layers.MultiHeadAttention})
"""Layers of heads."""

AS_THEY_ARE = frozenset({keras.layers.LayerNormalization})
"""Layers that mix units and are taken whole, with all that goes into them."""

_OPERATIONS = {kind.__name__: kind for kind in MEETING - {keras.layers.Average}}

JOINING = MEETING | {keras.layers.Concatenate}
SCALING = frozenset({keras.layers.Normalization, keras.layers.Rescaling})
"""Layers that scale every number of a row separately."""

LAYING_OUT = frozenset({keras.layers.Flatten, keras.layers.Reshape})
"""Layers that lay the numbers of a row out anew."""

_ACTIVATIONS = tuple(value for value in vars(keras.activations).values() if callable(value))


def refusal(layer: keras.Layer, shape: Shape, is_hidden: bool) -> str:
    """Why a layer cannot be made smaller, as a predicate of its name; empty where it can.

    Args:
        shape: of one row, as it goes into the layer.
        is_hidden: whether a layer with a kernel comes later.
    """
    kind = type(layer)
    activation: Any = getattr(layer, "activation", None)
    softmax = kind is keras.layers.Softmax
    scales = kind in SCALING and all(
        values.shape in {(), shape} for values in scaling_numbers(layer).values()
    )
    known = KERNELS | BY_UNIT | PLACING | PADDING | LAYING_OUT | JOINING | ATTENTION | AS_THEY_ARE
    if kind not in known and not (softmax or scales):
        return f"is of type {kind.__name__}; shrink supports {_TAKEN}"
    if activation is keras.activations.glu:
        return "has the activation glu, which pairs units; shrink does not support it"
    if mixes(layer) and is_hidden:
        name = "softmax" if softmax else activation.__name__
        return f"has the activation {name}, which mixes units; shrink supports it only at the end"
    if activation is not None and activation not in _ACTIVATIONS:
        return f"has an activation that is not one of Keras's, {activation!r}"
    if getattr(layer, "data_format", None) == "channels_first":
        return "has its channels first; shrink supports channels_last"
    if getattr(layer, "groups", 1) != 1:
        return f"is a convolution in {layer.groups} groups; shrink supports one group"
    if getattr(layer, "lora_enabled", False) or getattr(layer, "quantization_mode", None):
        return "has LoRA or quantized weights; shrink supports plain kernels"
    if kind is keras.layers.BatchNormalization and layer.axis not in {-1, len(shape)}:
        return f"normalizes axis {layer.axis}; shrink supports the last axis"
    return ""


def joining_kind(operation: keras.Operation) -> type[keras.layers.Layer] | None:
    """The kind of layer that joins inputs as a call does; None where it joins none.

    `x + y` of a person's function is an operation, and what `Add` does.
    """
    kind = type(operation)
    if kind in JOINING:
        return kind
    is_plain = kind.__module__.startswith("keras.") and not isinstance(
        operation, keras.layers.Layer
    )
    return _OPERATIONS.get(kind.__name__) if is_plain else None


def scaling_numbers(layer: keras.Layer) -> dict[str, NDArray[Any]]:
    """What a layer of `SCALING` scales by, under the names of its arguments."""
    if isinstance(layer, keras.layers.Rescaling):
        given = {"scale": layer.scale, "offset": layer.offset}
    else:
        given = {"mean": layer.input_mean, "variance": layer.input_variance}
    return {name: np.asarray(values) for name, values in given.items()}


def mixes(layer: keras.Layer) -> bool:
    """Whether every unit of a layer depends on the others."""
    return isinstance(layer, keras.layers.Softmax) or getattr(layer, "activation", None) in MIXING


def is_followed(layer: keras.Layer) -> bool:
    """Whether it is known what of a layer's inputs leads to which of its units."""
    return (
        type(layer) in KERNELS | BY_UNIT | PLACING | PADDING | LAYING_OUT | JOINING
        and getattr(layer, "data_format", None) != "channels_first"
        and getattr(layer, "groups", 1) == 1
        and not getattr(layer, "lora_enabled", False)
    )
