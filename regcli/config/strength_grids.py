"""Grids of strengths as a config has them: numbers, ranges, and `auto` where it is allowed."""

from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from regcli.config.grid import GridError, parse_auto, parse_grid
from regcli.config.section import Strength


def parse_strengths(value: object) -> tuple[float, ...]:
    """The strengths of a grid.

    Raises:
        GridError: as `parse_grid`, or one of them is below 0.
    """
    strengths = parse_grid(value)
    for strength in strengths:
        if strength < 0:
            raise GridError(f"must be at least 0, got {strength:g}")
    return strengths


def _parsed_grid(value: object) -> tuple[float, ...]:
    try:
        return parse_strengths(value)
    except GridError as error:
        raise ValueError(str(error)) from None


_GRID_JSON_SCHEMA = {
    "description": "A number, a list of numbers, or ranges: '0,0.01', 'log:1e-5:1e-1:9'.",
    "anyOf": [
        {"type": "number"},
        {"type": "string"},
        {"type": "array", "items": {"type": ["number", "string"]}},
    ],
}


def _parsed_auto_grid(value: object) -> tuple[float, ...] | str:
    """As `_parsed_grid`; a grid with `auto:N` in it stays text until the data is known."""
    try:
        found = parse_auto(value)
    except GridError as error:
        raise ValueError(str(error)) from None
    if found is None:
        return _parsed_grid(value)
    numbers = found[0]
    if numbers:
        _parsed_grid(numbers)
    entries = value if isinstance(value, list | tuple) else [value]
    return ",".join(map(str, entries))


Grid = Annotated[
    tuple[Strength, ...], BeforeValidator(_parsed_grid), WithJsonSchema(_GRID_JSON_SCHEMA)
]


AutoGrid = Annotated[
    tuple[Strength, ...] | str,
    BeforeValidator(_parsed_auto_grid),
    WithJsonSchema(_GRID_JSON_SCHEMA),
]
