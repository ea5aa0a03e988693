"""Proximal training of one Dense layer finds the optimum and the support of scikit-learn's solvers.

Strengths are shares of the largest useful one, λmax: where all weights are zero.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.results.outcomes import Outcome

from .examples import a_config, binary_splits
from .populations import train_by_fit, train_together

Case = tuple[float, float]
"""(share of λmax, l2)."""
CASES: list[Case] = [(0.1, 0.0), (0.05, 0.0), (0.3, 0.0), (0.0, 0.01), (0.05, 0.001), (0.2, 0.01)]
DATASETS = ("breast_cancer", "diabetes", "digits", "wine")
SLOW_TO_SOLVE = {("digits", (0.1, 0.0)), ("digits", (0.05, 0.0)), ("digits", (0.05, 0.001))}
"""Where scikit-learn takes up to half a minute: there its optima stand in `KNOWN`."""
KNOWN: Mapping[str, Mapping[Case, tuple[float, float, int]]] = {
    "breast_cancer": {
        (0.1, 0.0): (0.29258409, 0.15873923, 5),
        (0.01, 0.0): (0.10748301, 0.06614755, 13),
        (0.0, 0.01): (0.12088165, 0.08592076, 30),
        (0.05, 0.001): (0.21775976, 0.11941092, 11),
    },
    "diabetes": {
        (0.1, 0.0): (3614.33051882, 3007.52236470, 5),
        (0.0, 0.01): (2888.40959999, 2866.34149040, 10),
        (0.05, 0.001): (3284.94931444, 2918.07193034, 7),
    },
    "digits": {
        (0.1, 0.0): (1.03764988, 0.44961279, 97),
        (0.02, 0.0): (0.39625811, 0.15006956, 156),
        (0.0, 0.01): (0.37130845, 0.19903194, 610),
        (0.05, 0.001): (0.71766206, 0.29471180, 148),
    },
}
"""Optima of scikit-learn 1.9.1 by case: objective, data loss, non-zero weights."""
RATES = {"diabetes": 5.0}


@cache
def all_rows(name: str) -> Splits:
    config = a_model(name, 0.0, 0.0).dataset
    return split(load_table(config, None), config)


def a_model(name: str, l1: float, l2: float, **training: Any) -> Config:
    optimizer = {"name": "adam", "learning_rate": RATES.get(name, 0.05)}
    return Config.model_validate(
        {
            "dataset": {"name": name, "test": 0, "validation": 0},
            "regularization": {"l1": l1, "l2": l2, "method": "proximal"},
            "training": {"epochs": 20, "batch_size": 64, "optimizer": optimizer, **training},
        }
    )


def indicator(splits: Splits) -> np.ndarray:
    """Targets as a model's outputs are compared with them, (rows, outputs)."""
    y = splits.train.y.astype(np.float64)
    if splits.table.task == "multiclass":
        return np.eye(len(splits.table.classes))[splits.train.y]
    return y[:, None]


def largest_strength(splits: Splits) -> float:
    """λmax = max|∂(data loss)/∂W| at W = 0 with the bias fitted."""
    x, targets = splits.train.x.astype(np.float64), indicator(splits)
    factor = 2.0 if splits.table.task == "regression" else 1.0
    return float(factor * np.abs(x.T @ (targets.mean(0) - targets)).max() / len(x))


@cache
def solve(name: str, l1: float, l2: float) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (inputs, outputs) and intercepts of scikit-learn's solver."""
    splits = all_rows(name)
    x, y, n = splits.train.x.astype(np.float64), splits.train.y, len(splits.train)
    if splits.table.task != "regression":
        strength = l1 + 2 * l2
        model = LogisticRegression(
            C=1 / (n * strength), l1_ratio=l1 / strength, solver="saga", tol=1e-8, max_iter=200_000
        )
        if l1 == 0:  # lbfgs is much faster where there is no corner
            model = LogisticRegression(C=1 / (n * strength), tol=1e-12, max_iter=100_000)
    elif l1 == 0:
        model = Ridge(alpha=n * l2)
    else:
        alpha = l1 / 2 + l2
        model = ElasticNet(alpha, l1_ratio=l1 / 2 / alpha, tol=1e-12, max_iter=1_000_000)
    model.fit(x, y)
    coefficients = np.atleast_2d(model.coef_).T
    return coefficients, np.atleast_1d(model.intercept_)


