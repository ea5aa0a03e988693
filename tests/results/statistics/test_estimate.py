"""Intervals and p values by SciPy's and statsmodels' formulas."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from regcli.results.statistics.estimate import Estimate, share_interval


@given(
    mean=st.floats(-10, 10),
    variance=st.floats(1e-6, 10),
    degrees=st.floats(1, 1e4),
    level=st.sampled_from([0.8, 0.9, 0.95, 0.99]),
)
def test_a_p_value_is_below_the_level_exactly_where_the_interval_leaves_out_0(
    mean: float, variance: float, degrees: float, level: float
) -> None:
    estimate = Estimate(mean, variance, degrees)
    low, high = estimate.interval(level)
    t = stats.t(degrees)
    half = t.ppf((1 + level) / 2) * math.sqrt(variance)
    assert (low, high) == pytest.approx((mean - half, mean + half), rel=1e-6)
    p = estimate.p_value()
    assert p == pytest.approx(2 * t.sf(abs(mean) / math.sqrt(variance)), rel=1e-6, abs=1e-12)
    if abs(p - (1 - level)) > 1e-6:
        assert (p > 1 - level) == (low <= 0 <= high)


def test_the_normal_interval_where_the_variance_is_known() -> None:
    assert Estimate(1.0, 4.0, math.inf).half_width() == pytest.approx(2 * 1.959963985, rel=1e-8)


@pytest.mark.parametrize(("right", "rows"), [(50, 100), (97, 100), (1, 30), (358, 359)])
def test_a_share_of_rows_has_wilson_s_interval(right: int, rows: int) -> None:
    p = right / rows
    estimate = Estimate(p, p * (1 - p) / rows, math.inf)
    low, high = stats.binomtest(right, rows).proportion_ci(0.95, method="wilson")
    assert share_interval(estimate) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize(("p", "end"), [(1.0, 1), (0.0, 0)])
def test_a_share_in_which_all_rows_agree_is_not_certain(p: float, end: int) -> None:
    interval = share_interval(Estimate(p, 0.0, 99))
    assert interval[end] == p
    assert 0.02 < abs(interval[1 - end] - p) < 0.06


def test_a_share_of_which_nothing_is_known() -> None:
    assert share_interval(Estimate(0.7, math.nan, 1)) == (0.0, 1.0)
    assert share_interval(Estimate(1.0, 0.0, 0)) == (0.0, 1.0)
    assert share_interval(Estimate(1.0, 0.0, math.inf)) == (1.0, 1.0)
