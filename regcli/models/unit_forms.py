"""Layers that treat every unit by itself, made smaller."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.models.form import Kept, Piece
from regcli.models.layer_kinds import Shape, scaling_numbers
from regcli.models.shrinking import Constants, Mask


@dataclass(frozen=True)
class UnitForm:
    """Layers that treat every unit by itself, and the same at every position."""

    layer: keras.Layer
    shape: Shape

    def forward(self, known: Sequence[Constants]) -> Constants:
        """What the layer makes of constants."""
        return np.where(np.isnan(known[0]), np.nan, self._evaluate(known[0]))

    def backward(self, known: Sequence[Constants], live: Mask) -> Sequence[Mask]:
        """The same units."""
        return [live]

    def fitted(self, kept: Kept) -> Kept:
        """The same units before and after."""
        units = kept.inputs[0] | kept.units
        return Kept((units,), units)

    def smaller(self, known: Sequence[Constants], live: Mask, kept: Kept) -> Piece:
        """The layer with the numbers of the kept units."""
        floats = [weight for weight in self.layer.weights if "float" in weight.dtype]
        weights = [_cut_last_axis(np.asarray(weight), kept.units) for weight in floats]
        return Piece(type(self.layer).from_config(self._config(kept.units)), weights)

    def _config(self, kept: Mask) -> dict[str, Any]:
        return dict(self.layer.get_config())

    def _evaluate(self, constants: Constants) -> Constants:
        """The layer's output for constant inputs; NaN where that depends on the position."""
        known = np.where(np.isnan(constants), 0.0, constants).astype(np.float32)
        row = np.broadcast_to(known, self.shape)[None]
        values = np.asarray(self.layer(row)).reshape(-1, len(constants))
        same = (values == values[0]).all(axis=0) & np.isfinite(values[0])
        return np.where(same, values[0], np.nan)


class PlacingForm(UnitForm):
    """Layers that choose or repeat places, pooling too: a constant stays itself.

    Pooling's windows leave out what stands around a padded tensor.
    """

    def forward(self, known: Sequence[Constants]) -> Constants:
        """The same constants."""
        return known[0]


class BatchNormalizationForm(UnitForm):
    """BatchNormalization with its moving statistics; where gamma is 0 all that is left is beta."""

    def forward(self, known: Sequence[Constants]) -> Constants:
        """Constants normalized, and beta where nothing else is left."""
        lost = np.isnan(known[0]) & self._passes(len(known[0]))
        return np.where(lost, np.nan, self._evaluate(known[0]))

    def backward(self, known: Sequence[Constants], live: Mask) -> Sequence[Mask]:
        """Units whose gamma is not 0."""
        return [live & self._passes(len(live))]

    def _passes(self, count: int) -> Mask:
        if self.layer.gamma is None:
            return np.ones(count, bool)
        return np.asarray(np.not_equal(self.layer.gamma, 0))


class ScalingForm(UnitForm):
    """Layers that scale, by a number for every number of a row or by one for all of them."""

    def _config(self, kept: Mask) -> dict[str, Any]:
        given = scaling_numbers(self.layer)
        cut = {name: _cut_last_axis(values, kept).tolist() for name, values in given.items()}
        return super()._config(kept) | cut


class ReshapeForm(PlacingForm):
    """A Reshape that leaves the last axis as long as it is: the same units at other places."""

    def _config(self, kept: Mask) -> dict[str, Any]:
        places = tuple(self.layer.compute_output_shape((None, *self.shape))[1:-1])
        return super()._config(kept) | {"target_shape": (*places, int(kept.sum()))}


def _cut_last_axis(values: NDArray[Any], kept: Mask) -> NDArray[Any]:
    """Numbers of the kept units; as they are where the units share one."""
    return values[..., kept] if values.shape[-1:] == (len(kept),) else values
