"""Optima of one-layer problems against scikit-learn and SciPy, at any scale of columns and targets.

A gap bounds how far an objective is above its minimum, so 1e-6 of a certified gap says more than an
agreement of two solvers; they agree all the same.
"""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog, minimize
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge

from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import LayerStrengths
from regcli.penalties.sparse_groups import INPUT_GROUPS
from regcli.solvers import losses
from regcli.solvers.convex import CONVERGED, Mask, Measured, Problem, Rows, Solution
from regcli.solvers.losses import Loss

Array = NDArray[np.float64]

STEPS = 10_000
SCALES = ("standard", "none", "minmax", "mixed units")
LOADERS: Mapping[str, Callable[[], object]] = {
    "breast_cancer": load_breast_cancer,
    "diabetes": load_diabetes,
    "digits": load_digits,
    "wine": load_wine,
}


def standardized(x: Array) -> Array:
    deviation = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1)


def scaled(x: Array, scale: str) -> NDArray[np.float32]:
    if scale == "standard":
        x = standardized(x)
    elif scale == "minmax":
        width = np.ptp(x, axis=0)
        x = (x - x.min(axis=0)) / np.where(width > 0, width, 1)
    elif scale == "mixed units":
        x = standardized(x) * 10.0 ** np.linspace(-6, 6, x.shape[1])
    return x.astype(np.float32)


@cache
def a_problem(name: str, scale: str = "standard", target: float = 1.0) -> Problem:
    data = LOADERS[name]()
    x, y = scaled(data.data.astype(float), scale), data.target
    shares = np.full(len(x), 1 / len(x))
    if name == "diabetes":
        return Problem(losses.squared(), Rows(x, target * y[:, None].astype(float), shares), True)
    if name == "breast_cancer":
        return Problem(losses.logistic(), Rows(x, y[:, None].astype(float), shares), True)
    return Problem(losses.softmax(), Rows(x, np.eye(y.max() + 1)[y], shares), True)


def asked(
    l1: float = 0.0,
    l2: float = 0.0,
    group: float = 0.0,
    bias_l1: float = 0.0,
    bias_l2: float = 0.0,
) -> LayerStrengths:
    penalty = INPUT_GROUPS if group else ELASTIC_NET
    bias = ELASTIC_NET.strengths(l1=bias_l1, l2=bias_l2)
    return LayerStrengths(penalty.strengths(l1=l1, l2=l2, group=group), bias)


def solved(
    problem: Problem, strengths: LayerStrengths, held: Mask | None = None
) -> tuple[Solution, Measured]:
    solution = problem.solve(strengths, STEPS, held)
    return solution, problem.measure(solution.kernel, solution.bias, strengths, solution)


@cache
def largest(name: str, scale: str, target: float = 1.0) -> float:
    """The largest slope with all weights at zero and the bias fitted."""
    return solved(a_problem(name, scale, target), asked(l1=1e30))[1].max_gradient


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        *((name, scale) for name in ("breast_cancer", "diabetes", "wine") for scale in SCALES),
        ("digits", "none"),
    ],
)
def test_every_scale_of_columns_is_solved_and_certified(name: str, scale: str) -> None:
    problem, top = a_problem(name, scale), largest(name, scale)
    for strengths in (
        asked(l1=0.1 * top),
        asked(l1=0.01 * top),
        asked(l1=0.05 * top, l2=0.001),
        asked(l2=0.01),
        asked(group=0.1 * top),
        asked(l1=0.02 * top, l2=0.001, group=0.05 * top),
    ):
        solution, measured = solved(problem, strengths)
        # Weights of columns with large means are rounded to float32 in unlike units.
        assert measured.gap <= (CONVERGED if scale == "mixed units" else 1e-9), strengths
        assert solution.steps < 100
        own = strengths.kernel
        if own.penalty is INPUT_GROUPS and not own.numbers["l1"]:
            whole = (solution.kernel != 0).any(axis=1)
            assert (solution.kernel[whole] != 0).all()
            assert 0 < whole.sum() < len(whole)


KNOWN: Mapping[tuple[str, float, float], tuple[float, int]] = {
    ("breast_cancer", 0.1, 0.0): (0.29258409, 5),
    ("breast_cancer", 0.01, 0.0): (0.10748301, 13),
    ("breast_cancer", 0.0, 0.01): (0.12088165, 30),
    ("breast_cancer", 0.05, 0.001): (0.21775976, 11),
    ("diabetes", 0.1, 0.0): (3614.33051882, 5),
    ("diabetes", 0.0, 0.01): (2888.40959999, 10),
    ("diabetes", 0.05, 0.001): (3284.94931444, 7),
    ("digits", 0.1, 0.0): (1.03764988, 97),
    ("digits", 0.02, 0.0): (0.39625811, 156),
    ("digits", 0.0, 0.01): (0.37130845, 610),
    ("digits", 0.05, 0.001): (0.71766206, 148),
}
"""Optima of scikit-learn 1.9.1 by data, share of the largest l1, and l2: objective, non-zero."""


