"""Following columns and units through a model's layers, to see which still matter."""

from collections.abc import Mapping
from math import prod

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.models.layer_kinds import KERNELS, LAYING_OUT, is_followed, mixes
from regcli.models.weights import kernel_names, variable_name
from regcli.results.records import Sparsity
from regcli.results.sparsity import Chain, InputColumns, summarize_members


def measure_sparsity(
    model: keras.Model,
    weights: Mapping[str, NDArray[np.float32]],
    columns: InputColumns | None = None,
) -> Sparsity:
    """Zeros of a model's kernels.

    Args:
        model: the architecture; its own weights are not read.
        weights: numbers by name, as `read_weights` gives them.
        columns: what the inputs are called; None leaves out names.
    """
    alone = {name: numbers[np.newaxis] for name, numbers in weights.items()}
    return measure_members(model, alone, 1, columns)[0]


def measure_members(
    model: keras.Model,
    weights: Mapping[str, NDArray[np.float32]],
    count: int,
    columns: InputColumns | None = None,
) -> list[Sparsity]:
    """As `measure_sparsity`, of each of `count` members.

    Args:
        weights: numbers by name, (members, …) each.
    """
    kernels = {name: weights[name] for name in kernel_names(model)}
    return summarize_members(count, _by_layer(kernels), _chain(model, weights), columns)


def _by_layer(kernels: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """Kernels under their layer's name; under their whole name where a layer has several."""
    owners = [name.split("/", 1)[0] for name in kernels]
    return {
        owner if owners.count(owner) == 1 else name: kernel
        for owner, (name, kernel) in zip(owners, kernels.items(), strict=True)
    }


def _chain(model: keras.Model, weights: Mapping[str, NDArray[np.float32]]) -> Chain | None:
    """What leads from columns and units to units, layer by layer.

    None for graphs, and where a layer mixes units.

    Args:
        weights: (members, …) each.
    """
    if not isinstance(model, keras.Sequential):
        return None
    numbers, features = prod(model.input_shape[1:]), model.input_shape[-1]
    chain = [] if len(model.input_shape) == 2 else [_laid_out(numbers, numbers, features)]
    for layer in model.layers:
        is_last = layer is model.layers[-1]
        if (mixes(layer) and not is_last) or not is_followed(layer):
            return None
        if type(layer) in KERNELS:
            kernel = np.abs(weights[variable_name(model, layer.kernel)])
            taps = tuple(range(1, kernel.ndim - 2))
            chain.append((layer.name, kernel.max(axis=taps) if taps else kernel))
        elif type(layer) in LAYING_OUT:
            before, after = layer.input.shape, layer.output.shape
            chain.append(_laid_out(prod(before[1:]), before[-1], after[-1]))
    return chain


def _laid_out(numbers: int, before: int, after: int) -> tuple[str, NDArray[np.float32]]:
    """A link without a name, of all members: the same numbers with another length's last axis."""
    place = np.arange(numbers)
    leads = np.zeros((before, after), np.float32)
    leads[place % before, place % after] = 1.0
    return "", leads[np.newaxis]
