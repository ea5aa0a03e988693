"""F1: the harmonic mean of precision and recall."""

from typing import TYPE_CHECKING

from regcli.metrics.metric import Constant, Metric

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _harmonic_mean(given: "Predictions") -> "Values":
    """2·right / (predicted + truth); 0 where that is 0/0, as in scikit-learn's `f1_score`."""
    from regcli.metrics.classes import quotient

    counts = given.counts
    return quotient(given, 2 * counts.right, counts.predicted + counts.truth)


def _pseudo_values(given: "Predictions") -> "Values":
    from regcli.metrics.classes import is_class, is_found, is_predicted, pseudo_quotient

    of_class, found, predicted = is_class(given), is_found(given), is_predicted(given)
    return pseudo_quotient(
        given,
        lambda number: 2 * found(number),
        lambda number: of_class(number) + predicted(number),
    )


METRIC = Metric(
    key="f1",
    label="F1",
    short="F1",
    meaning="Harmonic mean of precision and recall.",
    kind="classification",
    higher_is_better=True,
    constant=Constant.POSITIVE,
    form=_harmonic_mean,
    pseudo_values=_pseudo_values,
    other_names=("f_score", "f1_score", "fscore", "f_measure", "f-score"),
)
