"""Following columns and units through a model's layers, to see which still matter."""

from collections.abc import Mapping, Sequence
from math import prod

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.models.layer_kinds import KERNELS as WITH_KERNELS
from regcli.models.layer_kinds import LAYING_OUT, is_followed, mixes
from regcli.models.weights import kernel_names, variable_name
from regcli.penalties.covered_weights import KERNELS
from regcli.results.records import Sparsity
from regcli.results.sparsity import Chain, CountedZeros, InputColumns, count_zeros


def measure_sparsity(
    model: keras.Model,
    weights: Mapping[str, NDArray[np.float32]],
    columns: InputColumns | None = None,
    counted: Sequence[str] | None = None,
) -> Sparsity:
    """Zeros of a model's kernels, and of other weights that are counted.

    Args:
        model: the architecture; its own weights are not read.
        weights: numbers by name, as `read_weights` gives them.
        columns: what the inputs are called; None leaves out names.
        counted: names of the weights whose zeros are counted; None for the kernels.
    """
    return count_one(model, weights, columns, counted).summary()


def count_one(
    model: keras.Model,
    weights: Mapping[str, NDArray[np.float32]],
    columns: InputColumns | None = None,
    counted: Sequence[str] | None = None,
) -> CountedZeros:
    """As `measure_sparsity`, for scores after zeroing to come."""
    alone = {name: numbers[np.newaxis] for name, numbers in weights.items()}
    return count_members(model, alone, 1, columns, counted)[0]


def count_members(
    model: keras.Model,
    weights: Mapping[str, NDArray[np.float32]],
    count: int,
    columns: InputColumns | None = None,
    counted: Sequence[str] | None = None,
) -> list[CountedZeros]:
    """As `count_one`, of each of `count` members.

    Args:
        weights: numbers by name, (members, …) each.
    """
    names = kernel_names(model) if counted is None else counted
    found = {name: weights[name] for name in names}
    return count_zeros(count, _by_layer(found), _chain(model, weights), columns)


def _by_layer(weights: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """Kernels under their layer's name; under their whole name where a layer has several.

    Other weights have their whole name too.
    """
    kernels = [name for name in weights if name.rsplit("/", 1)[-1] in KERNELS]
    owners = [name.split("/", 1)[0] for name in kernels]
    short = {
        name: owner for owner, name in zip(owners, kernels, strict=True) if owners.count(owner) == 1
    }
    return {short.get(name, name): numbers for name, numbers in weights.items()}


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
        if type(layer) in WITH_KERNELS:
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