def objective(splits: Splits, w: np.ndarray, b: np.ndarray, l1: float, l2: float) -> float:
    """Data loss + penalty in float64."""
    z, targets = splits.train.x.astype(np.float64) @ w + b, indicator(splits)
    if splits.table.task == "regression":
        loss = ((z - targets) ** 2).mean()
    elif splits.table.task == "binary":
        loss = (np.logaddexp(0, z) - targets * z).mean()
    else:
        loss = (np.logaddexp.reduce(z, axis=1) - (z * targets).sum(1)).mean()
    return float(loss + l1 * np.abs(w).sum() + l2 * (w**2).sum())


@cache
def trained_together(name: str) -> Mapping[Case, Outcome]:
    splits = all_rows(name)
    largest = largest_strength(splits)
    cases = list(dict.fromkeys([*CASES, *KNOWN.get(name, {})]))
    configs = [a_model(name, share * largest, l2) for share, l2 in cases]
    return dict(zip(cases, train_together(configs, splits), strict=True))


def trained_alone(name: str, case: Case) -> Outcome:
    splits, (share, l2) = all_rows(name), case
    config = a_model(name, share * largest_strength(splits), l2, epochs=1)
    return train_by_fit(config, splits)


SOLVED = [(name, case) for name in DATASETS for case in CASES if (name, case) not in SLOW_TO_SOLVE]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "case"), SOLVED, ids=str)
def test_scikit_learn_s_optimum_is_found(name: str, case: Case) -> None:
    assert_optimum_of_scikit_learn(trained_together(name)[case], name, case)


@pytest.mark.slow
@pytest.mark.parametrize("case", [(0.3, 0.0), (0.2, 0.01)], ids=str)
@pytest.mark.parametrize("name", DATASETS)
def test_the_reference_trainer_finds_it_too(name: str, case: Case) -> None:
    """By the same solver as a population, so two cases of each data set are enough."""
    assert_optimum_of_scikit_learn(trained_alone(name, case), name, case)


def assert_optimum_of_scikit_learn(outcome: Outcome, name: str, case: Case) -> None:
    splits, (share, l2) = all_rows(name), case
    largest = largest_strength(splits)
    l1 = share * largest
    w, b = solve(name, l1, l2)
    ours = outcome.weights["output/kernel"].astype(np.float64)
    best = objective(splits, w, b, l1, l2)
    found = objective(splits, ours, outcome.weights["output/bias"].astype(np.float64), l1, l2)
    assert found == pytest.approx(best, rel=1e-6)
    assert outcome.metrics["train"]["objective"] == pytest.approx(best, rel=1e-6)
    np.testing.assert_array_equal(ours != 0, np.abs(w) > 1e-8)
    np.testing.assert_allclose(ours, w, rtol=0, atol=1e-4 * np.abs(w).max())
    assert outcome.optimality is not None
    assert outcome.optimality.settled
    assert outcome.optimality.gap is not None
    assert outcome.optimality.gap < 1e-9
    assert outcome.optimality.residual < 1e-5 * largest


@pytest.mark.slow
@pytest.mark.parametrize("name", DATASETS)
def test_no_weight_can_be_moved_to_advantage(name: str) -> None:
    """What is the case at the optimum alone, as the objective is convex: 0 is a subgradient."""
    splits = all_rows(name)
    x, targets, largest = (
        splits.train.x.astype(np.float64),
        indicator(splits),
        largest_strength(splits),
    )
    for (share, l2), outcome in trained_together(name).items():
        w, b = (outcome.weights[f"output/{part}"].astype(np.float64) for part in ("kernel", "bias"))
        off = predicted(splits, x @ w + b) - targets
        factor = 2.0 if splits.table.task == "regression" else 1.0
        slope = factor * x.T @ off / len(x) + 2 * l2 * w
        l1 = share * largest
        pulls = np.where(w == 0, np.maximum(np.abs(slope) - l1, 0), np.abs(slope + l1 * np.sign(w)))
        assert pulls.max() < 1e-5 * largest, (share, l2)
        assert np.abs(factor * off.mean(0)).max() < 1e-5 * largest, (share, l2)


