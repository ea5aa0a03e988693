"""Following columns and units through a model's layers, to see which still matter."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import prod

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.models.column_steps import steps_of_columns
from regcli.models.keras_private import GraphNode, graph_nodes
from regcli.models.layer_kinds import KERNELS as WITH_KERNELS
from regcli.models.layer_kinds import LAYING_OUT, is_followed, joining_kind, mixes
from regcli.models.weights import kernel_names, variable_name
from regcli.penalties.covered_weights import KERNELS
from regcli.results.records import Sparsity
from regcli.results.sparsity import Chain, CountedZeros, InputColumns, Link, count_zeros


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
    """What leads from columns and units to units, call by call.

    None for models without a graph, and where a layer mixes units.

    Args:
        weights: (members, …) each.
    """
    nodes = tuple(graph_nodes(model) or ())
    if not nodes or not all(_is_followed(node, is_last=node is nodes[-1]) for node in nodes):
        return None
    numbers, features = prod(model.input_shape[1:]), model.input_shape[-1]
    chain = [] if len(model.input_shape) == 2 else [_laid_out(0, numbers, numbers, features)]
    flows = {id(model.inputs[0]): len(chain)}
    steps = steps_of_columns(nodes, {id(model.outputs[0])})
    for node in nodes:
        sources = tuple(flows[id(flow)] for flow in node.inputs)
        link = _link(model, node, sources, weights, steps)
        chain.extend([link] if link else [])
        flows[id(node.outputs[0])] = len(chain) if link else sources[0]
    return chain


def _is_followed(node: GraphNode, is_last: bool) -> bool:
    layer = node.operation
    if joining_kind(layer):
        given = keras.tree.flatten(node.arguments({id(x): x for x in node.inputs}))
        return (
            len(given) == len(node.inputs) and len({len(flow.shape) for flow in node.inputs}) == 1
        )
    one = len(node.inputs) == 1 and isinstance(layer, keras.layers.Layer)
    return one and is_followed(layer) and (is_last or not mixes(layer))


def _link(
    model: keras.Model,
    node: GraphNode,
    sources: tuple[int, ...],
    weights: Mapping[str, NDArray[np.float32]],
    steps: AbstractSet[int],
) -> Link | None:
    """What a call leads from and to; None where units stay the same ones."""
    layer, (before, after) = node.operation, (node.inputs[0].shape, node.outputs[0].shape)
    stepped = bool({id(node.inputs[0]), id(node.outputs[0])} & steps)
    if joining_kind(layer):
        axis = layer.axis % len(after) if isinstance(layer, keras.layers.Concatenate) else 0
        joins = stepped or axis == len(after) - 1
        counts = [flow.shape[1] if stepped else flow.shape[-1] for flow in node.inputs]
        return Link("", sources, _side_by_side(counts) if joins else _meeting(counts))
    if type(layer) in WITH_KERNELS:
        kernel = np.abs(weights[variable_name(model, layer.kernel)])
        taps = tuple(range(1, kernel.ndim - 2))
        return Link(layer.name, sources, (kernel.max(axis=taps) if taps else kernel,))
    if stepped and isinstance(layer, keras.layers.Cropping1D):
        begin, cut = layer.cropping
        return Link("", sources, (_same(before[1])[np.newaxis, :, begin : before[1] - cut],))
    if type(layer) in LAYING_OUT and not stepped:
        return _laid_out(sources[0], prod(before[1:]), before[-1], after[-1])
    return None


def _same(count: int) -> NDArray[np.float32]:
    """Units that stay the same ones, (units, units)."""
    return np.eye(count, dtype=np.float32)


def _meeting(counts: Sequence[int]) -> tuple[NDArray[np.float32], ...]:
    """Inputs of a layer in which the same units meet; one of a single unit meets all."""
    units = max(counts)
    single = np.ones((1, units), np.float32)
    return tuple((_same(units) if count == units else single)[np.newaxis] for count in counts)


def _side_by_side(counts: Sequence[int]) -> tuple[NDArray[np.float32], ...]:
    """Inputs whose units stand side by side in what comes out."""
    parts = np.split(_same(sum(counts)), np.cumsum(counts)[:-1])
    return tuple(part[np.newaxis] for part in parts)


def _laid_out(source: int, numbers: int, before: int, after: int) -> Link:
    """The same numbers with another length's last axis, in all members."""
    place = np.arange(numbers)
    leads = np.zeros((before, after), np.float32)
    leads[place % before, place % after] = 1.0
    return Link("", (source,), (leads[np.newaxis],))
