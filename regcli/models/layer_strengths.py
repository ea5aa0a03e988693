"""Each layer's strengths as a config gives them: its own, or those of the whole config."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from regcli.config.keras_parts import Layer
from regcli.config.layer_weights import (
    has_kernel,
    innermost,
    own_regularizers,
    weights_of_layers,
)
from regcli.config.schema import Regularization
from regcli.config.stack import Stack
from regcli.errors import ModelError
from regcli.models.chosen_strengths import chosen_keys, chosen_strengths, reached_weights
from regcli.penalties.covered_weights import KERNELS
from regcli.penalties.penalty import LayerStrengths, Penalty, Strengths
from regcli.penalties.registry import GROUPED
from regcli.penalties.sparse_groups import InputGroups

_UNIT_A_COLUMN = frozenset({"Dense", "Conv1D", "Conv2D", "Conv3D"})


def layer_strengths(
    stack: Stack,
    regularization: Regularization,
    columns_of_inputs: tuple[int, ...] | None = None,
) -> Mapping[str, LayerStrengths]:
    """Each layer's strengths by name: its own where given, else a group's, else the config's.

    Args:
        columns_of_inputs: as of `Splits`: inputs of one column are one group.

    Raises:
        ModelError: as `chosen_strengths`, or a strength is meant for a layer without a kernel.
    """
    _check_own_strengths(stack)
    pairs = dict(zip(stack.names, stack.layers, strict=True))
    layers = weights_of_layers(stack.layers, stack.names)
    existing = {name: own_regularizers(layer) for name, layer in pairs.items()}
    own = {name: _own_numbers(layer) for name, layer in pairs.items()}
    strengths = chosen_strengths(layers, regularization, existing, own)
    if regularization.group:
        penalty: Penalty = GROUPED[regularization.group]
        if regularization.group == "inputs":
            penalty = InputGroups(columns_of_inputs)
        groups = penalty.of(regularization)
        for name in _grouped_layers(stack, regularization):
            strengths[name] = _in_groups(strengths[name], groups)
    return strengths


def layers_reached(
    stack: Stack,
    regularization: Regularization,
    strength: Literal["l1", "l2", "group_strength"],
) -> frozenset[str]:
    """What one of the config's own strengths is meant for: layers by name, and `layer/weight`.

    A layer's name stands for its kernels. Others are left out by `regularization.layers`, or have a
    strength of their own instead.

    Raises:
        ModelError: as `layer_strengths`.
    """
    weak, strong = (
        layer_strengths(stack, regularization.model_copy(update={strength: number}))
        for number in (1.0, 2.0)
    )
    return reached_weights(weights_of_layers(stack.layers, stack.names), weak, strong)


def with_own(given: LayerStrengths, layer: Layer) -> LayerStrengths:
    """A layer's own strengths where it has any, else those given."""
    return given.having(l1=layer.l1, l2=layer.l2)


def _own_numbers(layer: Layer) -> dict[str, float | None]:
    """A layer's own strengths; those of the layer that it wraps come first."""
    inner = innermost(layer)
    l1, l2 = ((layer.l1, inner.l1), (layer.l2, inner.l2))
    return {
        name: outer if of_inner is None else of_inner
        for name, (outer, of_inner) in {"l1": l1, "l2": l2}.items()
    }


def _in_groups(own: LayerStrengths, groups: Strengths) -> LayerStrengths:
    """The same strengths of kernels with those of groups of weights."""
    named = {
        weight: groups.having(**strengths.numbers) if weight in KERNELS else strengths
        for weight, strengths in own.named.items()
    }
    return replace(own, kernel=groups.having(**own.kernel.numbers), named=named)


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
        name: innermost(layer)
        for name, layer in zip(stack.names, stack.layers, strict=True)
        if has_kernel(layer)
    }
    kernels = list(kinds)
    grouped = kernels[:1] if regularization.group == "inputs" else kernels[:-1]
    if not isinstance(chosen, str):
        keys = chosen_keys(chosen, weights_of_layers(stack.layers, stack.names))
        grouped = [name for name in grouped if name in keys]
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


def _check_own_strengths(stack: Stack) -> None:
    for layer, position in zip(stack.layers, stack.positions, strict=True):
        own = "l1" if layer.l1 is not None else "l2" if layer.l2 is not None else None
        if own is not None and not has_kernel(layer):
            path = (*layer_path(position), layer.kind, own)
            raise ModelError(path, f"{layer.kind} has no kernel to regularize")


def layer_path(position: int | None) -> tuple[str | int, ...]:
    """Where a layer stands in the config; None for one that it leaves out."""
    return ("model", "layers") if position is None else ("model", "layers", position)
