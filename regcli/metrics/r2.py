"""R²: the share of the targets' variance that is explained."""

from typing import TYPE_CHECKING, Any

from regcli.metrics.metric import Compared, Constant, Metric, Watched
from regcli.metrics.rmse import squared_error

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _explained(given: "Predictions") -> "Values":
    """1 − Σ(y − z)² / Σ(y − ȳ)²; NaN where all targets are equal.

    Scikit-learn gives 1 there to a model that is exactly right, and 0 to every other.
    """
    left: Values = (given.residual**2).sum(axis=-1)
    return 1 - left / given.total_of_squares


def _pseudo_values(given: "Predictions") -> "Values":
    """R² − (e² − (1 − R²)·(y − ȳ)²)/s, with s the variance of the targets."""
    import numpy as np

    truth = given.truth.astype(np.float64)
    variance = given.total_of_squares / len(truth)
    squared: Values = given.residual**2
    left = squared.mean(axis=-1, keepdims=True) / variance
    found: Values = 1 - left - (squared - left * (truth - truth.mean()) ** 2) / variance
    return found


def _of_mean(mean: Any, variance: Any) -> Any:
    """As `R2Score`, which gives 0 where there is no variance to explain."""
    import tensorflow as tf

    r2 = 1 - mean / variance
    return tf.where(tf.math.is_inf(r2), tf.zeros_like(r2), r2)


def _in_fit(name: str, compared: Compared) -> Any:
    import keras

    return keras.metrics.R2Score(name=name)


METRIC = Metric(
    key="r2",
    label="R²",
    short="R²",
    meaning="Fraction of the variance of the target that is explained.",
    kind="regression",
    higher_is_better=True,
    constant=Constant.MEAN,
    lowest=-float("inf"),
    form=_explained,
    pseudo_values=_pseudo_values,
    follows=True,
    is_default=True,
    other_names=("r_squared", "r2_score", "rsquared", "r²", "explained_variance"),
    watched=Watched(squared_error, _of_mean, _in_fit),
)
