"""Tasks, losses and penalties of a population against `fit`: 20 epochs each."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from regcli.data.dataset import Splits
from regcli.results.outcomes import Outcome

from .examples import a_config, binary_splits, class_splits, number_splits, rows, splits_of
from .populations import (
    assert_same_scores,
    assert_same_training,
    train_by_fit,
    train_together,
)

HIDDEN = {"Dense": {"units": 5, "activation": "tanh"}}
SMOOTHED = {"name": "categorical_crossentropy", "label_smoothing": 0.1}
TASKS: dict[str, tuple[str, Any, Any]] = {
    "two classes, scores": ("binary", None, None),
    "two classes, sigmoid": ("binary", {"units": 1, "activation": "sigmoid"}, None),
    "two classes, focal": (
        "binary",
        {"units": 1, "activation": "sigmoid"},
        {"name": "binary_focal_crossentropy", "apply_class_balancing": True},
    ),
    "two classes, hinge": ("binary", {"units": 1}, "squared_hinge"),
    "two classes, two scores": ("binary", {"units": 2}, None),
    "two classes, each a yes or no": ("binary", {"units": 2}, "binary_crossentropy"),
    "classes, scores": ("classes", None, None),
    "classes, softmax": ("classes", {"units": 3, "activation": "softmax"}, None),
    "classes, smoothed": ("classes", {"units": 3}, SMOOTHED),
    "classes, generalized": (
        "classes",
        {"units": 3, "activation": "softmax"},
        "categorical_generalized_cross_entropy",
    ),
    "classes, hinge": ("classes", {"units": 3}, "categorical_hinge"),
    "classes, focal": (
        "classes",
        {"units": 3, "activation": "softmax"},
        "categorical_focal_crossentropy",
    ),
    "classes, cosine": ("classes", {"units": 3}, "cosine_similarity"),
    "classes, dice of each row": (
        "classes",
        {"units": 3, "activation": "softmax"},
        {"name": "dice", "axis": 1},
    ),
    "classes, tversky of each row": (
        "classes",
        {"units": 3, "activation": "softmax"},
        {"name": "tversky", "alpha": 0.7, "beta": 0.3, "axis": [-1]},
    ),
    "numbers, squared": ("numbers", None, None),
    "numbers, huber": ("numbers", None, {"name": "huber", "delta": 0.5}),
    "numbers, log cosh": ("numbers", None, "log_cosh"),
}


def data(task: str, **options: Any) -> Splits:
    makers = {"binary": binary_splits, "classes": class_splits, "numbers": number_splits}
    return makers[task](**options)


def both(config: Any, splits: Splits) -> tuple[Outcome, Outcome]:
    (ours,) = train_together([config], splits)
    return ours, train_by_fit(config, splits)


COMPILED = {
    "two classes, sigmoid",
    "classes, scores",
    "classes, smoothed",
    "classes, cosine",
    "numbers, huber",
}
"""Losses are arithmetic of a few kinds, which XLA compiles alike."""


@pytest.mark.slow
@pytest.mark.parametrize("case", TASKS)
def test_a_task_equals_fit(case: str, request: pytest.FixtureRequest) -> None:
    if case not in COMPILED:
        request.getfixturevalue("uncompiled")
    task, output, loss = TASKS[case]
    layers = [HIDDEN] if output is None else [HIDDEN, {"Dense": output}]
    config = a_config(
        layers,
        regularization={"l2": 0.003},
        training={
            "epochs": 20,
            "batch_size": 7,
            "loss": loss,
            "optimizer": {"name": "adam", "learning_rate": 0.01},
        },
    )
    ours, theirs = both(config, data(task))
    assert ours.history["data_loss"][-1] < ours.history["data_loss"][0]
    assert_same_training(ours, theirs)


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.slow
@pytest.mark.parametrize(("activation", "units"), [("sigmoid", 1), ("softmax", 2)])
def test_probabilities_that_round_to_one_still_have_gradients(activation: str, units: int) -> None:
    """Keras goes back to the scores behind a sigmoid or softmax, here some hundreds at first.

    By the probabilities a row's loss would end at 16, and where it does nothing would be learned.
    """
    wide = {"RandomNormal": {"stddev": 100.0}}
    output = {"units": units, "activation": activation, "kernel_initializer": wide}
    optimizer = {"name": "sgd", "learning_rate": 5.0}
    config = a_config(
        [{"Dense": output}], training={"epochs": 20, "batch_size": 7, "optimizer": optimizer}
    )
    ours, theirs = both(config, binary_splits())
    assert theirs.history["data_loss"][0] > 17
    assert_same_training(ours, theirs, atol=1e-4)


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.slow
def test_without_rows_to_validate_or_test() -> None:
    config = a_config([HIDDEN], training={"epochs": 20, "batch_size": 7})
    ours, theirs = both(config, binary_splits(validation=0, test=0))
    assert set(ours.history) == {"loss", "data_loss", "accuracy"}
    assert (ours.metrics["validation"], ours.metrics["test"]) == ({}, {})
    assert_same_training(ours, theirs)


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.slow
def test_a_batch_larger_than_the_data() -> None:
    config = a_config([HIDDEN], training={"epochs": 5, "batch_size": 500})
    assert_same_training(*both(config, number_splits()))


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.slow
def test_r2_of_validation_rows_that_are_all_alike() -> None:
    """There is no variance to explain: Keras logs 0."""
    splits = splits_of(rows((3,)), np.full(40, 2.0))
    config = a_config([], training={"epochs": 3})
    ours, theirs = both(config, splits)
    assert theirs.history["val_r2"] == (0.0, 0.0, 0.0)
    assert_same_scores(ours.history, theirs.history, 1e-5, 1e-5)


L1: dict[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]] = {
    "adam": ("classes", {"l1": 0.01, "l2": 0.003}, {"name": "adam", "learning_rate": 0.01}),
    "sgd": ("binary", {"l1": 0.03}, {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9}),
    "rmsprop": ("numbers", {"l1": 0.02, "layers": "hidden"}, {"name": "rmsprop"}),
}


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.slow
@pytest.mark.parametrize("case", L1)
def test_with_l1_the_objective_agrees_and_accuracy_within_a_row(case: str) -> None:
    """Where rounding alone flips a weight's sign, its steps differ by twice l1 times the rate."""
    task, regularization, optimizer = L1[case]
    splits = data(task)
    config = a_config(
        [HIDDEN],
        regularization=regularization,
        training={"epochs": 20, "batch_size": 7, "optimizer": optimizer},
    )
    ours, theirs = both(config, splits)
    assert theirs.metrics["train"]["penalty"] > 0.02
    for part, split in splits.parts():
        assert split is not None
        mine, fits = ours.metrics[part], theirs.metrics[part]
        assert mine["objective"] == pytest.approx(fits["objective"], rel=1e-3)
        assert mine["penalty"] == pytest.approx(fits["penalty"], rel=1e-3)
        if "accuracy" in fits:
            assert abs(mine["accuracy"] - fits["accuracy"]) <= 1.001 / len(split)
    assert_allclose(ours.history["loss"], theirs.history["loss"], rtol=1e-3)
    assert_allclose(ours.history["val_loss"], theirs.history["val_loss"], rtol=1e-3)
