"""The numbers of settings side by side: of the same rows, the same seeds, the same splits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from regcli.metrics.registry import METRICS
from regcli.results.conditions import read_number
from regcli.results.records import RunRecord
from regcli.results.row_values import RowsOf, RunRows, in_blocks
from regcli.results.settings import SettingSummary
from regcli.results.statistics.estimate import Estimate
from regcli.results.statistics.resampled import (
    Shares,
    corrected_mean,
    error_over_folds,
    shares_of_splits,
)
from regcli.results.statistics.two_way import TwoWay, two_way
from regcli.results.verdict.design import Design, Places, design_of, places_of

Floats = NDArray[np.float64]
MOST_NUMBERS = 40_000_000
"""Values of rows of all runs together that are kept in memory, of one result."""
LEAST_BLOCKS = 200


class Runs(NamedTuple):
    """The runs of a setting, and the place that each has among those of other settings.

    Attributes:
        design: one object for all runs with these places.
    """

    places: Places
    records: tuple[RunRecord, ...]
    design: Design


@dataclass(frozen=True)
class Sample:
    """A mean over what was sampled, with its uncertainty.

    Attributes:
        estimate: the mean, its variance and degrees of freedom.
        seeds, rows, splits: how many there were of each; 0 rows where they were not stored. Splits
            are those of the test rows; rows are those that a split's runs are scored on.
        folds, repeats: how many there were of each in a split; 0 without folds.
        test_to_train: rows scored over rows trained on, the mean over splits or folds, where these
            were sampled; None where rows and seeds were, all scored on the same rows.
        of_rows, of_seeds, of_splits: shares of the variance that rows, seeds and the training rows
            of splits or folds make; NaN where not known.
    """

    estimate: Estimate
    seeds: int
    rows: int
    splits: int
    folds: int = 0
    repeats: int = 0
    test_to_train: float | None = None
    of_rows: float = math.nan
    of_seeds: float = math.nan
    of_splits: float = math.nan


class Samples:
    """Reads results of settings, by their runs and by the rows of these.

    Args:
        rows_of: gives the rows of a run.
        runs: how many there are; of very many, rows are averaged in blocks.
        keys: results that are asked for of every run, which is then read once for all of them.
    """

    def __init__(self, rows_of: RowsOf, runs: int, keys: Sequence[str] = ()) -> None:
        self._rows_of, self._keys = rows_of, keys
        self._most = max(LEAST_BLOCKS, MOST_NUMBERS // max(1, runs))
        self._kept: dict[tuple[str, str], NDArray[np.float32] | None] = {}
        self._placed: dict[tuple[str, bool], Runs] = {}
        self._designs: dict[Places, Design] = {}
        self._read_numbers: dict[tuple[tuple[str, ...], str], Floats] = {}

    def mean(self, setting: SettingSummary, key: str) -> Sample | None:
        """A setting's own mean of a result, such as `validation.accuracy`; None without any."""
        return self._sample((self._runs(setting, key),), key)

    def difference(
        self, setting: SettingSummary, other: SettingSummary, key: str, shares: bool = False
    ) -> Sample | None:
        """The mean of setting − other over the seeds and splits that both have; None without.

        Args:
            shares: whether to find what makes the variance of splits.
        """
        pair = self._pair(self._runs(setting, key), self._runs(other, key))
        return None if pair is None else self._sample(pair, key, shares)

    def error(self, setting: SettingSummary, key: str) -> float:
        """The standard error of a setting's mean for the one-standard-error choice; NaN if unknown.

        Over folds it is that of `cv.glmnet`.
        """
        runs = (self._runs(setting, key),)
        sample = self._sample(runs, key)
        if sample is None or sample.test_to_train is None or sample.folds < 2:
            return math.nan if sample is None else sample.estimate.standard_error
        return error_over_folds(self._group_means(runs, key), sample.folds)

    def rows(self, run: RunRecord, key: str) -> Floats | None:
        """A run's values of a result by row or by block; None where they were not stored."""
        if (run.id, key) not in self._kept:
            stored = self._rows_of(run.id)
            for each in {key, *self._keys}:
                self._kept[run.id, each] = self._cut(stored, each)
        values = self._kept[run.id, key]
        return None if values is None else values.astype(np.float64)

    def _cut(self, stored: RunRows | None, key: str) -> NDArray[np.float32] | None:
        """What is kept of a run's rows of a result; None where they are not stored or finite."""
        part, _, name = key.partition(".")
        values = None if stored is None else stored.get(part, {}).get(name)
        if values is None or not np.isfinite(values).all():
            return None
        return in_blocks(values, self._most)

    def _runs(self, setting: SettingSummary, key: str) -> Runs:
        of_test = key.startswith("test.")
        known = self._placed.get((setting.records[0].id, of_test))
        if known is None:
            known = self._made(places_of(setting.records, of_test), setting.records)
            self._placed[setting.records[0].id, of_test] = known
        return known

    def _made(self, places: Places, records: tuple[RunRecord, ...]) -> Runs:
        design = self._designs.get(places)
        if design is None:
            design = self._designs[places] = design_of(places, records)
        return Runs(places, records, design)

    def _pair(self, one: Runs, other: Runs) -> tuple[Runs, Runs] | None:
        """The runs of two settings that have the same places, in the same order; None if none."""
        if one.design is other.design:
            return one, other
        theirs = dict(zip(other.places, other.records, strict=True))
        mine = dict(zip(one.places, one.records, strict=True))
        both = tuple(place for place in mine if place in theirs)
        if not both:
            return None
        own, others = (
            self._made(both, tuple(runs[place] for place in both)) for runs in (mine, theirs)
        )
        return own, others

    def _sample(self, runs: Sequence[Runs], key: str, shares: bool = False) -> Sample | None:
        """The mean of one setting's runs, or of those minus another setting's."""
        groups = runs[0].design.groups
        stacked = self._stacked(runs, groups[0], key) if len(groups) == 1 else None
        if stacked is not None:
            return _over_rows(stacked, runs, key)
        means = self._group_means(runs, key)
        if np.isnan(means).any():
            return None
        if len(groups) > 1:
            found = _over_groups(means, runs, key)
            return replace(found, **vars(self._shares(runs, means, key))) if shares else found
        # A mean alone: the spread of seeds on one split says nothing of other rows.
        return _counted(Estimate(float(means[0]), math.nan, 1), runs[0].design, rows=0)

    def _group_means(self, runs: Sequence[Runs], key: str) -> Floats:
        """The mean of each group, over its seeds, (groups,); NaN where a run has none."""
        numbers = self._numbers(runs[0], key)
        for others in runs[1:]:
            numbers = numbers - self._numbers(others, key)
        return runs[0].design.mean_by_group(numbers)

    def _numbers(self, runs: Runs, key: str) -> Floats:
        """A result of each run, NaN where it has none, (runs,)."""
        ids = tuple(run.id for run in runs.records)
        known = self._read_numbers.get((ids, key))
        if known is None:
            found = [read_number(run, key) for run in runs.records]
            known = np.array([math.nan if each is None else each for each in found])
            self._read_numbers[ids, key] = known
        return known

    def _shares(self, runs: Sequence[Runs], means: Floats, key: str) -> Shares:
        """What makes groups differ; NaN where their rows were not stored."""
        groups = runs[0].design.groups
        stacked = [self._stacked(runs, group, key) for group in groups]
        known = [each for each in stacked if each is not None]
        if len(known) < len(stacked):
            return Shares(math.nan, math.nan, math.nan)
        return shares_of_splits(means, [*map(two_way, known)])

    def _stacked(self, runs: Sequence[Runs], group: Sequence[int], key: str) -> Floats | None:
        """The rows of a group's runs, (runs, rows); None where some are not known."""
        values = [self._of_rows([each.records[place] for each in runs], key) for place in group]
        known = [each for each in values if each is not None]
        if len(known) < len(values) or len({len(each) for each in known}) != 1:
            return None
        return np.stack(known)

    def _of_rows(self, runs: Sequence[RunRecord], key: str) -> Floats | None:
        """The rows of a run, or of one run minus those of another."""
        found = [self.rows(run, key) for run in runs]
        known = [each for each in found if each is not None]
        if len(known) < len(found) or len({len(each) for each in known}) != 1:
            return None
        return known[0] - known[1] if len(known) > 1 else known[0]


