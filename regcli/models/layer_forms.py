"""What each kind of Keras layer does to constants and to what is needed: its form.

A kind of layer that has no form here is refused by name.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain

import keras

from regcli.errors import ShrinkError
from regcli.models.attention_form import AttentionForm, attention_misfit
from regcli.models.column_steps import steps_of_columns
from regcli.models.form import Form
from regcli.models.joining_forms import BehindEachOtherForm, MeetingForm, SideBySideForm
from regcli.models.keras_private import GraphNode, graph_nodes
from regcli.models.kernel_forms import KernelForm
from regcli.models.layer_kinds import (
    AS_THEY_ARE,
    ATTENTION,
    JOINING,
    KERNELS,
    MEETING,
    PLACING,
    SCALING,
    Shape,
    joining_kind,
    mixes,
    refusal,
)
from regcli.models.layout_forms import FlattenForm, StepsForm, WholeForm
from regcli.models.unit_forms import (
    BatchNormalizationForm,
    PlacingForm,
    ReshapeForm,
    ScalingForm,
    UnitForm,
)

_L = keras.layers


@dataclass(frozen=True)
class FormedCall:
    """A call of a layer in a model, and its form.

    Attributes:
        node: the call.
        sources: the `id` of each symbolic tensor that it takes, in order.
        result: the `id` of the one that it gives.
    """

    node: GraphNode
    form: Form
    sources: tuple[int, ...]
    result: int


def formed_calls(model: keras.Model) -> tuple[FormedCall, ...]:
    """Every call of a model's layers, in the order in which Keras makes them.

    Raises:
        ShrinkError: naming the first layer that has no form, and why.
    """
    nodes = tuple(graph_nodes(model) or ())
    if not nodes:
        kind = type(model).__name__
        raise ShrinkError(f"the model is a {kind} without a graph of layers; shrink needs one")
    for what, flows in (("inputs", model.inputs), ("outputs", model.outputs)):
        if len(flows) != 1:
            raise ShrinkError(f"the model has {len(flows)} {what}; shrink supports one")
    steps = steps_of_columns(nodes, {id(model.outputs[0])})
    hidden = _before_kernels(nodes)
    for node in nodes:
        if reason := _refusal(node, steps, is_hidden=id(node.outputs[0]) in hidden):
            raise ShrinkError(reason)
    return tuple(
        FormedCall(node, _form(node, steps), tuple(map(id, node.inputs)), id(node.outputs[0]))
        for node in nodes
    )


def _before_kernels(nodes: Sequence[GraphNode]) -> AbstractSet[int]:
    """The `id` of each symbolic tensor that a layer with a kernel takes, or a layer on its way."""
    found: set[int] = set()
    for node in reversed(nodes):
        if type(node.operation) in KERNELS or id(node.outputs[0]) in found:
            found |= set(map(id, node.inputs))
    return found


def _refusal(node: GraphNode, steps: AbstractSet[int], is_hidden: bool) -> str:
    """Why a call cannot be made smaller, empty where it can."""
    layer, name = node.operation, node.operation.name
    if not isinstance(layer, keras.Layer):
        kind, rule = type(layer).__name__, "shrink supports +, -, *, maximum and minimum"
        reason = _misfit(node) if joining_kind(layer) else f"is of type {kind}; {rule}"
        return reason and f"operation '{name}' {reason}"
    reason = refusal(layer, _shape(node.inputs[0]), is_hidden)
    if not reason and type(layer) in JOINING and id(node.outputs[0]) not in steps:
        reason = _misfit(node)
    if not reason and type(layer) in ATTENTION:
        reason = attention_misfit(node)
    return reason and f"layer '{name}' {reason}"


def _misfit(node: GraphNode) -> str:
    """What keeps units of several inputs from being followed; empty where nothing does."""
    given = keras.tree.flatten(node.arguments({id(x): x for x in node.inputs}))
    ranks = {len(x.shape) for x in node.inputs}
    if any(x is not None and not isinstance(x, keras.KerasTensor) for x in given):
        return "joins a constant; shrink supports joins of layers only"
    if len(ranks) > 1:
        shapes = " and ".join(str(_shape(x)) for x in node.inputs)
        return f"joins the shapes {shapes}; shrink supports equal numbers of axes"
    return ""


def _form(node: GraphNode, steps: AbstractSet[int]) -> Form:
    layer, kind = node.operation, type(node.operation)
    shape, after = _shape(node.inputs[0]), _shape(node.outputs[0])
    if {id(flow) for flow in chain(node.inputs, node.outputs)} & steps:
        return _form_of_steps(node, shape)
    if kind in JOINING:
        return _joining_form(node)
    if joins := joining_kind(layer):
        return MeetingForm(joins(name=layer.name), tuple(_shape(x)[-1] for x in node.inputs))
    if kind in KERNELS:
        return KernelForm(layer)
    if kind is _L.Reshape and shape[-1] == after[-1]:
        return ReshapeForm(layer, shape)
    if kind is _L.Flatten or (kind is _L.Reshape and len(after) == 1):
        return FlattenForm(layer, shape)
    if kind in ATTENTION:
        return AttentionForm.of(node)
    if kind is _L.Reshape or kind in AS_THEY_ARE or mixes(layer):
        return WholeForm(layer, shape[-1], after[-1])
    if kind is _L.BatchNormalization:
        return BatchNormalizationForm(layer, shape)
    if kind in SCALING:
        return ScalingForm(layer, shape)
    return PlacingForm(layer, shape) if kind in PLACING else UnitForm(layer, shape)


def _form_of_steps(node: GraphNode, shape: Shape) -> Form:
    """That of a layer that takes or gives columns as steps."""
    layer = node.operation
    if type(layer) is _L.Concatenate:
        return SideBySideForm(layer, tuple(_shape(x)[0] for x in node.inputs))
    begin, cut = layer.cropping if type(layer) is _L.Cropping1D else (0, 0)
    return StepsForm(layer, begin, shape[0] - cut, shape[0])


def _joining_form(node: GraphNode) -> Form:
    layer, counts = node.operation, tuple(_shape(x)[-1] for x in node.inputs)
    if type(layer) in MEETING:
        return MeetingForm(layer, counts)
    if layer.axis in {-1, len(node.inputs[0].shape) - 1}:
        return SideBySideForm(layer, counts)
    return BehindEachOtherForm(layer, counts)


def _shape(flow: keras.KerasTensor) -> Shape:
    """Of one row."""
    return tuple(flow.shape[1:])
