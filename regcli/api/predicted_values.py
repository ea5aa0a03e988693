"""Predictions as one array: classes by their names, quantities as numbers."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.results.row_predictions import RowPredictions

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")


def labels_of(predictions: RowPredictions) -> NDArray[Any]:
    """What is predicted of each row, (rows,): class names; numbers or truths where all are such.

    Rows without a prediction have None where there are classes, else NaN.
    """
    if not predictions.classes:
        return predictions.values
    names: list[Any] = list(predictions.classes)
    if names == ["False", "True"]:
        names = [False, True]
    elif all(map(_WHOLE.fullmatch, names)):
        names = [int(name) for name in names]
    if (predictions.values >= 0).all():
        return np.array(names)[predictions.values]
    return np.array([*names, None], object)[predictions.values]
