"""Numbers of every class made to one: of two that of the positive class, of more their mean."""

import numpy as np
from numpy.typing import NDArray

from regcli.metrics.predictions import Floats, Integers, Predictions


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
