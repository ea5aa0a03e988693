"""Means over seeds and rows: by formula, and by how often their intervals cover the truth."""

import math

import numpy as np
import pytest
from scipy import stats

from regcli.results.statistics.estimate import Estimate
from regcli.results.statistics.two_way import Floats, two_way

SIMULATIONS = 2000
MIXES = [
    (5, 359, 0.01, 0.3, 0.3),
    (5, 359, 0.05, 0.3, 0.3),
    (5, 359, 0.0, 0.5, 0.1),
    (20, 359, 0.01, 0.3, 0.3),
    (3, 100, 0.05, 0.2, 0.5),
    (5, 114, 0.1, 0.1, 0.1),
    (2, 359, 0.02, 0.3, 0.3),
]
"""Seeds, rows, and the standard deviations of seeds, of rows, and of what is left."""
Mix = tuple[int, int, float, float, float]


def drawn(mix: Mix, rng: np.random.Generator) -> Floats:
    seeds, rows, of_seeds, of_rows, of_both = mix
    by_seed, by_row = rng.normal(0, of_seeds, (seeds, 1)), rng.normal(0, of_rows, rows)
    return by_seed + by_row + rng.normal(0, of_both, (seeds, rows))


def plain(means: Floats) -> Estimate:
    """The ordinary t interval of some means."""
    return Estimate(float(means.mean()), float(means.var(ddof=1)) / len(means), len(means) - 1)


def coverage(mix: Mix) -> tuple[float, float, float]:
    """How often the truth, 0, is covered: by the two-way interval, by seeds, by rows."""
    rng = np.random.default_rng(0)
    covered = np.zeros(3)
    for _ in range(SIMULATIONS):
        values = drawn(mix, rng)
        found = two_way(values).estimate, plain(values.mean(axis=1)), plain(values.mean(axis=0))
        covered += [abs(each.mean) <= each.half_width() for each in found]
    both, seeds, rows = covered / SIMULATIONS
    return both, seeds, rows


@pytest.mark.slow
@pytest.mark.parametrize("mix", MIXES)
def test_intervals_cover_the_truth_as_often_as_they_say(mix: Mix) -> None:
    both, _, _ = coverage(mix)
    assert 0.93 <= both <= 0.97


@pytest.mark.slow
def test_spread_over_seeds_alone_or_over_rows_alone_misses_the_truth() -> None:
    _, by_seeds, _ = coverage(MIXES[2])
    _, _, by_rows = coverage(MIXES[5])
    assert by_seeds < 0.25
    assert by_rows < 0.4


@pytest.mark.slow
@pytest.mark.parametrize("mix", [(3, 100, 0, 0, 0.5), (2, 30, 0, 0.1, 1.0), (2, 30, 0, 0, 1.0)])
def test_intervals_are_not_too_short_where_seeds_and_rows_hardly_matter(mix: Mix) -> None:
    both, _, _ = coverage(mix)
    assert both >= 0.95


def test_variance_by_the_formula_of_two_way_clustering() -> None:
    """With every sum written out as in the paper: clusters by seed, by row, by both."""
    values = drawn((4, 25, 0.2, 0.3, 0.4), np.random.default_rng(1))
    seeds, rows = values.shape
    mean = values.mean()
    of_seed = sum((values[s].mean() - mean) ** 2 for s in range(seeds)) / (seeds - 1) / seeds
    of_row = sum((values[:, r].mean() - mean) ** 2 for r in range(rows)) / (rows - 1) / rows
    left = 0.0
    for s in range(seeds):
        for r in range(rows):
            left += (values[s, r] - values[s].mean() - values[:, r].mean() + mean) ** 2
    of_both = left / ((seeds - 1) * (rows - 1)) / (seeds * rows)
    found = two_way(values)
    variance = of_seed + of_row - of_both
    assert found.estimate.mean == pytest.approx(mean, rel=1e-12)
    assert found.estimate.variance == pytest.approx(variance, rel=1e-12)
    assert found.of_seeds + found.of_rows + found.of_both == pytest.approx(variance, rel=1e-12)
    degrees = variance**2 / (
        of_seed**2 / (seeds - 1) + of_row**2 / (rows - 1) + of_both**2 / ((seeds - 1) * (rows - 1))
    )
    assert found.estimate.degrees == pytest.approx(degrees, rel=1e-12)
    half = stats.t.ppf(0.975, degrees) * math.sqrt(variance)
    assert found.estimate.interval() == pytest.approx((mean - half, mean + half), rel=1e-9)


def test_one_seed_is_the_ordinary_paired_t_test_over_rows() -> None:
    values = np.random.default_rng(2).normal(0.1, 1, (1, 40))
    found = two_way(values)
    expected = stats.ttest_1samp(values[0], 0.0)
    interval = expected.confidence_interval(0.95)
    assert found.estimate.p_value() == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.estimate.interval() == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert math.isnan(found.of_seeds)
    assert math.isnan(found.share_of_rows)


def test_one_row_is_the_ordinary_t_test_over_seeds() -> None:
    values = np.random.default_rng(3).normal(0.1, 1, (6, 1))
    expected = stats.ttest_1samp(values[:, 0], 0.0)
    assert two_way(values).estimate.p_value() == pytest.approx(expected.pvalue, rel=1e-9)


def test_one_row_of_one_seed_tells_nothing() -> None:
    found = two_way(np.array([[0.3]])).estimate
    assert found.mean == 0.3
    assert found.interval() == (-math.inf, math.inf)
    assert found.p_value() == 1.0


@pytest.mark.parametrize("shape", [(1, 5), (3, 1), (3, 5), (2, 2)])
@pytest.mark.parametrize("value", [0.0, 0.25])
def test_values_that_are_all_equal_have_no_spread(shape: tuple[int, int], value: float) -> None:
    found = two_way(np.full(shape, value)).estimate
    assert found.interval() == (value, value)
    assert found.p_value() == (0.0 if value else 1.0)


def test_shares_say_whether_more_seeds_would_help() -> None:
    rng = np.random.default_rng(4)
    assert two_way(drawn((5, 100, 0, 1.0, 0.01), rng)).share_of_rows > 0.95
    assert two_way(drawn((5, 100, 1.0, 0.01, 0.01), rng)).share_of_rows < 0.05
