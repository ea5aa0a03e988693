"""What strengths are compared by: all members are taken equally far, and it is told how far."""

from typing import Any

import numpy as np
import pytest

from regcli.data.dataset import Splits
from regcli.results.outcomes import Outcome
from regcli.results.records import Optimality, RunState

from .examples import Fit, a_config, class_splits, number_splits, rows, splits_of
from .populations import train_by_fit, train_together

HIDDEN = {"Dense": {"units": 4, "activation": "tanh"}}


@pytest.fixture
def fit(uncompiled_fit: Fit) -> Fit:
    return uncompiled_fit


def train(fit: Fit, splits: Splits, layers: Any = (), **options: Any) -> Outcome:
    training = {"epochs": 2, **options.pop("training", {})}
    regularization = {"method": "proximal", **options}
    return fit(a_config(layers, regularization=regularization, training=training), splits)


def optimality_of(outcome: Outcome) -> Optimality:
    assert outcome.state is RunState.FINISHED
    assert outcome.optimality is not None
    return outcome.optimality


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layers", "training"), [((), {}), ((HIDDEN,), {"polish": 20})], ids=["convex", "net"]
)
def test_next_to_no_strength_is_polished_as_none_is(layers: Any, training: Any, fit: Fit) -> None:
    splits = number_splits()
    free = train(fit, splits, layers, training=training)
    assert optimality_of(free).polish_steps > 0
    for kind in ("l1", "l2"):
        near = train(fit, splits, layers, training=training, **{kind: 1e-30})
        for name, weights in free.weights.items():
            np.testing.assert_array_equal(near.weights[name], weights, err_msg=name)
        assert optimality_of(near) == optimality_of(free)


@pytest.mark.slow
def test_the_steps_that_a_config_asks_for_are_taken_without_strengths_too(fit: Fit) -> None:
    for steps in (0, 5):
        net = train(fit, number_splits(), (HIDDEN,), training={"polish": steps})
        assert optimality_of(net).polish_steps == steps
    convex = train(fit, number_splits(), training={"polish": 0})
    assert optimality_of(convex).polish_steps == 0
    assert not optimality_of(convex).settled
    gap = optimality_of(convex).gap
    assert gap is not None
    best = train(fit, number_splits())
    ours, theirs = (run.metrics["train"]["objective"] for run in (convex, best))
    assert ours is not None
    assert theirs is not None
    assert gap == pytest.approx((ours - theirs) / ours, rel=1e-3)


@pytest.mark.slow
def test_both_trainers_end_with_the_same_bits_where_the_optimum_is_one() -> None:
    splits = class_splits()
    configs = [a_config(regularization={"method": "proximal", "l1": l1}) for l1 in (0.0, 0.02)]
    for config, together in zip(configs, train_together(configs, splits), strict=True):
        alone = train_by_fit(config, splits)
        assert alone.optimality == together.optimality
        assert optimality_of(together).settled
        for name, weights in together.weights.items():
            np.testing.assert_array_equal(alone.weights[name], weights, err_msg=name)


def test_a_loss_without_a_solver_is_not_certified_by_name(fit: Fit) -> None:
    outcome = train(fit, number_splits(), l1=0.01, training={"loss": "mape"})
    optimality = optimality_of(outcome)
    assert (optimality.settled, optimality.gap) == (False, None)
    name = "MeanAbsolutePercentageError"
    assert optimality.reason == f"not certified: there is no duality gap for {name}"


def test_separable_rows_are_the_reason_why_a_run_has_not_converged(fit: Fit) -> None:
    x = rows((2,))
    splits = splits_of(x, (x[:, 0] > 0).astype(int), classes=2)
    optimality = optimality_of(train(fit, splits))
    assert not optimality.settled
    assert optimality.reason == (
        "the training classes can be separated, so the loss has no minimum; add l1 or l2"
    )
    assert optimality_of(train(fit, splits, l2=1e-4)).settled


@pytest.mark.slow
def test_columns_in_any_units_and_targets_of_any_size_are_certified(fit: Fit) -> None:
    units = np.array([1e-6, 1.0, 1e3, 1e6])
    x = rows((4,)) * units + 3 * units
    y = 1e9 * (1 + rows((4,)) @ [1.0, -2.0, 0.5, 0.0] + 0.1 * rows((), 40, 1))
    splits = splits_of(x, y)
    for strengths in ({"l1": 1e6}, {"l2": 1e3}, {"group": "inputs", "group_strength": 1e7}):
        assert optimality_of(train(fit, splits, **strengths)).settled, strengths


@pytest.mark.slow
def test_counts_are_learnt_from_a_start_at_their_mean(fit: Fit) -> None:
    """A Poisson loss of predictions about 0 is no number; about the mean count it is one."""
    x = rows((4,), 80)
    counts = np.random.default_rng(0).poisson(np.exp(3 + x @ [0.5, -0.3, 0.2, 0.0]))
    splits = splits_of(x, counts)
    one = {"Dense": {"units": 1, "kernel_initializer": "zeros"}}
    for method in ("penalty", "proximal"):
        outcome = train(
            fit, splits, (one,), method=method, training={"epochs": 1, "loss": "poisson"}
        )
        assert outcome.state is RunState.FINISHED
        first = outcome.history["data_loss"][0]
        mean = splits.train.y.mean(dtype=np.float64)
        assert first == pytest.approx(mean - mean * np.log(mean), rel=1e-3)
