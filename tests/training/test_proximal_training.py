"""What the proximal method does to a net that the penalty does not, by both trainers alike."""

from typing import Any

import numpy as np
import pytest

from regcli.data.dataset import Splits
from regcli.results.outcomes import Outcome
from regcli.results.records import RunState

from .examples import Fit, a_config, number_splits, rows, splits_of

pytestmark = pytest.mark.slow

HIDDEN = {"Dense": {"units": 6, "activation": "tanh"}}
TRAINING = {
    "epochs": 40,
    "batch_size": 64,
    "optimizer": {"name": "sgd", "learning_rate": 0.1},
    "polish": 0,
}


@pytest.fixture
def fit(uncompiled_fit: Fit) -> Fit:
    return uncompiled_fit


def train(fit: Fit, splits: Splits, layers: Any = (HIDDEN,), **regularization: Any) -> Outcome:
    config = a_config(layers, regularization=regularization, training=dict(TRAINING))
    return fit(config, splits)


def zeros(outcome: Outcome) -> int:
    return sum(int((w == 0).sum()) for name, w in outcome.weights.items() if "kernel" in name)


def test_a_proximal_step_makes_zeros_where_the_penalty_makes_none(fit: Fit) -> None:
    splits = number_splits()
    penalised = train(fit, splits, l1=0.2)
    proximal = train(fit, splits, l1=0.2, method="proximal")
    assert zeros(penalised) == 0
    assert zeros(proximal) > 5
    assert proximal.sparsity is not None
    assert proximal.sparsity.nonzero == 6 * 4 + 6 - zeros(proximal)
    assert (penalised.optimality is None, proximal.optimality is None) == (True, False)


def test_without_strength_both_methods_are_the_same_bit_for_bit(compiled_fit: Fit) -> None:
    splits = number_splits()
    plain = train(compiled_fit, splits)
    proximal = train(compiled_fit, splits, method="proximal")
    assert plain.history == proximal.history
    for name, weights in plain.weights.items():
        np.testing.assert_array_equal(proximal.weights[name], weights, err_msg=name)
    assert plain.optimality is None
    assert proximal.optimality is not None
    assert proximal.optimality.polish_steps == 0  # as the config asks


@pytest.mark.parametrize("group", ["inputs", "units"])
def test_groups_leave_whole(group: str, fit: Fit) -> None:
    """Input columns are rows of the first kernel, hidden units its columns."""
    strength = {"inputs": 0.6, "units": 0.8}[group]
    outcome = train(fit, number_splits(), group=group, group_strength=strength, method="proximal")
    first = outcome.weights["dense/kernel"]
    left = (first != 0).any(axis=1 if group == "inputs" else 0)
    assert 0 < left.sum() < left.size
    parts = first[left] if group == "inputs" else first[:, left]
    assert (parts != 0).all()
    assert (outcome.weights["output/kernel"] != 0).all()
    assert outcome.sparsity is not None
    inputs, units = outcome.sparsity.active_inputs, outcome.sparsity.live_units["dense"]
    assert (inputs, units) == ((left.sum(), 6) if group == "inputs" else (4, left.sum()))


def test_a_penalty_leaves_a_group_that_starts_at_zero_to_the_data(fit: Fit) -> None:
    zero = {"Dense": {"units": 2, "activation": "tanh", "kernel_initializer": "zeros"}}
    config = a_config([zero], regularization={"group": "inputs", "group_strength": 0.1})
    outcome = fit(config, number_splits())
    assert outcome.state is RunState.FINISHED
    assert (outcome.weights["dense/kernel"] != 0).all()


@pytest.mark.parametrize("method", ["penalty", "proximal"])
def test_strengths_of_biases_shrink_biases_alone(method: str, fit: Fit) -> None:
    x = rows((4,))
    splits = splits_of(x, 3 + x @ [1.0, -2.0, 0.5, 0.0])
    free = train(fit, splits, layers=(), method=method)
    shrunk = train(fit, splits, layers=(), method=method, bias={"l1": 1.0, "l2": 0.5})
    assert free.weights["output/bias"][0] == pytest.approx(3, abs=0.3)
    # The minimum of (b - 3)² + b + b²/2.
    assert shrunk.weights["output/bias"][0] == pytest.approx(5 / 3, abs=0.3)
    b = float(shrunk.weights["output/bias"][0])
    assert shrunk.metrics["train"]["penalty"] == pytest.approx(b + b**2 / 2, rel=1e-5)
    if method == "proximal":
        gone = train(fit, splits, layers=(), method=method, bias={"l1": 50.0})
        assert gone.weights["output/bias"][0] == 0
        assert (gone.weights["output/kernel"] != 0).all()


def test_constraints_hold_beside_zeros_and_nothing_is_said_of_an_optimum(fit: Fit) -> None:
    constraints = ["non_neg", {"MaxNorm": {"max_value": 0.5}}, "unit_norm"]
    layers = [
        {"Dense": {"units": 6, "activation": "tanh", "kernel_constraint": constraint}}
        for constraint in constraints
    ]
    config = a_config(
        layers,
        regularization={"l1": 0.03, "method": "proximal"},
        training={key: value for key, value in TRAINING.items() if key != "polish"},
    )
    outcome = fit(config, number_splits())
    positive, short, unit = (outcome.weights[f"dense{n}/kernel"] for n in ("", "_1", "_2"))
    assert (positive >= 0).all()
    assert np.linalg.norm(short, axis=0).max() <= 0.5 + 1e-5
    norms = np.linalg.norm(unit, axis=0)
    np.testing.assert_allclose(norms[norms > 0], 1, rtol=1e-5)
    assert zeros(outcome) > 0
    assert outcome.optimality is None
