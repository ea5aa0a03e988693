"""Strengths of a model that is built already, and the regularizers that hold them.

Keras sums the regularizers of a model's variables, whoever has put them there: what a layer was
given as an argument, and what is set on its variable later, count alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import keras

from regcli.config.layer_selection import HIDDEN, LayerWeights
from regcli.config.schema import Regularization
from regcli.config.selection_keys import Selection
from regcli.errors import ModelError
from regcli.models.chosen_strengths import chosen_keys, chosen_strengths
from regcli.models.input_groups import misfit
from regcli.models.keras_private import inner_layers
from regcli.models.kernel_penalties import BothPenalties, covered, make_regularizer
from regcli.models.weights import variable_name
from regcli.penalties.penalty import LayerStrengths, Penalty
from regcli.penalties.registry import GROUPED
from regcli.penalties.sparse_groups import InputGroups

_UNIT_A_COLUMN = frozenset({"Dense", "Conv1D", "Conv2D", "Conv3D"})
_GROUP = ("regularization", "group")


def built_strengths(
    model: keras.Model,
    regularization: Regularization,
    columns_of_inputs: tuple[int, ...] | None = None,
) -> Mapping[str, LayerStrengths]:
    """The config's strengths of each layer with weights, by what its variables' names begin with.

    Args:
        columns_of_inputs: as of `Splits`.

    Raises:
        ModelError: as `chosen_strengths`, or `hidden` is asked for where it is not clear which
            layer is the output layer, or there is no layer to group.
    """
    layers = weights_of_model(model)
    _check_hidden(layers, regularization)
    found = chosen_strengths(layers, regularization, _existing(model), {})
    if regularization.group:
        penalty: Penalty = GROUPED[regularization.group]
        if regularization.group == "inputs":
            penalty = InputGroups(columns_of_inputs)
        groups = penalty.of(regularization)
        for layer in _grouped(model, layers, regularization):
            own = found[layer.key]
            kernel = groups.having(**own.kernel.numbers)
            found[layer.key] = replace(own, kernel=kernel)
    return found


def strengths_reached(
    model: keras.Model,
    regularization: Regularization,
    strength: Literal["l1", "l2", "group_strength"],
) -> frozenset[str]:
    """Names of the weights that one of the config's strengths is meant for.

    Raises:
        ModelError: as `built_strengths`.
    """
    weak, strong = (
        built_strengths(model, regularization.model_copy(update={strength: number}))
        for number in (1.0, 2.0)
    )
    return frozenset(
        f"{layer.key}/{weight}"
        for layer in weights_of_model(model)
        for weight in layer.weights
        if weak[layer.key].of(weight) != strong[layer.key].of(weight)
    )


def attach_regularizers(
    model: keras.Model, strengths: Mapping[str, LayerStrengths], proximal: bool
) -> None:
    """Have Keras's loss hold the strengths, beside the regularizers that are not replaced."""
    for own in covered(model, strengths):
        variable = own.variable
        named = None if own.is_replaced else variable.regularizer
        ours = make_regularizer(own.strengths, proximal)
        both = None not in (ours, named)
        variable.regularizer = BothPenalties(ours, named) if both else ours or named


def weights_of_model(model: keras.Model) -> tuple[LayerWeights, ...]:
    """The layers of a built model that have trained weights of their own, as selections see them.

    Layers inside others count by themselves, and have the names and kinds of those around too.
    """
    names = {id(v): variable_name(model, v) for v in model.trainable_variables}
    output, seen, found = _output_layer(model), set(), []
    for around, layer in _with_inner(model, ()):
        inside = {id(v) for inner in inner_layers(layer) for v in inner.trainable_variables}
        own = [names[id(v)] for v in layer.trainable_variables if id(v) not in inside]
        path = (*around, layer)
        for key in dict.fromkeys(name.rpartition("/")[0] for name in own):
            if key in seen:
                continue
            seen.add(key)
            weights = [name.rpartition("/") for name in own]
            found.append(
                LayerWeights(
                    key=key,
                    names=tuple(each.name for each in path),
                    kinds=tuple(type(each).__name__ for each in reversed(path)),
                    weights=tuple(weight for owner, _, weight in weights if owner == key),
                    is_output=path[0] is output,
                )
            )
    return tuple(found)


def _with_inner(
    layer: keras.Layer, around: tuple[keras.Layer, ...]
) -> Iterator[tuple[tuple[keras.Layer, ...], keras.Layer]]:
    """Every layer that a layer or model holds, outer ones first, with those that hold it."""
    for inner in inner_layers(layer):
        yield around, inner
        yield from _with_inner(inner, (*around, inner))


def _output_layer(model: keras.Model) -> keras.Layer | None:
    """The layer with weights that the output comes from; None where several meet, or none is."""
    makers = {}
    for layer in model.layers:
        try:
            makers[id(layer.output)] = layer
        except AttributeError:
            continue  # it is shared, or not part of a graph
    layer = makers.get(id(model.outputs[0])) if getattr(model, "outputs", None) else None
    while layer is not None and not layer.trainable_variables:
        layer = makers.get(id(layer.input))
    return layer


def _existing(model: keras.Model) -> dict[str, list[str]]:
    """Weights that have a regularizer, by what their names begin with."""
    found: dict[str, list[str]] = {}
    for variable in model.trainable_variables:
        if variable.regularizer is not None:
            owner, _, weight = variable_name(model, variable).rpartition("/")
            found.setdefault(owner, []).append(weight)
    return found


def _check_hidden(layers: Sequence[LayerWeights], regularization: Regularization) -> None:
    groups = enumerate(regularization.groups or ())
    selections: dict[tuple[str | int, ...], Selection] = {
        ("regularization", "layers"): regularization.layers
    }
    selections |= {("regularization", "groups", n, "layers"): own.layers for n, own in groups}
    for path, selection in selections.items():
        asked = selection == HIDDEN or (not isinstance(selection, str) and HIDDEN in selection)
        if asked and not any(layer.is_output for layer in layers):
            raise ModelError(
                path,
                "hidden requires that one layer gives the model's output; this model has no such "
                "layer, name its layers",
            )


def _grouped(
    model: keras.Model, layers: Sequence[LayerWeights], regularization: Regularization
) -> Sequence[LayerWeights]:
    """The layers whose kernels have groups.

    Raises:
        ModelError: there are none, or one whose columns are no units.
    """
    grouped = [layer for layer in layers if layer.kernels]
    if regularization.group == "inputs":
        if found := misfit(model):
            rule = "inputs requires that the first kernel takes the columns directly"
            raise ModelError(_GROUP, f"{rule}; got {found}")
        grouped = grouped[:1]
    else:
        grouped = [layer for layer in grouped if not layer.is_output]
    if not isinstance(regularization.layers, str):
        chosen = chosen_keys(regularization.layers, layers)
        grouped = [layer for layer in grouped if layer.key in chosen]
    if not grouped:
        what = "a kernel" if regularization.group == "inputs" else "a hidden layer with a kernel"
        raise ModelError(_GROUP, f"{regularization.group} requires {what}")
    for layer in grouped if regularization.group == "units" else ():
        if layer.kinds[0] not in _UNIT_A_COLUMN:
            raise ModelError(
                _GROUP,
                "units requires layers of type Dense or Conv1D to Conv3D; "
                f"'{layer.names[-1]}' is {layer.kinds[0]}; name other layers in "
                "regularization.layers",
            )
    return grouped
