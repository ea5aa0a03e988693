"""The minimax concave penalty against its definition by its derivative."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from regcli.penalties.mcp import MCP

NUMBERS = {"l1": 0.4, "l2": 0.0, "gamma": 2.5}


@pytest.mark.parametrize("w", [-3.0, -1.0, -0.2, 0.0, 0.7, 0.99, 1.01, 5.0])
def test_the_value_is_the_integral_of_a_slope_that_fades_out(w: float) -> None:
    value, _ = quad(lambda t: max(0.4 - t / 2.5, 0.0), 0, abs(w), points=[min(1.0, abs(w))])
    assert MCP.terms(np.array(w), NUMBERS) == pytest.approx(value, abs=1e-12)


def test_a_weight_alone_under_a_squared_error_is_by_zhang_s_formula() -> None:
    """Where (w − z)² + MCP is least: a step of ½."""
    z = np.linspace(-2, 2, 41) + 0.013
    within = np.sign(z) * np.maximum(np.abs(z) - 0.4 / 2, 0) / (1 - 1 / (2 * 2.5))
    expected = np.where(np.abs(z) <= 2.5 * 0.4, within, z)
    assert_allclose(MCP.proximal_map(z, 0.5, NUMBERS), expected, rtol=1e-12)


def test_the_map_is_firm_and_for_long_steps_hard_thresholding() -> None:
    u = np.array([-3.0, -0.9, 0.15, 0.5, 0.99, 1.01])
    firm = [-3.0, -0.7 / (1 - 0.5 / 2.5), 0.0, 0.3 / 0.8, 0.79 / 0.8, 1.01]
    assert_allclose(MCP.proximal_map(u, 0.5, NUMBERS), firm, rtol=1e-12)
    # From 0.4·√(5·2.5) = 1.414… on a weight stays where it is.
    u = np.array([-1.42, -1.41, 0.5, 1.41, 1.42])
    assert_allclose(MCP.proximal_map(u, 5.0, NUMBERS), [-1.42, 0, 0, 0, 1.42], rtol=1e-12)


def test_a_large_gamma_is_the_lasso() -> None:
    u, numbers = np.linspace(-3, 3, 31), NUMBERS | {"gamma": 1e9}
    soft = np.sign(u) * np.maximum(np.abs(u) - 0.2, 0)
    assert_allclose(MCP.proximal_map(u, 0.5, numbers), soft, atol=1e-8)


def test_a_half_has_half_the_strength_and_twice_the_gamma() -> None:
    assert MCP.divided(2.0, NUMBERS) == {"l1": 0.2, "l2": 0.0, "gamma": 5.0}
