"""The keys that say which layers and weights a strength is for."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from regcli.config.layer_selection import WORDS
from regcli.config.problems import shown
from regcli.config.section import Section, Strength


def _checked_selection(value: object) -> object:
    """A selection as it is kept: `all`, `hidden`, or a list of texts; one text is a list of one."""
    rule = "must be all, hidden, or layers by name, pattern, kind or weight"
    if isinstance(value, str):
        return value if value in WORDS else (value,)
    if not isinstance(value, list | tuple):
        raise ValueError(f"{rule}, got {shown(value)}")
    for item in value:
        if not isinstance(item, str):
            raise ValueError(f"{rule}, got {shown(item)} in the list")
    return value


_TEXTS = {
    "anyOf": [
        {"enum": list(WORDS)},
        {"type": "string"},
        {"type": "array", "items": {"type": "string", "title": "texts"}},
    ]
}

Selection = Annotated[
    Literal["all", "hidden"] | Annotated[tuple[str, ...], Field(strict=False)],
    BeforeValidator(_checked_selection),
    WithJsonSchema(_TEXTS),
]


class StrengthGroup(Section):
    """Strengths of some layers or weights, in place of the section's own l1 and l2."""

    layers: Selection = Field(
        description="Layers and weights of the group, as in regularization.layers."
    )
    l1: Strength | None = Field(None, description="Their l1. Default: as without the group.")
    l2: Strength | None = Field(None, description="Their l2. Default: as without the group.")


Existing = Literal["add", "replace", "keep", "error"]
"""What becomes of regularizers that the model itself has on weights which strengths are for."""
