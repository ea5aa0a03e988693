"""The area under the ROC curve."""

from typing import TYPE_CHECKING

from regcli.metrics.metric import Constant, Metric

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


def _pseudo_values(given: "Predictions") -> "Values":
    """Placement values of each row among those of the other kind.

    Their variance is that of DeLong, DeLong & Clarke-Pearson (1988), Comparing the areas under two
    or more correlated receiver operating characteristic curves, Biometrics 44.
    """
    import numpy as np

    from regcli.metrics.classes import pseudo_mean
    from regcli.metrics.ranks import placements

    by_class = [placements(scores, own) for scores, own in given.rankings()]
    counted = np.array([[not np.isnan(values).all() for values in by_class]])
    return pseudo_mean(np.repeat(counted, len(given.outputs), axis=0), by_class)


METRIC = Metric(
    key="roc_auc",
    label="ROC AUC",
    short="AUC",
    meaning="Probability that a row of the class gets a higher score than a row of another class.",
    kind="classification",
    higher_is_better=True,
    constant=Constant.SHARES,
    form=_area,
    pseudo_values=_pseudo_values,
    other_names=("auc", "auroc", "roc", "roc_auc_score", "rocauc", "area_under_curve"),
)
