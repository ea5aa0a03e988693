"""A loss has a value for each row where neither value nor slope follows from other rows."""

from collections.abc import Callable
from typing import Any

import keras
import pytest
import tensorflow as tf
from keras import ops

from regcli.config import catalogue
from regcli.config.keras_parts import Loss
from regcli.models.outputs import Output
from regcli.models.parts import make_loss
from regcli.training.losses_by_row import why_not_by_row

JOINED = "is not a mean over rows"
COMPARED = "compares rows with each other"
TOGETHER = {"Dice", "Tversky"}


class Made(keras.losses.Loss):  # type: ignore[misc]
    """A loss by a function of targets and outputs."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        super().__init__()
        self.function = function

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.function(y_true, y_pred)


def squared(y: Any, p: Any) -> Any:
    return ops.mean((y - p) ** 2, axis=-1)


def turned(y: Any, p: Any) -> Any:
    """The values of `squared`, with slopes that the other rows' outputs go into."""
    mean = ops.mean(p) * p[:, 0]
    return squared(y, p) + mean - tf.stop_gradient(mean)


@pytest.mark.parametrize("name", catalogue.names("losses"))
def test_which_of_keras_losses_have_rows(name: str) -> None:
    output = Output(3, keras.activations.softmax)
    loss = make_loss(Loss(name=name), "multiclass", output)
    assert why_not_by_row(loss, 3, 3) == (JOINED if name in TOGETHER else None)


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        (squared, None),
        (lambda y, p: ops.mean((y - p) ** 2), JOINED),
        (lambda y, p: (y - p) ** 2, JOINED),
        (lambda y, p: squared(y, p) - ops.mean(squared(y, p)), COMPARED),
        (lambda y, p: squared(y, p[::-1]), COMPARED),
        (turned, COMPARED),
    ],
)
def test_what_is_said_of_a_loss(function: Any, fault: str | None) -> None:
    assert why_not_by_row(Made(function), 0, 1) == fault


@pytest.mark.parametrize("units", [2, 5, 6])
def test_as_many_outputs_as_trial_rows_are_no_rows(units: int) -> None:
    loss = keras.losses.CosineSimilarity(axis=0)
    fault = COMPARED if units == 5 else JOINED
    assert why_not_by_row(loss, units, units) == fault
