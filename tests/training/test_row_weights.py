"""Weights of rows: those of Keras's `fit`, times those of classes."""

from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from regcli.config.dataset_section import Dataset
from regcli.data.dataset import Splits, Table, Target, numbered_columns
from regcli.data.row_order import batch_order
from regcli.data.splits import split
from regcli.errors import ModelError

from .examples import Fit, a_config, labels, rows
from .populations import assert_same_training, train_by_fit, train_together

L2 = 0.01


@pytest.fixture
def fit(uncompiled_fit: Fit) -> Fit:
    return uncompiled_fit


def weights_of(count: int) -> NDArray[np.float32]:
    """Weights from 0 to 3."""
    return (np.arange(count) % 4).astype(np.float32)


def weighted_splits(classes: int = 0, count: int = 60, **options: Any) -> Splits:
    x = rows((4,), count)
    if classes:
        target = Target(labels(count, classes).astype(np.int32), "binary", ("0", "1"))
    else:
        y = x @ [1.0, -2.0, 0.5, 0.0] + rows((), count, 1)
        target = Target(y.astype(np.float32), "regression", ())
    columns = numbered_columns("x", (4,))
    table = Table.of("made", x, target, columns, weights=weights_of(count))
    chosen = {"scale": "none", "test": 0.25, "validation": 0.25, **options}
    return split(table, Dataset(name="iris", **chosen))


def by_keras(splits: Splits, loss: Any, weights: Any) -> tuple[list[Any], dict[str, list[float]]]:
    """What `fit` itself does with `sample_weight`."""
    keras.utils.set_random_seed(0)
    penalty = keras.regularizers.L2(L2)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, kernel_regularizer=penalty)])
    model.compile("adam", loss)
    history: dict[str, list[float]] = {"loss": [], "val_loss": []}
    part = splits.validation
    assert part is not None
    given = (part.x, part.y.astype(np.float32)[:, None], weights(part))
    for epoch in range(3):
        order = batch_order(0, epoch, len(splits.train))
        logs = model.fit(
            splits.train.x[order],
            splits.train.y.astype(np.float32)[order, None],
            sample_weight=weights(splits.train)[order],
            batch_size=16,
            shuffle=False,
            validation_data=given,
            verbose=0,
        ).history
        for name, values in history.items():
            values += logs[name]
    return model.get_weights(), history


@pytest.mark.parametrize("classes", [0, 2])
def test_they_are_those_of_fit(fit: Fit, classes: int) -> None:
    """With weights of classes beside them, a row has the product."""
    splits = weighted_splits(classes)
    training = {"class_weight": {"1": 2.5}} if classes else {}
    config = a_config(regularization={"l2": L2}, training={"epochs": 3, **training})
    outcome = fit(config, splits)
    loss = keras.losses.BinaryCrossentropy(from_logits=True) if classes else "mse"

    def weights(part: Any) -> NDArray[np.float32]:
        of_class = np.array([1, 2.5], np.float32)[part.y] if classes else 1
        return np.asarray(part.weights * of_class, np.float32)

    expected, history = by_keras(splits, loss, weights)
    for name, values in history.items():
        assert_allclose(outcome.history[name], values, rtol=0, atol=1e-5, err_msg=name)
    for ours, theirs in zip(outcome.weights.values(), expected, strict=True):
        assert_allclose(ours, theirs, rtol=0, atol=1e-5)


def test_both_losses_are_told(fit: Fit) -> None:
    splits = weighted_splits()
    outcome = fit(a_config(), splits)
    for name, part in splits.parts():
        assert part is not None
        z = part.x.astype(np.float64) @ outcome.weights["output/kernel"]
        by_row = (z[:, 0] + outcome.weights["output/bias"] - part.y) ** 2
        scores = outcome.metrics[name]
        assert scores["data_loss"] == pytest.approx(by_row.mean(), rel=1e-5)
        weighted = (by_row * part.weights).mean()
        assert scores["weighted_data_loss"] == pytest.approx(weighted, rel=1e-5)
        assert scores["objective"] == scores["weighted_data_loss"] + scores["penalty"]


@pytest.mark.slow
def test_a_population_of_folds_trains_like_fit() -> None:
    folds = [weighted_splits(2, fold={"number": n, "of": 3}) for n in range(2)]
    config = a_config(
        [{"Dense": {"units": 3, "activation": "tanh"}}], training={"class_weight": "balanced"}
    )
    for ours, splits in zip(train_together([config] * 2, folds), folds, strict=True):
        assert_same_training(ours, train_by_fit(config, splits))


@pytest.mark.slow
def test_the_optimum_is_that_of_scikit_learn(reference_fit: Fit) -> None:
    """Ridge minimises Σ w·(y − z)² + alpha·ΣW²: a mean over n rows makes alpha n·l2."""
    splits = weighted_splits(target={"scale": "standard"})
    config = a_config(
        regularization={"l2": L2, "method": "proximal"},
        training={"epochs": 20, "optimizer": {"name": "adam", "learning_rate": 0.1}},
    )
    outcome = reference_fit(config, splits)
    x, y = splits.train.x.astype(np.float64), splits.train.y.astype(np.float64)
    y = (y - y.mean()) / y.std()
    model = Ridge(alpha=L2 * len(x)).fit(x, y, sample_weight=splits.train.weights)
    assert_allclose(outcome.weights["output/kernel"][:, 0], model.coef_, rtol=1e-5, atol=1e-6)
    assert outcome.weights["output/bias"][0] == pytest.approx(model.intercept_, rel=1e-4, abs=1e-6)


def test_a_loss_that_divides_by_their_sum_is_refused(reference_fit: Fit) -> None:
    loss = {"name": "mse", "reduction": "mean_with_sample_weight"}
    with pytest.raises(ModelError) as caught:
        reference_fit(a_config(training={"loss": loss}), weighted_splits())
    assert caught.value.path == ("training", "loss", "reduction")
    assert caught.value.message == (
        "must be a mean over rows where rows have weights, got 'mean_with_sample_weight'"
    )
