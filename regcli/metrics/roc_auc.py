"""The area under the ROC curve."""

from typing import TYPE_CHECKING

from regcli.metrics.metric import Metric

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _area(given: "Predictions") -> "Values":
    """Of two classes that of the positive one; of more the mean over them, each against the rest.

    As scikit-learn's `roc_auc_score` (`multi_class="ovr"`, `average="macro"`). Classes that no row
    or every row is of are left out of the mean, where scikit-learn gives NaN.
    """
    from regcli.metrics.classes import mean_over

    areas = given.rank_areas.roc
    return mean_over(areas, areas == areas)


METRIC = Metric(
    key="roc_auc",
    label="ROC AUC",
    short="AUC",
    meaning="Probability that a row of the class gets a higher score than a row of another class.",
    kind="classification",
    higher_is_better=True,
    form=_area,
    other_names=("auc", "auroc", "roc", "roc_auc_score", "rocauc", "area_under_curve"),
)
