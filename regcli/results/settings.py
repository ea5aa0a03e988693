"""Runs gathered by setting: mean and spread over seeds, and which setting ranks first."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regcli.results.conditions import read_number
from regcli.results.records import RunRecord

RANKED_BY = "validation.data_loss"
"""Data loss, because the objective holds the penalty and so cannot rank different strengths."""


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation (of n − 1) of a number over seeds; no deviation for one seed."""

    mean: float
    deviation: float | None


@dataclass(frozen=True)
class SettingSummary:
    """The runs of one setting, which differ in their seed alone."""

    settings: Mapping[str, Any]
    records: tuple[RunRecord, ...]

    def spread(self, key: str) -> Spread | None:
        """Mean and deviation of a result by its dotted key; None unless every run has it."""
        values = [read_number(record, key) for record in self.records]
        numbers = [value for value in values if value is not None]
        if not numbers or len(numbers) < len(values):
            return None
        deviation = statistics.stdev(numbers) if len(numbers) > 1 else None
        return Spread(statistics.fmean(numbers), deviation)


def by_setting(records: Sequence[RunRecord]) -> tuple[SettingSummary, ...]:
    """Group runs by their settings without the seed, in the order they first appear."""
    groups: dict[str, list[RunRecord]] = {}
    for record in records:
        groups.setdefault(repr(_without_seed(record.settings)), []).append(record)
    return tuple(
        SettingSummary(_without_seed(group[0].settings), tuple(group)) for group in groups.values()
    )


def _without_seed(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key not in {"seed", "fold"}}


def best_setting(summaries: Sequence[SettingSummary]) -> int | None:
    """Position of the setting with the lowest mean validation data loss; None if none has one."""
    losses = [summary.spread(RANKED_BY) for summary in summaries]
    means = [math.inf if loss is None else loss.mean for loss in losses]
    lowest = min(means, default=math.inf)
    return means.index(lowest) if math.isfinite(lowest) else None
