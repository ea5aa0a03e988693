"""Balanced accuracy: the mean over classes of their recall."""

from typing import TYPE_CHECKING

from regcli.metrics.metric import Constant, Metric

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _mean_recall(given: "Predictions") -> "Values":
    """Over the classes that some row is of, as in scikit-learn's `balanced_accuracy_score`."""
    import numpy as np

    from regcli.metrics.classes import mean_over

    truth = np.broadcast_to(given.counts.truth, given.counts.right.shape)
    return mean_over(given.counts.right / np.maximum(truth, 1), truth > 0)


def _pseudo_values(given: "Predictions") -> "Values":
    import numpy as np

    from regcli.metrics.classes import is_class, is_found, pseudo_mean, pseudo_ratio

    of_class, found = is_class(given), is_found(given)
    counted = np.broadcast_to(given.counts.truth > 0, given.counts.right.shape)
    ratios = [pseudo_ratio(found(n), of_class(n)) for n in range(given.classes)]
    return pseudo_mean(counted, ratios)


METRIC = Metric(
    key="balanced_accuracy",
    label="balanced accuracy",
    short="bal. acc.",
    meaning="Mean over classes of the fraction of their rows predicted correctly.",
    kind="classification",
    higher_is_better=True,
    constant=Constant.MOST_FREQUENT,
    form=_mean_recall,
    pseudo_values=_pseudo_values,
    other_names=("bacc", "bal_acc", "balanced_acc", "uar", "balanced_accuracy_score"),
)
