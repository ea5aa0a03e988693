"""Accuracy: the share of rows whose class is predicted."""

from typing import TYPE_CHECKING, Any

from regcli.metrics.metric import Compared, Constant, Metric, Watched

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions


def _right(given: "Predictions") -> "Values":
    """1 where the class is predicted; 0 also where an output is not finite."""
    return given.is_right


def _right_in_training(threshold: float, outputs: Any, targets: Any) -> Any:
    from regcli.metrics.stacked_rows import is_right

    return is_right(threshold, outputs, targets)


def _in_fit(name: str, compared: Compared) -> Any:
    import keras

    if compared.outputs == 1:
        return keras.metrics.BinaryAccuracy(name=name, threshold=compared.threshold)
    if compared.class_numbers:
        return keras.metrics.SparseCategoricalAccuracy(name=name)
    return keras.metrics.CategoricalAccuracy(name=name)


METRIC = Metric(
    key="accuracy",
    label="accuracy",
    short="acc.",
    meaning="Fraction of rows whose class is predicted correctly.",
    kind="classification",
    higher_is_better=True,
    constant=Constant.MOST_FREQUENT,
    by_row=_right,
    is_default=True,
    other_names=("acc", "accuracy_score"),
    watched=Watched(_right_in_training, lambda mean, variance: mean, _in_fit),
)
