"""What counts as a gap, and the check that numbers can be computed with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.data.wording import quoted
from regcli.errors import DataError

_CELLS_AT_ONCE = 2**20

_MARKS = """
? na n/a #n/a #na <na> nan -nan nat null #null!
1.#ind -1.#ind 1.#qnan -1.#qnan #div/0! #num! #ref! #value! #name?
"""

GAP_MARKS = frozenset(["", *_MARKS.split()])
"""Cells that hold nothing, in numbers and text alike, folded to lower case.

No word that names a category as well: a garage may be `none`, an answer `missing` or `-`.
"""


def column_fault(path: Path, column: str, fault: str) -> str:
    """A message about a column: its file and name, then the rule that it breaks."""
    return f"{path}: column {quoted(column)} {fault}"


def gap_sentence(row: int, count: int, rows: int, mark: str = "") -> str:
    """The rule that every row needs a value, and where it is broken; `row` counts from 0."""
    held = quoted(mark) if mark else "none"
    where = (
        f"row {row + 1} of {rows} has {held}; fill the gap or leave the row out"
        if count == 1
        else f"{count} of {rows} rows have none, the first of them row {row + 1}"
        f"{f' with {held}' if mark else ''}; fill the gaps or leave the rows out"
    )
    return f"must have a value in every row, {where}"


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
