"""Where a graph cuts columns out of its rows: columns that stand as steps of a sequence.

Keras has no layer that selects columns. A Reshape makes steps of one feature of them, Cropping1D
cuts runs of steps out, Concatenate joins runs, and a Reshape makes columns of them again.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import keras

from regcli.models.keras_private import GraphNode

_L = keras.layers


def steps_of_columns(nodes: Sequence[GraphNode], outputs: AbstractSet[int]) -> frozenset[int]:
    """The `id` of every symbolic tensor whose steps are columns, cut and laid out in such a way.

    Args:
        nodes: a model's calls.
        outputs: the `id` of each symbolic tensor that the model gives.
    """
    found = {id(node.outputs[0]) for node in nodes if _takes_apart(node)}
    for node in nodes:
        if _cuts(node) and all(id(x) in found for x in node.inputs):
            found.add(id(node.outputs[0]))
    found -= outputs
    while lost := _used_otherwise(nodes, found):
        found -= lost
    return frozenset(found)


def _used_otherwise(nodes: Sequence[GraphNode], found: set[int]) -> set[int]:
    lost: set[int] = set()
    for node in nodes:
        result = id(node.outputs[0])
        taken = {id(x) for x in node.inputs} & found
        if (
            result in found
            and not _takes_apart(node)
            and len(taken) < len(set(map(id, node.inputs)))
        ):
            lost.add(result)
        if taken and not _puts_together(node) and result not in found:
            lost |= taken
    return lost


def _takes_apart(node: GraphNode) -> bool:
    """Whether columns (columns,) become steps (columns, 1)."""
    before, after = _shapes(node)
    return type(node.operation) is _L.Reshape and len(before) == 1 and after == (*before, 1)


def _puts_together(node: GraphNode) -> bool:
    """Whether steps (columns, 1) become columns (columns,)."""
    before, after = _shapes(node)
    kind = type(node.operation)
    return kind in {_L.Reshape, _L.Flatten} and before == (*after, 1) and len(after) == 1


def _cuts(node: GraphNode) -> bool:
    layer = node.operation
    if type(layer) is _L.Concatenate:
        return layer.axis in {1, -2} and len(node.inputs[0].shape) == 3
    return type(layer) is _L.Cropping1D


def _shapes(node: GraphNode) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Of one row, as it goes into a call and comes out of it."""
    return tuple(node.inputs[0].shape[1:]), tuple(node.outputs[0].shape[1:])
