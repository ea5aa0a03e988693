"""The elastic net and its groups: maps against brute force, conditions against their definition."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize, minimize_scalar

from regcli.penalties.arrays import soft_threshold
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import Penalty
from regcli.penalties.sparse_groups import INPUT_GROUPS, UNIT_GROUPS, SparseGroups, group_map
from regcli.solvers.vector_penalty import VectorPenalty

INPUTS, UNITS = INPUT_GROUPS, UNIT_GROUPS
# TensorFlow takes subnormal numbers for 0.
numbers = st.floats(-3, 3, width=32, allow_subnormal=False)
strengths = st.floats(0, 2, width=32, allow_subnormal=False)
steps = st.floats(0.0625, 4, width=32)


def net_map(u: Any, step: Any, l1: Any, l2: Any) -> Any:
    return ELASTIC_NET.proximal_map(u, step, {"l1": l1, "l2": l2})


def groups_map(u: Any, step: Any, l1: Any, l2: Any, group: Any, groups: Penalty) -> Any:
    return groups.proximal_map(u, step, {"l1": l1, "l2": l2, "group": group})


def kernel(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((1, 1, *shape)).astype(np.float32)


@given(u=numbers, step=steps, l1=strengths, l2=strengths)
@settings(max_examples=60, deadline=None)
def test_one_weight_is_where_brute_force_finds_it(
    u: float, step: float, l1: float, l2: float
) -> None:
    found = minimize_scalar(
        lambda w: (w - u) ** 2 / (2 * step) + l1 * abs(w) + l2 * w * w,
        bounds=(-4, 4),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert float(net_map(tf.constant(u), step, l1, l2)) == pytest.approx(found.x, abs=2e-4)


def test_weights_within_the_threshold_are_exactly_zero() -> None:
    u = tf.constant([0.3, -0.3, 0.31, -0.5])
    assert_array_equal(soft_threshold(u, 0.3)[:2], [0.0, 0.0])
    assert_allclose(soft_threshold(u, 0.3)[2:], [0.01, -0.2], atol=1e-7)


def brute_force(u: np.ndarray, step: np.ndarray, penalty: Callable[[Any], float]) -> np.ndarray:
    """The minimiser in float64, started from the point itself and from close to zero."""

    def objective(w: np.ndarray) -> float:
        return float(((w - u) ** 2 / (2 * step)).sum() + penalty(w))

    options = {"xatol": 1e-10, "fatol": 1e-14, "maxiter": 40_000, "maxfev": 40_000}
    tries = [
        minimize(objective, start, method="Nelder-Mead", options=options)
        for start in (u, 1e-3 * np.sign(u))
    ]
    return np.asarray(min(tries, key=lambda found: found.fun).x)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("l1", "l2", "group"), [(0, 0, 0.8), (0.3, 0, 0.5), (0.2, 0.4, 0.6)])
def test_a_group_in_a_diagonal_metric_is_where_brute_force_finds_it(
    seed: int, l1: float, l2: float, group: float
) -> None:
    u = kernel(seed, 1, 3)
    step = np.exp(np.random.default_rng(seed + 50).normal(0, 1, u.shape)).astype(np.float32)

    def penalty(w: np.ndarray) -> float:
        return l1 * np.abs(w).sum() + l2 * (w**2).sum() + group * np.sqrt((w**2).sum())

    expected = brute_force(u.ravel().astype(float), step.ravel().astype(float), penalty)
    found = groups_map(tf.constant(u), tf.constant(step), l1, l2, group, INPUTS)
    assert_allclose(np.ravel(found), expected, atol=2e-4)


@pytest.mark.parametrize("spread", [1.0, 1e3, 1e6])
def test_a_group_s_own_equation_holds_however_steps_differ(spread: float) -> None:
    rng = np.random.default_rng(0)
    u = rng.standard_normal((4, 1, 5, 8)).astype(np.float32)
    metric = np.exp(rng.uniform(0, np.log(spread), u.shape)).astype(np.float32)
    step = tf.constant(1 / metric)
    found = np.asarray(group_map(tf.constant(u), step, 1.0, 0.7, INPUTS.groups), np.float64)
    norm = np.sqrt((found**2).sum(axis=(1, 3), keepdims=True))
    off = metric * (found - u) + 0.7 * found / np.where(norm > 0, norm, 1)
    assert (norm > 0).any()
    assert_allclose(np.where(norm > 0, off, 0), 0, atol=2e-4 * np.abs(metric * u).max())


def test_equal_steps_shrink_a_group_by_the_textbook_factor() -> None:
    u = kernel(1, 4, 6)
    norm = np.sqrt((u**2).sum(axis=(1, 2), keepdims=True))
    expected = np.maximum(1 - 0.5 * 1.2 / norm, 0) * u
    found = groups_map(tf.constant(u), 0.5 * tf.ones_like(u), 0.0, 0.0, 1.2, UNITS)
    assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("groups", [INPUTS, UNITS])
def test_zero_strength_changes_nothing(groups: Penalty) -> None:
    u = tf.constant(kernel(2, 4, 6))
    assert_array_equal(net_map(u, 0.5, 0.0, 0.0), u)
    assert_allclose(groups_map(u, tf.ones_like(u), 0.0, 0.0, 0.0, groups), u, rtol=1e-6)


@given(u=numbers, others=numbers, l1=strengths, l2=strengths, group=strengths)
@settings(max_examples=30, deadline=None)
def test_a_step_of_zero_changes_nothing(
    u: float, others: float, l1: float, l2: float, group: float
) -> None:
    """As a schedule's last learning rate has it, and the first of a warm-up."""
    point = tf.constant([[[[u, others], [others, 0.0]]]])
    still = tf.zeros_like(point)
    assert_array_equal(net_map(point, still, l1, l2), point)
    for groups in (INPUTS, UNITS):
        found = groups_map(point, still, l1, l2, group, groups)
        assert_allclose(found, point, rtol=1e-6, atol=0)


