"""Groups of several inputs: the map against a minimiser, formulas against their definition."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize

from regcli.models.kernel_penalties import KernelPenalty
from regcli.penalties.sparse_groups import INPUT_GROUPS, InputGroups, group_map
from regcli.solvers.vector_penalty import VectorPenalty

TOGETHER = (0, 1, 1, 2, 0, 1)
"""Groups of three sizes; those of no two stand side by side."""
NUMBERS = {"l1": 0.1, "l2": 0.2, "group": 0.4}

partitions = st.lists(st.integers(0, 3), min_size=1, max_size=7).map(
    lambda own: tuple(sorted(set(own)).index(number) for number in own)
)


def kernel(seed: int, inputs: int, units: int = 3, blocks: int = 1) -> np.ndarray:
    shape = (1, blocks, inputs, units)
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def members_of(together: Sequence[int]) -> list[np.ndarray]:
    """The positions of each group."""
    return [np.flatnonzero(np.array(together) == number) for number in range(max(together) + 1)]


def value_of(w: Any, together: Sequence[int], numbers: dict[str, float]) -> float:
    """The formula as it is written."""
    exact = np.asarray(w, np.float64)
    of_groups = sum(
        np.sqrt(len(own)) * np.linalg.norm(exact[:, :, own].ravel()) for own in members_of(together)
    )
    total = numbers["l1"] * np.abs(exact).sum() + numbers["l2"] * (exact**2).sum()
    return float(total + numbers["group"] * of_groups)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("l1", "l2", "group"), [(0, 0, 0.6), (0.2, 0, 0.4), (0.1, 0.3, 0.4)])
def test_the_map_in_a_diagonal_metric_is_where_a_minimiser_finds_it(
    seed: int, l1: float, l2: float, group: float
) -> None:
    u, together = kernel(seed, 3, 2), (0, 1, 1)
    step = np.exp(np.random.default_rng(seed + 50).normal(0, 1, u.shape)).astype(np.float32)
    numbers = {"l1": l1, "l2": l2, "group": group}
    found = np.ravel(InputGroups(together).proximal_map(tf.constant(u), tf.constant(step), numbers))

    def objective(w: np.ndarray) -> float:
        off = (w - u.ravel()) ** 2 / (2 * step.ravel().astype(float))
        return float(off.sum()) + value_of(w.reshape(u.shape), together, numbers)

    options = {"xatol": 1e-10, "fatol": 1e-14, "maxiter": 6_000, "maxfev": 6_000}
    starts = (u.ravel(), 1e-3 * np.sign(u.ravel()))
    tries = [minimize(objective, s, method="Nelder-Mead", options=options) for s in starts]
    assert objective(found) <= min(float(each.fun) for each in tries) + 2e-6


@pytest.mark.parametrize("spread", [1.0, 1e3, 1e6])
def test_a_group_s_own_equation_holds_however_steps_differ(spread: float) -> None:
    rng = np.random.default_rng(0)
    u = rng.standard_normal((4, 1, 6, 8)).astype(np.float32)
    metric = np.exp(rng.uniform(0, np.log(spread), u.shape)).astype(np.float32)
    groups = InputGroups(TOGETHER).groups
    strength = groups.weighted(0.7, tf.constant(u))
    found = np.asarray(group_map(tf.constant(u), tf.constant(1 / metric), 1.0, strength, groups))
    for own in members_of(TOGETHER):
        w, d = found[:, :, own].astype(float), metric[:, :, own].astype(float)
        norm = np.sqrt((w**2).sum(axis=(1, 2, 3), keepdims=True))
        off = d * (w - u[:, :, own]) + 0.7 * np.sqrt(len(own)) * w / np.where(norm > 0, norm, 1)
        assert (norm > 0).any()
        assert_allclose(np.where(norm > 0, off, 0), 0, atol=4e-4 * np.abs(d * u[:, :, own]).max())


@settings(max_examples=15, deadline=None)
@given(partitions, st.integers(0, 1000), st.floats(0.05, 2))
def test_equal_steps_shrink_a_group_by_the_textbook_factor(
    together: tuple[int, ...], seed: int, group: float
) -> None:
    """Yuan and Lin's: 1 − d·group·√p/‖u‖, or 0; so a group is zero together or not at all."""
    u, numbers = kernel(seed, len(together)), {"l1": 0.0, "l2": 0.0, "group": group}
    penalty = InputGroups(together)
    found = np.asarray(penalty.proximal_map(tf.constant(u), 0.5 * tf.ones_like(u), numbers))
    for own in members_of(together):
        part = u[:, :, own].astype(float)
        factor = max(1 - 0.5 * group * np.sqrt(len(own)) / np.linalg.norm(part.ravel()), 0)
        assert_allclose(found[:, :, own], factor * part, atol=2e-5)
        assert (found[:, :, own] == 0).all() or (found[:, :, own] != 0).all()


