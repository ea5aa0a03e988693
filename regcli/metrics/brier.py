"""The Brier score: the mean squared error of probabilities."""

from typing import TYPE_CHECKING

from regcli.metrics.metric import Constant, Metric

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _squared_error(given: "Predictions") -> "Values":
    """(y − p)² of one of two classes; Σ over the classes where there are more.

    So it is between 0 and 1 for two classes and between 0 and 2 for more, as in scikit-learn's
    `brier_score_loss`.
    """
    import numpy as np

    from regcli.metrics.over_classes import total

    error = given.probabilities - (np.arange(given.classes) == given.truth[:, np.newaxis])
    squares = total(np.square(error, out=error))
    return squares / 2 if given.classes == 2 else squares


METRIC = Metric(
    key="brier",
    label="Brier score",
    short="Brier",
    meaning="Mean squared error of the probabilities; over all classes if there are more than two.",
    kind="classification",
    higher_is_better=False,
    constant=Constant.SHARES,
    format="number",
    by_row=_squared_error,
    needs_probabilities=True,
    follows=True,
    other_names=("brier_score", "brier_score_loss", "brier_loss"),
)
