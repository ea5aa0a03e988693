"""Student's t as SciPy has it."""

import math

import pytest
from scipy import stats

from regcli.results.statistics.student import quantile, tail

DEGREES = [0.3, 1.0, 1.7, 2.0, 3.0, 4.5, 9.0, 29.0, 61.0, 119.37, 1e3, 9999.0, 12345.6, 1e6, 1e9]


@pytest.mark.parametrize("degrees", [*DEGREES, math.inf])
def test_the_tail_is_that_of_scipy(degrees: float) -> None:
    for t in (0.0, 1e-3, 0.3, 0.9, 1.1, 1.96, 4.0, 12.0, 37.0):
        expected = stats.norm.sf(t) if math.isinf(degrees) else stats.t.sf(t, degrees)
        assert tail(degrees, t) == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("degrees", [*DEGREES, math.inf])
def test_the_quantile_is_that_of_scipy(degrees: float) -> None:
    for share in (0.5, 0.5001, 0.75, 0.9, 0.975, 0.995, 1 - 1e-6):
        expected = stats.norm.ppf(share) if math.isinf(degrees) else stats.t.ppf(share, degrees)
        assert quantile(degrees, share) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_quantiles_with_a_formula() -> None:
    assert quantile(1.0, 0.75) == pytest.approx(1.0, rel=1e-14)  # Cauchy's
    assert quantile(2.0, 0.975) == pytest.approx(0.95 * math.sqrt(2 / (1 - 0.95**2)), rel=1e-14)


@pytest.mark.parametrize("degrees", [0.0, -1.0, math.nan])
def test_no_degrees_of_freedom_tell_nothing(degrees: float) -> None:
    assert math.isnan(tail(degrees, 1.0))
    assert math.isnan(quantile(degrees, 0.975))


def test_the_ends() -> None:
    assert quantile(5.0, 1.0) == math.inf
    assert tail(5.0, math.inf) == 0.0
    assert math.isnan(quantile(5.0, 0.4))