@settings(max_examples=15, deadline=None)
@given(partitions, st.integers(0, 1000), st.integers(1, 2))
def test_value_and_slope_are_the_formula_and_its_derivative(
    together: tuple[int, ...], seed: int, blocks: int
) -> None:
    w, penalty = kernel(seed, len(together), 2, blocks), InputGroups(together)
    w[:, :, members_of(together)[0]] = 0
    point = tf.constant(w)
    with tf.GradientTape() as tape:
        tape.watch(point)
        value = penalty.value(point, NUMBERS)
    expected = value_of(w, together, NUMBERS)
    assert_allclose(value, [expected], rtol=1e-5)
    columns = {name: tf.fill([1, 1], tf.constant(number)) for name, number in NUMBERS.items()}
    flat = tf.reshape(point, [1, -1])
    total, slope = penalty.value_and_slope(flat, columns, w.shape[1:])
    assert_allclose(total, [[expected]], rtol=1e-5)
    assert_allclose(tf.reshape(slope, w.shape), tape.gradient(value, point), atol=1e-5)
    direction = np.random.default_rng(seed).standard_normal(w.shape) * (w != 0)
    ahead, behind = (value_of(w + h * direction, together, NUMBERS) for h in (1e-6, -1e-6))
    along = float((np.reshape(slope, w.shape) * direction).sum())
    assert along == pytest.approx((ahead - behind) / 2e-6, abs=1e-4)


def test_a_compiled_program_has_the_same_numbers() -> None:
    u, penalty = np.concatenate([kernel(k, 6) for k in range(3)]), InputGroups(TOGETHER)
    columns = tf.constant([0.0, 0.2, 0.5], tf.float32, [3, 1, 1, 1])

    def mapped(point: Any) -> Any:
        numbers = {"l1": 0.1 * columns, "l2": columns, "group": columns}
        w = penalty.proximal_map(point, 0.3 * tf.ones_like(point), numbers)
        return w, penalty.value(w, numbers)

    compiled = tf.function(mapped, jit_compile=True, autograph=False)(tf.constant(u))
    for ours, theirs in zip(compiled, mapped(tf.constant(u)), strict=True):
        assert_allclose(ours, theirs, atol=2e-6)


def test_a_transposed_kernel_has_the_same_penalty() -> None:
    w = kernel(7, 6, 4)
    turned = np.ascontiguousarray(np.swapaxes(w, 2, 3))
    columns = {name: tf.fill([1, 1], tf.constant(number)) for name, number in NUMBERS.items()}
    penalty = InputGroups(TOGETHER)
    plain = penalty.value_and_slope(tf.constant(w.reshape(1, 24)), columns, (1, 6, 4))
    other = penalty.transposed.value_and_slope(
        tf.constant(turned.reshape(1, 24)), columns, (1, 4, 6)
    )
    assert_allclose(other[0], plain[0], rtol=1e-6)
    assert_allclose(np.reshape(other[1], (4, 6)).T, np.reshape(plain[1], (6, 4)), rtol=1e-6)
    step = tf.ones_like(w)
    mapped = np.asarray(penalty.proximal_map(tf.constant(w), step, NUMBERS))
    of_turned = penalty.transposed.proximal_map(
        tf.constant(turned), np.swapaxes(step, 2, 3), NUMBERS
    )
    assert_allclose(np.swapaxes(of_turned, 2, 3), mapped, atol=1e-6)
    assert penalty.transposed.transposed == penalty


