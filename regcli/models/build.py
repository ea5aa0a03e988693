"""From a config's layers to a Keras model whose kernels carry their strengths."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import keras
from pydantic import ValidationError

from regcli.config import catalogue
from regcli.config.graph_layers import INPUT, SHARED
from regcli.config.keras_parts import Layer
from regcli.config.layer_names import layer_names
from regcli.config.schema import BiasStrengths, Regularization
from regcli.config.stack import Stack
from regcli.errors import ModelError
from regcli.models.graph import join_layers
from regcli.models.input_groups import misfit
from regcli.models.kernel_penalties import FREE, BothPenalties, make_regularizer
from regcli.models.parts import keras_arguments, make_part
from regcli.models.reasons import first_sentence
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import LayerStrengths, Penalty
from regcli.penalties.registry import GROUPED, NAMED
from regcli.penalties.sparse_groups import InputGroups

MODEL_NAME = "model"
_REGULARIZED = ("kernel_regularizer", "depthwise_regularizer", "pointwise_regularizer")
_UNIT_A_COLUMN = frozenset({"Dense", "Conv1D", "Conv2D", "Conv3D"})


def layer_strengths(
    stack: Stack,
    regularization: Regularization,
    columns_of_inputs: tuple[int, ...] | None = None,
) -> Mapping[str, LayerStrengths]:
    """Each layer's strengths by name: its own where given, else the config's where they apply.

    Args:
        columns_of_inputs: as of `Splits`: inputs of one column are one group.

    Raises:
        ModelError: if `regularization.layers` names a layer that the model does not have, or a
            strength is meant for a layer without a kernel.
    """
    chosen = regularization.layers
    if not isinstance(chosen, str):
        _check_chosen(chosen, stack)
    _check_own_strengths(stack)
    strengths = {}
    for position, (layer, name) in enumerate(zip(stack.layers, stack.names, strict=True)):
        is_output = position == len(stack.layers) - 1
        applies = chosen == "all" or (not is_output if chosen == "hidden" else name in chosen)
        given = _strengths(regularization) if applies else _no_strengths(regularization)
        strengths[name] = _with_own(_with_own(given, layer), _innermost(layer))
    if regularization.group:
        penalty: Penalty = GROUPED[regularization.group]
        if regularization.group == "inputs":
            penalty = InputGroups(columns_of_inputs)
        groups = penalty.of(regularization)
        for name in _grouped_layers(stack, regularization):
            own = strengths[name]
            kernel = groups.having(**own.kernel.numbers)
            strengths[name] = LayerStrengths(kernel, own.bias)
    return strengths


def layers_reached(
    stack: Stack,
    regularization: Regularization,
    strength: Literal["l1", "l2", "group_strength"],
) -> frozenset[str]:
    """Names of the layers with a kernel that one of the config's own strengths is meant for.

    Others are left out by `regularization.layers`, or have a strength of their own instead.

    Raises:
        ModelError: as `layer_strengths`.
    """
    weak, strong = (
        layer_strengths(stack, regularization.model_copy(update={strength: number}))
        for number in (1.0, 2.0)
    )
    return frozenset(
        name
        for name, layer in zip(stack.names, stack.layers, strict=True)
        if weak[name] != strong[name] and _regularized_arguments(_innermost(layer))
    )


def _strengths(regularization: Regularization) -> LayerStrengths:
    bias = regularization.bias or BiasStrengths()
    return LayerStrengths(_penalty(regularization).of(regularization), ELASTIC_NET.of(bias))


def _no_strengths(regularization: Regularization) -> LayerStrengths:
    """Those of a layer that the config's do not apply to; an l1 of its own has the same penalty."""
    free = _penalty(regularization).of(regularization).having(l1=0.0, l2=0.0)
    return LayerStrengths(free, FREE)


def _penalty(regularization: Regularization) -> Penalty:
    return ELASTIC_NET if regularization.penalty is None else NAMED[regularization.penalty]


def _with_own(given: LayerStrengths, layer: Layer) -> LayerStrengths:
    """A layer's own strengths where it has any, else those given."""
    return LayerStrengths(given.kernel.having(l1=layer.l1, l2=layer.l2), given.bias)


