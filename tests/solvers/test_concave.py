"""Penalties that are not convex: known optima of orthogonal columns, and stationary points.

Slopes and solutions of one weight are the penalties' own, which their tests hold to textbooks.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import ConcavePenalty, LayerStrengths
from regcli.penalties.registry import NAMED
from regcli.solvers import losses
from regcli.solvers.convex import Problem, Rows
from regcli.solvers.losses import Loss

from .test_convex import SMOOTH, a_problem, largest, made_rows, standardized

Array = NDArray[np.float64]
STEPS = 10_000


CONCAVE = [penalty for penalty in NAMED.values() if isinstance(penalty, ConcavePenalty)]


def asked(
    penalty: ConcavePenalty, l1: float, l2: float = 0.0, bias_l1: float = 0.0
) -> LayerStrengths:
    return LayerStrengths(penalty.strengths(l1=l1, l2=l2), ELASTIC_NET.strengths(l1=bias_l1))


@pytest.mark.parametrize("penalty", CONCAVE, ids=str)
def test_orthogonal_columns_have_the_solution_of_each_weight_alone(penalty: ConcavePenalty) -> None:
    rng = np.random.default_rng(0)
    columns = np.linalg.qr(np.column_stack([np.ones(400), rng.normal(size=(400, 40))]))[0][:, 1:]
    x = (columns * 20).astype(np.float32)  # mean 0, mean square 1
    targets = 5 + x[:, :10] @ np.linspace(-3, 3, 10) + rng.normal(0, 1, 400)
    problem = Problem(losses.squared(), Rows(x, targets[:, None], np.full(400, 1 / 400)), True)
    z = x.astype(float).T @ (targets - targets.mean()) / 400
    found = problem.descend(asked(penalty, 0.8), np.zeros((40, 1), np.float32), STEPS)
    expected = penalty.proximal_map(z, 0.5, penalty.strengths(l1=0.8).numbers)
    assert 0 < (expected != 0).sum() < 40
    np.testing.assert_array_equal(found.kernel[:, 0] != 0, expected != 0)
    np.testing.assert_allclose(found.kernel[:, 0], expected, atol=1e-5)


def off_by_definition(
    problem: Problem, kernel: Array, bias: Array, penalty: ConcavePenalty, l1: float, l2: float
) -> float:
    """The largest distance of a slope of the objective from 0, over weights and biases."""
    rows, loss = problem.rows, problem.loss
    x = rows.x.astype(float)
    by_score = rows.shares[:, None] * loss.slope(x @ kernel + bias, rows.y)
    slope = x.T @ by_score + 2 * l2 * kernel
    numbers = penalty.strengths(l1=l1).numbers
    moved = np.abs(slope + penalty.slope(kernel, numbers))
    off = np.where(kernel != 0, moved, np.maximum(np.abs(slope) - l1, 0))
    return max(float(off.max()), float(np.abs(by_score.sum(axis=0)).max()))


@pytest.mark.parametrize("penalty", CONCAVE, ids=str)
@pytest.mark.parametrize("l2", [0.0, 0.001])
@pytest.mark.parametrize("share", [0.5, 0.1])
@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "wine"])
def test_real_data_ends_at_a_stationary_point_below_the_lasso(
    name: str, share: float, l2: float, penalty: ConcavePenalty
) -> None:
    problem, top = a_problem(name), largest(name, "standard")
    strengths = asked(penalty, share * top, l2)
    plain = ELASTIC_NET.strengths(l1=share * top, l2=l2)
    lasso = problem.solve(LayerStrengths(plain, ELASTIC_NET.strengths()), STEPS)
    found = problem.descend(strengths, lasso.kernel, STEPS)
    if found.vanishes:  # separable, and without anything that holds large weights back
        assert (name, l2) == ("wine", 0.0)
        return
    assert found.bias is not None
    w, b = found.kernel.astype(float), found.bias.astype(float)
    off = off_by_definition(problem, w, b, penalty, share * top, l2)
    assert off <= 1e-6 * top
    measured = problem.measure(found.kernel, found.bias, strengths, None)
    assert measured.residual == pytest.approx(off, rel=1e-3, abs=1e-9 * top)
    before = problem.measure(lasso.kernel, lasso.bias, strengths, None)
    assert measured.value <= before.value * (1 + 1e-9)
    assert (measured.gap, found.steps < 300) == (np.inf, True)
    # What is stationary stays so: the rounds end where they began.
    again = problem.descend(strengths, found.kernel, STEPS)
    np.testing.assert_allclose(again.kernel, found.kernel, rtol=1e-4, atol=1e-6 * np.abs(w).max())


@pytest.mark.parametrize("penalty", CONCAVE, ids=str)
@pytest.mark.parametrize("name", SMOOTH)
def test_every_smooth_loss_and_a_regularized_bias(name: str, penalty: ConcavePenalty) -> None:
    x, z, shares = made_rows()
    loss: Loss
    loss, made = SMOOTH[name]
    rows = Rows(standardized(x.astype(float)).astype(np.float32), made(z)[:, None], shares)
    problem, strengths = Problem(loss, rows, True), asked(penalty, 0.02, 0.01, 0.01)
    found = problem.descend(strengths, np.zeros((x.shape[1], 1), np.float32), STEPS)
    measured = problem.measure(found.kernel, found.bias, strengths, None)
    assert measured.relative <= 1e-4
    assert found.kernel.any()


@pytest.mark.parametrize("penalty", CONCAVE, ids=str)
def test_a_penalty_that_levels_off_far_out_is_the_elastic_net(penalty: ConcavePenalty) -> None:
    problem, top = a_problem("diabetes"), largest("diabetes", "standard")
    far, near = (
        LayerStrengths(own.strengths(l1=0.1 * top, l2=0.001, gamma=1e9), ELASTIC_NET.strengths())
        for own in (penalty, ELASTIC_NET)
    )
    found = problem.descend(far, np.zeros((10, 1), np.float32), STEPS)
    np.testing.assert_allclose(found.kernel, problem.solve(near, STEPS).kernel, rtol=1e-5)


@pytest.mark.parametrize("penalty", CONCAVE, ids=str)
def test_rows_that_can_be_separated_have_no_minimum_without_l2(penalty: ConcavePenalty) -> None:
    """The penalty levels off, so weights grow without end."""
    x = np.linspace(-2, 2, 20, dtype=np.float32)[:, None]
    rows = Rows(x, (x > 0).astype(float), np.full(20, 1 / 20))
    problem, start = Problem(losses.logistic(), rows, True), np.full((1, 1), 30, np.float32)
    assert problem.descend(asked(penalty, 0.05), start, STEPS).vanishes
    assert not problem.descend(asked(penalty, 0.05, l2=1e-3), start, STEPS).vanishes
