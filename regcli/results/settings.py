"""Runs gathered by setting: mean and spread over its runs, and which setting ranks first."""

import math
import statistics
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regcli.metrics.registry import DEFAULT_RANKING, METRICS, default_metrics
from regcli.results.conditions import read_number
from regcli.results.records import RunRecord
from regcli.results.shown_metrics import asked_ranking


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation (of n − 1) of a number over runs; no deviation for one run."""

    mean: float
    deviation: float | None


@dataclass(frozen=True)
class SettingSummary:
    """The runs of one setting, which differ only in their seed, fold and split."""

    settings: Mapping[str, Any]
    records: tuple[RunRecord, ...]

    def spread(self, key: str) -> Spread | None:
        """Mean and deviation of a result by its dotted key; None unless every run has it."""
        numbers = self._numbers(key)
        if not numbers:
            return None
        deviation = statistics.stdev(numbers) if len(numbers) > 1 else None
        return Spread(statistics.fmean(numbers), deviation)

    def mean(self, key: str) -> float | None:
        """The mean of `spread`, which takes a fraction of its time."""
        numbers = self._numbers(key)
        return statistics.fmean(numbers) if numbers else None

    def _numbers(self, key: str) -> list[float]:
        """A result of every run; empty where one does not have it."""
        values = [read_number(record, key) for record in self.records]
        numbers = [value for value in values if value is not None]
        return numbers if len(numbers) == len(values) else []


def by_setting(records: Sequence[RunRecord]) -> tuple[SettingSummary, ...]:
    """Group runs by their settings without seed, fold and split, in the order they appear."""
    groups: dict[str, list[RunRecord]] = {}
    for record in records:
        groups.setdefault(repr(without_replicates(record.settings)), []).append(record)
    return tuple(
        SettingSummary(without_replicates(group[0].settings), tuple(group))
        for group in groups.values()
    )


VARIANT = "variant"
"""The setting that names one of several methods side by side."""
REPLICATES = frozenset({"seed", "fold", "repeat", "dataset.seed"})
"""What tells the runs of one setting apart: nobody chooses between seeds, folds or splits."""


def without_replicates(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What a run is a setting of: its settings without seed, fold and split."""
    return {key: value for key, value in settings.items() if key not in REPLICATES}


@dataclass(frozen=True)
class Ranking:
    """What settings are ranked by: a result by its dotted key, and whether the highest is best."""

    key: str
    highest: bool


BY_LOSS = Ranking(DEFAULT_RANKING, highest=False)
"""Data loss, because the objective holds the penalty and so cannot rank different strengths."""
_BY_SCORE = tuple(
    Ranking(f"validation.{metric.key}", metric.higher_is_better)
    for metric in (default_metrics("classification")[0], default_metrics("regression")[0])
)
"""The score of each kind of target."""


def choose_ranking(summaries: Sequence[SettingSummary]) -> Ranking | None:
    """By the metric that the configs ask for; else by the data loss.

    Numbers of different losses do not compare: where settings have losses of their own, it is the
    task's score. None where there is none either, and where settings were validated on different
    rows, of which some are easier than others.
    """
    if validation_rows_differ(summaries):
        return None
    asked = asked_ranking([record for summary in summaries for record in summary.records])
    if asked is not None and asked != BY_LOSS.key:
        return Ranking(asked, METRICS[asked.rpartition(".")[-1]].higher_is_better)
    return by_task_score(summaries) if losses_differ(summaries) else BY_LOSS


def by_task_score(summaries: Sequence[SettingSummary]) -> Ranking | None:
    """By the score of the task, which losses of all kinds have in common; None where none has."""
    scored = (r for r in _BY_SCORE if any(s.mean(r.key) is not None for s in summaries))
    return next(scored, None)


def validation_rows_differ(summaries: Sequence[SettingSummary]) -> bool:
    """Whether settings were validated on rows of other data, or of another split of it.

    Runs of one setting may have splits of their own, as long as other settings have the same ones.
    """
    found = {frozenset(map(validation_rows, summary.records)) for summary in summaries}
    return len(found) > 1


def validation_rows(record: RunRecord) -> Hashable:
    """What a run's validation rows follow from: data, the split's seed, the fold, how many."""
    data = record.data
    # Which rows are dealt to folds follows from the test rows, and they from both fractions.
    fold = fold_of(record)
    shares = record.config.get("dataset", {})
    pool = fold and (shares.get("validation"), shares.get("test"))
    return data and (held_out_rows(record), fold, pool, tuple(data.rows.items()))


def held_out_rows(record: RunRecord) -> Hashable:
    """What a run's test rows follow from: they are the same for all folds of a split."""
    data = record.data
    return data and (data.fingerprint, data.task, split_of(record), data.rows.get("test", 0))


@dataclass(frozen=True, order=True)
class FoldOf:
    """The fold that a run was validated on.

    Attributes:
        repeat: which repetition, in each of which every row but the test rows is in one fold.
        number: the fold of the repetition, counted from 0.
        of: how many folds a repetition has.
    """

    repeat: int
    number: int
    of: int


def fold_of(run: RunRecord) -> FoldOf | None:
    """The fold of a run; None for one with a validation part of its own."""
    fold = run.config.get("dataset", {}).get("fold")
    return None if fold is None else FoldOf(fold["repeat"], fold["number"], fold["of"])


def split_of(run: RunRecord) -> int | None:
    """The seed of the split that a run's rows are from."""
    seed: int | None = run.config.get("dataset", {}).get("seed")
    return seed


def seed_of(run: RunRecord) -> int:
    """The seed of a run's start weights and batch order."""
    return int(run.config.get("training", {}).get("seed", 0))


def losses_differ(summaries: Sequence[SettingSummary]) -> bool:
    """Whether settings differ in the loss, an argument of it, or in what is done to the target."""
    losses = {repr(list(_losses(summary.settings))) for summary in summaries}
    return len(losses) > 1 or target_scales_differ(summaries)


def target_scales_differ(summaries: Sequence[SettingSummary]) -> bool:
    """Whether losses are those of differently scaled targets; not of records without a config."""
    records = (record for summary in summaries for record in summary.records)
    return len({target_scale(record) for record in records if record.config}) > 1


def target_scale(record: RunRecord) -> tuple[bool, str]:
    """What is done to a run's target before a model is trained on it: a logarithm, a scaling."""
    target = record.config.get("dataset", {}).get("target")
    done = target if isinstance(target, Mapping) else {}
    return bool(done.get("log")), str(done.get("scale", "none"))


def _losses(settings: Mapping[str, Any]) -> Iterator[Any]:
    """The keys of settings that change the loss: it, its arguments, or the whole section."""
    for key, value in sorted(settings.items()):
        if key == "training.loss" or key.startswith("training.loss."):
            yield value
        elif key == "training" and isinstance(value, Mapping):
            yield value.get("loss")


def best_setting(summaries: Sequence[SettingSummary]) -> int | None:
    """Position of the setting with the best mean of what ranks; None if none has one."""
    ranking = choose_ranking(summaries)
    if ranking is None:
        return None
    means = [summary.mean(ranking.key) for summary in summaries]
    sign = -1 if ranking.highest else 1
    losses = [math.inf if mean is None else sign * mean for mean in means]
    lowest = min(losses, default=math.inf)
    return losses.index(lowest) if math.isfinite(lowest) else None
