"""Keras metrics of a quantity in its own unit, where a model is trained on something else of it."""

from typing import Any

import keras

from regcli.data.target.target_transform import TargetTransform


class InOwnUnit(keras.metrics.Metric):  # type: ignore[misc]
    """A metric of predictions and targets after the inverse of the target's transform."""

    def __init__(self, metric: keras.metrics.Metric, transform: TargetTransform) -> None:
        super().__init__(name=metric.name)
        self.metric, self.transform = metric, transform

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add the rows of a batch."""
        given = self._inverted(y_true), self._inverted(y_pred)
        self.metric.update_state(*given, sample_weight=sample_weight)

    def result(self) -> Any:
        """The metric's value so far."""
        return self.metric.result()

    def reset_state(self) -> None:
        """Forget all rows."""
        self.metric.reset_state()

    def _inverted(self, values: Any) -> Any:
        values = values * self.transform.width + self.transform.center
        return keras.ops.exp(values) if self.transform.log else values
