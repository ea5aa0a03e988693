"""Layers that are joined as a config says: a Functional model."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import keras

from regcli.config.graph_layers import INPUT, ROWS, SHARED
from regcli.config.input_columns import columns_of, require_columns
from regcli.config.keras_parts import Layer
from regcli.config.stack import Stack
from regcli.errors import ModelError
from regcli.models.keras_private import joined_anew
from regcli.models.reasons import first_sentence

_QUERY_FIRST = (keras.layers.MultiHeadAttention, keras.layers.GroupQueryAttention)
"""Layers that take query, value and key as arguments rather than as a list."""

Flow = Any
"""A symbolic tensor of Keras."""


def join_layers(
    stack: Stack,
    layers: Mapping[str, keras.Layer],
    input_shape: tuple[int, ...],
    columns: Sequence[str],
    name: str,
) -> keras.Model:
    """A Functional model that takes whole rows and gives what the last layer gives.

    Args:
        layers: Keras's, by name; entries that are no layers of Keras have none.
        input_shape: of one row.
        columns: names of the numbers of a row, which `Input` chooses from.

    Raises:
        ModelError: naming the layer that does not fit what it takes, with Keras's reason.
    """
    require_columns(stack.layers, columns, input_shape)
    rows = keras.Input(input_shape, name=f"{ROWS}.rows" if ROWS in stack.names else ROWS)
    flows: dict[str, Flow] = {ROWS: rows}
    parts = zip(stack.names, stack.layers, stack.joints, stack.positions, strict=True)
    for own, layer, joint, position in parts:
        taken = [flows[source] for source in joint.sources]
        path = ("model", "layers") if position is None else ("model", "layers", position)
        if layer.kind == INPUT:
            flows[own] = _cut_out(columns_of(layer, columns), len(columns), own, rows)
            continue
        called = layers[_called(stack, own)]
        try:
            flows[own] = _call(called, taken)
        except Exception as error:
            raise ModelError(path, _misfit(layer, taken, error)) from error
    return keras.Model(rows, flows[stack.names[-1]], name=name)


def _called(stack: Stack, name: str) -> str:
    """The layer that an entry calls: its own, or for `Shared` the one that it is the same as."""
    layer = stack.layers[stack.names.index(name)]
    return _called(stack, str(layer.arguments["of"])) if layer.kind == SHARED else name


def _call(layer: keras.Layer, taken: list[Flow]) -> Flow:
    if isinstance(layer, _QUERY_FIRST):
        query, *others = taken
        return layer(query, *(others or [query]))
    if isinstance(layer, keras.layers.Attention | keras.layers.AdditiveAttention):
        return layer(taken if len(taken) > 1 else [*taken, *taken])
    return layer(taken if len(taken) > 1 else taken[0])


def _misfit(layer: Layer, taken: list[Flow], error: Exception) -> str:
    shapes = [str(tuple(flow.shape[1:])) for flow in taken]
    inputs = f"its input of shape {shapes[0]}"
    if len(shapes) > 1:
        inputs = f"its inputs of shapes {', '.join(shapes[:-1])} and {shapes[-1]}"
    return f"{layer.kind} does not fit {inputs}: {first_sentence(error)}"


def _cut_out(chosen: Sequence[int], count: int, name: str, rows: Flow) -> Flow:
    """Some of a row's numbers, by layers that every version of Keras reads from a file.

    A run of neighbours is cut out as Cropping1D does with steps of a sequence.

    Args:
        chosen: positions of the numbers.
        count: of all numbers of a row.
        name: of the layer that gives them.
    """
    if len(chosen) == count:
        return keras.layers.Identity(name=name)(rows)
    steps = keras.layers.Reshape((count, 1), name=f"{name}.steps")(rows)
    cut = [
        keras.layers.Cropping1D((begin, count - end), name=f"{name}.from_{begin}")(steps)
        for begin, end in _neighbours(chosen)
    ]
    joined = cut[0]
    if len(cut) > 1:
        joined = keras.layers.Concatenate(axis=1, name=f"{name}.joined")(cut)
    return keras.layers.Reshape((len(chosen),), name=name)(joined)


def _neighbours(places: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of consecutive numbers as (begin, end), end not included."""
    breaks = [after for before, after in pairwise(places) if after != before + 1]
    begins = [places[0], *breaks]
    ends = [*(places[places.index(begin) - 1] + 1 for begin in breaks), places[-1] + 1]
    return list(zip(begins, ends, strict=True))


def continued(
    model: keras.Model,
    before: Sequence[keras.Layer],
    after: Sequence[keras.Layer],
    input_shape: tuple[int, ...],
    name: str,
) -> keras.Model:
    """A model with layers in front of it and behind it; its own layers and weights are shared.

    Args:
        input_shape: of one row, as the first layer takes it.
    """
    if isinstance(model, keras.Sequential):
        rows = keras.Input(input_shape)
        return keras.Sequential([rows, *before, *model.layers, *after], name=name)
    rows = flow = keras.Input(input_shape, name=ROWS)
    for layer in before:
        flow = layer(flow)
    flow = joined_anew(model, flow)
    for layer in after:
        flow = layer(flow)
    return keras.Model(rows, flow, name=name)
