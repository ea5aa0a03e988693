"""A word on predictions that are one class for every row."""

import numpy as np

from regcli.data.wording import quoted
from regcli.results.row_predictions import RowPredictions

_LEAST_ROWS = 20
"""Fewer rows may all be of one class."""
_LEAST_SHOWN = 0.01


def one_class_note(predictions: RowPredictions) -> tuple[str, ...]:
    """How near another class came, where every predicted row has the same; else nothing."""
    classes, predicted = predictions.classes, predictions.values >= 0
    found, count = np.unique(predictions.values[predicted]), int(predicted.sum())
    if len(classes) < 2 or len(found) != 1 or count < _LEAST_ROWS:
        return ()
    only = int(found[0])
    which = "" if predicted.all() else " that have a prediction"
    note = f"all {count:,} rows{which} are predicted {quoted(classes[only])}"
    if predictions.probabilities is None:
        return (note,)
    highest = predictions.probabilities[predicted].max(axis=0)
    highest[only] = -1
    other = int(highest.argmax())
    share = float(highest[other])
    shown = f"{share:.2f}" if share >= _LEAST_SHOWN else f"below {_LEAST_SHOWN}"
    if len(classes) > 2:
        what = f"of another class is {shown} ({quoted(classes[other])})"
    else:
        what = f"of {quoted(classes[other])} is {shown}"
    return (f"{note}; the highest probability {what}",)