def test_weights_without_a_step_stand_still_beside_others_of_their_group() -> None:
    """The others are then held less, for the group is as long as those at least."""
    u, step = tf.constant([[[[0.8, -1.5, 0.0]]]]), tf.constant([[[[0.0, 0.5, 0.0]]]])
    found = np.ravel(groups_map(u, step, 0.1, 0.2, 0.9, INPUTS))
    w = minimize_scalar(
        lambda w: (w + 1.5) ** 2 + 0.1 * abs(w) + 0.2 * w**2 + 0.9 * np.hypot(0.8, w),
        bounds=(-2, 0),
        method="bounded",
        options={"xatol": 1e-9},
    ).x
    assert_allclose(found, [0.8, w, 0.0], atol=1e-5)


def test_the_strengths_of_stacked_members_are_their_own() -> None:
    u = np.concatenate([kernel(3, 4, 5)] * 3)
    column = tf.constant([0.0, 0.3, 0.9], tf.float32, [3, 1, 1, 1])
    together = groups_map(tf.constant(u), tf.ones_like(u), column, column, column, INPUTS)
    for place, strength in enumerate([0.0, 0.3, 0.9]):
        alone = groups_map(
            tf.constant(u[:1]), tf.ones_like(u[:1]), strength, strength, strength, INPUTS
        )
        assert_allclose(together[place], alone[0], atol=1e-6)


@pytest.mark.parametrize(("l1", "l2", "group"), [(0.4, 0, 0), (0.3, 0.2, 0), (0.2, 0.1, 0.9)])
def test_the_residual_is_zero_where_the_map_stands_still_and_only_there(
    l1: float, l2: float, group: float
) -> None:
    """w = prox(w − d·g) if and only if w is optimal for a loss with gradient g at w."""
    penalty: Penalty = INPUTS if group else ELASTIC_NET
    numbers = {"l1": l1, "l2": l2, "group": group}
    u, step = tf.constant(kernel(4, 6, 5)), 0.7
    w = penalty.proximal_map(u, step * tf.ones_like(u), numbers)
    assert (np.asarray(w) == 0).any()
    assert (np.asarray(w) != 0).any()
    gradient = (w - u) / step
    assert_allclose(penalty.residual(w, gradient, numbers), 0, atol=2e-6)
    assert float(tf.reduce_max(penalty.residual(w + 0.01, gradient, numbers))) > 1e-3


