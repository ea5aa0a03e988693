"""Targets that are scaled or logged: learnt so, and scored in their own unit."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Ridge
from sklearn.metrics import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    r2_score,
    root_mean_squared_error,
)
from sklearn.preprocessing import StandardScaler

from regcli.config.schema import Config
from regcli.data.dataset import Splits

from .examples import Fit, a_config, forward, rows, splits_of
from .populations import assert_same_training, train_by_fit, train_together

BOTH = {"log": True, "scale": "standard"}
CASES = ({"scale": "standard"}, {"log": True}, BOTH)
L2 = 0.01


@pytest.fixture
def fit(uncompiled_fit: Fit) -> Fit:
    return uncompiled_fit


def price_splits(count: int = 80, **options: Any) -> Splits:
    """Amounts around 400 whose logarithm is a line and noise."""
    x = rows((4,), count)
    logarithm = 6 + x @ [0.4, -0.6, 0.2, 0.0] + 0.2 * rows((), count, 1)
    return splits_of(x, np.exp(logarithm), **options)


def by_hand(done: Mapping[str, Any], splits: Splits, y: Any) -> np.ndarray:
    """What a model is to learn of values, from the training rows' own moments."""
    own, values = (np.asarray(v, np.float64) for v in (splits.train.y, y))
    if done.get("log"):
        own, values = np.log(own), np.log(values)
    return (values - own.mean()) / own.std() if done.get("scale") else values


def in_own_unit(done: Mapping[str, Any], splits: Splits, z: np.ndarray) -> np.ndarray:
    own = np.asarray(splits.train.y, np.float64)
    own = np.log(own) if done.get("log") else own
    values = z * own.std() + own.mean() if done.get("scale") else z
    return np.exp(values) if done.get("log") else values


def a_net(**training: Any) -> Config:
    return a_config(
        [{"Dense": {"units": 5, "activation": "tanh"}}],
        regularization={"l2": L2},
        training={"epochs": 3, **training},
    )


@pytest.mark.parametrize("done", CASES, ids=str)
def test_losses_are_of_what_is_learnt_and_metrics_of_the_target(
    fit: Fit, done: Mapping[str, Any]
) -> None:
    splits = price_splits(target=done)
    outcome = fit(a_net(), splits)
    for name, part in splits.parts():
        assert part is not None
        z = forward(outcome.weights, ["dense", "output"], part.x)[:, 0]
        predicted, scores = in_own_unit(done, splits, z), outcome.metrics[name]
        losses = (z - by_hand(done, splits, part.y)) ** 2
        assert scores["data_loss"] == pytest.approx(losses.mean(), rel=1e-4)
        for key, metric in {
            "r2": r2_score,
            "mae": mean_absolute_error,
            "rmse": root_mean_squared_error,
            "mape": mean_absolute_percentage_error,
        }.items():
            assert scores[key] == pytest.approx(metric(part.y, predicted), rel=1e-4), key
        if name == "validation":
            assert_allclose(outcome.rows[name]["data_loss"], losses, rtol=1e-3, atol=1e-6)
            assert_allclose(outcome.rows[name]["mae"], abs(part.y - predicted), rtol=1e-3, atol=0.1)
            for key in ("r2", "mae", "rmse", "data_loss"):  # what early stopping watches
                last = outcome.history[f"val_{key}"][-1]
                assert last == pytest.approx(scores[key], rel=1e-4), key


@pytest.mark.slow
def test_a_population_of_folds_trains_like_fit() -> None:
    """Each fold has a transform of its own."""
    folds = [price_splits(target=BOTH, fold={"number": n, "of": 3}) for n in range(2)]
    early = {"monitor": "validation.mae", "patience": 1}
    config = a_net(epochs=4, early_stopping=early)
    together = train_together([config] * 2, folds)
    for ours, splits in zip(together, folds, strict=True):
        assert_same_training(ours, train_by_fit(config, splits), rtol=2e-4, atol=2e-4)


@pytest.mark.slow
def test_the_optimum_is_that_of_scikit_learn(reference_fit: Fit) -> None:
    splits = price_splits(target=BOTH)
    config = a_config(
        regularization={"l2": L2, "method": "proximal"},
        training={"epochs": 20, "optimizer": {"name": "adam", "learning_rate": 0.1}},
    )
    outcome = reference_fit(config, splits)
    ridge = Ridge(alpha=L2 * len(splits.train))
    scaled = TransformedTargetRegressor(ridge, transformer=StandardScaler())
    model = TransformedTargetRegressor(scaled, func=np.log, inverse_func=np.exp)
    model.fit(splits.train.x.astype(np.float64), splits.train.y.astype(np.float64))
    for name, part in splits.parts():
        assert part is not None
        expected = root_mean_squared_error(part.y, model.predict(part.x.astype(np.float64)))
        assert outcome.metrics[name]["rmse"] == pytest.approx(expected, rel=1e-5), name
