"""From a config's layers to a Keras model whose kernels carry their strengths."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from pydantic import ValidationError

from regcli.config.graph_layers import INPUT, SHARED
from regcli.config.keras_parts import Layer
from regcli.config.layer_names import layer_names
from regcli.config.layer_weights import weight_arguments
from regcli.config.stack import Stack
from regcli.errors import ModelError
from regcli.models.input_groups import misfit
from regcli.models.joined_layers import join_layers
from regcli.models.kernel_penalties import BothPenalties, make_regularizer
from regcli.models.layer_strengths import layer_path, with_own
from regcli.models.parts import keras_arguments, make_part
from regcli.models.reasons import first_sentence
from regcli.penalties.penalty import LayerStrengths
from regcli.penalties.sparse_groups import InputGroups

MODEL_NAME = "model"


def build_model(
    stack: Stack,
    strengths: Mapping[str, LayerStrengths],
    input_shape: tuple[int, ...],
    proximal: bool = False,
    columns: Sequence[str] = (),
) -> keras.Model:
    """An ordinary Keras model, with `kernel_regularizer` where a strength is above zero.

    Start weights come from Keras's global seed (`keras.utils.set_random_seed`).

    Args:
        input_shape: shape of one row.
        proximal: whether the regularizers only show in the loss, because a proximal step does their
            work.
        columns: names of the numbers of a row, for graphs that choose some of them.

    Raises:
        ModelError: naming the layer that Keras refuses, with Keras's reason, or one that keeps
            groups from being input columns.
    """
    layers = {
        name: _make_layer(layer, name, strengths[name], layer_path(position), proximal)
        for layer, name, position in zip(stack.layers, stack.names, stack.positions, strict=True)
        if layer.kind not in {INPUT, SHARED}
    }
    if stack.is_graph:
        model = join_layers(stack, layers, input_shape, columns, MODEL_NAME)
    else:
        model = _pile(layers, stack, input_shape)
    _check_constraints(layers, stack)
    if any(isinstance(own.kernel.penalty, InputGroups) for own in strengths.values()):
        _check_input_groups(model)
    return model


def _pile(
    layers: Mapping[str, keras.Layer], stack: Stack, input_shape: tuple[int, ...]
) -> keras.Sequential:
    """The model of layers that each take the one before."""
    try:
        return keras.Sequential([keras.Input(input_shape), *layers.values()], name=MODEL_NAME)
    except Exception as error:
        _refuse_first_misfit(list(layers.values()), stack, input_shape)
        raise ModelError(("model", "layers"), first_sentence(error)) from error


def _check_constraints(layers: Mapping[str, keras.Layer], stack: Stack) -> None:
    """Apply each constraint once: one that does not fit would else end the training.

    Raises:
        ModelError: naming the layer, with the reason.
    """
    for name, position, kind in zip(stack.names, stack.positions, stack.layers, strict=True):
        for weight in layers[name].trainable_weights if name in layers else ():
            if weight.constraint is None:
                continue
            try:
                weight.constraint(weight.value)
            except Exception as error:
                shape = tuple(weight.shape)
                raise ModelError(
                    layer_path(position),
                    f"a constraint of {kind.kind} does not fit its {weight.name} of shape {shape}: "
                    f"{first_sentence(error)}",
                ) from error


def _check_input_groups(model: keras.Model) -> None:
    if found := misfit(model):
        rule = (
            "inputs requires that the first kernel takes the columns directly, like Dense after "
            "layers that keep columns separate"
        )
        raise ModelError(("regularization", "group"), f"{rule}; got {found}")


def _make_layer(
    layer: Layer,
    name: str,
    strengths: LayerStrengths,
    path: tuple[str | int, ...],
    proximal: bool,
) -> keras.Layer:
    try:
        arguments = keras_arguments("layers", layer.kind, layer.arguments) | {"name": name}
        arguments |= _regularizers(layer, strengths, proximal)
        if "layer" in arguments:
            arguments["layer"] = _make_inner_layer(layer, strengths, path, proximal)
        return make_part("layers", layer.kind, arguments)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(path, f"Keras refuses {layer.kind}: {first_sentence(error)}") from error


def _regularizers(layer: Layer, strengths: LayerStrengths, proximal: bool) -> dict[str, Any]:
    """The regularizers of a layer's weights by argument, added to those that it names."""
    found: dict[str, Any] = {}
    for weight, argument in weight_arguments(layer).items():
        own = strengths.of(weight)
        ours = None if own is None else make_regularizer(own, proximal)
        given = {argument: layer.arguments.get(argument)}
        named = keras_arguments("layers", layer.kind, given).get(argument)
        if weight in strengths.replaced:
            found[argument] = ours
        elif ours is not None:
            found[argument] = ours if named is None else BothPenalties(ours, named)
    return found


def _make_inner_layer(
    wrapper: Layer, strengths: LayerStrengths, path: tuple[str | int, ...], proximal: bool
) -> keras.Layer:
    """The layer inside a wrapper. Its name is its own, not counted up by Keras from model to model.

    Strengths of its own come before the wrapper's.
    """
    try:
        inner = Layer.model_validate(wrapper.arguments["layer"])
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        message = f"the layer in {wrapper.kind}: {problem['msg']}, got {problem['input']}"
        raise ModelError(path, message) from error
    (name,) = layer_names([inner])
    return _make_layer(inner, name, with_own(strengths, inner), path, proximal)


_OF_IMAGES = frozenset(
    {
        *("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "MaxPooling2D", "AveragePooling2D"),
        *("Convolution2D", "MaxPool2D", "AvgPool2D", "GlobalAveragePooling2D"),
        *("GlobalMaxPooling2D", "ZeroPadding2D"),
    }
)
"""Layers that take rows of the axes height, width and channels."""


def _refuse_first_misfit(
    layers: list[keras.Layer], stack: Stack, input_shape: tuple[int, ...]
) -> None:
    """Call the layers one by one to find the one that does not fit what comes before it."""
    flow = keras.Input(input_shape)
    for layer, kind, position in zip(layers, stack.layers, stack.positions, strict=True):
        shape = tuple(flow.shape[1:])
        try:
            flow = layer(flow)
        except Exception as error:
            message = (
                f"{kind.kind} does not fit its input of shape {shape}: {first_sentence(error)}"
            )
            if len(shape) == 2 and shape == input_shape and kind.kind in _OF_IMAGES:
                reshape = f"Reshape: {{target_shape: [{shape[0]}, {shape[1]}, 1]}}"
                message += f"; images in grey need a channel axis, so begin with {reshape}"
            raise ModelError(layer_path(position), message) from error
