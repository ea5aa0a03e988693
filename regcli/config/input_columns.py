"""The columns of a row that an `Input` of a graph chooses."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import get_args

from regcli.config.column_keys import DatePart
from regcli.config.graph_layers import INPUT
from regcli.config.keras_parts import Layer
from regcli.config.problems import did_you_mean
from regcli.errors import ModelError

_BECAME = frozenset({"", " missing", *(f" {part}" for part in get_args(DatePart))})
"""How the names of a column's inputs go on after its own, besides `=` and a value."""
_LISTED = 20
"""Inputs that a message lists at most."""


def chosen_columns(entries: Sequence[str], columns: Sequence[str]) -> list[int]:
    """Positions of the inputs that some entries name, in the order of the data.

    `city` is the input `city`, and what the column of that name became: `city=Rome`, `city year`,
    `city missing`. An entry may be a pattern (`city*`).

    Args:
        columns: names of all inputs.
    """
    return [
        place
        for place, name in enumerate(columns)
        if any(_is_of(name, entry) or fnmatchcase(name, entry) for entry in entries)
    ]


def _is_of(name: str, column: str) -> bool:
    """Whether an input is a column, or one of those that it became.

    `petal` is no column of `petal length`, which only begins like one.
    """
    became = name.removeprefix(column) if name.startswith(column) else None
    return became is not None and (became in _BECAME or became.startswith("="))


def columns_of(layer: Layer, columns: Sequence[str]) -> list[int]:
    """Positions of the inputs that an `Input` chooses."""
    return chosen_columns(named_columns(layer), columns)


def require_columns(
    layers: Sequence[Layer], columns: Sequence[str], shape: tuple[int, ...]
) -> None:
    """Check that every `Input` of a graph chooses some inputs of a row.

    Args:
        columns: names of all inputs.
        shape: of one row.

    Raises:
        ModelError: naming the first entry that is the name of none.
    """
    for place, layer in enumerate(layers):
        if layer.kind != INPUT:
            continue
        if shape != (len(columns),):
            message = f"Input chooses columns, and a row has the shape {shape}"
            raise ModelError(("model", "layers", place), message)
        for entry in named_columns(layer):
            if not chosen_columns([entry], columns):
                path = ("model", "layers", place, INPUT, "columns")
                raise ModelError(path, f"there is no column '{entry}'{_hint(entry, columns)}")


def named_columns(layer: Layer) -> tuple[str, ...]:
    """What an `Input` names: one column, or several; none where it lacks the argument."""
    given = layer.arguments.get("columns", ())
    return (given,) if isinstance(given, str) else tuple(given)


def _hint(entry: str, columns: Sequence[str]) -> str:
    more = len(columns) - _LISTED
    listed = ", ".join(columns[:_LISTED]) + (f" and {more:,} more" if more > 0 else "")
    return did_you_mean(entry, columns) or f"; inputs: {listed}"