def test_the_value_is_the_formula() -> None:
    w = kernel(5, 3, 4)
    norms = np.sqrt((w.astype(np.float64) ** 2).sum(axis=(1, 3)))
    expected = 0.2 * np.abs(w).sum() + 0.3 * (w**2).sum() + 0.4 * norms.sum()
    numbers = {"l1": 0.2, "l2": 0.3, "group": 0.4}
    assert_allclose(INPUTS.value(tf.constant(w), numbers), [expected], rtol=1e-6)


@pytest.mark.parametrize("groups", [INPUTS, UNITS])
def test_the_gradient_of_the_value_is_the_formula_and_0_at_a_group_that_is(
    groups: SparseGroups,
) -> None:
    w = kernel(6, 3, 4)
    w[:, :, 1] = w[:, :, :, 2] = 0
    norms = np.sqrt((w**2).sum(axis=groups.groups.axes, keepdims=True))
    point = tf.constant(w)
    with tf.GradientTape() as tape:
        tape.watch(point)
        total = groups.value(point, {"l1": 0.0, "l2": 0.0, "group": 0.4})
    expected = 0.4 * w / np.where(norms > 0, norms, 1)
    assert_allclose(tape.gradient(total, point), expected, rtol=1e-6)


@pytest.mark.parametrize("groups", [INPUTS, UNITS])
def test_a_transposed_kernel_has_the_same_penalty(groups: SparseGroups) -> None:
    w, numbers = kernel(7, 3, 4), {"l1": 0.1, "l2": 0.2, "group": 0.4}
    columns = {name: tf.fill([1, 1], tf.constant(number)) for name, number in numbers.items()}
    plain = groups.value_and_slope(tf.constant(w.reshape(1, 12)), columns, (1, 3, 4))
    turned = np.ascontiguousarray(np.swapaxes(w, 2, 3)).reshape(1, 12)
    other = groups.transposed.value_and_slope(tf.constant(turned), columns, (1, 4, 3))
    assert_allclose(other[0], plain[0], rtol=1e-6)
    slope = np.reshape(plain[1], (3, 4))
    assert_allclose(np.reshape(other[1], (4, 3)).T, slope, rtol=1e-6)
    assert_allclose(plain[0][0], groups.value(tf.constant(w), numbers), rtol=1e-6)


def test_the_solvers_form_agrees() -> None:
    """Vectors of weights in float64, and tensors in TensorFlow's float64."""
    rng = np.random.default_rng(8)
    w, gradient = rng.normal(size=(1, 1, 4, 3)), rng.normal(size=(1, 1, 4, 3))
    w[0, 0, 1], w[0, 0, 2, 0] = 0, 0
    numbers = {"l1": 0.3, "l2": 0.2, "group": 0.4}
    columns = (np.full(12, number) for number in numbers.values())
    vector = VectorPenalty(*columns, groups=np.repeat(np.arange(4), 3))
    flat, slope = w.ravel(), gradient.ravel()
    step = np.full(12, 0.7)
    pairs: list[tuple[Any, Any]] = [
        (vector.value(flat), INPUTS.value(w, numbers)),
        (vector.hold(flat), INPUTS.hold(w, numbers)),
        (vector.residual(flat, slope), INPUTS.residual(w, gradient, numbers)),
        (
            vector.proximal_map(flat, step),
            INPUTS.proximal_map(tf.constant(w), 0.7 * tf.ones_like(w), numbers),
        ),
    ]
    for ours, others in pairs:
        assert_allclose(np.ravel(others), ours, rtol=1e-12, atol=1e-14)
