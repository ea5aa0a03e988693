"""The columns of a row that an `Input` of a graph chooses."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from regcli.config.graph_layers import INPUT
from regcli.config.keras_parts import Layer
from regcli.config.problems import did_you_mean
from regcli.errors import ModelError

_LISTED = 20
"""Inputs that a message lists at most."""


def chosen_columns(entries: Sequence[str], columns: Sequence[str]) -> list[int]:
    """Positions of the inputs that some entries name, in the order of the data.

    `city` is the input `city`, and the inputs `city=Rome` or `city missing` of that column; an
    entry may be a pattern (`city*`).

    Args:
        columns: names of all inputs.
    """
    return [
        place
        for place, name in enumerate(columns)
        if any(
            name == entry or name.startswith((f"{entry}=", f"{entry} ")) or fnmatchcase(name, entry)
            for entry in entries
        )
    ]


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
