"""What each row has over its classes: the largest number, the sum, whether all hold.

NumPy goes along an axis of three 10 to 50 times as slowly as from class to class, so a few classes
are taken one after the other. The digits are the same: NumPy adds up so few from left to right too.
"""

from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEW = 7
"""Classes that are taken one after the other at most; NumPy adds up eight in another order."""


def largest(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest of each row, (members, rows), of (members, rows, classes); NaN where one is."""
    return _over_classes(np.maximum, numbers)


def total(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of each row, (members, rows), of (members, rows, classes)."""
    return _over_classes(np.add, numbers)


def all_hold(facts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether every fact of a row holds, (members, rows), of (members, rows, classes)."""
    return _over_classes(np.logical_and, facts)


def _over_classes(operation: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
    classes = values.shape[-1]
    if classes > FEW:
        return np.asarray(operation.reduce(values, axis=-1))
    return np.asarray(reduce(operation, (values[..., number] for number in range(classes))))
