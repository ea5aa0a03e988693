"""Each layer's strengths as a config gives them: its own, or those of the whole config."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import ValidationError

from regcli.config import catalogue
from regcli.config.keras_parts import Layer
from regcli.config.schema import BiasStrengths, Regularization
from regcli.config.stack import Stack
from regcli.errors import ModelError
from regcli.models.kernel_penalties import FREE
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import LayerStrengths, Penalty
from regcli.penalties.registry import GROUPED, NAMED
from regcli.penalties.sparse_groups import InputGroups

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
        strengths[name] = with_own(with_own(given, layer), _innermost(layer))
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
        if weak[name] != strong[name] and regularized_arguments(_innermost(layer))
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


def with_own(given: LayerStrengths, layer: Layer) -> LayerStrengths:
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
        if regularized_arguments(_innermost(layer))
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
        if not regularized_arguments(_innermost(kinds[name])):
            known = ", ".join(n for n, k in kinds.items() if regularized_arguments(_innermost(k)))
            message = f"layer '{name}' has no kernel to regularize; layers with a kernel: {known}"
            raise ModelError(path, message)


def _check_own_strengths(stack: Stack) -> None:
    for layer, position in zip(stack.layers, stack.positions, strict=True):
        own = "l1" if layer.l1 is not None else "l2" if layer.l2 is not None else None
        if own is not None and not regularized_arguments(_innermost(layer)):
            path = (*layer_path(position), layer.kind, own)
            raise ModelError(path, f"{layer.kind} has no kernel to regularize")


def _innermost(layer: Layer) -> Layer:
    """The layer inside Bidirectional, TimeDistributed and the like; else the layer itself."""
    if "layer" not in catalogue.arguments("layers", layer.kind):
        return layer
    try:
        return _innermost(Layer.model_validate(layer.arguments["layer"]))
    except ValidationError:
        return layer  # `_make_layer` says what is wrong with it


def regularized_arguments(layer: Layer) -> list[str]:
    """The arguments of a layer through which strengths reach its kernels."""
    known = catalogue.arguments("layers", layer.kind)
    return [argument for argument in _REGULARIZED if argument in known]


def layer_path(position: int | None) -> tuple[str | int, ...]:
    """Where a layer stands in the config; None for one that it leaves out."""
    return ("model", "layers") if position is None else ("model", "layers", position)