def predicted(splits: Splits, z: np.ndarray) -> np.ndarray:
    """Quantities or probabilities, (rows, outputs), from scores."""
    if splits.table.task == "regression":
        return z
    if splits.table.task == "binary":
        return 1 / (1 + np.exp(-z))
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.slow
def test_just_above_the_largest_useful_strength_all_weights_are_zero() -> None:
    splits = all_rows("breast_cancer")
    largest = largest_strength(splits)
    configs = [a_model("breast_cancer", share * largest, 0.0) for share in (1.001, 0.99)]
    above, below = train_together(configs, splits)
    assert not above.weights["output/kernel"].any()
    assert below.weights["output/kernel"].any()


@pytest.mark.slow
@pytest.mark.parametrize(
    "optimizer",
    [
        {"name": "sgd", "learning_rate": 0.5},
        {"name": "sgd", "learning_rate": 0.02, "momentum": 0.9},
        {"name": "sgd", "learning_rate": 0.02, "momentum": 0.9, "nesterov": True},
        {"name": "adam", "learning_rate": 0.02},
        {"name": "adam", "learning_rate": 0.02, "amsgrad": True},
        {"name": "adamw", "learning_rate": 0.02, "weight_decay": 0.0},
        {"name": "nadam", "learning_rate": 0.02},
        {"name": "rmsprop", "learning_rate": 0.01},
        {"name": "rmsprop", "learning_rate": 0.005, "momentum": 0.5},
        {"name": "adagrad", "learning_rate": 0.5},
    ],
    ids=lambda optimizer: "-".join(map(str, optimizer.values())),
)
def test_every_optimizer_s_own_step_stands_still_at_the_optimum(optimizer: dict[str, Any]) -> None:
    """Full batches and no polish: where the steps alone come to rest is the optimum."""
    splits = all_rows("wine")
    l1, l2 = 0.1 * largest_strength(splits), 0.001
    config = a_model("wine", l1, l2, epochs=1500, batch_size=1000, polish=0, optimizer=optimizer)
    (outcome,) = train_together([config], splits)
    w, b = solve("wine", l1, l2)
    best = objective(splits, w, b, l1, l2)
    assert outcome.metrics["train"]["objective"] == pytest.approx(best, rel=2e-4)
    support = outcome.weights["output/kernel"] != 0
    assert (support == (np.abs(w) > 1e-8)).mean() > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("name", KNOWN)
def test_known_optima_are_found(name: str) -> None:
    for case, (best, data_loss, nonzero) in KNOWN[name].items():
        outcome = trained_together(name)[case]
        assert outcome.metrics["train"]["objective"] == pytest.approx(best, rel=1e-6)
        assert outcome.metrics["train"]["data_loss"] == pytest.approx(data_loss, rel=1e-5)
        assert outcome.sparsity is not None
        assert outcome.sparsity.nonzero == nonzero


@pytest.mark.slow
@pytest.mark.parametrize(("method", "columns"), [("proximal", 5), ("penalty", 100)])
def test_of_a_hundred_columns_the_true_five_are_found(method: str, columns: int) -> None:
    splits = all_rows("sparse_linear")
    free = a_model("sparse_linear", 0.429193, 0.0)
    regularization = free.regularization.model_copy(update={"method": method})
    config = free.model_copy(update={"regularization": regularization})
    (outcome,) = train_together([config], splits)
    assert outcome.sparsity is not None
    assert outcome.sparsity.active_inputs == columns
    assert (outcome.sparsity.precision, outcome.sparsity.recall) == (5 / columns, 1.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "layers"),
    [
        ((6, 6, 1), [{"Conv2D": {"filters": 4, "kernel_size": 3}}, "MaxPooling2D", "Flatten"]),
        ((5, 3), [{"SimpleRNN": {"units": 16}}]),
    ],
    ids=["windows", "recurrent"],
)
def test_what_xla_cannot_differentiate_is_polished_all_the_same(
    shape: tuple[int, ...], layers: list[Any]
) -> None:
    splits = binary_splits(shape)
    config = a_config(
        layers,
        regularization={"l1": 0.02, "method": "proximal"},
        training={"epochs": 2, "polish": 3, "optimizer": {"name": "adam", "learning_rate": 0.01}},
    )
    (ours,), theirs = train_together([config], splits), train_by_fit(config, splits)
    for outcome in (ours, theirs):
        assert outcome.optimality is not None
        assert outcome.optimality.polish_steps == 3
        assert outcome.sparsity is not None
        assert outcome.sparsity.exact > 0
    objective = theirs.metrics["train"]["objective"]
    assert ours.metrics["train"]["objective"] == pytest.approx(objective, rel=1e-3)
