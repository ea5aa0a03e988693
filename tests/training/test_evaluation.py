"""The numbers of an outcome against the same numbers computed in float64 from its weights."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import accuracy_score, mean_absolute_error, r2_score

from regcli.config.schema import Config
from regcli.config.stack import complete_stack
from regcli.data.dataset import Splits
from regcli.metrics.registry import metrics_of
from regcli.models.build import build_model
from regcli.models.layer_strengths import layer_strengths
from regcli.models.parts import make_loss
from regcli.models.weights import write_weights
from regcli.results.outcomes import Outcome

from .examples import (
    Array,
    Fit,
    a_config,
    binary_splits,
    class_splits,
    forward,
    number_splits,
    penalty,
    splits_of,
)

HIDDEN = {"Dense": {"units": 5, "activation": "tanh"}}
ByRow = Callable[[Any, Array], Array]


@pytest.fixture
def fit(uncompiled_fit: Fit) -> Fit:
    return uncompiled_fit


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def softmax(z: Array) -> Array:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def binary_entropy(y: Any, p: Array) -> Array:
    return -(y * np.log(p[:, 0]) + (1 - y) * np.log(1 - p[:, 0]))


def entropy(y: Any, p: Array) -> Array:
    return -np.log(p[np.arange(len(y)), y])


def smoothed_entropy(y: Any, p: Array) -> Array:
    smooth = 0.9 * np.eye(p.shape[1])[y] + 0.1 / p.shape[1]
    return -(smooth * np.log(p)).sum(axis=1)


def huber(y: Any, z: Array) -> Array:
    error = np.abs(y - z[:, 0])
    return np.where(error <= 0.5, error**2 / 2, 0.5 * error - 0.125)


BINARY: dict[str, tuple[Any, Any, ByRow]] = {
    "scores, implied": (None, None, lambda y, z: binary_entropy(y, sigmoid(z))),
    "scores": ({"units": 1}, None, lambda y, z: binary_entropy(y, sigmoid(z))),
    "sigmoid": (
        {"units": 1, "activation": "sigmoid"},
        None,
        lambda y, z: binary_entropy(y, sigmoid(z)),
    ),
    "label smoothing": (
        {"units": 1},
        {"name": "binary_crossentropy", "label_smoothing": 0.1},
        lambda y, z: binary_entropy(0.9 * y + 0.05, sigmoid(z)),
    ),
    "hinge": (
        {"units": 1},
        "hinge",
        lambda y, z: np.maximum(0, 1 - (2 * y - 1) * z[:, 0]),
    ),
    "squared error of a probability": (
        {"units": 1, "activation": "sigmoid"},
        "mse",
        lambda y, z: (y - sigmoid(z)[:, 0]) ** 2,
    ),
    "two scores": ({"units": 2}, None, lambda y, z: entropy(y, softmax(z))),
    "two probabilities": (
        {"units": 2, "activation": "softmax"},
        None,
        lambda y, z: entropy(y, softmax(z)),
    ),
    "two scores, one-hot": (
        {"units": 2},
        "categorical_crossentropy",
        lambda y, z: entropy(y, softmax(z)),
    ),
    "two scores, each a yes or no": (
        {"units": 2},
        "binary_crossentropy",
        lambda y, z: np.mean(
            [binary_entropy(y == k, sigmoid(z[:, [k]])) for k in range(2)], axis=0
        ),
    ),
}
MULTICLASS: dict[str, tuple[Any, Any, ByRow]] = {
    "scores": ({"units": 3}, None, lambda y, z: entropy(y, softmax(z))),
    "softmax": (
        {"units": 3, "activation": "softmax"},
        None,
        lambda y, z: entropy(y, softmax(z)),
    ),
    "one-hot with smoothing": (
        {"units": 3},
        {"name": "CategoricalCrossentropy", "label_smoothing": 0.1},
        lambda y, z: smoothed_entropy(y, softmax(z)),
    ),
    "divergence": (
        {"units": 3, "activation": "softmax"},
        "kl_divergence",
        lambda y, z: entropy(y, softmax(z)),
    ),
    "squared error of probabilities": (
        {"units": 3, "activation": "softmax"},
        "mean_squared_error",
        lambda y, z: ((np.eye(3)[y] - softmax(z)) ** 2).mean(axis=1),
    ),
    "hinge of several": (
        {"units": 3},
        "categorical_hinge",
        lambda y, z: np.maximum(
            0, 1 + np.where(np.eye(3)[y] == 1, 0, z).max(axis=1) - z[np.arange(len(y)), y]
        ),
    ),
}
REGRESSION: dict[str, tuple[Any, Any, ByRow]] = {
    "squared": (None, None, lambda y, z: (y - z[:, 0]) ** 2),
    "absolute": ({"units": 1}, "mae", lambda y, z: np.abs(y - z[:, 0])),
    "huber": ({"units": 1}, {"name": "huber", "delta": 0.5}, huber),
    "log cosh": ({"units": 1}, "log_cosh", lambda y, z: np.log(np.cosh(y - z[:, 0]))),
}


def trained(fit: Fit, splits: Splits, output: Any, loss: Any) -> tuple[Config, Outcome]:
    layers = [HIDDEN] if output is None else [HIDDEN, {"Dense": output}]
    config = a_config(
        layers,
        regularization={"l1": 0.01, "l2": 0.02},
        training={"loss": loss, "epochs": 1},
    )
    return config, fit(config, splits)


def output_name(output: Any) -> str:
    return "output" if output is None else "dense_1"


def check_losses(outcome: Outcome, splits: Splits, output: Any, by_row: ByRow) -> None:
    names = ("dense", output_name(output))
    expected = penalty(outcome.weights, {f"{name}/kernel": (0.01, 0.02) for name in names})
    assert expected > 0.01
    for part_name, part in splits.parts():
        assert part is not None
        scores = outcome.metrics[part_name]
        losses = by_row(part.y, forward(outcome.weights, names, part.x))
        data_loss = float(losses.mean())
        assert scores["data_loss"] == pytest.approx(data_loss, rel=1e-5)
        assert scores["penalty"] == pytest.approx(expected, rel=1e-5)
        assert scores["objective"] == pytest.approx(data_loss + expected, rel=1e-5)
        if part_name != "train":
            check_rows(outcome, part_name, losses)
    assert set(outcome.rows) == {"validation", "test"}


def check_rows(outcome: Outcome, part: str, losses: Array) -> None:
    """The rows' own losses, and metrics of rows whose mean is the part's."""
    rows, scores = outcome.rows[part], outcome.metrics[part]
    assert_allclose(rows["data_loss"], losses, rtol=1e-4, atol=1e-6)
    means = {key: float(values.mean(dtype=float)) for key, values in rows.items()}
    assert means == pytest.approx({key: scores[key] for key in rows}, rel=1e-5)
    assert {"accuracy"} < set(rows) or {"mae"} < set(rows)
    assert {len(values) for values in rows.values()} == {len(losses)}


@pytest.mark.parametrize("case", BINARY)
def test_two_classes(fit: Fit, case: str) -> None:
    output, loss, by_row = BINARY[case]
    splits = binary_splits()
    _, outcome = trained(fit, splits, output, loss)
    check_losses(outcome, splits, output, by_row)
    for name, part in splits.parts():
        assert part is not None
        z = forward(outcome.weights, ("dense", output_name(output)), part.x)
        predicted = z.argmax(axis=1) if z.shape[1] == 2 else z[:, 0] > 0
        accuracy = accuracy_score(part.y, predicted)
        assert outcome.metrics[name]["accuracy"] == pytest.approx(accuracy)
        assert "r2" not in outcome.metrics[name]


@pytest.mark.parametrize("case", MULTICLASS)
def test_several_classes(fit: Fit, case: str) -> None:
    output, loss, by_row = MULTICLASS[case]
    splits = class_splits()
    _, outcome = trained(fit, splits, output, loss)
    check_losses(outcome, splits, output, by_row)
    for name, part in splits.parts():
        assert part is not None
        z = forward(outcome.weights, ("dense", "dense_1"), part.x)
        accuracy = accuracy_score(part.y, z.argmax(axis=1))
        assert outcome.metrics[name]["accuracy"] == pytest.approx(accuracy)


@pytest.mark.parametrize("case", REGRESSION)
def test_regression(fit: Fit, case: str) -> None:
    output, loss, by_row = REGRESSION[case]
    splits = number_splits()
    _, outcome = trained(fit, splits, output, loss)
    check_losses(outcome, splits, output, by_row)
    for name, part in splits.parts():
        assert part is not None
        z = forward(outcome.weights, ("dense", output_name(output)), part.x)[:, 0]
        scores = outcome.metrics[name]
        assert scores["r2"] == pytest.approx(r2_score(part.y, z), abs=1e-5)
        assert scores["mae"] == pytest.approx(mean_absolute_error(part.y, z), rel=1e-5)
        assert "accuracy" not in scores


def test_two_classes_by_squared_error_are_parted_halfway(fit: Fit) -> None:
    """A linear output that is compared with 0 and 1 is no score whose sign would tell."""
    splits = binary_splits()
    config = a_config([{"Dense": {"units": 1}}], training={"loss": "mse", "epochs": 30})
    outcome = fit(config, splits)
    z = forward(outcome.weights, ("dense",), splits.train.x)[:, 0]
    assert outcome.metrics["train"]["accuracy"] == accuracy_score(splits.train.y, z > 0.5)
    assert accuracy_score(splits.train.y, z > 0.5) != accuracy_score(splits.train.y, z > 0)


@pytest.mark.parametrize(
    ("splits", "metric"),
    [(binary_splits(), "accuracy"), (class_splits(), "accuracy"), (number_splits(), "mae")],
    ids=["binary", "multiclass", "regression"],
)
def test_the_objective_is_what_keras_evaluates(fit: Fit, splits: Splits, metric: str) -> None:
    config = a_config([HIDDEN], regularization={"l1": 0.01, "l2": 0.02})
    outcome = fit(config, splits)
    task = splits.table.task
    stack = complete_stack(config.model, task, splits.outputs)
    strengths = layer_strengths(stack, config.regularization)
    model = build_model(stack, strengths, splits.train.x.shape[1:])
    write_weights(model, outcome.weights)
    model.compile(loss=make_loss(None, task, model.layers[-1]))
    for name, part in splits.parts():
        assert part is not None
        loss = model.evaluate(part.x, part.y, verbose=0)
        assert outcome.metrics[name]["objective"] == pytest.approx(loss, rel=1e-6)
        assert metric in outcome.metrics[name]
    assert_allclose(
        outcome.history["val_loss"][-1], outcome.metrics["validation"]["objective"], rtol=1e-5
    )


def test_data_loss_is_logged_beside_the_loss(fit: Fit) -> None:
    splits = binary_splits()
    config = a_config([], regularization={"l2": 0.5}, training={"epochs": 3})
    outcome = fit(config, splits)
    history, scores = outcome.history, outcome.metrics["validation"]
    assert set(history) == {
        f"{part}{name}" for part in ("", "val_") for name in ("loss", "data_loss", "accuracy")
    }
    assert history["val_data_loss"][-1] == pytest.approx(scores["data_loss"], rel=1e-5)
    assert history["val_loss"][-1] == pytest.approx(scores["objective"], rel=1e-5)
    assert scores["penalty"] > 0.01


def test_a_part_without_rows_has_no_scores(fit: Fit) -> None:
    outcome = fit(a_config(), binary_splits(validation=0, test=0))
    assert outcome.metrics["validation"] == {}
    assert outcome.metrics["test"] == {}
    measured = {metric.key for metric in metrics_of("classification")}
    assert set(outcome.metrics["train"]) == {"data_loss", "penalty", "objective"} | measured


def test_more_rows_than_one_pass_takes(fit: Fit) -> None:
    """Evaluation goes in batches of 1,024 rows; their losses count by their rows."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2500, 3))
    splits = splits_of(x, x[:, 0] ** 3, validation=0, test=0)
    config = a_config([], regularization={"l2": 0.1}, training={"epochs": 1, "batch_size": 512})
    outcome = fit(config, splits)
    z = forward(outcome.weights, ("output",), splits.train.x)[:, 0]
    expected = float(((splits.train.y - z) ** 2).mean())
    scores = outcome.metrics["train"]
    assert scores["data_loss"] == pytest.approx(expected, rel=1e-5)
    assert scores["penalty"] == pytest.approx(
        penalty(outcome.weights, {"output/kernel": (0, 0.1)}), rel=1e-5
    )
