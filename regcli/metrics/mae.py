"""Mean absolute error."""

from typing import TYPE_CHECKING, Any

from regcli.metrics.metric import Compared, Constant, Metric, Watched

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _absolute_error(given: "Predictions") -> "Values":
    error: Values = abs(given.residual)
    return error


def _error_in_training(threshold: float, outputs: Any, targets: Any) -> Any:
    import tensorflow as tf

    return tf.abs(outputs[..., 0] - targets[..., 0])


def _in_fit(name: str, compared: Compared) -> Any:
    import keras

    return keras.metrics.MeanAbsoluteError(name=name)


METRIC = Metric(
    key="mae",
    label="mean absolute error",
    short="MAE",
    meaning="Mean magnitude of the error, in the unit of the target.",
    kind="regression",
    higher_is_better=False,
    constant=Constant.MEDIAN,
    format="number",
    by_row=_absolute_error,
    follows=True,
    is_default=True,
    other_names=("mean_absolute_error", "l1_loss", "absolute_error"),
    watched=Watched(_error_in_training, lambda mean, variance: mean, _in_fit),
)
