"""The outline of a Keras model of any kind: a stack, a graph, or a class of its own."""

import re
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import keras

from regcli.config.outline import Operation, Outline, Regularized, Shape
from regcli.models.keras_private import GraphNode, graph_nodes
from regcli.models.kernel_penalties import BothPenalties, strengths_of

_SUMS = (keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2)
_COUNTED = re.compile(r"(keras_tensor|input_layer)(_\d+)?")
"""Names that Keras gives inputs by itself."""


def read_outline(model: keras.Model) -> Outline:
    """What a built model computes, layer by layer."""
    calls = graph_nodes(model)
    if calls is None:
        layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
        own = tuple(_operation(layer, layer.name, (), (), shares=False) for layer in layers)
        return Outline((), own, (), has_graph=False)
    names = _Names()
    for tensor in model.inputs:
        names.know(tensor, _input_name(tensor, len(model.inputs)))
    inputs = tuple((names.of_tensor(tensor), _shape(tensor)) for tensor in model.inputs)
    operations = tuple(_calls(list(calls), names))
    return Outline(inputs, operations, tuple(map(names.of_tensor, model.outputs)))


class _Names:
    """What tensors and calls are called: by the layer, with a number at its later calls."""

    def __init__(self) -> None:
        self._of_tensors: dict[int, str] = {}
        self._calls: dict[int, int] = {}

    def of_tensor(self, tensor: keras.KerasTensor) -> str:
        """The name of what gives a tensor; its own where that is not known."""
        return self._of_tensors.get(id(tensor), str(tensor.name))

    def know(self, tensor: keras.KerasTensor, name: str) -> None:
        """Give the name of what gives a tensor."""
        self._of_tensors[id(tensor)] = name

    def begin(self, operation: keras.Operation) -> tuple[str, bool]:
        """The name of the next call of an operation, and whether there was one before."""
        number = self._calls[id(operation)] = self._calls.get(id(operation), 0) + 1
        return f"{operation.name}#{number}" if number > 1 else str(operation.name), number > 1


def _input_name(tensor: keras.KerasTensor, inputs: int) -> str:
    """An input's own name; `input` for the only one, where Keras has counted one up."""
    name = str(tensor.name)
    return "input" if inputs == 1 and _COUNTED.fullmatch(name) else name


def _calls(calls: Sequence[GraphNode], names: _Names) -> Iterator[Operation]:
    for call in calls:
        name, shares = names.begin(call.operation)
        takes = tuple(map(names.of_tensor, call.inputs))
        for tensor in call.outputs:
            names.know(tensor, name)
        yield _operation(call.operation, name, _shape(call.outputs[0]), takes, shares)


def _operation(
    operation: keras.Operation, name: str, shape: Shape, takes: tuple[str, ...], shares: bool
) -> Operation:
    weights = [] if shares or not isinstance(operation, keras.Layer) else operation.weights
    weights = [weight for weight in weights if "float" in weight.dtype]
    inside: tuple[Operation, ...] = ()
    if not shares and isinstance(operation, keras.Model):
        inside = tuple(_inside(operation, takes))
    return Operation(
        name=name,
        kind=type(operation).__name__,
        shape=shape,
        takes=takes,
        parameters=sum(prod(weight.shape) for weight in weights),
        trained=sum(prod(weight.shape) for weight in weights if weight.trainable),
        regularized=() if inside else tuple(_regularized(operation, weights)),
        shares=shares,
        inside=inside,
    )


def _inside(model: keras.Model, takes: Sequence[str]) -> Iterator[Operation]:
    """What a model inside of another computes, from what that gives it; nothing without a graph."""
    calls = graph_nodes(model)
    if calls is not None:
        names = _Names()
        for tensor, name in zip(model.inputs, takes, strict=False):
            names.know(tensor, name)
        yield from _calls(list(calls), names)


def _regularized(
    operation: keras.Operation, weights: Sequence[keras.Variable]
) -> Iterator[Regularized]:
    for weight in weights:
        text = _strengths_text(weight.regularizer) if weight.trainable else ""
        if text:
            yield Regularized(_name_within(operation, weight), text)
    activity = getattr(operation, "activity_regularizer", None)
    if activity is not None:
        yield Regularized("outputs", _strengths_text(activity))


def _name_within(operation: keras.Operation, weight: keras.Variable) -> str:
    """`forward_lstm/kernel` of a Bidirectional layer; the name by which its layer knows it."""
    _, found, rest = str(weight.path).rpartition(f"{operation.name}/")
    return rest if found else str(weight.name)


def _strengths_text(regularizer: Any) -> str:
    """`l1 0.01, l2 0.1`, without those that are 0; another regularizer as it is written."""
    if isinstance(regularizer, BothPenalties):
        return "; ".join(filter(None, map(_strengths_text, (regularizer.ours, regularizer.named))))
    if regularizer is None:
        return ""
    if isinstance(regularizer, _SUMS):
        named = {name: float(getattr(regularizer, name, 0.0)) for name in ("l1", "l2")}
        return ", ".join(f"{name} {_number(value)}" for name, value in named.items() if value)
    own = strengths_of(regularizer)
    if own is None:
        return _part_text(regularizer.get_config(), type(regularizer).__name__)
    if not own.any:
        return ""
    words = ", ".join(f"{name} {_number(value)}" for name, value in own.numbers.items() if value)
    return words if own.is_elastic_net else f"{own.penalty.name}: {words}"


def _part_text(arguments: Mapping[str, Any], kind: str) -> str:
    return f"{kind}({', '.join(f'{key}={_number(value)}' for key, value in arguments.items())})"


def _number(value: Any) -> str:
    """A number in as few digits as tell it from others that give other results."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _shape(tensor: keras.KerasTensor) -> Shape:
    return tuple(None if size is None else int(size) for size in tensor.shape[1:])