@pytest.mark.parametrize("case", KNOWN, ids=str)
def test_known_optima_are_found(case: tuple[str, float, float]) -> None:
    name, share, l2 = case
    strengths = asked(l1=share * largest(name, "standard"), l2=l2)
    solution, measured = solved(a_problem(name), strengths)
    objective, nonzero = KNOWN[case]
    assert measured.value == pytest.approx(objective, rel=3e-8)
    assert np.count_nonzero(solution.kernel) == nonzero


@pytest.mark.parametrize("target", [1.0, 1e9])
@pytest.mark.parametrize("scale", SCALES)
def test_squared_errors_have_scikit_learn_s_optimum(scale: str, target: float) -> None:
    problem, top = a_problem("diabetes", scale, target), largest("diabetes", scale, target)
    x, y = problem.rows.x.astype(np.float64), problem.rows.y[:, 0]
    units = x.std(axis=0)
    for share, l2 in ((0.1, 0.0), (0.01, 0.0), (0.0, 0.01)):
        solution, measured = solved(problem, asked(l1=share * top, l2=l2))
        assert measured.gap <= 1e-9
        if share:
            if scale == "mixed units":
                continue  # scikit-learn's coordinate descent does not get there
            other = ElasticNet(share * top / 2, l1_ratio=1.0, tol=1e-14, max_iter=1_000_000)
        else:
            other = Ridge(alpha=len(x) * l2, solver="svd")
        other.fit(x, y)
        ours, theirs = solution.kernel[:, 0] * units, other.coef_ * units
        if share:
            np.testing.assert_array_equal(ours != 0, np.abs(theirs) > 1e-9 * np.abs(theirs).max())
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5 * np.abs(theirs).max())


@pytest.mark.parametrize("scale", ["standard", "none"])
def test_class_weights_and_two_classes_have_scikit_learn_s_optimum(scale: str) -> None:
    plain = a_problem("breast_cancer", scale)
    counted = np.where(plain.rows.y[:, 0] > 0, 0.1, 6.5)
    rows = Rows(plain.rows.x, plain.rows.y, counted * plain.rows.shares)
    l2 = 0.05
    solution, measured = solved(Problem(plain.loss, rows, True), asked(l2=l2))
    assert measured.gap <= 1e-9
    x = plain.rows.x.astype(np.float64)
    other = LogisticRegression(C=1 / (2 * len(x) * l2), tol=1e-12, solver="newton-cholesky")
    other.fit(x, plain.rows.y[:, 0], sample_weight=counted)
    np.testing.assert_allclose(
        solution.kernel[:, 0], other.coef_[0], rtol=0, atol=1e-5 * np.abs(other.coef_).max()
    )


