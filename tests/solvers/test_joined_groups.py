"""Optima with groups of several inputs, against accelerated proximal gradient steps of the test.

The inputs are those of a table with a category of five values, a number with gaps, and dates all of
one year: an input that never changes is in a group with others.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import LayerStrengths
from regcli.penalties.sparse_groups import InputGroups
from regcli.solvers import losses
from regcli.solvers.convex import Measured, Problem, Rows, Solution

Array = NDArray[np.float64]

ROWS = 240
GROUPS = (0, 1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 4)
OF_GROUP = np.array(GROUPS)
ROOTS = np.sqrt(np.bincount(OF_GROUP))
STRENGTHS = [
    {"l1": 0.0, "l2": 0.0, "group": 0.03},
    {"l1": 0.0, "l2": 0.0, "group": 0.1},
    {"l1": 0.005, "l2": 0.01, "group": 0.05},
]


def data(kind: str, units: str = "standard") -> tuple[Array, Array]:
    rng = np.random.default_rng(0)
    category = np.eye(5)[rng.choice(5, ROWS, p=[0.4, 0.3, 0.15, 0.1, 0.05])]
    dates = (np.full(ROWS, 2020.0), rng.integers(1, 13, ROWS), rng.integers(0, 7, ROWS))
    numbers, gaps = rng.normal(size=(ROWS, 3)), rng.random(ROWS) < 0.1
    x = np.column_stack(
        [numbers[:, 0], category, numbers[:, 1], gaps, *dates, rng.random(ROWS), numbers[:, 2]]
    )
    signal = numbers[:, 0] + category @ [0, 1, -1, 2, 0] + 0.6 * gaps + rng.normal(size=ROWS)
    if units != "none":
        width = x.std(axis=0)
        x = (x - x.mean(axis=0)) / np.where(width > 0, width, 1)
    if units == "mixed":
        x *= 10.0 ** np.linspace(-3, 3, x.shape[1])
    y = {
        "squared": signal[:, None],
        "logistic": (signal[:, None] > 0.5).astype(float),
        "softmax": np.eye(3)[np.digitize(signal, [-0.5, 1])],
    }[kind]
    return x.astype(np.float32).astype(np.float64), y


def solved(kind: str, x: Array, y: Array, numbers: dict[str, float]) -> tuple[Solution, Measured]:
    loss = getattr(losses, kind)()
    problem = Problem(loss, Rows(x.astype(np.float32), y, np.full(len(x), 1 / len(x))), True)
    strengths = LayerStrengths(InputGroups(GROUPS).strengths(**numbers), ELASTIC_NET.strengths())
    solution = problem.solve(strengths, 10_000)
    return solution, problem.measure(solution.kernel, solution.bias, strengths, solution)


def slope(kind: str, z: Array, y: Array) -> Array:
    if kind == "squared":
        return 2 * (z - y)
    if kind == "logistic":
        return 1 / (1 + np.exp(-z)) - y
    raised = np.exp(z - z.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True) - y


def objective(kind: str, weights: Array, x: Array, y: Array, numbers: dict[str, float]) -> float:
    w, z = weights[:-1], x @ weights[:-1] + weights[-1]
    data_loss = {
        "squared": lambda: ((z - y) ** 2).mean(),
        "logistic": lambda: (np.logaddexp(0, z) - y * z).mean(),
        "softmax": lambda: (np.log(np.exp(z).sum(axis=1)) - (y * z).sum(axis=1)).mean(),
    }[kind]()
    norms = [np.linalg.norm(w[g == OF_GROUP]) for g in range(len(ROOTS))]
    penalty = numbers["l1"] * np.abs(w).sum() + numbers["l2"] * (w**2).sum()
    return float(data_loss + penalty + numbers["group"] * (ROOTS * norms).sum())


def minimised(kind: str, x: Array, y: Array, numbers: dict[str, float]) -> Array:
    """Weights and biases, (inputs + 1, outputs), by FISTA with restarts in float64."""
    a = np.column_stack([x, np.ones(len(x))])
    bend = {"squared": 2.0, "logistic": 0.25, "softmax": 0.5}[kind]
    step = 1 / (bend * np.linalg.norm(a, 2) ** 2 / len(x))
    ahead = last = np.zeros((a.shape[1], y.shape[1]))
    momentum = 1.0
    for _ in range(30_000):
        u = ahead - step * a.T @ slope(kind, a @ ahead, y) / len(x)
        w = np.sign(u[:-1]) * np.maximum(np.abs(u[:-1]) - step * numbers["l1"], 0)
        norms = np.array([np.linalg.norm(w[g == OF_GROUP]) for g in range(len(ROOTS))])
        share = np.maximum(1 - step * numbers["group"] * ROOTS / np.maximum(norms, 1e-300), 0)
        w = share[OF_GROUP][:, None] * w / (1 + 2 * step * numbers["l2"])
        new = np.vstack([w, u[-1:]])
        if np.abs(new - last).max() < 1e-12:
            return new
        if ((ahead - new) * (new - last)).sum() > 0:
            momentum, ahead = 1.0, last
            continue
        grown = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead, last, momentum = new + (momentum - 1) / grown * (new - last), new, grown
    return last


@pytest.mark.parametrize("kind", ["squared", "logistic", "softmax"])
@pytest.mark.parametrize("numbers", STRENGTHS, ids=str)
def test_the_optimum_is_that_of_proximal_gradient_steps(
    kind: str, numbers: dict[str, float]
) -> None:
    x, y = data(kind)
    solution, measured = solved(kind, x, y, numbers)
    expected = minimised(kind, x, y, numbers)
    assert measured.gap <= 1e-10
    assert measured.value == pytest.approx(objective(kind, expected, x, y, numbers), rel=1e-9)
    np.testing.assert_allclose(solution.kernel, expected[:-1], atol=2e-5)
    for group in range(len(ROOTS)):
        ours, theirs = ((w[group == OF_GROUP] == 0).all() for w in (solution.kernel, expected[:-1]))
        assert ours == theirs


@pytest.mark.parametrize("kind", ["squared", "logistic", "softmax"])
@pytest.mark.parametrize("units", ["none", "mixed"])
def test_unlike_units_within_a_group_are_solved_and_certified(kind: str, units: str) -> None:
    x, y = data(kind, units)
    for numbers in STRENGTHS:
        solution, measured = solved(kind, x, y, numbers)
        weights = np.vstack([solution.kernel, solution.bias]).astype(np.float64)
        assert measured.gap <= 1e-9
        assert measured.value == pytest.approx(objective(kind, weights, x, y, numbers), rel=1e-9)
        assert solution.steps < 20


def test_all_is_zero_from_the_largest_strength_on_and_only_there() -> None:
    """The largest ‖g‖/√p of a group's gradient with all weights zero and the bias fitted."""
    x, y = data("softmax")
    gradient = x.T @ (y.mean(axis=0) - y) / ROWS
    norms = np.array([np.linalg.norm(gradient[g == OF_GROUP]) for g in range(len(ROOTS))])
    top = float((norms / ROOTS).max())
    for share, is_empty in ((1.0001, True), (0.999, False)):
        numbers = {"l1": 0.0, "l2": 0.0, "group": share * top}
        solution, _ = solved("softmax", x, y, numbers)
        assert (solution.kernel == 0).all() == is_empty


def test_an_input_that_never_changes_does_not_hold_its_group() -> None:
    x, y = data("squared")
    assert np.ptp(x[:, 8]) == 0
    y = y + x[:, 9:10]
    solution, measured = solved("squared", x, y, STRENGTHS[0])
    assert measured.gap <= 1e-10
    assert solution.kernel[8, 0] == 0
    assert (solution.kernel[9:12] != 0).all()
