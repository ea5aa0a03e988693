"""A loss that is not finite ends a run, and says when."""

import math

import numpy as np
import pytest

from regcli.results.records import RunState

from .examples import Fit, a_config, number_splits

HIDDEN = {"Dense": {"units": 8, "activation": "relu"}}


@pytest.fixture
def fit(uncompiled_fit: Fit) -> Fit:
    return uncompiled_fit


def diverging(epochs: int, batch_size: int) -> dict[str, object]:
    optimizer = {"name": "sgd", "learning_rate": 1e30}
    return {"optimizer": optimizer, "epochs": epochs, "batch_size": batch_size}


def test_a_run_ends_at_the_epoch_whose_loss_is_not_finite(fit: Fit) -> None:
    seen: list[int] = []
    outcome = fit(a_config([HIDDEN], training=diverging(20, 4)), number_splits(), seen.append)
    assert outcome.state is RunState.DIVERGED
    assert outcome.message == "the loss was not finite after epoch 1"
    assert outcome.epochs == 1
    assert seen == [1]
    assert not math.isfinite(outcome.history["loss"][-1])
    assert not math.isfinite(outcome.metrics["validation"]["data_loss"] or 0.0)
    assert outcome.metrics["train"]["r2"] != outcome.metrics["train"]["r2"]


def test_the_last_step_may_be_the_one_that_diverges(fit: Fit) -> None:
    """Keras logs the loss of before a step: with one step, that of the start weights."""
    outcome = fit(a_config([HIDDEN], training=diverging(1, 64)), number_splits())
    assert math.isfinite(outcome.history["loss"][0])
    assert not math.isfinite(outcome.metrics["train"]["data_loss"] or 0.0)
    assert outcome.state is RunState.DIVERGED
    assert outcome.message == "the loss was not finite after epoch 1"


def test_a_large_loss_is_no_divergence(fit: Fit) -> None:
    optimizer = {"name": "sgd", "learning_rate": 50.0}
    config = a_config([], training={"optimizer": optimizer, "epochs": 2, "batch_size": 64})
    outcome = fit(config, number_splits())
    assert outcome.metrics["train"]["data_loss"] == pytest.approx(
        float(np.float64(outcome.metrics["train"]["objective"] or 0.0))
    )
    assert (outcome.metrics["train"]["data_loss"] or 0.0) > 100
    assert outcome.state is RunState.FINISHED
    assert outcome.message == ""


def test_epochs_are_told_as_they_end(fit: Fit) -> None:
    seen: list[int] = []
    outcome = fit(a_config([], training={"epochs": 4}), number_splits(), seen.append)
    assert seen == [1, 2, 3, 4]
    assert outcome.epochs == 4
    assert outcome.seconds > 0
