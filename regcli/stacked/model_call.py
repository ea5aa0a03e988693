"""A whole model on stacked tensors: its graph is walked, call by call, as Keras does.

Every variable is known by itself rather than by its place, so a layer that is called several times
has its weights each time, and its statistics as the call before left them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import keras
import tensorflow as tf

from regcli.models.keras_private import GraphNode
from regcli.stacked.graph_calls import of_layer, of_operation
from regcli.stacked.model_graph import calls_of, is_graph
from regcli.stacked.stacking import Pass, is_statistic
from regcli.stacked.tensors import Tensor, Tensors


def stacked_call(
    model: keras.Model,
    weights: Sequence[Tensor],
    statistics: Sequence[Tensor],
    x: Tensor,
    info: Pass,
) -> tuple[Tensor, Tensors]:
    """A whole model on stacked tensors.

    Args:
        model: Sequential or Functional, of one input and one output.
        weights: the trainable variables, (members, *shape) each, in the model's order.
        statistics: the floating non-trainable variables, likewise.
        x: inputs (members, rows, …).

    Returns:
        Outputs (members, rows, outputs) and the new statistics.
    """
    kept = [v for v in model.non_trainable_variables if is_statistic(v)]
    values = [*zip(model.trainable_variables, weights, strict=True)]
    values += zip(kept, statistics, strict=True)
    state = {id(variable): value for variable, value in values}
    (y,) = _walked(model, [x], state, info)
    return y, [state[id(variable)] for variable in kept]


def _walked(
    model: keras.Model, given: Sequence[Tensor], state: dict[int, Tensor], info: Pass
) -> Tensors:
    """A model's outputs; what its calls leave in its statistics is put into `state`."""
    flows = {
        id(entry): x if x.dtype == entry.dtype else tf.cast(x, entry.dtype)
        for entry, x in zip(model.inputs, given, strict=True)
    }
    turns: Counter[int] = Counter()
    for call in calls_of(model):
        turn = turns[id(call.operation)]
        turns[id(call.operation)] += 1
        name = call.operation.name
        own = replace(info, turn=f"{info.turn}#{name}{turn}") if turn else info
        outputs = _of_call(call, flows, state, own)
        flows.update(zip(map(id, call.outputs), outputs, strict=True))
    return [flows[id(out)] for out in model.outputs]


def _of_call(
    call: GraphNode, flows: dict[int, Tensor], state: dict[int, Tensor], info: Pass
) -> Tensors:
    operation = call.operation
    if is_graph(operation):
        inside = replace(info, scope=f"{info.scope}{operation.name}/")
        return _walked(operation, [flows[id(x)] for x in call.inputs], state, inside)
    if not isinstance(operation, keras.Layer):
        return of_operation(call, flows)
    # By variables, as the model counts them: a frozen wrapper's own list leaves out those that
    # train all the same, because the layer inside of it is not frozen.
    own = [state[id(v)] for v in operation.variables if v.trainable]
    held = [v for v in operation.variables if not v.trainable and is_statistic(v)]
    outputs, after = of_layer(call, own, [state[id(v)] for v in held], flows, info)
    state.update(zip(map(id, held), after, strict=True))
    return outputs