def _counted(
    estimate: Estimate,
    design: Design,
    rows: int,
    shares: tuple[float, float] = (math.nan, math.nan),
    ratio: float | None = None,
) -> Sample:
    """An estimate with how many there were of each; shares are those of rows and of seeds."""
    counts = design.seeds, rows, design.splits, design.folds, design.repeats
    return Sample(estimate, *counts, ratio, *shares)


def _over_rows(stacked: Floats, runs: Sequence[Runs], key: str) -> Sample:
    """The mean over rows and what is scored on them, (runs, rows).

    On test rows the runs of all folds are what is scored, as are those of all seeds. Folds share
    training rows, so they vary less than models that are trained on other rows would.
    """
    rows = runs[0].design.rows[key.partition(".")[0]]
    are_counts = len(runs) > 1 and _counts_rows(key) and stacked.shape[1] == rows
    found = _with_rows_both_ways(stacked) if are_counts else two_way(stacked)
    total = found.of_seeds + found.of_rows + found.of_both
    shares = (found.of_rows / total, found.of_seeds / total) if total else (math.nan, math.nan)
    estimate = _of_rows_that_agree(found.estimate, rows)
    return _counted(estimate, runs[0].design, rows, shares)


def _with_rows_both_ways(differences: Floats) -> TwoWay:
    """As `two_way`, of differences of counts, (seeds, rows), which are never taken for certain.

    Where no row, or hardly any, is right in one setting and wrong in the other, the variance is
    that with two rows more, one that differs each way: 30 rows without a difference leave room for
    one in 30.

    Source: Bonett, D. G. & Price, R. M. (2012), Adjusted Wald confidence interval for a difference
    of binomial proportions based on paired data, J. Educational and Behavioral Statistics 37.
    """
    both_ways = np.tile([1.0, -1.0], (len(differences), 1))
    wider = two_way(np.hstack([differences, both_ways]))
    mean = float(differences.mean())
    return replace(wider, estimate=replace(wider.estimate, mean=mean))