def _grouped_layers(stack: Stack, regularization: Regularization) -> Sequence[str]:
    """Names of the layers whose kernels have groups.

    The weights of an input column stand in the first kernel; those into a hidden unit in the kernel
    of any layer but the last.

    Raises:
        ModelError: if there are none, or one whose columns are no units: gates of an LSTM, or the
            inputs of a transposed convolution.
    """
    chosen = regularization.layers
    kinds = {
        name: _innermost(layer)
        for name, layer in zip(stack.names, stack.layers, strict=True)
        if _regularized_arguments(_innermost(layer))
    }
    kernels = list(kinds)
    grouped = kernels[:1] if regularization.group == "inputs" else kernels[:-1]
    if not isinstance(chosen, str):
        grouped = [name for name in grouped if name in chosen]
    if not grouped:
        what = "a kernel" if regularization.group == "inputs" else "a hidden layer with a kernel"
        raise ModelError(("regularization", "group"), f"{regularization.group} requires {what}")
    for name in grouped if regularization.group == "units" else ():
        if kinds[name].kind not in _UNIT_A_COLUMN:
            raise ModelError(
                ("regularization", "group"),
                "units requires layers of type Dense or Conv1D to Conv3D; "
                f"'{name}' is {kinds[name].kind}; name other layers in regularization.layers",
            )
    return grouped


def _check_chosen(chosen: Sequence[str], stack: Stack) -> None:
    path = ("regularization", "layers")
    kinds = dict(zip(stack.names, stack.layers, strict=True))
    for name in chosen:
        if name not in kinds:
            known = ", ".join(stack.names)
            message = f"there is no layer '{name}'; the layers of this model: {known}"
            raise ModelError(path, message)
        if not _regularized_arguments(_innermost(kinds[name])):
            known = ", ".join(n for n, k in kinds.items() if _regularized_arguments(_innermost(k)))
            message = f"layer '{name}' has no kernel to regularize; layers with a kernel: {known}"
            raise ModelError(path, message)


def _check_own_strengths(stack: Stack) -> None:
    for layer, position in zip(stack.layers, stack.positions, strict=True):
        own = "l1" if layer.l1 is not None else "l2" if layer.l2 is not None else None
        if own is not None and not _regularized_arguments(_innermost(layer)):
            path = (*_path(position), layer.kind, own)
            raise ModelError(path, f"{layer.kind} has no kernel to regularize")


def _innermost(layer: Layer) -> Layer:
    """The layer inside Bidirectional, TimeDistributed and the like; else the layer itself."""
    if "layer" not in catalogue.arguments("layers", layer.kind):
        return layer
    try:
        return _innermost(Layer.model_validate(layer.arguments["layer"]))
    except ValidationError:
        return layer  # `_make_layer` says what is wrong with it


def _regularized_arguments(layer: Layer) -> list[str]:
    known = catalogue.arguments("layers", layer.kind)
    return [argument for argument in _REGULARIZED if argument in known]


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
        name: _make_layer(layer, name, strengths[name], _path(position), proximal)
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
                    _path(position),
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


def _path(position: int | None) -> tuple[str | int, ...]:
    return ("model", "layers") if position is None else ("model", "layers", position)


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
    """The regularizers of a layer's kernels and bias by argument, added to those that it names."""
    kernel = make_regularizer(strengths.kernel, proximal)
    bias = make_regularizer(strengths.bias, proximal)
    wanted = dict.fromkeys(_regularized_arguments(layer), kernel)
    if "bias_regularizer" in catalogue.arguments("layers", layer.kind):
        wanted["bias_regularizer"] = bias
    found: dict[str, Any] = {}
    for argument, ours in wanted.items():
        given = {argument: layer.arguments.get(argument)}
        named = keras_arguments("layers", layer.kind, given).get(argument)
        if ours is not None:
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
    return _make_layer(inner, name, _with_own(strengths, inner), path, proximal)


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
            raise ModelError(_path(position), message) from error
