"""The verdict on a grid of settings: which to use, beside the best and the reference."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regcli.metrics.metric import Metric
from regcli.metrics.registry import METRICS
from regcli.results.conditions import read_number
from regcli.results.records import STRENGTHS, RunRecord
from regcli.results.row_values import RowsOf
from regcli.results.settings import (
    BY_LOSS,
    VARIANT,
    Ranking,
    SettingSummary,
    best_setting,
    choose_ranking,
)
from regcli.results.shown_metrics import shown_metrics
from regcli.results.statistics.equivalence import Finding, finding
from regcli.results.statistics.estimate import Estimate, share_interval
from regcli.results.statistics.holm import holm
from regcli.results.statistics.selection import Selection
from regcli.results.statistics.simplest import Simplicity, not_dominated, within_one_error
from regcli.results.verdict.choosing_again import choose_again
from regcli.results.verdict.samples import Sample, Samples

SIGNIFICANT = 0.05
"""Chance of any false "better" or "worse" among all comparisons with the reference."""
MARGIN = 0.01
"""Difference of the score that makes no difference unless told otherwise: one point, or 1 %."""


@dataclass(frozen=True)
class Comparison:
    """A setting beside the reference.

    Attributes:
        difference: setting − reference, of the score.
        p_value: by Holm, for all comparisons of the verdict together.
    """

    difference: Sample
    p_value: float
    finding: Finding


@dataclass(frozen=True)
class Retraining:
    """How to train a setting again.

    Attributes:
        config: its config, as a person named it.
        values: what is to be set in it, by dotted key.
    """

    config: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """Which setting to use. Settings are named by their position.

    Attributes:
        settings: all that were trained.
        ranking: the result that chooses the best and the simplest.
        score: the result that settings are compared with the reference by.
        margin: differences of the score up to it make no difference.
        reference: the setting without penalty, the weakest of a path, or the first where no
            strength varies; None where there is none.
        best: the setting with the best mean of the ranking.
        use: the simplest setting within one standard error of the best.
        means: of the score, for each setting; None for one that has not ended well.
        comparisons: of each setting with the reference; None for itself and where there is none.
        selection: what resampling rows says of choosing the best; None without rows.
        rivals: how many other settings cannot be told from the best.
        tests: the score on test rows, of `use` and of the reference; none without test rows.
        pareto: settings that no other beats in the ranking with fewer non-zero weights.
        retraining: how to train `use` on more than the rows of one run of it; None where not known.
        along: the strength that varies along a path; empty for a grid.
    """

    settings: tuple[SettingSummary, ...]
    ranking: Ranking
    score: Ranking
    margin: float
    reference: int | None
    best: int
    use: int
    means: tuple[Sample | None, ...]
    comparisons: tuple[Comparison | None, ...]
    selection: Selection | None
    rivals: int
    tests: Mapping[int, Sample]
    pareto: tuple[int, ...]
    retraining: Retraining | None = None
    along: str = ""

    @property
    def is_against_none(self) -> bool:
        """Whether the reference is a setting without any strength."""
        return self.reference is not None and not any(
            strengths(self.settings[self.reference].settings).values()
        )

    @property
    def compared(self) -> Comparison | None:
        """The setting to use beside the reference; the best one where that is the reference."""
        chosen = self.best if self.use == self.reference else self.use
        return self.comparisons[chosen]


def judge(
    settings: Sequence[SettingSummary], rows_of: RowsOf, margin: float = MARGIN, along: str = ""
) -> Verdict | None:
    """The verdict on settings that were trained on the same rows; None where nothing ranks them.

    Args:
        rows_of: gives the rows of a run.
        margin: differences of the score that make no difference to the user: of a share in its own
            unit, of a loss as a share of the reference's.
        along: the strength that varies along a path, of which the settings are the points.
    """
    ranking, best = choose_ranking(settings), best_setting(settings)
    if ranking is None or best is None or len(settings) < 2:
        return None
    runs = [run for setting in settings for run in setting.records]
    score = choose_score(ranking, runs)
    samples = Samples(rows_of, len(runs), (ranking.key, score.key))
    means = tuple(samples.mean(setting, score.key) for setting in settings)
    reference = _reference(settings, ranking, along)
    base = means[best if reference is None else reference]
    width = width_of(score, margin, None if base is None else base.estimate.mean)
    use = _simplest(settings, ranking, samples, best)
    return Verdict(
        settings=tuple(settings),
        ranking=ranking,
        score=score,
        margin=width,
        reference=reference,
        best=best,
        use=use,
        means=means,
        comparisons=_comparisons(settings, samples, score, reference, width),
        selection=choose_again(settings, ranking, samples, best),
        rivals=_rivals(settings, ranking, samples, best),
        tests=_tests(settings, score, samples, use, reference),
        pareto=tuple(not_dominated(_losses(settings, ranking), [*map(_nonzero, settings)])),
        along=along,
    )


def choose_score(ranking: Ranking, records: Sequence[RunRecord]) -> Ranking:
    """What differences are stated in: the first metric that is a share of rows, or the ranking."""
    if ranking != BY_LOSS:
        return ranking
    for metric in shown_metrics(records):
        key = f"validation.{metric.key}"
        is_share_of_rows = metric.by_row is not None and metric.format == "share"
        if is_share_of_rows and any(read_number(run, key) is not None for run in records):
            return Ranking(key, metric.higher_is_better)
    return ranking


def is_share(score: Ranking) -> bool:
    """Whether a result is a number between 0 and 1, whose differences are points."""
    metric = _metric(score)
    return metric is not None and metric.format == "share"


def score_interval(score: Ranking, estimate: Estimate) -> tuple[float, float] | None:
    """The interval of a setting's own mean; None where nothing is known of its uncertainty.

    No share is above 1, and no metric below its least value.
    """
    if math.isnan(estimate.variance):
        return None
    metric = _metric(score)
    if metric is not None and metric.counts_rows:
        return share_interval(estimate)
    if is_share(score) and estimate.variance == 0:  # all rows agree, as in a perfect ranking
        return share_interval(estimate)
    low, high = estimate.interval()
    low = low if metric is None else max(low, metric.lowest)
    return low, min(high, 1.0) if is_share(score) else high


def is_over_rows(score: Ranking) -> bool:
    """Whether rows tell how sure a result is."""
    metric = _metric(score)
    return metric is None or metric.has_rows


def _metric(score: Ranking) -> Metric | None:
    return METRICS.get(score.key.rpartition(".")[-1])


def width_of(score: Ranking, margin: float, mean: float | None) -> float:
    """A margin in the unit of a score: of a share in its own, of others as a share of a mean."""
    return margin if is_share(score) else margin * abs(mean or 0.0)


def strengths(settings: Mapping[str, Any]) -> dict[str, float]:
    """The strengths among a setting's values, by their keys; a missing one is 0."""
    return {
        key: float(value or 0.0)
        for key, value in settings.items()
        if key.rpartition(".")[-1] in STRENGTHS and isinstance(value, int | float | None)
    }


