"""Which classes are taken for which."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def confusion(truth: NDArray[np.integer], predicted: NDArray[np.integer], classes: int) -> Counts:
    """How many rows of each class (first axis) are predicted as each (second): square.

    Args:
        truth, predicted: class numbers, (rows,).
    """
    places = truth.astype(np.int64) * classes + predicted
    return np.bincount(places, minlength=classes * classes).reshape(classes, classes)


def most_confused(counts: Counts, most: int) -> NDArray[np.int64]:
    """The classes in most mistakes, given or received, in order; all where there are no more."""
    wrong = counts.sum(axis=0) + counts.sum(axis=1) - 2 * np.diag(counts)
    return np.sort(np.argsort(-wrong, kind="stable")[:most])


def mistakes(counts: Counts) -> Iterator[tuple[int, int, int]]:
    """(truth, predicted, rows) of each pair that is confused, the most frequent first."""
    wrong = counts - np.diag(np.diag(counts))
    for place in np.argsort(-wrong, axis=None, kind="stable").tolist():
        own, other = divmod(place, len(counts))
        if not wrong[own, other]:
            return
        yield own, other, int(wrong[own, other])
