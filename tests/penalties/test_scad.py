"""SCAD against its definition by its derivative."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from regcli.config.concave_counterparts import why_no_concave
from regcli.config.counterparts import counterparts
from regcli.config.objective import Basis
from regcli.penalties.scad import SCAD

NUMBERS = {"l1": 0.4, "l2": 0.0, "gamma": 3.0}


def slope(t: float) -> float:
    """Fan and Li (2001), equation 2.7."""
    return 0.4 if t <= 0.4 else max(3.0 * 0.4 - t, 0.0) / 2.0


@pytest.mark.parametrize("w", [-3.0, -1.0, -0.2, 0.0, 0.39, 0.7, 1.19, 1.21, 5.0])
def test_the_value_is_the_integral_of_a_slope_that_is_clipped(w: float) -> None:
    size = abs(w)
    value, _ = quad(slope, 0, size, points=sorted({min(0.4, size), min(1.2, size)}))
    assert SCAD.terms(np.array(w), NUMBERS) == pytest.approx(value, abs=1e-12)


def test_the_map_is_that_of_fan_and_li_and_for_long_steps_has_one_jump() -> None:
    u = np.array([-3.0, -1.0, 0.15, 0.5, 0.59, 1.19, 1.21])
    short = [-3.0, -(2 - 0.6) / 1.5, 0.0, 0.3, 0.39, (2.38 - 0.6) / 1.5, 1.21]
    assert_allclose(SCAD.proximal_map(u, 0.5, NUMBERS), short, rtol=1e-12)
    # For a step of 3 the jump is at 0.4·(3 + 1 + 3)/2 = 1.4, from 0.2; for 9 at 0.4·√(9·4) = 2.4.
    u = np.array([-1.41, -1.39, 1.0, 1.39, 1.41])
    assert_allclose(SCAD.proximal_map(u, 3.0, NUMBERS), [-1.41, -0.19, 0, 0.19, 1.41], atol=1e-12)
    u = np.array([-2.41, -2.39, 1.0, 2.39, 2.41])
    assert_allclose(SCAD.proximal_map(u, 9.0, NUMBERS), [-2.41, 0, 0, 0, 2.41], atol=1e-12)


def test_a_large_gamma_is_the_lasso() -> None:
    u, numbers = np.linspace(-3, 3, 31), NUMBERS | {"gamma": 1e9}
    soft = np.sign(u) * np.maximum(np.abs(u) - 0.2, 0)
    assert_allclose(SCAD.proximal_map(u, 0.5, numbers), soft, atol=1e-8)


def test_a_weight_alone_under_a_squared_error_is_by_fan_and_li_s_formula() -> None:
    """Where (w − z)² + SCAD is least: a step of ½; in their equation 2.8 it is 1."""
    z = np.linspace(-2, 2, 41) + 0.013
    size, sign = np.abs(z), np.sign(z)
    soft = sign * np.maximum(size - 0.4 / 2, 0)
    between = (2 * z - sign * 3 * 0.4 / 2) / (2 - 0.5)
    expected = np.where(size <= 1.5 * 0.4, soft, np.where(size <= 1.2, between, z))
    assert_allclose(SCAD.proximal_map(z, 0.5, NUMBERS), expected, rtol=1e-12)


def test_half_of_it_is_none_with_other_numbers() -> None:
    assert SCAD.divided(2.0, NUMBERS) is None
    squared = Basis(200, 1, 32, "squared", penalty=SCAD)
    assert [found.name for found in counterparts(squared)] == ["torch"]
    assert why_no_concave(squared) == (
        "half the squared error, and half of this penalty is not SCAD with other parameters"
    )
    skglm, ncvreg, _ = counterparts(replace(squared, family="logistic"))
    assert skglm.convert(0.1, 0.0, 3.7) == (0.1, 3.7)
    assert ncvreg.convert(0.1, 0.0, 3.7) == (0.1, 1.0, 3.7)
