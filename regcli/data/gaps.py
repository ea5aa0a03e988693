"""The check that a person's numbers can be computed with: none missing, none infinite."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.data.likeness import gap_sentence
from regcli.data.wording import quoted
from regcli.errors import DataError

_CELLS_AT_ONCE = 2**20


def column_fault(path: Path, column: str, fault: str) -> str:
    """A message about a column: its file and name, then the rule that it breaks."""
    return f"{path}: column {quoted(column)} {fault}"


def require_finite(values: NDArray[Any], columns: Sequence[str], path: Path) -> None:
    """Refuse NaN, infinities and what float32 cannot hold.

    Args:
        values: numbers (rows, …).
        columns: a name for each number in a row.
        path: the file they came from, for the message.

    Raises:
        DataError: names the column that holds the first such number, and its first row from 1.
    """
    rows = len(values)
    flat = values.reshape(rows, -1)
    first = _first_unusable(flat)
    if first is None:
        return
    row, column = first
    value, name = flat[row, column], columns[column]
    if np.isnan(value):
        missing = np.isnan(flat[:, column])
        fault = gap_sentence(row, int(missing.sum()), rows)
    else:
        fault = f"must hold finite numbers of at most 3.4e38, row {row + 1} of {rows} has {value:g}"
    raise DataError(column_fault(path, name, fault))


def _first_unusable(flat: NDArray[Any]) -> tuple[int, int] | None:
    """Row and column of the first number that float32 cannot hold, looking at some rows at once."""
    step = max(_CELLS_AT_ONCE // flat.shape[1], 1)
    for begin in range(0, len(flat), step):
        with np.errstate(over="ignore"):
            unusable = ~np.isfinite(flat[begin : begin + step].astype(np.float32))
        if unusable.any():
            row, column = divmod(int(unusable.argmax()), flat.shape[1])
            return begin + row, column
    return None
