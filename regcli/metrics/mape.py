"""Mean absolute percentage error, as a share: 0.1 is an error of 10 %."""

from typing import TYPE_CHECKING

from regcli.metrics.metric import Constant, Metric

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _relative_error(given: "Predictions") -> "Values":
    """|y − z|/|y|, where y = 0 counts as 2.2e-16, as in scikit-learn: such a row decides alone."""
    import numpy as np

    least = np.finfo(np.float64).eps
    return np.abs(given.residual) / np.maximum(np.abs(given.truth.astype(np.float64)), least)


def _caution(truth: "Values") -> str:
    zeros = int((truth == 0).sum())
    if not zeros:
        return ""
    are = "target is" if zeros == 1 else "targets are"
    return (
        f"{zeros:,} of {len(truth):,} {are} 0, of which no percentage can be told; the value is "
        "that of scikit-learn, which such rows decide alone, so use mae or rmse"
    )


METRIC = Metric(
    key="mape",
    label="mean absolute percentage error",
    short="MAPE",
    meaning="Mean magnitude of the error relative to that of the target; 0.1 is 10 %.",
    kind="regression",
    higher_is_better=False,
    constant=Constant.MEDIAN,
    format="number",
    by_row=_relative_error,
    follows=True,
    caution=_caution,
    other_names=("mean_absolute_percentage_error", "percentage_error"),
)
