"""Root mean squared error."""

from typing import TYPE_CHECKING, Any

from regcli.metrics.metric import Compared, Constant, Metric, Watched

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _root(given: "Predictions") -> "Values":
    squared: Values = (given.residual**2).mean(axis=-1)
    return squared**0.5


def _pseudo_values(given: "Predictions") -> "Values":
    """√m + (e² − m)/(2√m), with m the mean of e²."""
    import numpy as np

    squared: Values = given.residual**2
    root = np.sqrt(squared.mean(axis=-1, keepdims=True))
    found: Values = root + (squared - root**2) / (2 * np.where(root > 0, root, 1.0))
    return found


def squared_error(threshold: float, outputs: Any, targets: Any) -> Any:
    """The square of each row's error in training, (members, rows)."""
    import tensorflow as tf

    return tf.square(outputs[..., 0] - targets[..., 0])


def _of_mean(mean: Any, variance: Any) -> Any:
    import tensorflow as tf

    return tf.sqrt(mean)


def _in_fit(name: str, compared: Compared) -> Any:
    import keras

    return keras.metrics.RootMeanSquaredError(name=name)


METRIC = Metric(
    key="rmse",
    label="root mean squared error",
    short="RMSE",
    meaning="Square root of the mean squared error, in the unit of the target.",
    kind="regression",
    higher_is_better=False,
    constant=Constant.MEAN,
    format="number",
    form=_root,
    pseudo_values=_pseudo_values,
    follows=True,
    other_names=("mse", "mean_squared_error", "root_mean_squared_error", "squared_error"),
    watched=Watched(squared_error, _of_mean, _in_fit),
)
