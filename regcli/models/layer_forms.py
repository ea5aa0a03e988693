"""What each kind of Keras layer does to constants, to what is needed, and how it is built smaller.

Units are followed along the last axis: the columns of a row, the units of a Dense layer, the
channels of a convolution. A kind of layer that has no form here is refused by name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.errors import ShrinkError
from regcli.models import shrinking
from regcli.models.layer_kinds import (
    KERNELS,
    MIXING,
    POOLING,
    SCALING,
    Shape,
    mixes,
    refusal,
    scaling_numbers,
)
from regcli.models.shrinking import Constants, Mask, Masks


@dataclass(frozen=True)
class Piece:
    """A layer of the smaller model.

    Attributes:
        weights: the numbers of its weights, in its own order; no random generators' state.
        kept: which of the units that came out of the layer still do.
    """

    layer: keras.Layer
    weights: list[NDArray[Any]]
    kept: Mask


class Form(Protocol):
    """One layer of the model that is to be made smaller."""

    @property
    def layer(self) -> keras.Layer:
        """The layer as it was trained."""

    def forward(self, constants: Constants) -> Constants:
        """What comes out, (units,), where `constants` (inputs,) comes in."""

    def backward(self, constants: Constants, live: Mask) -> Mask:
        """Inputs (inputs,) that are needed where the units `live` (units,) are."""

    def smaller(self, constants: Constants, live: Masks, kept: Mask) -> Piece:
        """The layer of living and kept parts.

        Args:
            live: inputs and units that live.
            kept: inputs that the smaller layer gets.
        """


@dataclass(frozen=True)
class _KernelForm:
    """Dense layers and convolutions."""

    layer: keras.Layer

    @property
    def _kernel(self) -> NDArray[np.float32]:
        return np.asarray(self.layer.kernel)

    @property
    def _bias(self) -> NDArray[np.float32] | None:
        return np.asarray(self.layer.bias) if self.layer.use_bias else None

    def _seen(self, constants: Constants) -> Constants:
        padding = getattr(self.layer, "padding", "valid")
        if padding == "valid" or set(self.layer.kernel_size) == {1}:
            return constants
        return shrinking.constant_under_zero_padding(constants)

    def forward(self, constants: Constants) -> Constants:
        sums = shrinking.constant_units(self._kernel, self._bias, self._seen(constants))
        if self.layer.activation in MIXING:
            return shrinking.varying(len(sums))
        known = np.where(np.isnan(sums), 0.0, sums).astype(np.float32)
        values = np.asarray(self.layer.activation(keras.ops.convert_to_tensor(known[None])))[0]
        return np.where(np.isnan(sums) | ~np.isfinite(values), np.nan, values)

    def backward(self, constants: Constants, live: Mask) -> Mask:
        return shrinking.needed_inputs(self._kernel, self._seen(constants), live)

    def smaller(self, constants: Constants, live: Masks, kept: Mask) -> Piece:
        units = shrinking.at_least_one(live[1])
        kernel = shrinking.cut_kernel(self._kernel, live, (kept, units))
        seen = self._seen(constants)
        bias = shrinking.cut_bias(self._kernel, self._bias, seen, live, units)
        size = "units" if isinstance(self.layer, keras.layers.Dense) else "filters"
        changed = {size: int(units.sum()), "use_bias": bias is not None}
        config = self.layer.get_config()
        if isinstance(self.layer.kernel_initializer, keras.initializers.Identity):
            del config["kernel_initializer"]  # which draws only square kernels
        weights: list[NDArray[Any]] = [kernel] if bias is None else [kernel, bias]
        return Piece(type(self.layer).from_config(config | changed), weights, units)


@dataclass(frozen=True)
class _ChannelForm:
    """Layers that treat every unit separately, and the same at every position."""

    layer: keras.Layer
    shape: Shape

    def forward(self, constants: Constants) -> Constants:
        values = self._evaluate(constants)
        return np.where(np.isnan(constants), np.nan, values)

    def backward(self, constants: Constants, live: Mask) -> Mask:
        return live

    def smaller(self, constants: Constants, live: Masks, kept: Mask) -> Piece:
        weights = [_cut_last_axis(np.asarray(weight), kept) for weight in _floats(self.layer)]
        return Piece(type(self.layer).from_config(self._config(kept)), weights, kept)

    def _config(self, kept: Mask) -> dict[str, Any]:
        return dict(self.layer.get_config())

    def _evaluate(self, constants: Constants) -> Constants:
        """The layer's output for constant inputs; NaN where that depends on the position."""
        known = np.where(np.isnan(constants), 0.0, constants).astype(np.float32)
        row = np.broadcast_to(known, self.shape)[None]
        values = np.asarray(self.layer(row)).reshape(-1, len(constants))
        same = (values == values[0]).all(axis=0) & np.isfinite(values[0])
        return np.where(same, values[0], np.nan)


