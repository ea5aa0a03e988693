"""Scales: places of values and texts of ticks."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.report.plots.scales import Counts, Steps, linear, logarithmic, measures

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)
STRENGTHS = st.floats(1e-12, 1e12)


def texts(scale: object) -> list[str]:
    return [tick.text for tick in scale.ticks]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 1.0], ["0", "0.25", "0.50", "0.75", "1.00"]),
        ([0.912, 0.988], ["0.92", "0.94", "0.96", "0.98"]),
        ([-1234.0, 2345.0], ["−1,000", "0", "1,000", "2,000"]),
        ([3e-7, 9e-7], ["4e-07", "6e-07", "8e-07"]),
    ],
)
def test_ticks_of_a_linear_scale(values: list[float], expected: list[str]) -> None:
    assert texts(linear(values)) == expected


def test_shares_are_never_above_one() -> None:
    scale = linear([0.5, 1.0], most=1.0, percent=True)
    assert texts(scale) == ["60%", "80%", "100%"]


@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_values_keep_their_order_and_lie_inside(values: list[float]) -> None:
    scale = linear(values)
    places = [scale.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in places)
    ticks = [scale.place(tick.value) for tick in scale.ticks]
    assert ticks == sorted(ticks)
    assert len(set(texts(scale))) == len(ticks) > 0


@given(st.lists(STRENGTHS, min_size=1, max_size=20), st.booleans())
def test_zero_stands_before_all_strengths(values: list[float], has_zero: bool) -> None:
    scale = logarithmic([*values, *([0.0] if has_zero else [])])
    places = [scale.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in places)
    assert scale.has_zero is has_zero
    if has_zero:
        assert scale.place(0.0) < places[0]
        assert scale.place(0.0) < scale.breaks[0] < places[0]
    else:
        assert scale.breaks == ()


def test_equal_factors_are_equal_distances() -> None:
    scale = logarithmic([0.0, 1e-4, 1e-3, 1e-2])
    first, second, third = (scale.place(value) for value in (1e-4, 1e-3, 1e-2))
    assert second - first == pytest.approx(third - second)
    assert texts(scale) == ["0", "0.0001", "0.001", "0.01"]


def test_strengths_within_a_power_of_ten_have_round_ticks_too() -> None:
    assert texts(logarithmic([0.0012, 0.0087])) == ["0.002", "0.005"]
    assert texts(logarithmic([0.3, 0.31])) == ["0.3", "0.31"]
    assert texts(logarithmic([0.0])) == ["0"]


def test_many_powers_of_ten_are_thinned() -> None:
    assert len(logarithmic([1e-12, 1e12]).ticks) <= 8


def test_losses_that_differ_much_are_on_a_logarithmic_scale() -> None:
    assert texts(measures([0.1, 0.2])) == texts(linear([0.1, 0.2]))
    assert texts(measures([0.1, 100.0])) == ["0.1", "1", "10", "100"]


def test_values_that_are_not_finite_take_no_part() -> None:
    assert linear([1.0, math.nan, math.inf, 2.0]) == linear([1.0, 2.0])
    assert logarithmic([1.0, math.nan, 10.0]) == logarithmic([1.0, 10.0])


def test_what_lies_beyond_an_axis_stands_at_its_end() -> None:
    assert linear([0.0, 1.0]).place(1e9) == 1
    assert linear([0.0, 1.0]).place(-1e9) == 0


def test_counts_begin_at_zero() -> None:
    scale = Counts(5000)
    assert scale.place(0) == 0
    assert scale.place(1) > 0
    assert texts(scale) == ["0", "1", "10", "100", "1,000"]


def test_steps_are_alike() -> None:
    scale = Steps(("a", "b"))
    assert [scale.place(0), scale.place(1)] == [0.25, 0.75]
