"""Models that take whole numbers: an Embedding looks up a row of its table for each.

Keras cuts other numbers off to whole ones, and what it does outside the table differs by device and
program. So such inputs are never scaled, and are checked before training.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from regcli.config.graph_layers import INPUT, joints
from regcli.config.input_columns import named_columns
from regcli.config.keras_parts import Layer
from regcli.config.layer_names import layer_names

_COUNTS = {
    "Embedding": "input_dim",
    "ReversibleEmbedding": "input_dim",
    "CategoryEncoding": "num_tokens",
}
"""Layers that take whole numbers from 0, and the argument that is their upper bound."""

_KEEPING = frozenset(
    {"Reshape", "Flatten", "Permute", "RepeatVector", "Identity", "Masking", "Concatenate", INPUT}
    | {f"{kind}{axes}D" for kind in ("Cropping", "ZeroPadding") for axes in (1, 2, 3)}
)
"""Layers that leave numbers unchanged, or set them to 0."""


@dataclass(frozen=True)
class TokenLayer:
    """A layer of a config that takes whole numbers.

    Attributes:
        kind: the layer's class.
        position: among the config's layers.
        argument: which says how many numbers there are.
        count: of those numbers; None where the config gives none.
        behind: the first layer before it that does not keep whole numbers; empty if all keep them.
        columns: what of a row comes to it, as an `Input` names columns; None for all of it.
    """

    kind: str
    position: int
    argument: str
    count: int | None
    behind: str
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True)
class _Flow:
    """What comes out of a layer: as `TokenLayer` has `behind` and `columns` of what goes in."""

    behind: str = ""
    columns: tuple[str, ...] | None = None


def token_layers(layers: Sequence[Layer]) -> Iterator[TokenLayer]:
    """Every layer of a model that takes whole numbers, in order, including those in wrappers."""
    names = layer_names(layers)
    flows: dict[str, _Flow] = {}
    joined = zip(layers, names, joints(layers, names), strict=True)
    for position, (outer, name, joint) in enumerate(joined):
        layer, taken = _innermost(outer), _together([flows.get(s, _Flow()) for s in joint.sources])
        if argument := _COUNTS.get(layer.kind):
            count = layer.arguments.get(argument)
            whole = count if isinstance(count, int) and not isinstance(count, bool) else None
            yield TokenLayer(layer.kind, position, argument, whole, taken.behind, taken.columns)
        if layer.kind == INPUT:
            taken = _Flow(columns=named_columns(layer))
        flows[name] = taken if layer.kind in _KEEPING else _Flow(taken.behind or layer.kind)


def takers_of_inputs(layers: Sequence[Layer]) -> tuple[TokenLayer, ...]:
    """The layers that take a model's inputs directly as whole numbers."""
    return tuple(found for found in token_layers(layers) if not found.behind)


def _together(flows: Sequence[_Flow]) -> _Flow:
    behind = next((flow.behind for flow in flows if flow.behind), "")
    columns = [flow.columns for flow in flows]
    named = tuple(name for own in columns for name in own or ())
    return _Flow(behind, None if None in columns else named)


def _innermost(layer: Layer) -> Layer:
    """The layer inside TimeDistributed and the like; else the layer itself."""
    if "layer" not in layer.arguments:
        return layer
    try:
        return _innermost(Layer.model_validate(layer.arguments["layer"]))
    except ValidationError:
        return layer  # it has problems of its own
