"""How columns and units can be followed through a model's layers, to see which still matter."""

from collections.abc import Mapping

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.nets.layer_kinds import BY_UNIT, mixes
from regcli.nets.weights import kernel_names, variable_name
from regcli.results.records import Sparsity
from regcli.results.sparsity import Chain, InputColumns, summarize


def measure_sparsity(
    model: keras.Sequential,
    weights: Mapping[str, NDArray[np.float32]],
    columns: InputColumns | None = None,
) -> Sparsity:
    """Zeros of a model's kernels.

    Args:
        model: the architecture; its own weights are not read.
        weights: numbers by name, as `read_weights` gives them.
        columns: what the inputs are called; None leaves out names.
    """
    kernels = {name: weights[name] for name in kernel_names(model)}
    return summarize(_by_layer(kernels), _chain(model, weights), columns)


def _by_layer(kernels: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """Kernels under their layer's name; under their whole name where a layer has several."""
    owners = [name.split("/", 1)[0] for name in kernels]
    return {
        owner if owners.count(owner) == 1 else name: kernel
        for owner, (name, kernel) in zip(owners, kernels.items(), strict=True)
    }


def _chain(model: keras.Sequential, weights: Mapping[str, NDArray[np.float32]]) -> Chain | None:
    """The kernel of each Dense layer; None where another layer mixes units."""
    if len(model.input_shape) != 2:
        return None
    chain = []
    for layer in model.layers:
        is_last = layer is model.layers[-1]
        if (mixes(layer) and not is_last) or getattr(layer, "lora_enabled", False):
            return None
        if isinstance(layer, keras.layers.Dense):
            chain.append((layer.name, weights[variable_name(model, layer.kernel)]))
        elif type(layer) not in BY_UNIT:
            return None
    return chain
