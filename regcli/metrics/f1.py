"""F1: the harmonic mean of precision and recall."""

from typing import TYPE_CHECKING

from regcli.metrics.metric import Metric

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _harmonic_mean(given: "Predictions") -> "Values":
    """2·right / (predicted + truth); 0 where that is 0/0, as in scikit-learn's `f1_score`."""
    from regcli.metrics.classes import quotient

    counts = given.counts
    return quotient(given, 2 * counts.right, counts.predicted + counts.truth)


METRIC = Metric(
    key="f1",
    label="F1",
    short="F1",
    meaning="Harmonic mean of precision and recall.",
    kind="classification",
    higher_is_better=True,
    form=_harmonic_mean,
    other_names=("f_score", "f1_score", "fscore", "f_measure", "f-score"),
)
