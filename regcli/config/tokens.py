"""Models that take whole numbers: an Embedding looks up a row of its table for each.

Keras cuts other numbers off to whole ones, and what it does outside the table differs by device and
program. So such inputs are never scaled, and are checked before training.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PlainLayer = tuple[str, Mapping[str, Any]]
"""A layer's kind and its arguments."""

_COUNTS = {
    "Embedding": "input_dim",
    "ReversibleEmbedding": "input_dim",
    "CategoryEncoding": "num_tokens",
}
"""Layers that take whole numbers from 0, and the argument that is their upper bound."""

_KEEPING = frozenset(
    {"Reshape", "Flatten", "Permute", "RepeatVector", "Identity", "Masking"}
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
    """

    kind: str
    position: int
    argument: str
    count: int | None
    behind: str


def token_layers(layers: Sequence[PlainLayer]) -> Iterator[TokenLayer]:
    """Every layer of a stack that takes whole numbers, in order, including those in wrappers."""
    behind = ""
    for position, outer in enumerate(layers):
        kind, arguments = _innermost(outer)
        if argument := _COUNTS.get(kind):
            count = arguments.get(argument)
            is_number = isinstance(count, int) and not isinstance(count, bool)
            yield TokenLayer(kind, position, argument, count if is_number else None, behind)
        if kind not in _KEEPING:
            behind = behind or kind


def taker_of_inputs(layers: Sequence[PlainLayer]) -> TokenLayer | None:
    """The layer that takes a model's inputs directly as whole numbers, if there is one."""
    return next((found for found in token_layers(layers) if not found.behind), None)


def _innermost(layer: PlainLayer) -> PlainLayer:
    """The layer inside TimeDistributed and the like; else the layer itself."""
    inner = plain_layer(layer[1].get("layer"))
    return layer if inner is None else _innermost(inner)


def plain_layer(layer: object) -> PlainLayer | None:
    """A layer of a config's plain data; None where it is none."""
    if isinstance(layer, str):
        return layer, {}
    if not isinstance(layer, dict) or len(layer) != 1:
        return None
    ((kind, given),) = layer.items()
    if not isinstance(kind, str) or not isinstance(given, dict | None):
        return None
    return kind, given or {}
