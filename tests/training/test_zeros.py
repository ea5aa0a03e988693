"""What a model scores once its near zeros are zero, by both trainers, against float64."""

import numpy as np
import pytest

from regcli.config.dataset_section import Dataset
from regcli.data.dataset import Splits
from regcli.data.named.synthetic import sparse_linear
from regcli.data.splits import split
from regcli.metrics.registry import metrics_of
from regcli.results.outcomes import Outcome
from regcli.training.zeros import input_columns, zero_near

from .examples import Fit, a_config, class_splits, forward, number_splits

HIDDEN = {"Dense": {"units": 6, "activation": "tanh"}}
NAMES = ("dense", "output")


@pytest.fixture
def fit(uncompiled_fit: Fit) -> Fit:
    return uncompiled_fit


def zeroed(outcome: Outcome) -> dict[str, np.ndarray]:
    kernels = tuple(f"{name}/kernel" for name in NAMES)
    return dict(zero_near(outcome.weights, kernels, 1e-3))


def fitted(fit: Fit, splits: Splits) -> Outcome:
    """A net that a strong penalty has left some weights that are not quite zero."""
    training = {"epochs": 40, "optimizer": {"name": "adam", "learning_rate": 0.01}}
    config = a_config([HIDDEN], regularization={"l1": 0.05}, training=training)
    return fit(config, splits)


def test_noise_columns_are_known_to_be_noise() -> None:
    noisy = Dataset(name="sparse_linear", noise_features=3)
    columns = input_columns(split(sparse_linear(), noisy))
    assert columns.names[-columns.noise :] == ("noise_0", "noise_1", "noise_2")
    assert input_columns(split(sparse_linear(), Dataset(name="sparse_linear"))).noise == 0


def test_regression(fit: Fit) -> None:
    splits = number_splits()
    outcome = fitted(fit, splits)
    assert outcome.sparsity is not None
    after = outcome.sparsity.after_zeroing
    assert after is not None
    weights = zeroed(outcome)
    left = sum(int(np.count_nonzero(weights[f"{name}/kernel"])) for name in NAMES)
    assert (after.nonzero, left < outcome.sparsity.nonzero) == (left, True)
    assert list(after.metrics) == ["train", "validation", "test"]
    for name, part in splits.parts():
        assert part is not None
        error = part.y - forward(weights, NAMES, part.x)[:, 0]
        scores = after.metrics[name]
        assert scores.keys() == {"data_loss", *(m.key for m in metrics_of("regression"))}
        assert scores["data_loss"] == pytest.approx((error**2).mean(), rel=1e-5)
        assert scores["mae"] == pytest.approx(np.abs(error).mean(), rel=1e-5)
        assert scores["data_loss"] != outcome.metrics[name]["data_loss"]


def test_classes(fit: Fit) -> None:
    splits = class_splits()
    outcome = fitted(fit, splits)
    assert outcome.sparsity is not None
    after = outcome.sparsity.after_zeroing
    assert after is not None
    weights = zeroed(outcome)
    for name, part in splits.parts():
        assert part is not None
        chosen = forward(weights, NAMES, part.x).argmax(axis=1)
        assert after.metrics[name]["accuracy"] == pytest.approx((chosen == part.y).mean())
    first = np.abs(outcome.weights["dense/kernel"]) >= 1e-3
    second = np.abs(outcome.weights["output/kernel"]) >= 1e-3
    live = first.any(axis=0) & second.any(axis=1)
    assert after.live_units == {"dense": int(live.sum())}
    active = first[:, live].any(axis=1)
    assert after.active_columns == tuple(np.array(splits.columns)[active])
    assert outcome.sparsity.active_columns == splits.columns


def test_where_nothing_is_near_zero_the_scores_are_those_of_before(fit: Fit) -> None:
    splits = number_splits()
    outcome = fit(a_config([{"Dense": {"units": 1}}], training={"epochs": 1}), splits)
    assert outcome.sparsity is not None
    after = outcome.sparsity.after_zeroing
    assert after is not None
    assert outcome.sparsity.near == 0
    for name, scores in after.metrics.items():
        assert scores == {key: outcome.metrics[name][key] for key in scores}


def test_the_weights_of_an_outcome_are_not_zeroed(fit: Fit) -> None:
    outcome = fitted(fit, number_splits())
    assert outcome.sparsity is not None
    kept = sum(int(np.count_nonzero(outcome.weights[f"{name}/kernel"])) for name in NAMES)
    assert kept == outcome.sparsity.nonzero
