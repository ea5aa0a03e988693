"""The check that a person's numbers can be computed with: none missing, none infinite."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.errors import DataError


def gap_message(path: Path, column: str, row: int, rows: int) -> str:
    """What is wrong with a cell that holds nothing; `row` counts from 0, a person from 1."""
    return (
        f"{path}: column {column!r} must have a value in every row, row {row + 1} of {rows} has "
        "none; fill the gap or leave the row out"
    )


def require_finite(values: NDArray[Any], columns: Sequence[str], path: Path) -> None:
    """Refuse NaN, infinities and what float32 cannot hold.

    Args:
        values: numbers (rows, …).
        columns: a name for each number in a row.
        path: the file they came from, for the message.

    Raises:
        DataError: names the first such row, counted from 1, and its column.
    """
    rows = len(values)
    flat = values.reshape(rows, -1)
    with np.errstate(over="ignore"):
        unusable = ~np.isfinite(flat.astype(np.float32))
    if not unusable.any():
        return
    row, column = divmod(int(unusable.argmax()), flat.shape[1])
    value, name = flat[row, column], columns[column]
    if np.isnan(value):
        raise DataError(gap_message(path, name, row, rows))
    raise DataError(
        f"{path}: column {name!r} must hold finite numbers of at most 3.4e38, row {row + 1} of "
        f"{rows} has {value:g}"
    )
