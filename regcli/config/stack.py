"""The layers of a model as they will be built: the config's, then the output layer."""

from collections.abc import Sequence
from dataclasses import dataclass

from regcli.config.graph_layers import Joint, is_graph, joints, linear_tail
from regcli.config.keras_parts import Layer
from regcli.config.layer_names import implied_name, layer_names
from regcli.config.model_section import Model
from regcli.config.output_layer import Ending, is_output, refuse_if_unclear
from regcli.config.task import Task

_UNKNOWN = 0
"""Axes of what comes into the last layers of a graph."""


@dataclass(frozen=True)
class Stack:
    """The layers of a model as they will be built, output layer included.

    Attributes:
        layers: every layer in order; the last is Dense.
        names: a unique name for each.
        positions: for each layer its position in the config; None for an implied output layer.
    """

    layers: tuple[Layer, ...]
    names: tuple[str, ...]
    positions: tuple[int | None, ...]

    @property
    def joints(self) -> tuple[Joint, ...]:
        """What each layer takes."""
        return joints(self.layers, self.names)

    @property
    def is_graph(self) -> bool:
        """Whether a layer takes anything but the one before it."""
        return is_graph(self.layers)


def complete_stack(model: Model, task: Task, outputs: int, rank: int = 1) -> Stack:
    """The config's layers, with the output layer that the target implies where it is left out.

    The last Dense layer is the output where it has as many units as the target needs (two classes:
    one unit or two) and what it computes is a usual output: scores, probabilities, or for a
    continuous target positive numbers. Dense and then Activation is the same model as Dense with
    that activation, and is built so. The implied layer gives scores (logits), which keep their
    precision where probabilities round to 0 or 1.

    Args:
        outputs: units that the implied layer has.
        rank: axes of one row.

    Raises:
        ModelError: if the last layers may be meant either way; names both and how to write them.
    """
    layers, names = model.layers, layer_names(model.layers)
    positions = range(len(layers))
    start = linear_tail(layers)
    ending = Ending.of(layers[start:], rank if start == 0 else _UNKNOWN, start)
    if is_output(ending, task, outputs):
        count = len(layers) - len(ending.tail)
        output = _with_activation(layers[count - 1], ending.activations)
        return Stack((*layers[: count - 1], output), names[:count], tuple(positions[:count]))
    refuse_if_unclear(ending, task, outputs)
    implied = Layer.model_validate({"Dense": {"units": outputs}})
    return Stack((*layers, implied), (*names, implied_name(names)), (*positions, None))


def _with_activation(layer: Layer, activations: Sequence[str]) -> Layer:
    if not activations or layer.arguments.get("activation") in activations:
        return layer
    (activation,) = activations
    return layer.model_copy(update={"arguments": {**layer.arguments, "activation": activation}})
