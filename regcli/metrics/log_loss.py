"""Log loss: the mean of −log of the probability that the truth was given."""

from typing import TYPE_CHECKING

from regcli.metrics.metric import Constant, Metric

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _surprise(given: "Predictions") -> "Values":
    """As scikit-learn's `log_loss`, but exact where outputs are logits.

    Scikit-learn is given probabilities, which it keeps above their rounding error, so that a row's
    loss ends at 36. Probabilities as outputs are treated in the same way here.
    """
    return given.surprise


METRIC = Metric(
    key="log_loss",
    label="log loss",
    short="log loss",
    meaning="Mean over rows of −log of the probability of the row's class.",
    kind="classification",
    higher_is_better=False,
    constant=Constant.SHARES,
    format="number",
    by_row=_surprise,
    needs_probabilities=True,
    follows=True,
    other_names=("logloss", "cross_entropy", "crossentropy", "binary_crossentropy", "nll", "ce"),
)
