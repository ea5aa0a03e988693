"""Layers that lay the numbers of a row out anew, made smaller."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import keras
import numpy as np

from regcli.models import shrinking
from regcli.models.form import Kept, Piece
from regcli.models.layer_kinds import Shape
from regcli.models.shrinking import Constants, Mask


@dataclass(frozen=True)
class FlattenForm:
    """Layers that lay every place of a tensor side by side: each channel becomes many columns."""

    layer: keras.Layer
    shape: Shape

    def forward(self, known: Sequence[Constants]) -> Constants:
        """Every channel's constant at all of its columns."""
        return np.tile(known[0], self._places)

    def backward(self, known: Sequence[Constants], live: Mask) -> Sequence[Mask]:
        """Channels of which any column lives."""
        return [shrinking.channels_of(live, self.shape[-1])]

    def fitted(self, kept: Kept) -> Kept:
        """All columns of a channel, or none."""
        channels = kept.inputs[0] | shrinking.channels_of(kept.units, self.shape[-1])
        return Kept((channels,), np.tile(channels, self._places))

    def smaller(self, known: Sequence[Constants], live: Mask, kept: Kept) -> Piece:
        """The layer, which asks for no number of columns."""
        config = self.layer.get_config()
        if "target_shape" in config:
            config["target_shape"] = (-1,)
        return Piece(type(self.layer).from_config(config), [])

    @property
    def _places(self) -> int:
        return prod(self.shape[:-1])


@dataclass(frozen=True)
class WholeForm:
    """Layers through which no unit can be followed: they stay as they are, with all inputs."""

    layer: keras.Layer
    inputs: int
    units: int

    def forward(self, known: Sequence[Constants]) -> Constants:
        """Nothing that is known."""
        return shrinking.varying(self.units)

    def backward(self, known: Sequence[Constants], live: Mask) -> Sequence[Mask]:
        """Everything."""
        return [np.ones(self.inputs, bool)]

    def fitted(self, kept: Kept) -> Kept:
        """Everything."""
        return Kept((np.ones(self.inputs, bool),), np.ones(self.units, bool))

    def smaller(self, known: Sequence[Constants], live: Mask, kept: Kept) -> Piece:
        """The same layer."""
        weights = [np.asarray(weight) for weight in self.layer.weights if "float" in weight.dtype]
        return Piece(type(self.layer).from_config(self.layer.get_config()), weights)


@dataclass(frozen=True)
class StepsForm:
    """A Reshape that makes steps of columns, or columns of steps, and Cropping1D of such steps.

    Attributes:
        begin, end: which of the columns that come in go on; `end` is not included.
        count: of the columns that come in.
    """

    layer: keras.Layer
    begin: int
    end: int
    count: int

    def forward(self, known: Sequence[Constants]) -> Constants:
        """The same constants."""
        return known[0][self.begin : self.end]

    def backward(self, known: Sequence[Constants], live: Mask) -> Sequence[Mask]:
        """The same columns."""
        return [self._before(live)]

    def fitted(self, kept: Kept) -> Kept:
        """The same columns before and after."""
        inputs = kept.inputs[0] | self._before(kept.units)
        return Kept((inputs,), inputs[self.begin : self.end])

    def smaller(self, known: Sequence[Constants], live: Mask, kept: Kept) -> Piece:
        """The layer for as many columns as there still are."""
        config, count = self.layer.get_config(), int(kept.units.sum())
        if "cropping" in config:
            inputs = kept.inputs[0]
            ends = inputs[: self.begin], inputs[self.end :]
            config["cropping"] = tuple(int(end.sum()) for end in ends)
        elif "target_shape" in config:
            steps = len(config["target_shape"]) == 2
            config["target_shape"] = (count, 1) if steps else (count,)
        return Piece(type(self.layer).from_config(config), [])

    def _before(self, units: Mask) -> Mask:
        inputs = np.zeros(self.count, bool)
        inputs[self.begin : self.end] = units
        return inputs
