"""A form for layers and operations that have no stacked form of their own.

The layer itself is called on each member's weights, vectorised over the members. What it does must
treat every row separately, draw no random numbers, and change no state.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from regcli.models.keras_private import GraphNode
from regcli.stacked.stacking import Pass, is_statistic
from regcli.stacked.tensors import Tensor, Tensors

Call = Callable[[Tensors], Tensors]
"""From one member's tensors to its outputs."""


def by_member(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    """The layer's own call on every member's weights and inputs."""

    def call(given: Tensors) -> Tensors:
        return on_variables(layer, given[1:], (given[0],), {}, info.training)

    (y,) = vectorised(call, [x, *weights, *statistics])
    return y, statistics


def node_by_member(node: GraphNode, values: Tensors, inputs: Tensors, training: bool) -> Tensors:
    """A layer or a plain operation as it is called in a graph, on every member's weights.

    Without any, members and rows are folded into one axis.

    Args:
        values: of `own_variables`, (members, …) each.
        inputs: (members, rows, …) each, in the node's order.
    """
    if not values:
        members, rows = inputs[0].shape[:2]
        folded = [tf.reshape(x, [members * rows, *x.shape[2:]]) for x in inputs]
        outputs = node_of_one(node, [], folded, training)
        return [tf.reshape(y, [members, rows, *y.shape[1:]]) for y in outputs]
    return vectorised(
        lambda given: node_of_one(node, given[len(inputs) :], given[: len(inputs)], training),
        [*inputs, *values],
    )


def node_of_one(node: GraphNode, values: Tensors, inputs: Tensors, training: bool) -> Tensors:
    """As `node_by_member`, of one member: values in their own shapes, inputs (rows, …)."""
    places = dict(zip(map(id, node.inputs), inputs, strict=True))
    arguments, keywords = node.arguments(places)
    if not isinstance(node.operation, keras.Layer):
        return flat(node.operation(*arguments, **keywords))
    return on_variables(node.operation, values, arguments, keywords, training)


def on_variables(
    layer: keras.Layer,
    values: Tensors,
    arguments: Sequence[Any],
    keywords: dict[str, Any],
    training: bool,
) -> Tensors:
    """A layer's outputs, called as a model calls it, with other values of its variables."""
    with keras.StatelessScope([*zip(own_variables(layer), values, strict=True)]):
        return flat(layer(*arguments, **{**keywords, "training": training}))


def own_variables(operation: keras.Operation) -> list[keras.Variable]:
    """What a layer reads that is a member's own: trainable variables, then floating others."""
    if not isinstance(operation, keras.Layer):
        return []
    variables = operation.variables
    others = [v for v in variables if not v.trainable and is_statistic(v)]
    return [*(v for v in variables if v.trainable), *others]


def flat(outputs: Any) -> Tensors:
    """Outputs one after the other."""
    found: Tensors = keras.tree.flatten(outputs)
    return found


def vectorised(call: Call, stacked: Tensors) -> Tensors:
    """`call` on each member's tensors, (members, …) each.

    The gradient is taken inside of a vectorised function too: taken around it, XLA would compile
    the program anew at every call.
    """
    floating = [part.dtype.is_floating for part in stacked]

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def run(*stacked: Tensor) -> tuple[Tensors, Callable[..., Sequence[Tensor | None]]]:
        def backward(*slopes: Tensor) -> Sequence[Tensor | None]:
            found = iter(_map(_products_with_slopes, [*slopes, *stacked]))
            return [next(found) if has_slope else None for has_slope in floating]

        return _map(call, list(stacked)), backward

    def _products_with_slopes(given: Tensors) -> Tensors:
        slopes, own = given[: -len(stacked)], given[-len(stacked) :]
        sources = [part for part, has_slope in zip(own, floating, strict=True) if has_slope]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            outputs = call(own)
        pairs = [pair for pair in zip(outputs, slopes, strict=True) if pair[0].dtype.is_floating]
        targets, weights = ([pair[place] for pair in pairs] for place in (0, 1))
        found: Tensors = tape.gradient(targets, sources, weights, unconnected_gradients="zero")
        return [tf.convert_to_tensor(slope) for slope in found]

    found: Tensors = run(*stacked)
    return found


def _map(function: Call, stacked: Tensors) -> Tensors:
    found: Tensors = tf.vectorized_map(function, stacked, fallback_to_while_loop=False)
    return found
