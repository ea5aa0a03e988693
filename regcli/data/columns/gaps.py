"""What counts as a gap, and the check that numbers can be computed with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.data.wording import quoted

_CELLS_AT_ONCE = 2**20
_MOST_FAULTS = 40

_MARKS = r"""
? \n na n/a #n/a #na <na> nan -nan nat null #null!
1.#ind -1.#ind 1.#qnan -1.#qnan #div/0! #num! #ref! #value! #name?
"""

GAP_MARKS = frozenset(["", *_MARKS.split()])
"""Cells that hold nothing, in numbers and text alike, folded to lower case.

`\\N` is how MySQL and PostgreSQL write one. No word that names a category as well: a garage may be
`none`, an answer `missing` or `-`.
"""


def marks_of_gaps(null_values: Sequence[str] | None) -> frozenset[str]:
    """Cells that hold nothing, in lower case: those that a config names, or the usual ones."""
    if null_values is None:
        return GAP_MARKS
    return frozenset(["", *(value.strip().lower() for value in null_values)])


def column_fault(path: Path, column: str, fault: str) -> str:
    """A message about a column: its file and name, then the rule that it breaks."""
    return f"{path}: column {quoted(column)} {fault}"


OR_MISSING = "set dataset.missing"
"""What else can be done about gaps in inputs."""


def gap_sentence(row: int, count: int, rows: int, mark: str = "", advice: str = "") -> str:
    """The rule that every row needs a value, and where it is broken; `row` counts from 0.

    Args:
        mark: what the first such cell holds, if anything.
        advice: what else can be done than fill the gaps or leave the rows out.
    """
    held = quoted(mark) if mark else "none"
    s = "" if count == 1 else "s"
    where = (
        f"row {row + 1} of {rows} has {held}"
        if count == 1
        else f"{count} of {rows} rows have none, the first of them row {row + 1}"
        f"{f' with {held}' if mark else ''}"
    )
    ways = f"fill the gap{s}, leave the row{s} out, or {advice}"
    ways = ways if advice else f"fill the gap{s} or leave the row{s} out"
    return f"must have a value in every row, {where}; {ways}"


def faults_together(faults: Sequence[str], path: Path) -> Sequence[str]:
    """A line for each fault of a file; of very many the last only their number."""
    if len(faults) <= _MOST_FAULTS:
        return faults
    return [*faults[:_MOST_FAULTS], f"{path}: and {len(faults) - _MOST_FAULTS} more problems"]


def faults_of_numbers(
    values: NDArray[Any],
    columns: Sequence[str],
    path: Path,
    *,
    may_have_gaps: bool = False,
    advice: str = "",
) -> list[str]:
    """NaN, infinities and what float32 cannot hold: a message for each column that has any.

    Args:
        values: numbers (rows, …).
        columns: a name for each number in a row.
        path: the file they came from, for the message.
        may_have_gaps: whether NaN is allowed.
        advice: as `gap_sentence`.

    Returns:
        Messages that name the column and the first such row, counted from 1.
    """
    flat = values.reshape(len(values), -1)
    first = _first_unusable(flat, may_have_gaps)
    faults = [
        (columns[column], _fault_of_number(flat[:, column], int(first[column]), advice))
        for column in np.flatnonzero(first < len(flat)).tolist()
    ]
    return [column_fault(path, column, fault) for column, fault in faults]


def _fault_of_number(column: NDArray[Any], row: int, advice: str) -> str:
    rows = len(column)
    if np.isnan(column[row]):
        return gap_sentence(row, int(np.isnan(column).sum()), rows, advice=advice)
    return (
        f"must hold finite numbers of at most 3.4e38, row {row + 1} of {rows} has {column[row]:g}"
    )


def _first_unusable(flat: NDArray[Any], may_have_gaps: bool) -> NDArray[np.int64]:
    """The first row of each column that float32 cannot hold, or the number of rows (columns,).

    Rows are checked in blocks: all of them at once would take much memory.
    """
    rows, columns = flat.shape
    found = np.full(columns, rows)
    step = max(_CELLS_AT_ONCE // columns, 1)
    for begin in range(0, rows, step):
        with np.errstate(over="ignore"):
            rounded = flat[begin : begin + step].astype(np.float32)
        unusable = np.isinf(rounded) if may_have_gaps else ~np.isfinite(rounded)
        if unusable.any():
            here = np.where(unusable.any(axis=0), begin + unusable.argmax(axis=0), rows)
            found = np.minimum(found, here)
    return found