class _PoolingForm(_ChannelForm):
    """Pooling, whose windows leave out what stands around the tensor: a constant stays itself."""

    def forward(self, constants: Constants) -> Constants:
        return constants


class _BatchNormalizationForm(_ChannelForm):
    """BatchNormalization with its moving statistics; where gamma is 0 all that is left is beta."""

    def forward(self, constants: Constants) -> Constants:
        lost = np.isnan(constants)
        if self.layer.gamma is not None:
            lost = lost & (np.asarray(self.layer.gamma) != 0)
        return np.where(lost, np.nan, self._evaluate(constants))


class _ScalingForm(_ChannelForm):
    """Layers that scale, by a number for every number of a row or by one for all of them."""

    def _config(self, kept: Mask) -> dict[str, Any]:
        given = scaling_numbers(self.layer)
        cut = {name: _cut_last_axis(values, kept).tolist() for name, values in given.items()}
        return super()._config(kept) | cut


@dataclass(frozen=True)
class _FlattenForm:
    """Layers that lay every place of a tensor side by side: each channel becomes many columns."""

    layer: keras.Layer
    shape: Shape

    def forward(self, constants: Constants) -> Constants:
        return np.tile(constants, prod(self.shape[:-1]))

    def backward(self, constants: Constants, live: Mask) -> Mask:
        return shrinking.channels_of(live, self.shape[-1])

    def smaller(self, constants: Constants, live: Masks, kept: Mask) -> Piece:
        config = self.layer.get_config()
        if "target_shape" in config:
            config["target_shape"] = (-1,)
        layer = type(self.layer).from_config(config)
        return Piece(layer, [], np.tile(kept, prod(self.shape[:-1])))


@dataclass(frozen=True)
class _WholeForm:
    """Layers through which no unit can be followed: all of their inputs are kept."""

    layer: keras.Layer
    inputs: int
    units: int

    def forward(self, constants: Constants) -> Constants:
        return shrinking.varying(self.units)

    def backward(self, constants: Constants, live: Mask) -> Mask:
        return np.ones(self.inputs, bool)

    def smaller(self, constants: Constants, live: Masks, kept: Mask) -> Piece:
        layer = type(self.layer).from_config(self.layer.get_config())
        return Piece(layer, [], np.ones(self.units, bool))


def layer_forms(model: keras.Sequential) -> Iterator[Form]:
    """The form of every layer, in order.

    Raises:
        ShrinkError: naming the first layer that has none, and why.
    """
    last_kernel = max(
        (n for n, layer in enumerate(model.layers) if type(layer) in KERNELS), default=-1
    )
    shape = tuple(model.input_shape[1:])
    for number, layer in enumerate(model.layers):
        reason = refusal(layer, shape, is_hidden=number < last_kernel)
        if reason:
            raise ShrinkError(f"layer '{layer.name}' {reason}")
        after = tuple(layer.compute_output_shape((None, *shape))[1:])
        yield _form(layer, shape, after)
        shape = after


def _form(layer: keras.Layer, shape: Shape, after: Shape) -> Form:
    kind = type(layer)
    if kind in KERNELS:
        return _KernelForm(layer)
    if kind is keras.layers.Flatten or (kind is keras.layers.Reshape and len(after) == 1):
        return _FlattenForm(layer, shape)
    if kind is keras.layers.Reshape or mixes(layer):
        return _WholeForm(layer, shape[-1], after[-1])
    if kind is keras.layers.BatchNormalization:
        return _BatchNormalizationForm(layer, shape)
    if kind in SCALING:
        return _ScalingForm(layer, shape)
    return _PoolingForm(layer, shape) if kind in POOLING else _ChannelForm(layer, shape)


def _floats(layer: keras.Layer) -> list[keras.Variable]:
    return [weight for weight in layer.weights if "float" in weight.dtype]


def _cut_last_axis(values: NDArray[Any], kept: Mask) -> NDArray[Any]:
    """Numbers of the kept units; as they are where the units share one."""
    return values[..., kept] if values.shape[-1:] == (len(kept),) else values