def made_rows(seed: int = 0) -> tuple[NDArray[np.float32], Array, Array]:
    """Inputs, scores and shares of 200 rows with columns of unlike means and units."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(200, 8)) @ random.normal(size=(8, 8))
    z = 0.3 * x @ random.normal(size=8) + random.normal(0, 0.5, 200)
    x = (x + 10) * 10.0 ** np.linspace(-3, 3, 8)
    return x.astype(np.float32), z, np.full(200, 1 / 200)


SMOOTH: Mapping[str, tuple[Loss, Callable[[Array], Array]]] = {
    "squared": (losses.squared(), lambda z: z),
    "huber": (losses.huber(0.3), lambda z: z),
    "log cosh": (losses.log_cosh(), lambda z: z),
    "logistic": (losses.logistic(), lambda z: (z > 0).astype(float)),
    "poisson": (losses.poisson(), lambda z: np.floor(np.exp(z))),
    "squared hinge": (losses.squared_hinge(), np.sign),
}


@pytest.mark.parametrize("has_bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_losses_have_scipy_s_optimum(name: str, has_bias: bool) -> None:
    x, z, shares = made_rows()
    x = standardized(x.astype(float)).astype(np.float32)
    loss, made = SMOOTH[name]
    problem = Problem(loss, Rows(x, made(z)[:, None], shares), has_bias)
    strengths = asked(l2=0.02, bias_l2=0.05 if has_bias else 0.0)
    solution, measured = solved(problem, strengths)

    def value(weights: Array) -> float:
        w, b = weights[:8], weights[8] if has_bias else 0.0
        scores = (x.astype(float) @ w + b)[:, None]
        row = float(shares @ loss.value(scores, problem.rows.y)[:, 0])
        return row + 0.02 * float(w @ w) + (0.05 * float(b) ** 2 if has_bias else 0.0)

    found = minimize(value, np.zeros(8 + has_bias), method="BFGS", options={"gtol": 1e-9})
    assert measured.gap <= 1e-9
    assert measured.value == pytest.approx(found.fun, rel=1e-7)
    ours = [*solution.kernel[:, 0], *([] if solution.bias is None else solution.bias)]
    np.testing.assert_allclose(ours, found.x, atol=2e-4)


@pytest.mark.parametrize("name", SMOOTH)
def test_every_penalty_of_every_loss_is_certified_in_unlike_units(name: str) -> None:
    x, z, shares = made_rows()
    loss, made = SMOOTH[name]
    problem = Problem(loss, Rows(x, made(z)[:, None], shares), True)
    for strengths in (
        asked(l1=0.01),
        asked(l1=0.01, l2=0.1, group=0.02),
        asked(l1=0.01, bias_l1=0.02),
        asked(l2=0.1, bias_l1=0.01, bias_l2=0.3),
        asked(),
    ):
        assert solved(problem, strengths)[1].gap <= 1e-8, strengths


def test_an_absolute_error_has_the_optimum_of_a_linear_program() -> None:
    x, z, shares = made_rows()
    x = standardized(x.astype(float)).astype(np.float32)
    n, l1 = len(x), 0.02
    problem = Problem(losses.absolute(1.0), Rows(x, z[:, None], shares), True)
    _, measured = solved(problem, asked(l1=l1))
    # Weights and bias as differences of two parts of 0 or more, and errors as slacks.
    one = np.hstack([x, -x, np.ones((n, 1)), -np.ones((n, 1))])
    cost = np.concatenate([np.full(16, l1), np.zeros(2), np.full(n, 1 / n)])
    sides = np.block([[one, -np.eye(n)], [-one, -np.eye(n)]])
    found = linprog(cost, A_ub=sides, b_ub=np.concatenate([z, -z]), bounds=(0, None))
    assert measured.gap <= CONVERGED
    assert measured.value == pytest.approx(found.fun, rel=CONVERGED)


def test_a_gap_is_no_smaller_than_what_can_be_gained() -> None:
    """After too few steps, weights that are off have a gap that says so."""
    problem = a_problem("wine", "none")
    strengths = asked(l1=0.01)
    best = solved(problem, strengths)[1].value
    for limit in range(1, 6):
        early = problem.solve(strengths, limit)
        measured = problem.measure(early.kernel, early.bias, strengths, early)
        assert measured.gap >= (measured.value - best) / measured.value - 1e-12
        assert early.bound <= best * (1 + 1e-12)


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "wine"])
def test_neither_objective_nor_data_loss_falls_when_a_strength_rises(name: str) -> None:
    problem, top = a_problem(name, "none"), largest(name, "none")
    for kind in ("l1", "l2", "group"):
        before = (-np.inf, -np.inf)
        for share in (0.0, 1e-6, 1e-4, 1e-3, 1e-2, 0.1, 0.5, 2.0):
            strengths = asked(**{kind: share * top})
            solution, measured = solved(problem, strengths)
            w = solution.kernel.astype(np.float64)
            norms = np.sqrt((w**2).sum(axis=1))
            size = {"l1": np.abs(w).sum(), "l2": (w**2).sum(), "group": norms.sum()}[kind]
            now = (measured.value, measured.value - share * top * float(size))
            assert now[0] >= before[0] - 1e-9 * abs(before[0])
            assert now[1] >= before[1] - 1e-7 * abs(before[1])
            before = now


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "wine"])
@pytest.mark.parametrize("kind", ["l1", "l2", "group"])
def test_next_to_no_strength_is_none(name: str, kind: str) -> None:
    problem = a_problem(name)
    free = problem.solve(asked(), STEPS)
    for strength in (1e-300, 1e-30, 1e-18):
        near = problem.solve(asked(**{kind: strength}), STEPS)
        np.testing.assert_array_equal(near.kernel, free.kernel)
        np.testing.assert_array_equal(near.bias, free.bias)
        assert (near.steps, near.vanishes) == (free.steps, free.vanishes)


def test_rows_that_can_be_separated_are_said_to_have_no_minimum() -> None:
    problem = a_problem("breast_cancer")
    solution, measured = solved(problem, asked())
    assert solution.vanishes
    assert solution.steps < 60
    assert measured.gap > CONVERGED
    weak, certified = solved(problem, asked(l1=1e-5))
    assert not weak.vanishes
    assert certified.gap <= CONVERGED


def test_more_columns_than_rows() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 400)).astype(np.float32)
    y = (x[:, :5].sum(axis=1) + 0.3 * random.normal(size=60))[:, None].astype(np.float64)
    problem = Problem(losses.squared(), Rows(x, y, np.full(60, 1 / 60)), True)
    top = solved(problem, asked(l1=1e30))[1].max_gradient
    for share in (0.3, 0.1, 0.01):
        solution, measured = solved(problem, asked(l1=share * top))
        other = ElasticNet(share * top / 2, l1_ratio=1.0, tol=1e-15, max_iter=1_000_000)
        other.fit(x.astype(np.float64), y[:, 0])
        assert measured.gap <= 1e-9
        np.testing.assert_array_equal(solution.kernel[:, 0] != 0, np.abs(other.coef_) > 1e-7)
    free, measured = solved(problem, asked())  # every row can be met
    assert measured.gap <= CONVERGED
    assert np.abs(free.kernel).max() < 1  # as short as they can be, not wherever they began


def test_columns_without_variation_have_no_weight() -> None:
    x, z, shares = made_rows()
    x[:, 2], x[:, 5] = 7e5, 0.0
    for strengths in (asked(), asked(l1=0.01), asked(l2=0.1), asked(group=0.01)):
        problem = Problem(losses.squared(), Rows(x, z[:, None], shares), True)
        solution, measured = solved(problem, strengths)
        assert not solution.kernel[[2, 5]].any()
        assert measured.gap <= 1e-8


def test_large_and_small_data_go_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """In blocks of rows, and with a curvature that is no matrix."""
    strengths = asked(l1=0.005, l2=0.001)
    whole = a_problem("wine").solve(strengths, STEPS)
    monkeypatch.setattr("regcli.solvers.scaled_columns._KEPT", 0)
    monkeypatch.setattr("regcli.solvers.scaled_columns._BLOCK", 13 * 50)
    monkeypatch.setattr("regcli.solvers.newton._MOST_IN_A_MATRIX", 0)
    plain = a_problem("wine")
    cut = Problem(plain.loss, plain.rows, True)
    solution, measured = solved(cut, strengths)
    assert measured.gap <= 1e-9
    np.testing.assert_allclose(solution.kernel, whole.kernel, rtol=1e-4, atol=1e-7)
    np.testing.assert_array_equal(solution.kernel != 0, whole.kernel != 0)


@pytest.mark.parametrize("scale", ["standard", "none", "mixed units"])
def test_held_weights_stay_at_zero_and_the_others_are_a_fit_on_their_columns(scale: str) -> None:
    problem = a_problem("diabetes", scale)
    held = np.zeros((10, 1), bool)
    held[[0, 3, 4, 9]] = True
    solution, measured = solved(problem, asked(), held)
    assert (solution.kernel[held] == 0).all()
    x = problem.rows.x[:, ~held[:, 0]].astype(np.float64)
    fitted = Ridge(alpha=0, solver="svd").fit(x - x.mean(axis=0), problem.rows.y[:, 0])
    errors = problem.rows.y[:, 0] - fitted.predict(x - x.mean(axis=0))
    assert measured.value == pytest.approx(float((errors**2).mean()), rel=1e-9)
    assert measured.gap <= CONVERGED


def test_each_output_holds_weights_of_its_own() -> None:
    whole = a_problem("wine")
    targets = np.random.default_rng(0).normal(size=(len(whole.rows.x), 2))
    rows = Rows(whole.rows.x, targets, whole.rows.shares)
    held = np.random.default_rng(1).random((13, 2)) < 0.5
    solution, measured = solved(Problem(losses.squared(), rows, True), asked(), held)
    best = 0.0
    for k in range(2):
        x = np.column_stack([rows.x[:, ~held[:, k]].astype(np.float64), np.ones(len(rows.x))])
        coefficients, *_ = np.linalg.lstsq(x, targets[:, k], rcond=None)
        best += float(((x @ coefficients - targets[:, k]) ** 2).mean())
        assert (solution.kernel[held[:, k], k] == 0).all()
    assert measured.value == pytest.approx(best, rel=1e-9)
    assert measured.gap <= CONVERGED
