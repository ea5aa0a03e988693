"""Dense layers and convolutions, made smaller."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.models import shrinking
from regcli.models.form import Kept, Piece
from regcli.models.layer_kinds import MIXING
from regcli.models.shrinking import Constants, Mask


@dataclass(frozen=True)
class KernelForm:
    """Layers with one kernel, whose units are sums over all inputs."""

    layer: keras.Layer

    @property
    def _kernel(self) -> NDArray[np.float32]:
        return np.asarray(self.layer.kernel)

    @property
    def _bias(self) -> NDArray[np.float32] | None:
        return np.asarray(self.layer.bias) if self.layer.use_bias else None

    @property
    def _mixes(self) -> bool:
        return self.layer.activation in MIXING

    def _seen(self, constants: Constants) -> Constants:
        padding = getattr(self.layer, "padding", "valid")
        if padding == "valid" or set(self.layer.kernel_size) == {1}:
            return constants
        return shrinking.constant_under_zero_padding(constants)

    def forward(self, known: Sequence[Constants]) -> Constants:
        """The activation of the bias, where nothing that varies comes to a unit."""
        sums = shrinking.constant_units(self._kernel, self._bias, self._seen(known[0]))
        if self._mixes:
            return shrinking.varying(len(sums))
        given = np.where(np.isnan(sums), 0.0, sums).astype(np.float32)
        values = np.asarray(self.layer.activation(keras.ops.convert_to_tensor(given[None])))[0]
        return np.where(np.isnan(sums) | ~np.isfinite(values), np.nan, values)

    def backward(self, known: Sequence[Constants], live: Mask) -> Sequence[Mask]:
        """What varies and leads to a living unit; all others can be held by the bias."""
        needed = live | self._mixes
        return [shrinking.needed_inputs(self._kernel, self._seen(known[0]), needed)]

    def fitted(self, kept: Kept) -> Kept:
        """Any inputs and any units; all units where the activation mixes them."""
        return Kept(kept.inputs, kept.units | self._mixes)

    def smaller(self, known: Sequence[Constants], live: Mask, kept: Kept) -> Piece:
        """Rows and columns of the kernel, with constants in the bias."""
        (inputs,) = self.backward(known, live)
        alive = inputs, live | self._mixes
        kernel = shrinking.cut_kernel(self._kernel, alive, (kept.inputs[0], kept.units))
        seen = self._seen(known[0])
        bias = shrinking.cut_bias(self._kernel, self._bias, seen, alive, kept.units)
        size = "units" if isinstance(self.layer, keras.layers.Dense) else "filters"
        changed = {size: int(kept.units.sum()), "use_bias": bias is not None}
        config = self.layer.get_config()
        if isinstance(self.layer.kernel_initializer, keras.initializers.Identity):
            del config["kernel_initializer"]  # which draws only square kernels
        weights: list[NDArray[Any]] = [kernel] if bias is None else [kernel, bias]
        return Piece(type(self.layer).from_config(config | changed), weights)
