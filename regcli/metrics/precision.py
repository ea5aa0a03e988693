"""Precision: the share of the rows predicted to be of a class that are of it."""

from typing import TYPE_CHECKING

from regcli.metrics.metric import Constant, Metric

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _share(given: "Predictions") -> "Values":
    """0 where no row is predicted to be of the class, as in scikit-learn's `precision_score`."""
    from regcli.metrics.classes import quotient

    return quotient(given, given.counts.right, given.counts.predicted)


def _pseudo_values(given: "Predictions") -> "Values":
    from regcli.metrics.classes import is_found, is_predicted, pseudo_quotient

    return pseudo_quotient(given, is_found(given), is_predicted(given))


METRIC = Metric(
    key="precision",
    label="precision",
    short="prec.",
    meaning="Fraction of the rows predicted as the class that belong to it.",
    kind="classification",
    higher_is_better=True,
    constant=Constant.POSITIVE,
    form=_share,
    pseudo_values=_pseudo_values,
    other_names=("prec", "precision_score", "ppv", "positive_predictive_value"),
)
