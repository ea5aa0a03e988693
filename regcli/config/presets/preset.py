"""What a preset is: options with defaults, and the layers that they stand for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PlainLayer = str | dict[str, Any]
"""A layer as a config writes it."""
Options = Mapping[str, Any]


@dataclass(frozen=True)
class Preset:
    """An architecture by name.

    Attributes:
        summary: what it is, for lists.
        layers: the layers of given options, which have every key of `options`.
        options: the keys that it takes besides `shape`, with their defaults; None for what is left
            out unless it is given.
        required: the keys that must be given.
    """

    name: str
    summary: str
    layers: Callable[[Options], Sequence[PlainLayer]]
    options: Mapping[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def expanded(self, given: Options) -> list[PlainLayer]:
        """The layers that options stand for, as a config would list them.

        Args:
            given: those that are not at their defaults. `shape` lays the numbers of a row out anew.
        """
        layers = list(self.layers({**self.options, "shape": None, **given}))
        shape = given.get("shape")
        return [{"Reshape": {"target_shape": list(shape)}}, *layers] if shape else layers


def dropout(rate: float | None, name: str | None = None) -> list[PlainLayer]:
    """A Dropout layer where a rate is given, also for a rate of 0, so that rates can be varied."""
    named = {} if name is None else {"name": name}
    return [] if rate is None else [{"Dropout": {"rate": rate, **named}}]
