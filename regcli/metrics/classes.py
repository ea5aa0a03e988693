"""Numbers of every class made to one: of two that of the positive class, of more their mean."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from regcli.metrics.predictions import Floats, Integers, Predictions

Rows = Callable[[int], Floats]
"""Gives a number for each row by the number of a class, (members, rows)."""


def mean_over(values: Floats, counted: NDArray[np.bool_]) -> Floats:
    """The mean over those classes that count, (members,); NaN where none does.

    Args:
        values, counted: (members, classes).
    """
    total: Floats = np.where(counted, values, 0.0).sum(axis=-1)
    count = counted.sum(axis=-1)
    return total / np.where(count > 0, count, np.nan)


def quotient(given: Predictions, part: Integers, whole: Integers) -> Floats:
    """part/whole of the positive class, or its mean over classes; 0 where the whole is 0.

    The mean is over the classes that a row is of or is predicted to be of, as in scikit-learn.

    Args:
        part, whole: (members, classes).
    """
    shares = part / np.maximum(whole, 1)
    if given.classes == 2:
        return shares[:, given.positive]
    counts = given.counts
    return mean_over(shares, (counts.truth > 0) | (counts.predicted > 0))


def pseudo_quotient(given: Predictions, part: Rows, whole: Rows) -> Floats:
    """The pseudo-values, (members, rows), of mean(part)/mean(whole) as `quotient` makes it one.

    θ + (part_i − θ·whole_i)/mean(whole) for each class, which is the delta method.

    Args:
        part, whole: give a class's values by its number, (members, rows).
    """
    counts = given.counts
    if given.classes == 2:
        counted = np.zeros((len(given.outputs), 2), bool)
        counted[:, given.positive] = True
    else:
        counted = np.broadcast_to(counts.truth > 0, counts.predicted.shape) | (counts.predicted > 0)
    return pseudo_mean(counted, [pseudo_ratio(part(n), whole(n)) for n in range(given.classes)])


def pseudo_mean(counted: NDArray[np.bool_], by_class: Sequence[Floats]) -> Floats:
    """The mean over those classes that count, of each row; NaN where none does.

    Args:
        counted: (members, classes).
        by_class: (members, rows) of each class.
    """
    shares = counted / np.maximum(counted.sum(axis=-1, keepdims=True), 1)
    found = np.zeros(by_class[0].shape)
    for number, values in enumerate(by_class):
        own = shares[:, number, np.newaxis]
        found += np.where(own > 0, own * values, 0.0)
    found[~counted.any(axis=-1)] = np.nan
    return found


def pseudo_ratio(part: Floats, whole: Floats) -> Floats:
    """θ + (part_i − θ·whole_i)/mean(whole), with θ = mean(part)/mean(whole), (members, rows)."""
    total = whole.mean(axis=-1, keepdims=True)
    divisor = np.where(total > 0, total, 1.0)
    value = part.mean(axis=-1, keepdims=True) / divisor
    found: Floats = value + (part - value * whole) / divisor
    return found


def is_class(given: Predictions) -> Rows:
    """Which rows are of a class, (members, rows), as numbers."""
    shape = given.predicted.shape
    return lambda number: np.broadcast_to(given.truth == number, shape).astype(np.float64)


def is_predicted(given: Predictions) -> Rows:
    """Which rows are predicted to be of a class."""
    return lambda number: (given.predicted == number).astype(np.float64)


def is_found(given: Predictions) -> Rows:
    """Which rows are of a class and predicted to be."""
    return lambda number: (given.is_right & (given.predicted == number)).astype(np.float64)
