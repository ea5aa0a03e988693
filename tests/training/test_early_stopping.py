"""When training stops before its last epoch, and which weights it ends with."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from regcli.errors import ModelError
from regcli.results.outcomes import Outcome

from .examples import Fit, a_config, binary_splits, number_splits, rows, splits_of

EPOCHS = 30


@pytest.fixture
def fit(uncompiled_fit: Fit) -> Fit:
    return uncompiled_fit


def overfitted(fit: Fit, early_stopping: Any) -> Outcome:
    """Labels by chance, so that fitting them worsens the validation rows' data loss.

    Meanwhile the penalty of wide start weights falls, and the objective with it.
    """
    splits = splits_of(rows((20,), 60), np.random.default_rng(5).integers(0, 2, 60), classes=2)
    wide = {"RandomNormal": {"stddev": 1.0}}
    config = a_config(
        [{"Dense": {"units": 12, "activation": "tanh", "kernel_initializer": wide}}],
        regularization={"l1": 0.05, "layers": "hidden"},
        training={
            "epochs": EPOCHS,
            "batch_size": 64,
            "optimizer": {"name": "adam", "learning_rate": 0.01},
            "early_stopping": early_stopping,
        },
    )
    return fit(config, splits)


def test_data_loss_decides_where_the_objective_keeps_falling(fit: Fit) -> None:
    outcome = overfitted(fit, {"monitor": "validation.data_loss", "patience": 4})
    objective = outcome.history["val_loss"]
    data_loss = outcome.history["val_data_loss"]
    best = int(np.argmin(data_loss))
    assert all(later < earlier for earlier, later in pairwise(objective))
    assert outcome.epochs == len(data_loss) == best + 1 + 4 < EPOCHS
    scores = outcome.metrics["validation"]
    assert scores["data_loss"] == pytest.approx(data_loss[best], rel=1e-5)
    assert scores["objective"] == pytest.approx(objective[best], rel=1e-5)


def test_the_objective_decides_where_it_is_asked_for(fit: Fit) -> None:
    outcome = overfitted(fit, {"monitor": "validation.objective", "patience": 4})
    assert outcome.epochs == EPOCHS


def test_the_best_weights_come_back_after_the_last_epoch_too(fit: Fit) -> None:
    outcome = overfitted(fit, {"monitor": "validation.data_loss", "patience": 1000})
    data_loss = outcome.history["val_data_loss"]
    assert outcome.epochs == EPOCHS
    assert data_loss[-1] > min(data_loss) + 0.01
    scores = outcome.metrics["validation"]
    assert scores["data_loss"] == pytest.approx(min(data_loss), rel=1e-5)


@pytest.mark.parametrize(
    ("monitor", "part", "metric", "logged"),
    [
        ("validation.accuracy", "validation", "accuracy", "val_accuracy"),
        ("train.accuracy", "train", "accuracy", "accuracy"),
    ],
)
def test_accuracy_must_rise(fit: Fit, monitor: str, part: str, metric: str, logged: str) -> None:
    outcome = overfitted(fit, {"monitor": monitor, "patience": 6})
    values = outcome.history[logged]
    best = int(np.argmax(values))
    assert values[best] > min(values)
    assert outcome.epochs == min(best + 1 + 6, EPOCHS)
    if part == "validation":  # training logs its accuracy while the weights still move
        assert outcome.metrics[part][metric] == pytest.approx(values[best])


def test_r2_must_rise_and_mae_must_fall(fit: Fit) -> None:
    for metric, best in (("r2", max), ("mae", min)):
        config = a_config(
            [],
            training={
                "epochs": 12,
                "optimizer": {"name": "sgd", "learning_rate": 0.3},
                "early_stopping": {"monitor": f"validation.{metric}", "patience": 3},
            },
        )
        outcome = fit(config, number_splits())
        values = outcome.history[f"val_{metric}"]
        assert outcome.metrics["validation"][metric] == pytest.approx(best(values), rel=1e-4)


def test_a_change_below_min_delta_does_not_count(fit: Fit) -> None:
    early = {"monitor": "train.data_loss", "patience": 2, "min_delta": 100.0}
    config = a_config([], training={"epochs": 9, "early_stopping": early})
    assert fit(config, binary_splits()).epochs == 3


@pytest.mark.parametrize(
    ("monitor", "options", "message"),
    [
        (
            "validation.data_loss",
            {"validation": 0},
            "requires validation rows; got validation.data_loss with dataset.validation: 0",
        ),
        (
            "validation.r2",
            {},
            "must be a metric for classification, got validation.r2",
        ),
    ],
)
def test_monitors_that_are_not_there(
    reference_fit: Fit, monitor: str, options: dict[str, Any], message: str
) -> None:
    config = a_config([], training={"early_stopping": {"monitor": monitor}})
    with pytest.raises(ModelError) as refused:
        reference_fit(config, binary_splits(**options))
    assert refused.value.path == ("training", "early_stopping", "monitor")
    assert refused.value.message == message


def test_accuracy_is_no_metric_of_regression(reference_fit: Fit) -> None:
    config = a_config([], training={"early_stopping": {"monitor": "validation.accuracy"}})
    with pytest.raises(ModelError) as refused:
        reference_fit(config, number_splits())
    assert refused.value.message == ("must be a metric for regression, got validation.accuracy")