def strengths_vary(settings: Sequence[SettingSummary]) -> bool:
    """Whether settings differ in a strength."""
    given = (sorted(strengths(each.settings).items()) for each in settings)
    return len({repr([pair for pair in pairs if pair[1]]) for pairs in given}) > 1


def _reference(settings: Sequence[SettingSummary], ranking: Ranking, along: str = "") -> int | None:
    """The setting without any strength; of several the best one, of several variants the first.

    The best one makes it harder to be called better than it. Where no strength varies it is the
    first setting of the grid: to choose it by its results would make the others look worse than
    they are. A path has its weakest point.
    """
    known = [n for n, each in enumerate(settings) if each.mean(ranking.key) is not None]
    given = {place: strengths(settings[place].settings) for place in known}
    if along and known:
        return min(known, key=lambda place: (sum(given[place].values()), place))
    if not strengths_vary(settings):
        return next(iter(known), None)
    without = [place for place in known if not any(given[place].values())]
    if any(VARIANT in setting.settings for setting in settings):
        return next(iter(without), None)
    losses = _losses(settings, ranking)
    return min(without, key=losses.__getitem__, default=None)


def _losses(settings: Sequence[SettingSummary], ranking: Ranking) -> list[float]:
    """The mean of what ranks, lower is better; NaN where a run has none."""
    means = [setting.mean(ranking.key) for setting in settings]
    sign = -1 if ranking.highest else 1
    return [math.nan if mean is None else sign * mean for mean in means]


def _nonzero(setting: SettingSummary) -> float:
    mean = setting.mean("sparsity.nonzero")
    return math.inf if mean is None else mean


def _simplest(
    settings: Sequence[SettingSummary], ranking: Ranking, samples: Samples, best: int
) -> int:
    error = samples.error(settings[best], ranking.key)
    keys = list(dict.fromkeys(key for each in settings for key in strengths(each.settings)))

    def simplicity(setting: SettingSummary) -> Simplicity:
        own = strengths(setting.settings)
        return Simplicity(
            _nonzero(setting),
            setting.mean("sparsity.active_inputs"),
            tuple(own.get(key, 0.0) for key in keys),
        )

    known = 0.0 if math.isnan(error) else error
    return within_one_error(_losses(settings, ranking), known, [*map(simplicity, settings)])


def _comparisons(
    settings: Sequence[SettingSummary],
    samples: Samples,
    score: Ranking,
    reference: int | None,
    margin: float,
) -> tuple[Comparison | None, ...]:
    if reference is None:
        return (None,) * len(settings)
    found = {
        place: sample
        for place, setting in enumerate(settings)
        if place != reference
        and (sample := samples.difference(setting, settings[reference], score.key, shares=True))
    }
    adjusted = holm([sample.estimate.p_value() for sample in found.values()])
    by_place = {
        place: Comparison(
            sample,
            p_value,
            finding(sample.estimate.interval(), margin, score.highest, p_value <= SIGNIFICANT),
        )
        for (place, sample), p_value in zip(found.items(), adjusted, strict=True)
    }
    return tuple(by_place.get(place) for place in range(len(settings)))


def _rivals(
    settings: Sequence[SettingSummary], ranking: Ranking, samples: Samples, best: int
) -> int:
    """Other settings whose difference to the best may be 0, by Holm among all of them."""
    found = [
        sample.estimate.p_value()
        for place, setting in enumerate(settings)
        if place != best
        and (sample := samples.difference(setting, settings[best], ranking.key)) is not None
    ]
    return sum(p_value > SIGNIFICANT for p_value in holm(found))


def _tests(
    settings: Sequence[SettingSummary],
    score: Ranking,
    samples: Samples,
    use: int,
    reference: int | None,
) -> dict[int, Sample]:
    key = f"test.{score.key.rpartition('.')[-1]}"
    places = dict.fromkeys([use] if reference is None else [use, reference])
    found = {place: samples.mean(settings[place], key) for place in places}
    return {place: sample for place, sample in found.items() if sample is not None}
