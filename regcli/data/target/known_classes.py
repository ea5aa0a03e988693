"""The truth of new rows, in the classes that a run tells apart."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.data.target.targets import class_names
from regcli.data.wording import listed, quoted
from regcli.errors import DataError

Truth = NDArray[np.float32] | NDArray[np.int32]
"""Class numbers from 0, or quantities, (rows,)."""

AS_TRAINED = "as in the training data"


def class_numbers(
    names: Sequence[str], own: NDArray[Any], classes: Sequence[str], place: str
) -> NDArray[np.int32]:
    """The number of each row's class among those of a run, (rows,).

    Args:
        names: the different classes of the rows.
        own: the place of each row's class in `names`, (rows,).
        place: file and column, at the start of a message.

    Raises:
        DataError: a class is not among them; names the first row that has one, counted from 1.
    """
    known = {name: number for number, name in enumerate(classes)}
    numbers: NDArray[np.int32] = np.array([known.get(n, -1) for n in names], np.int32)[own]
    unknown = np.flatnonzero(numbers < 0)
    if len(unknown):
        row = int(unknown[0])
        others = f" ({len(unknown)} rows have others)" if len(unknown) > 1 else ""
        raise DataError(
            f"{place} must hold the classes of the run, {listed(classes)}, row {row + 1} of "
            f"{len(own)} has {quoted(names[int(own[row])])}{others}"
        )
    return numbers


def truth_of_array(y: NDArray[Any], classes: Sequence[str], place: str) -> Truth:
    """The truth that an array without gaps holds, (rows,).

    Raises:
        DataError: it has a class that the run does not know, or text for a quantity.
    """
    if classes:
        distinct, own = np.unique(y, return_inverse=True)
        return class_numbers(class_names(distinct), own, classes, place)
    if y.dtype.kind == "U":
        raise DataError(f"{place} must hold numbers {AS_TRAINED}, it holds text")
    return y.astype(np.float32)
