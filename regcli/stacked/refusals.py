"""Which models cannot be stacked, so that only Keras's `fit` trains them, and why."""

from collections.abc import Iterator, Mapping
from typing import Any

import keras

from regcli.models.keras_private import GraphNode, graph_nodes
from regcli.stacked.graph_calls import ATTENTION, MERGING, treats_rows_separately
from regcli.stacked.layers import FOLDABLE, FORMS
from regcli.stacked.model_graph import calls_of, flat_layers, is_graph
from regcli.stacked.regularizers import ACTIVITY
from regcli.stacked.trial import why_not_by_member

PLAIN: Mapping[str, tuple[Any, ...]] = {
    "data_format": ("channels_last", None),
    "seed": (None,),
    "stateful": (False,),
    "return_state": (False,),
    "mask_zero": (False,),
    "lora_rank": (None,),
    "synchronized": (False,),
    "renorm": (False,),
    "quantization_config": (None,),
    "merge_mode": ("concat", "sum", "ave", "mul"),
    "sparse": (False,),
    "tie_weights": (True,),
}
"""Arguments with the values that the stacked forms know."""


def why_not_model(model: keras.Model) -> str | None:
    """Why a model cannot be trained in a population; None where it can.

    Layers and operations without a stacked form are tried, which takes about a second each.
    """
    return next(_reasons(model), None)


def called_by_member(model: keras.Model) -> tuple[str, ...]:
    """Kinds of a person's own layers, which a population calls member by member."""
    layers = (v for v in flat_layers(model) if not _has_form(v) and not _is_of_keras(v))
    return tuple(dict.fromkeys(type(layer).__name__ for layer in layers))


def _reasons(model: keras.Model) -> Iterator[str]:
    kind = type(model).__name__
    if graph_nodes(model) is None:
        yield f"{kind} has no graph of layers: it is not built, or its class has its own call"
        return
    for what, count in (("inputs", len(model.inputs)), ("outputs", len(model.outputs))):
        if count > 1:
            yield f"the model has {count} {what}"
    if model.inputs[0].shape[0] is not None:
        yield "the model's input has a fixed batch size"
    yield from _reasons_within(model)


def _reasons_within(model: keras.Model) -> Iterator[str]:
    for call in calls_of(model):
        if is_graph(call.operation):
            if reason := _why_not_inputs(call):
                yield reason
            yield from _reasons_within(call.operation)
        elif reason := _why_not_call(call):
            yield reason


def _why_not_inputs(call: GraphNode) -> str | None:
    """Why a model inside of a model cannot be called as it is."""
    model = call.operation
    arguments, _ = call.arguments({id(x): x for x in call.inputs})
    by_name = isinstance(arguments[0], dict) and not isinstance(model.input, dict)
    ranks = [[len(x.shape) for x in flows] for flows in (call.inputs, model.inputs)]
    if by_name or ranks[0] != ranks[1]:
        return f"the model {model.name} is called with inputs of another structure than its own"
    return None


def _why_not_call(call: GraphNode) -> str | None:
    operation = call.operation
    kind = type(operation).__name__
    if not isinstance(operation, keras.Layer):
        if treats_rows_separately(call):
            return None
        reason = why_not_by_member(call)
        return reason and f"the operation {kind} {reason}"
    if reason := _why_not_arguments_of_call(call) or _why_not_dtype(operation):
        return reason
    if _has_form(operation):
        return why_not_layer(operation)
    reason = why_not_by_member(call)
    return reason and f"the layer {kind} {reason}"


def _has_form(operation: keras.Operation) -> bool:
    kind = type(operation)
    return kind in FORMS or kind in FOLDABLE or kind in MERGING or kind in ATTENTION


def _is_of_keras(operation: keras.Operation) -> bool:
    return type(operation).__module__.startswith("keras.")


def _why_not_dtype(layer: keras.Layer) -> str | None:
    dtype = str(layer.compute_dtype)
    if "float" in dtype and dtype != "float32":
        return f"{type(layer).__name__} computes in {dtype}"
    return None


def _why_not_arguments_of_call(call: GraphNode) -> str | None:
    """Forms of one input are called with that alone; what joins inputs, with rows only."""
    kind = type(call.operation)
    if kind in MERGING:
        return _why_not_merging(call)
    if kind not in FORMS and kind not in FOLDABLE:
        return None
    given = [name for name, value in call.keywords.items() if value is not None]
    others = [name for name in given if name != "training"]
    if others or len(call.inputs) > 1:
        named = f"with {others[0]}" if others else f"on {len(call.inputs)} inputs"
        return f"{kind.__name__} is called {named}"
    return None


def _why_not_merging(call: GraphNode) -> str | None:
    kind, layer = type(call.operation).__name__, call.operation
    arguments = call.arguments({id(x): x for x in call.inputs})
    if not all(isinstance(x, keras.KerasTensor) for x in keras.tree.flatten(arguments)):
        return f"{kind} joins a constant"
    axes = keras.tree.flatten(getattr(layer, "axis", getattr(layer, "axes", ())))
    if any(axis % len(x.shape) == 0 for axis in axes for x in call.inputs):
        return f"{kind} joins rows"
    return None


def why_not_layer(layer: keras.Layer, inside: bool = False) -> str | None:
    """Why a layer cannot be part of a stacked model; None where it can.

    Args:
        inside: whether a TimeDistributed holds it.
    """
    kind = type(layer).__name__
    if not _has_form(layer) or (inside and type(layer) in MERGING | ATTENTION):
        return f"{kind} is not supported in a population"
    own = _why_not_activity(layer, inside) or _why_not_arguments(layer)
    if isinstance(layer, keras.layers.TimeDistributed):
        return own or why_not_layer(layer.layer, inside=True)
    if isinstance(layer, keras.layers.Bidirectional):
        # Its two layers are made from one config.
        return own or why_not_layer(layer.forward_layer, inside)
    return own


def _why_not_activity(layer: keras.Layer, inside: bool) -> str | None:
    kind, regularizer = type(layer).__name__, layer.activity_regularizer
    if type(layer) in ATTENTION and layer.get_config().get("activity_regularizer"):
        return f"{kind} has an activity_regularizer"
    if regularizer is None:
        return None
    if inside:
        return f"{kind} in TimeDistributed has an activity_regularizer"
    if not isinstance(regularizer, ACTIVITY):
        return f"{kind} has an activity_regularizer that is not a sum over rows"
    return None


def _why_not_arguments(layer: keras.Layer) -> str | None:
    kind, arguments = type(layer).__name__, layer.get_config()
    for name, usual in PLAIN.items():
        if name in arguments and arguments[name] not in usual:
            return f"{kind} has {name}={arguments[name]}"
    if type(layer) in ATTENTION and arguments["dropout"]:
        return f"{kind} has dropout={arguments['dropout']}"
    return None