def test_the_residual_is_zero_where_the_map_stands_still_and_only_there() -> None:
    penalty, numbers = InputGroups(TOGETHER), {"l1": 0.2, "l2": 0.1, "group": 0.9}
    near = kernel(4, 6)
    near[:, :, [1, 2, 5]] *= 0.3
    u, step = tf.constant(near), 0.7
    w = penalty.proximal_map(u, step * tf.ones_like(u), numbers)
    is_zero = [bool((np.asarray(w)[:, :, own] == 0).all()) for own in members_of(TOGETHER)]
    assert sorted(set(is_zero)) == [False, True]
    gradient = (w - u) / step
    assert_allclose(penalty.residual(w, gradient, numbers), 0, atol=2e-6)
    assert float(tf.reduce_max(penalty.residual(w + 0.01, gradient, numbers))) > 1e-3


def test_the_solvers_form_agrees() -> None:
    rng = np.random.default_rng(8)
    w, gradient = rng.normal(size=(1, 1, 6, 3)), rng.normal(size=(1, 1, 6, 3))
    w[0, 0, [1, 2, 5]], w[0, 0, 4, 0] = 0, 0
    of_weight = np.repeat(TOGETHER, 3)
    sizes = np.bincount(TOGETHER)[of_weight]
    vector = VectorPenalty(
        np.full(18, 0.1), np.full(18, 0.2), 0.4 * np.sqrt(sizes), groups=of_weight
    )
    penalty, flat, slope = InputGroups(TOGETHER), w.ravel(), gradient.ravel()
    pairs: list[tuple[Any, Any]] = [
        (vector.value(flat), penalty.value(w, NUMBERS)),
        (vector.hold(flat), penalty.hold(w, NUMBERS)),
        (vector.residual(flat, slope), penalty.residual(w, gradient, NUMBERS)),
        (
            vector.proximal_map(flat, np.full(18, 0.7)),
            penalty.proximal_map(tf.constant(w), 0.7 * tf.ones_like(w), NUMBERS),
        ),
    ]
    for ours, others in pairs:
        assert_allclose(np.ravel(others), ours, rtol=1e-12, atol=1e-14)


def test_groups_of_one_input_each_are_those_without_a_partition() -> None:
    u, step = tf.constant(kernel(9, 4)), tf.fill([1, 1, 4, 3], 0.4)
    alone = InputGroups((0, 1, 2, 3))
    assert_array_equal(
        alone.proximal_map(u, step, NUMBERS), INPUT_GROUPS.proximal_map(u, step, NUMBERS)
    )
    assert_allclose(alone.value(u, NUMBERS), INPUT_GROUPS.value(u, NUMBERS), rtol=1e-6)


def test_the_second_kernel_of_a_separable_convolution_has_several_rows_an_input() -> None:
    """Rows 2k and 2k + 1 are of input k where the first kernel makes two channels of each."""
    w, penalty = kernel(10, 6), InputGroups((0, 1, 1))
    numbers = {"l1": 0.0, "l2": 0.0, "group": 1.0}
    norms = [np.linalg.norm(w[:, :, :2].ravel()), np.linalg.norm(w[:, :, 2:].ravel())]
    assert_allclose(
        penalty.value(tf.constant(w), numbers), [norms[0] + 2**0.5 * norms[1]], rtol=1e-6
    )
    with pytest.raises(ValueError, match="5 positions has none for each of 3"):
        penalty.value(tf.constant(kernel(11, 5)), numbers)


@settings(max_examples=60, deadline=None)
@given(partitions, st.integers(0, 1000), st.floats(0, 3))
def test_the_largest_l1_is_sharp(together: tuple[int, ...], seed: int, group: float) -> None:
    gradient = kernel(seed, len(together))[0].astype(np.float64)

    def is_empty(l1: float) -> bool:
        free = np.maximum(np.abs(gradient) - l1, 0)
        return all(
            np.linalg.norm(free[:, own].ravel()) <= group * np.sqrt(len(own)) + 1e-9
            for own in members_of(together)
        )

    found = InputGroups(together).largest_l1(gradient, {"group": group})
    assert is_empty(found)
    assert found == 0 or not is_empty(found - 1e-6)


def test_a_copy_of_a_regularizer_keeps_the_groups() -> None:
    """Bidirectional makes its second layer's from the first one's."""
    own = KernelPenalty(InputGroups((0, 1, 1)).strengths(group=0.5), shown_only=False)
    copied = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(own))
    assert copied.strengths == own.strengths
    w = kernel(12, 3)[0, 0]
    assert float(copied(w)) == pytest.approx(
        value_of(w[None, None], (0, 1, 1), {"l1": 0.0, "l2": 0.0, "group": 0.5})
    )
