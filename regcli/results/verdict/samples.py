"""The numbers of settings side by side: of the same rows, the same seeds, the same splits."""

import math
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from regcli.metrics.registry import METRICS
from regcli.results.conditions import read_number
from regcli.results.records import RunRecord
from regcli.results.row_values import RowsOf, in_blocks
from regcli.results.settings import SettingSummary, seed_of, validation_rows
from regcli.results.statistics.estimate import Estimate
from regcli.results.statistics.resampled import corrected_mean
from regcli.results.statistics.two_way import TwoWay, two_way

Floats = NDArray[np.float64]
MOST_NUMBERS = 40_000_000
"""Values of rows of all runs together that are kept in memory, of one result."""
LEAST_BLOCKS = 200
Runs = Mapping[tuple[Hashable, int], RunRecord]
"""Runs of a setting by their split and their seed."""


@dataclass(frozen=True)
class Sample:
    """A mean over what was sampled, with its uncertainty.

    Attributes:
        estimate: the mean, its variance and degrees of freedom.
        seeds, rows, splits: how many there were of each; 0 rows where they were not stored.
        of_rows, of_seeds: shares of the variance that rows and seeds make; NaN where not known.
    """

    estimate: Estimate
    seeds: int
    rows: int
    splits: int
    of_rows: float = math.nan
    of_seeds: float = math.nan


class Samples:
    """Reads results of settings, by their runs and by the rows of these.

    Args:
        rows_of: gives the rows of a run.
        runs: how many there are; of very many, rows are averaged in blocks.
    """

    def __init__(self, rows_of: RowsOf, runs: int) -> None:
        self._rows_of = rows_of
        self._most = max(LEAST_BLOCKS, MOST_NUMBERS // max(1, runs))
        self._kept: dict[tuple[str, str], NDArray[np.float32] | None] = {}

    def mean(self, setting: SettingSummary, key: str) -> Sample | None:
        """A setting's own mean of a result, such as `validation.accuracy`; None without any."""
        return self._sample({pair: (run,) for pair, run in _runs(setting).items()}, key)

    def difference(self, setting: SettingSummary, other: SettingSummary, key: str) -> Sample | None:
        """The mean of setting − other over the seeds and splits that both have; None without."""
        own, others = _runs(setting), _runs(other)
        return self._sample(
            {pair: (own[pair], others[pair]) for pair in own if pair in others}, key
        )

    def _sample(
        self, pairs: Mapping[tuple[Hashable, int], tuple[RunRecord, ...]], key: str
    ) -> Sample | None:
        if not pairs:
            return None
        by_split: dict[Hashable, list[tuple[RunRecord, ...]]] = {}
        for (split, _), runs in pairs.items():
            by_split.setdefault(split, []).append(runs)
        if len(by_split) > 1:
            return _over_splits(by_split, key)
        (members,) = by_split.values()
        values = [self._of_rows(runs, key) for runs in members]
        known = [each for each in values if each is not None]
        if len(known) < len(values) or len({len(each) for each in known}) != 1:
            return _without_rows(members, key)
        rows = _count(members[0][0], key.partition(".")[0])
        stacked = np.stack(known)
        are_counts = len(members[0]) > 1 and _counts_rows(key) and stacked.shape[1] == rows
        found = _with_rows_both_ways(stacked) if are_counts else two_way(stacked)
        total = found.of_seeds + found.of_rows + found.of_both
        shares = (found.of_rows / total, found.of_seeds / total) if total else (math.nan,) * 2
        return Sample(found.estimate, len(members), rows, 1, *shares)

    def _of_rows(self, runs: tuple[RunRecord, ...], key: str) -> Floats | None:
        """The rows of a run, or of one run minus those of another."""
        found = [self.rows(run, key) for run in runs]
        known = [each for each in found if each is not None]
        if len(known) < len(found) or len({len(each) for each in known}) != 1:
            return None
        return known[0] - known[1] if len(known) > 1 else known[0]

    def rows(self, run: RunRecord, key: str) -> Floats | None:
        """A run's values of a result by row or by block; None where they were not stored."""
        if (run.id, key) not in self._kept:
            self._kept[run.id, key] = self._read(run, key)
        values = self._kept[run.id, key]
        return None if values is None else values.astype(np.float64)

    def _read(self, run: RunRecord, key: str) -> NDArray[np.float32] | None:
        part, _, name = key.partition(".")
        stored = self._rows_of(run.id)
        values = None if stored is None else stored.get(part, {}).get(name)
        if values is None or not np.isfinite(values).all():
            return None
        return in_blocks(values, self._most)


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
    metric = METRICS.get(key.rpartition(".")[-1])
    return metric is not None and metric.counts_rows


def _runs(setting: SettingSummary) -> Runs:
    return {(validation_rows(run), seed_of(run)): run for run in setting.records}


def _count(run: RunRecord, part: str) -> int:
    return 0 if run.data is None else run.data.rows.get(part, 0)


def _over_splits(
    by_split: Mapping[Hashable, list[tuple[RunRecord, ...]]], key: str
) -> Sample | None:
    """The mean over splits, in each of which seeds are averaged."""
    means = [_mean(members, key) for members in by_split.values()]
    known = [each for each in means if each is not None]
    if len(known) < len(means):
        return None
    first = next(iter(by_split.values()))[0][0]
    part = key.partition(".")[0]
    ratio = _count(first, part) / max(1, _count(first, "train"))
    seeds = min(map(len, by_split.values()))
    rows = _count(first, part)
    estimate = corrected_mean(np.array(known), ratio)
    if len(next(iter(by_split.values()))[0]) > 1 and _counts_rows(key):
        # Splits without a difference, as in `_with_rows_both_ways`: that of two rows more.
        least = 2 / (rows * len(by_split) + 2) ** 2
        estimate = replace(estimate, variance=max(estimate.variance, least))
    return Sample(estimate, seeds, rows, len(by_split))


def _mean(members: list[tuple[RunRecord, ...]], key: str) -> float | None:
    values = list(_numbers(members, key))
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) else None


def _numbers(members: list[tuple[RunRecord, ...]], key: str) -> Iterator[float | None]:
    for runs in members:
        found = [read_number(run, key) for run in runs]
        known = [value for value in found if value is not None]
        yield None if len(known) < len(found) else known[0] - sum(known[1:])


def _without_rows(members: list[tuple[RunRecord, ...]], key: str) -> Sample | None:
    """A mean alone: the spread of seeds on one split says nothing of other rows."""
    mean = _mean(members, key)
    return None if mean is None else Sample(Estimate(mean, math.nan, 1), len(members), 0, 1)
