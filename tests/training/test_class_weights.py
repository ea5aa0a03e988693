"""Weights of classes: those of Keras's `fit`, and in every score that holds the loss."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.utils.class_weight import compute_class_weight

from regcli.data.dataset import Splits
from regcli.data.row_order import batch_order
from regcli.errors import ModelError
from regcli.training.loss_targets import class_weights

from .examples import Fit, a_config, forward, number_splits, rows, splits_of
from .populations import assert_same_training, train_by_fit, train_together

WEIGHTS = {"0": 3.0, "2": 0.5}


@pytest.fixture
def fit(uncompiled_fit: Fit) -> Fit:
    return uncompiled_fit


def uneven_splits() -> Splits:
    """Three classes of which the first has half of the rows."""
    y = np.tile([0, 0, 0, 1, 2, 0], 12)
    return splits_of(rows((4,), 72) + np.eye(3, 4)[y], y, classes=3)


def config_with(class_weight: object, **training: object) -> object:
    return a_config(
        [{"Dense": {"units": 5, "activation": "tanh"}}],
        regularization={"l2": 0.01},
        training={"epochs": 3, "class_weight": class_weight, **training},
    )


def keras_history(splits: Splits) -> tuple[keras.Model, dict[str, list[float]]]:
    """What `fit` itself does with `class_weight`."""
    keras.utils.set_random_seed(0)
    penalty = keras.regularizers.L2(0.01)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(5, activation="tanh", kernel_regularizer=penalty),
            keras.layers.Dense(3, kernel_regularizer=penalty),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    history: dict[str, list[float]] = {"loss": [], "accuracy": []}
    for epoch in range(3):
        order = batch_order(0, epoch, len(splits.train))
        logs = model.fit(
            splits.train.x[order],
            splits.train.y[order],
            batch_size=16,
            shuffle=False,
            verbose=0,
            class_weight={0: 3.0, 1: 1.0, 2: 0.5},
        ).history
        for name, values in history.items():
            values += logs[name]
    return model, history


def test_they_are_those_of_fit(fit: Fit) -> None:
    splits = uneven_splits()
    outcome = fit(config_with(WEIGHTS), splits)
    model, history = keras_history(splits)
    for name, values in history.items():
        assert_allclose(outcome.history[name], values, rtol=0, atol=1e-5, err_msg=name)
    for ours, theirs in zip(outcome.weights.values(), model.get_weights(), strict=True):
        assert_allclose(ours, theirs, rtol=0, atol=1e-5)


def test_data_loss_counts_every_row_once_and_the_objective_its_weight(fit: Fit) -> None:
    splits = uneven_splits()
    outcome = fit(config_with(WEIGHTS), splits)
    for name, part in splits.parts():
        assert part is not None
        z = forward(outcome.weights, ["dense", "output"], part.x)
        by_row = np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), part.y]
        weighted = (by_row * np.array([3.0, 1.0, 0.5])[part.y]).mean()
        scores = outcome.metrics[name]
        assert scores["data_loss"] == pytest.approx(by_row.mean(), rel=1e-5)
        assert scores["weighted_data_loss"] == pytest.approx(weighted, rel=1e-5)
        assert scores["objective"] == scores["weighted_data_loss"] + scores["penalty"]
    for logged, score in (("val_data_loss", "data_loss"), ("val_loss", "objective")):
        last = outcome.history[logged][-1]
        assert last == pytest.approx(outcome.metrics["validation"][score], rel=1e-5)


def test_without_them_there_is_no_weighted_loss(fit: Fit) -> None:
    outcome = fit(a_config(training={"epochs": 1}), uneven_splits())
    assert all("weighted_data_loss" not in scores for scores in outcome.metrics.values())


@pytest.mark.parametrize(
    ("monitor", "logged"),
    [("validation.data_loss", "val_data_loss"), ("validation.objective", "val_loss")],
)
def test_early_stopping_watches_the_loss_that_is_named(fit: Fit, monitor: str, logged: str) -> None:
    """A class that counts all but alone: its loss falls for long while that of the others rises."""
    early = {"monitor": monitor, "patience": 1}
    rate = {"name": "sgd", "learning_rate": 0.5}
    weights = {"0": 8.0, "1": 0.01, "2": 0.01}
    config = config_with(weights, epochs=5, early_stopping=early, optimizer=rate)
    history = fit(config, uneven_splits()).history
    unweighted, weighted = history["val_data_loss"], history["val_loss"]
    assert unweighted[-1] > unweighted[0]
    assert weighted[-1] < weighted[0]
    assert len(history[logged]) == (2 if logged == "val_data_loss" else 5)


@pytest.mark.slow
def test_a_population_trains_like_fit() -> None:
    splits, config = uneven_splits(), config_with("balanced")
    assert_same_training(train_together([config], splits)[0], train_by_fit(config, splits))


def test_balanced_is_scikit_learn_s() -> None:
    splits = uneven_splits()
    config = config_with("balanced")
    expected = compute_class_weight("balanced", classes=np.arange(3), y=splits.train.y)
    assert_allclose(class_weights(config.training, splits), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("class_weight", "splits", "message"),
    [
        ({"3": 1.0}, uneven_splits(), "there is no class '3'; known: 0, 1, 2"),
        ("balanced", number_splits(), "requires a classification target; this one is continuous"),
    ],
)
def test_what_does_not_fit_the_data_is_refused(
    reference_fit: Fit, class_weight: object, splits: Splits, message: str
) -> None:
    with pytest.raises(ModelError) as caught:
        reference_fit(config_with(class_weight), splits)
    assert caught.value.message == message


def test_a_loss_that_divides_by_the_weights_is_refused(reference_fit: Fit) -> None:
    loss = {"name": "sparse_categorical_crossentropy", "reduction": "mean_with_sample_weight"}
    with pytest.raises(ModelError) as caught:
        reference_fit(config_with("balanced", loss=loss), uneven_splits())
    expected = "must be a mean over rows where classes have weights, got 'mean_with_sample_weight'"
    assert caught.value.message == expected
