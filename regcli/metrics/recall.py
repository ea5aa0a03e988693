"""Recall: the share of a class's rows that are predicted to be of it."""

from typing import TYPE_CHECKING

from regcli.metrics.metric import Constant, Metric

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _share(given: "Predictions") -> "Values":
    """0 where no row is of the class, as in scikit-learn's `recall_score`."""
    import numpy as np

    from regcli.metrics.classes import quotient

    right = given.counts.right
    return quotient(given, right, np.broadcast_to(given.counts.truth, right.shape))


def _pseudo_values(given: "Predictions") -> "Values":
    from regcli.metrics.classes import is_class, is_found, pseudo_quotient

    return pseudo_quotient(given, is_found(given), is_class(given))


METRIC = Metric(
    key="recall",
    label="recall",
    short="recall",
    meaning="Fraction of the rows of the class that are predicted as it.",
    kind="classification",
    higher_is_better=True,
    constant=Constant.POSITIVE,
    form=_share,
    pseudo_values=_pseudo_values,
    other_names=("recall_score", "sensitivity", "tpr", "true_positive_rate"),
)
