"""Average precision: the area under precision by recall, as a step function."""

from typing import TYPE_CHECKING

from regcli.metrics.metric import Constant, Metric

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _area(given: "Predictions") -> "Values":
    """Of two classes that of the positive one; of more the mean over those that some row is of.

    As scikit-learn's `average_precision_score` (`average="macro"`), which refuses several classes
    of which one has no row.
    """
    import numpy as np

    from regcli.metrics.classes import mean_over

    areas = given.rank_areas.precision
    has_rows = given.counts.truth > 0 if given.classes > 2 else np.ones(1, bool)
    return mean_over(areas, np.broadcast_to(has_rows, areas.shape))


METRIC = Metric(
    key="average_precision",
    label="average precision",
    short="AP",
    meaning="Mean precision over the rows of the class, ranked by score.",
    kind="classification",
    higher_is_better=True,
    constant=Constant.SHARES,
    form=_area,
    other_names=("ap", "pr_auc", "prauc", "auprc", "aucpr", "average_precision_score", "map"),
)