def _counts_rows(key: str) -> bool:
    """Whether a result is a share of rows, or made of such shares as F1 is."""
    metric = METRICS.get(key.rpartition(".")[-1])
    if metric is None:
        return False
    is_made_of_shares = metric.pseudo_values is not None and metric.format == "share"
    return metric.counts_rows or (is_made_of_shares and not metric.follows)


def _over_groups(means: Floats, runs: Sequence[Runs], key: str) -> Sample:
    """The mean over folds and splits, (groups,), in each of which seeds are averaged."""
    design, part = runs[0].design, key.partition(".")[0]
    ratio, rows = design.ratios[part], design.rows[part]
    estimate = corrected_mean(means, ratio)
    if len(runs) > 1 and _counts_rows(key):
        # Splits without a difference, as in `_with_rows_both_ways`: that of two rows more.
        least = 2 / (rows * design.splits + 2) ** 2
        estimate = replace(estimate, variance=max(estimate.variance, least))
    return _counted(_of_rows_that_agree(estimate, rows), design, rows, ratio=ratio)


def _of_rows_that_agree(estimate: Estimate, rows: int) -> Estimate:
    """An estimate that as many rows as there are speak for, where nothing differs.

    Then the number of seeds or folds, which degrees of freedom else come from, says nothing: 300
    rows that five folds all get right are 300 trials without a failure, not five.
    """
    return (
        replace(estimate, degrees=rows - 1.0) if estimate.variance == 0 and rows > 1 else estimate
    )
