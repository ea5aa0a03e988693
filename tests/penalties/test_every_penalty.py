"""What every penalty of single weights keeps to; those of groups are in `test_sparse_groups`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from regcli.models.kernel_penalties import KernelPenalty
from regcli.penalties.penalty import ConcavePenalty, ElementwisePenalty
from regcli.penalties.registry import NAMED

Array = NDArray[np.float64]

PENALTIES = [penalty for penalty in NAMED.values() if isinstance(penalty, ElementwisePenalty)]
CONCAVE = [penalty for penalty in PENALTIES if isinstance(penalty, ConcavePenalty)]
WEIGHTS = np.concatenate([np.linspace(-4, 4, 161), [0.0]])


def numbers_of(penalty: ElementwisePenalty, l1: float, l2: float, shape: float) -> dict[str, float]:
    """Parameters, of which each that is no strength is so far above its bound."""
    own = {p.name: (p.above or 0.0) + shape for p in penalty.shape_parameters}
    return {"l1": l1, "l2": l2, **own}


def tensors(numbers: Mapping[str, float]) -> dict[str, Any]:
    return {name: tf.fill([1, 1], tf.constant(number)) for name, number in numbers.items()}


@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
@given(
    step=st.floats(0.05, 8),
    l1=st.floats(0, 2),
    l2=st.floats(0, 2),
    shape=st.floats(0.05, 3),
    reach=st.floats(0.1, 8),
)
@settings(max_examples=60, deadline=None)
def test_the_map_is_the_lowest_of_all_points(
    penalty: ElementwisePenalty, step: float, l1: float, l2: float, shape: float, reach: float
) -> None:
    """Also where a long step makes the problem one of several minima."""
    numbers = numbers_of(penalty, l1, l2, shape)
    u = reach * np.linspace(-1, 1, 41)
    every = np.linspace(-reach, reach, 4001)

    def objective(w: Array) -> Array:
        terms: Array = penalty.terms(w, numbers)
        return (w - u[:, np.newaxis]) ** 2 / (2 * step) + terms

    found = penalty.proximal_map(u, step, numbers)
    lowest = objective(np.broadcast_to(every, (41, 4001))).min(axis=1)
    assert (objective(found[:, np.newaxis])[:, 0] <= lowest + 1e-9).all()
    shorter = penalty.proximal_map(u, 0.0, numbers)
    assert_allclose(shorter, u, rtol=1e-12, atol=0)


@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
@pytest.mark.parametrize("step", [0.3, 1.9, 2.5, 6.0])
def test_tensors_have_the_map_of_arrays(penalty: ElementwisePenalty, step: float) -> None:
    numbers = numbers_of(penalty, 0.4, 0.1, 1.0)
    expected = penalty.proximal_map(WEIGHTS, step, numbers)
    u = tf.constant(WEIGHTS[np.newaxis], tf.float32)
    found = penalty.proximal_map(u, step * tf.ones_like(u), tensors(numbers))
    # Where two minima are as low as each other rounding decides.
    assert (np.abs(found[0] - expected) < 1e-5).mean() > 0.98
    assert_array_equal(found[0][np.abs(WEIGHTS) < 0.1], 0.0)


@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
def test_slopes_are_derivatives_and_holds_their_size(penalty: ElementwisePenalty) -> None:
    numbers, h = numbers_of(penalty, 0.4, 0.1, 1.3), 1e-6
    w = WEIGHTS[WEIGHTS != 0] + 0.0123  # away from where pieces meet
    slope = (penalty.terms(w + h, numbers) - penalty.terms(w - h, numbers)) / (2 * h)
    assert_allclose(penalty.slope(w, numbers), slope, atol=1e-8)
    assert_allclose(penalty.hold(w, numbers), np.abs(slope), atol=1e-8)
    assert_allclose(penalty.hold(np.zeros(1), numbers), 0.4)
    terms, slopes = penalty.terms_and_slope(w, numbers)
    assert_allclose(terms, penalty.terms(w, numbers), rtol=1e-12)
    assert_allclose(slopes, penalty.slope(w, numbers), rtol=1e-12)


@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
def test_the_residual_is_zero_where_the_map_stands_still_and_only_there(
    penalty: ElementwisePenalty,
) -> None:
    numbers, step = numbers_of(penalty, 0.4, 0.1, 1.0), 0.5
    w = penalty.proximal_map(WEIGHTS, step, numbers)
    assert (w == 0).any()
    assert (w != 0).any()
    gradient = (w - WEIGHTS) / step
    assert_allclose(penalty.residual(w, gradient, numbers), 0, atol=1e-12)
    assert penalty.residual(w, gradient + 0.01, numbers)[w != 0].min() > 0.009


@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
def test_stacked_members_have_the_value_and_slope_of_each_alone(
    penalty: ElementwisePenalty,
) -> None:
    """Members differ in what shapes a penalty too; 0 strengths are nothing."""
    kernels = np.random.default_rng(0).normal(0, 2, (3, 70))
    own = [numbers_of(penalty, l1, l2, s) for l1, l2, s in [(0, 0, 1), (0.3, 0.1, 0.5), (1, 0, 2)]]
    columns = {name: tf.constant([[n[name]] for n in own], tf.float32) for name in own[0]}
    values, slopes = penalty.value_and_slope(tf.constant(kernels, tf.float32), columns, (1, 70, 1))
    for member, numbers in enumerate(own):
        w = kernels[member]
        assert_allclose(values[member, 0], penalty.terms(w, numbers).sum(), rtol=1e-5)
        assert_allclose(slopes[member], penalty.slope(w, numbers), rtol=1e-4, atol=1e-6)
    assert values[0, 0] == 0


@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
def test_keras_differentiates_the_value_to_the_slope(penalty: ElementwisePenalty) -> None:
    numbers = numbers_of(penalty, 0.4, 0.1, 1.0)
    strengths = penalty.strengths(**numbers)
    made = KernelPenalty(strengths, shown_only=False)
    again = KernelPenalty.from_config(made.get_config())
    assert again.strengths == strengths
    w = tf.constant(WEIGHTS[:160].reshape(16, 10), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(w)
        total = again(w)
    assert_allclose(total, penalty.terms(WEIGHTS[:160], numbers).sum(), rtol=1e-5)
    slope = penalty.slope(WEIGHTS[:160], numbers).reshape(16, 10)
    assert_allclose(tape.gradient(total, w), slope, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("penalty", CONCAVE, ids=str)
def test_no_tangent_is_below_its_penalty(penalty: ConcavePenalty) -> None:
    numbers = numbers_of(penalty, 0.4, 0.0, 1.0)
    for w in np.linspace(0, 3, 13):
        touching = penalty.tangent(w, numbers) * (np.abs(WEIGHTS) - w)
        above = penalty.terms(w, numbers) + touching - penalty.terms(WEIGHTS, numbers)
        assert above.min() >= -1e-12


@pytest.mark.parametrize("penalty", CONCAVE, ids=str)
def test_what_a_divided_penalty_is(penalty: ConcavePenalty) -> None:
    numbers = numbers_of(penalty, 0.4, 0.1, 1.0)
    assert penalty.divided(1.0, numbers) == numbers
    half = penalty.divided(2.0, numbers)
    if half is not None:
        assert_allclose(penalty.terms(WEIGHTS, half), penalty.terms(WEIGHTS, numbers) / 2)


@pytest.mark.parametrize("penalty", NAMED.values(), ids=str)
def test_a_penalty_is_described(penalty: ElementwisePenalty) -> None:
    numbers = penalty.strengths(l1=0.25, l2=0.5).numbers
    forms = [part.form.format("W[x]") for part in penalty.sums(numbers)]
    assert any("W[x]" in form and ("0.25" in form or "|" in form) for form in forms)
    assert "ΣW[x]²" in forms
    assert penalty.words
    assert not penalty.strengths().any
