"""What a Keras model is made of: calls of layers, of models inside of it, of plain operations."""

from collections.abc import Iterator, Sequence

import keras

from regcli.models.keras_private import GraphNode, graph_nodes


def calls_of(model: keras.Model) -> Sequence[GraphNode]:
    """A model's own calls in the order of Keras; a model inside of it is one call.

    Raises:
        ValueError: the model has no graph.
    """
    nodes = graph_nodes(model)
    if nodes is None:
        raise ValueError(f"{type(model).__name__} has no graph")
    return tuple(nodes)


def is_graph(operation: keras.Operation) -> bool:
    """Whether what is called is a whole model that has a graph of its own."""
    return isinstance(operation, keras.Model) and graph_nodes(operation) is not None


def flat_calls(model: keras.Model) -> Iterator[GraphNode]:
    """All calls of layers and plain operations, those within models inside of it too.

    A model that is called twice has its calls twice.
    """
    for call in calls_of(model):
        if is_graph(call.operation):
            yield from flat_calls(call.operation)
        else:
            yield call


def flat_layers(model: keras.Model) -> list[keras.Layer]:
    """Every layer that is called in a model or in a model inside of it, once each.

    With those that a TimeDistributed calls.
    """
    waiting = [call.operation for call in flat_calls(model)]
    found: dict[int, keras.Layer] = {}
    for operation in waiting:
        if isinstance(operation, keras.Layer):
            found[id(operation)] = operation
        if isinstance(operation, keras.layers.TimeDistributed):
            waiting.append(operation.layer)
    return list(found.values())
