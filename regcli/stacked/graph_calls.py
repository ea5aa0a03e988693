"""One call of a model's graph on stacked tensors: of a layer, or of a plain operation."""

from collections.abc import Mapping

import keras
import numpy as np

from regcli.models.keras_private import GraphNode
from regcli.stacked.by_member import flat, node_by_member
from regcli.stacked.layers import FOLDABLE, FORMS, apply
from regcli.stacked.regularizers import activity
from regcli.stacked.stacking import Pass
from regcli.stacked.tensors import Tensor, Tensors

_MERGING = "Add Average Concatenate Dot Maximum Minimum Multiply Subtract"
MERGING = frozenset(getattr(keras.layers, name) for name in _MERGING.split())
"""Layers that join several inputs row by row."""

_ATTENTION = "AdditiveAttention Attention GroupQueryAttention MultiHeadAttention"
ATTENTION = frozenset(getattr(keras.layers, name) for name in _ATTENTION.split())
"""Layers of several inputs that have weights, and are called member by member."""

_ELEMENTWISE = (
    "Abs Absolute Add Arctan Cast Ceil Celu Clip Cos Cosh Divide Elu Erf Exp Expm1 Floor Gelu "
    "HardSigmoid HardSilu HardTanh LeakyRelu Log Log1p Log2 LogSigmoid Maximum Minimum Multiply "
    "Negative Power Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Silu Sin Sinh Softplus "
    "Softsign Sqrt Square Subtract Tanh TrueDivide"
)
ELEMENTWISE = frozenset(_ELEMENTWISE.split())
"""Operations of Keras on each number, or on each pair of numbers, by itself."""


def of_layer(
    node: GraphNode,
    weights: Tensors,
    statistics: Tensors,
    flows: Mapping[int, Tensor],
    info: Pass,
) -> tuple[Tensors, Tensors]:
    """A layer's outputs and new statistics.

    Args:
        flows: (members, rows, …) each, by the `id` of the symbolic tensor.
    """
    layer = node.operation
    if type(layer) in FORMS or type(layer) in FOLDABLE:
        y, statistics = apply(layer, weights, statistics, flows[id(node.inputs[0])], info)
        return [y], statistics
    inputs = [flows[id(x)] for x in node.inputs]
    outputs = node_by_member(node, [*weights, *statistics], inputs, info.training)
    if layer.activity_regularizer is not None:
        info.activities.extend(activity(layer.activity_regularizer, y) for y in outputs)
    return outputs, statistics


def of_operation(node: GraphNode, flows: Mapping[int, Tensor]) -> Tensors:
    """A plain operation's outputs."""
    return node_by_member(node, [], [flows[id(x)] for x in node.inputs], False)


def treats_rows_separately(node: GraphNode) -> bool:
    """Whether a plain operation surely does, so that it need not be tried.

    Numbers by themselves, where all tensors have rows or are shorter than those that have; and what
    is cut out of every row.
    """
    kind = type(node.operation)
    if not kind.__module__.startswith("keras."):
        return False
    arguments = flat(node.arguments({id(x): x for x in node.inputs}))
    ranks = {len(x.shape) for x in node.inputs}
    if kind.__name__ == "GetItem":
        key = node.arguments({id(x): x for x in node.inputs})[0][1]
        return isinstance(key, tuple) and key[0] == slice(None) and len(node.inputs) == 1
    others = [np.ndim(x) for x in arguments if not isinstance(x, keras.KerasTensor | str | None)]
    return kind.__name__ in ELEMENTWISE and len(ranks) == 1 and max(others, default=0) < min(ranks)
