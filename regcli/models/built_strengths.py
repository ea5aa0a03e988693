"""Strengths of the layers of a model that is built already, and the regularizers that hold them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import keras

from regcli.config.problems import unknown
from regcli.config.schema import BiasStrengths, Regularization
from regcli.errors import ModelError
from regcli.models.input_groups import misfit
from regcli.models.keras_private import producer
from regcli.models.kernel_penalties import FREE, BothPenalties, covered, make_regularizer
from regcli.models.weights import kernel_names
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import LayerStrengths, Penalty
from regcli.penalties.registry import GROUPED, NAMED
from regcli.penalties.sparse_groups import InputGroups

_UNIT_A_COLUMN = (keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)
_GROUP = ("regularization", "group")


def built_strengths(
    model: keras.Model,
    regularization: Regularization,
    columns_of_inputs: tuple[int, ...] | None = None,
) -> Mapping[str, LayerStrengths]:
    """The config's strengths of each layer with a kernel, by name.

    Args:
        columns_of_inputs: as of `Splits`.

    Raises:
        ModelError: `regularization.layers` names no such layer, or there is none to group.
    """
    owners = _owners(model)
    chosen = _chosen(model, owners, regularization)
    penalty = NAMED[regularization.penalty] if regularization.penalty else ELASTIC_NET
    own = penalty.of(regularization)
    bias = ELASTIC_NET.of(regularization.bias or BiasStrengths())
    free = own.having(l1=0.0, l2=0.0)
    found = {
        name: LayerStrengths(own, bias) if name in chosen else LayerStrengths(free, FREE)
        for name in owners
    }
    if regularization.group:
        grouping: Penalty = GROUPED[regularization.group]
        if regularization.group == "inputs":
            grouping = InputGroups(columns_of_inputs)
        for name in _grouped(model, owners, regularization):
            kernel = grouping.of(regularization).having(**found[name].kernel.numbers)
            found[name] = LayerStrengths(kernel, found[name].bias)
    return found


def strengths_reached(
    model: keras.Model,
    regularization: Regularization,
    strength: Literal["l1", "l2", "group_strength"],
) -> frozenset[str]:
    """Names of the layers with a kernel that one of the config's strengths is meant for.

    Raises:
        ModelError: as `built_strengths`.
    """
    weak, strong = (
        built_strengths(model, regularization.model_copy(update={strength: number}))
        for number in (1.0, 2.0)
    )
    return frozenset(name for name in weak if weak[name] != strong[name])


def attach_regularizers(
    model: keras.Model, strengths: Mapping[str, LayerStrengths], proximal: bool
) -> None:
    """Have Keras's loss hold the strengths, beside the regularizers that the layers have."""
    for own in covered(model, strengths):
        ours = make_regularizer(own.strengths, proximal)
        named = None if own.is_replaced else own.variable.regularizer
        both = ours is not None and named is not None
        own.variable.regularizer = BothPenalties(ours, named) if both else ours or named


def _owners(model: keras.Model) -> tuple[str, ...]:
    """Names of the layers with kernels, in the model's order."""
    return tuple(dict.fromkeys(name.split("/", 1)[0] for name in kernel_names(model)))


def _chosen(
    model: keras.Model, owners: Sequence[str], regularization: Regularization
) -> frozenset[str]:
    chosen = regularization.layers
    if chosen == "all":
        return frozenset(owners)
    if chosen == "hidden":
        return frozenset(owners) - {_output_layer(model)}
    path = ("regularization", "layers")
    for name in chosen:
        if name not in owners:
            raise ModelError(path, unknown("layer with a kernel", name, owners))
    return frozenset(chosen)


def _output_layer(model: keras.Model) -> str:
    """The name of the layer with weights that the output comes from; empty where several meet."""
    operation: Any = producer(model.outputs[0])
    while not getattr(operation, "weights", ()):
        taken = operation.input if hasattr(operation, "input") else None
        if not isinstance(taken, keras.KerasTensor):
            return ""
        operation = producer(taken)
    return str(operation.name)


def _grouped(
    model: keras.Model, owners: Sequence[str], regularization: Regularization
) -> Sequence[str]:
    """Names of the layers whose kernels have groups.

    Raises:
        ModelError: there are none, or one whose columns are no units.
    """
    chosen = regularization.layers
    if regularization.group == "inputs":
        if found := misfit(model):
            rule = "inputs requires that the first kernel takes the columns directly"
            raise ModelError(_GROUP, f"{rule}; got {found}")
        grouped = list(owners[:1])
    else:
        grouped = [name for name in owners if name != _output_layer(model)]
    if not isinstance(chosen, str):
        grouped = [name for name in grouped if name in chosen]
    if not grouped:
        what = "a kernel" if regularization.group == "inputs" else "a hidden layer with a kernel"
        raise ModelError(_GROUP, f"{regularization.group} requires {what}")
    for name in grouped if regularization.group == "units" else ():
        kind = type(model.get_layer(name))
        if kind not in _UNIT_A_COLUMN:
            raise ModelError(
                _GROUP,
                "units requires layers of type Dense or Conv1D to Conv3D; "
                f"'{name}' is {kind.__name__}; name other layers in regularization.layers",
            )
    return grouped
