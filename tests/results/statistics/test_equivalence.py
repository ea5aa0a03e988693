"""Four words for a comparison, and what each needs."""

import math

import pytest

from regcli.results.statistics.equivalence import Finding, finding

INTERVALS = [
    ((-0.005, 0.008), Finding.SAME),
    ((0.002, 0.008), Finding.SAME),
    ((-0.01, 0.01), Finding.SAME),
    ((0.002, 0.03), Finding.BETTER),
    ((0.02, 0.03), Finding.BETTER),
    ((-0.03, -0.002), Finding.WORSE),
    ((-0.03, 0.002), Finding.UNKNOWN),
    ((-0.005, 0.03), Finding.UNKNOWN),
    ((-math.inf, math.inf), Finding.UNKNOWN),
]


@pytest.mark.parametrize(("interval", "expected"), INTERVALS)
def test_the_words(interval: tuple[float, float], expected: Finding) -> None:
    assert finding(interval, 0.01, higher_is_better=True) == expected
    low, high = interval
    assert finding((-high, -low), 0.01, higher_is_better=False) == expected


def test_one_difference_among_many_needs_more() -> None:
    assert finding((0.02, 0.03), 0.01, True, is_significant=False) == Finding.UNKNOWN
    assert finding((-0.03, -0.02), 0.01, True, is_significant=False) == Finding.UNKNOWN
    assert finding((0.001, 0.002), 0.01, True, is_significant=False) == Finding.SAME
