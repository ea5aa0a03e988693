"""Sweeps side by side: settings matched, rows paired where they are the same, and never else."""

from typing import Any

import numpy as np
import pytest
from judged import Grid, right
from scipy.stats import ttest_rel

from regcli.results.settings import SettingSummary, by_setting
from regcli.results.statistics.equivalence import Finding
from regcli.results.verdict.matching import Match, Matches, match_settings

RNG_LOSSES = np.random.default_rng(0).random((3, 1000))


def sides(grid: Grid, count: int) -> tuple[tuple[SettingSummary, ...], tuple[SettingSummary, ...]]:
    """The settings of two sweeps: of the first so many runs, and of the others."""
    return by_setting(grid.records[:count]), by_setting(grid.records[count:])


def matched(grid: Grid, count: int, margin: float = 0.01) -> Matches:
    found = match_settings(*sides(grid, count), grid.rows.get, margin)
    assert found is not None
    return found


def two_sweeps(wrong: int, **second: Any) -> Grid:
    """One setting in two sweeps of three seeds, the second of which gets so many rows wrong."""
    grid = Grid()
    grid.add(RNG_LOSSES, right(100), l1=0.1)
    grid.add(RNG_LOSSES, right(wrong), l1=0.1, **second)
    return grid


def the_match(grid: Grid) -> Match:
    (match,) = matched(grid, 3).found
    return match


@pytest.mark.parametrize(
    ("wrong", "word"),
    [(100, Finding.SAME), (160, Finding.WORSE), (40, Finding.BETTER)],
)
def test_the_same_setting_of_two_sweeps_gets_one_of_the_words(wrong: int, word: Finding) -> None:
    match = the_match(two_sweeps(wrong))
    assert (match.first, match.second) == (0.9, pytest.approx(1 - wrong / 1000))
    assert match.finding is word
    assert match.unpaired == ""


def test_as_many_wrong_rows_of_others_tell_nothing() -> None:
    grid = Grid()
    grid.add(RNG_LOSSES, right(100), l1=0.1)
    grid.add(RNG_LOSSES, np.roll(right(104), 500, axis=1), l1=0.1)
    assert the_match(grid).finding is Finding.UNKNOWN


def test_of_one_seed_the_interval_is_that_of_paired_rows() -> None:
    rng = np.random.default_rng(1)
    grid = Grid("regression")
    first, second = rng.random((2, 1, 400))
    grid.add(first, l1=0.1)
    grid.add(second, l1=0.1)
    (match,) = matched(grid, 1).found
    assert match.difference is not None
    expected = ttest_rel(second[0], first[0]).confidence_interval(0.95)
    assert match.difference.estimate.interval() == pytest.approx(tuple(expected), rel=1e-5)


def test_other_validation_rows_are_not_paired() -> None:
    match = the_match(two_sweeps(40, split=1))
    assert (match.difference, match.finding) == (None, None)
    assert match.unpaired == "the validation rows differ"
    assert (match.first, match.second) == (0.9, 0.96)


def test_runs_without_their_rows_are_not_paired() -> None:
    grid = two_sweeps(40)
    grid.rows.clear()
    assert the_match(grid).unpaired == "runs were stored without their rows"


def test_seeds_that_both_have_are_compared_and_only_they() -> None:
    grid = Grid()
    grid.add(RNG_LOSSES, right(100), l1=0.1)
    grid.add(RNG_LOSSES[:1], right(100, seeds=1), l1=0.1, seeds=2)
    grid.add(RNG_LOSSES[:1], right(900, seeds=1), l1=0.1, seeds=7)
    (match,) = matched(grid, 3).found
    assert match.second == 0.9
    assert match.difference is not None
    assert match.difference.seeds == 1


def test_settings_of_one_sweep_alone_are_counted() -> None:
    grid = Grid()
    for l1 in (0.0, 0.1, 0.2):
        grid.add(RNG_LOSSES, right(100), l1=l1)
    for l1 in (0.1, 0.3):
        grid.add(RNG_LOSSES, right(100), l1=l1)
    found = matched(grid, 9)
    assert [match.settings["l1"] for match in found.found] == [0.1]
    assert (found.only_first, found.only_second) == (2, 1)


def test_better_and_worse_hold_for_all_settings_together() -> None:
    """20 equal settings: each at 5 % by itself would claim one in 64 % of sweeps."""
    rng = np.random.default_rng(3)
    claims = 0
    for _ in range(40):
        grid = Grid()
        for _ in range(2):
            for l1 in range(20):
                correct = (rng.random((1, 300)) < 0.8).astype(float)
                grid.add(1 - correct, correct, l1=float(l1))
        words = {match.finding for match in matched(grid, 20).found}
        claims += bool(words & {Finding.BETTER, Finding.WORSE})
    assert claims <= 6  # of 40 at 5 %: more than 6 in 1 of 70 such tests
