"""What to know before a verdict is used: what the grid, the epochs or the seeds leave open."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean
from typing import Any

from regcli.metrics.metric import Metric
from regcli.metrics.registry import METRICS, default_metrics, kind_of
from regcli.results.records import RunRecord
from regcli.results.settings import VARIANT, Ranking, SettingSummary, held_out_rows, seed_of
from regcli.results.verdict.judgement import Verdict, strengths

FACTOR = 100
"""By how much a wider grid goes beyond the strength at the edge."""

EXPLODED = 10
"""By how many times a loss exceeds that of the best constant answer where training has exploded.

On the rows that were trained on no penalty and no overfitting does that: the bias alone could give
the constant.
"""

FALL = 0.01
"""Fall of a loss, as a share of it, that says that training was not at its end."""


class CautionKind(StrEnum):
    """What a caution is about."""

    LEAK = "leak"
    BASELINE = "baseline"
    ONE_CLASS = "one class"
    TEST = "test"
    EXPLODED = "exploded"
    EDGE = "edge"
    EPOCHS = "epochs"
    REFERENCE = "reference"
    SEEDS = "seeds"
    EARLY_STOPPING = "early stopping"


@dataclass(frozen=True)
class Caution:
    """A reason to doubt a verdict, and what to try.

    Attributes:
        key: the setting that it is about, if it is about one.
        grid: values of it to try.
    """

    kind: CautionKind
    key: str = ""
    grid: str = ""


def cautions(verdict: Verdict) -> tuple[Caution, ...]:
    """The cautions of a verdict, those that change most first."""
    return tuple(_cautions(verdict))


def _cautions(verdict: Verdict) -> Iterator[Caution]:
    best, use = verdict.settings[verdict.best], verdict.settings[verdict.use]
    if leaks_of(best):
        yield Caution(CautionKind.LEAK)
    if not beats_baseline(best, verdict.ranking):
        yield Caution(CautionKind.BASELINE)
    elif names_one_class(use):
        yield Caution(CautionKind.ONE_CLASS)
    elif not beats_baseline(use, verdict.ranking, "test"):
        yield Caution(CautionKind.TEST)
    if exploded(verdict.settings):
        yield Caution(CautionKind.EXPLODED)
    if VARIANT not in best.settings:  # whose grids are their own
        yield from _edges(verdict.settings, best)
    if all(map(still_improves, _by_folds(best))):
        yield Caution(CautionKind.EPOCHS)
    if verdict.reference is None:
        yield Caution(CautionKind.REFERENCE)
    runs = [run for setting in verdict.settings for run in setting.records]
    if len(set(map(seed_of, runs))) == 1 and not all(map(is_at_optimum, runs)):
        yield Caution(CautionKind.SEEDS)
    if any(map(is_scored_where_stopped, best.records)):
        yield Caution(CautionKind.EARLY_STOPPING)


def leaks_of(setting: SettingSummary) -> tuple[str, ...]:
    """What of its data predicts the target too well, a sentence each: scores say little then."""
    data = setting.records[0].data
    return () if data is None else data.leaks


def _edges(settings: Sequence[SettingSummary], best: SettingSummary) -> Iterator[Caution]:
    """Strengths whose best value is the largest or the smallest that was tried, but for 0."""
    for key, value in strengths(best.settings).items():
        tried = sorted({strengths(each.settings).get(key, 0.0) for each in settings})
        positive = [each for each in tried if each > 0]
        if len(tried) < 2 or not value:
            continue
        if value == tried[-1]:
            # What it is compared with stays in the grid.
            zero = "" if tried[0] else "0,"
            yield Caution(CautionKind.EDGE, key, f"{zero}log:{value:.3g}:{value * FACTOR:.3g}:5")
        elif value == positive[0]:
            yield Caution(CautionKind.EDGE, key, f"0,log:{value / FACTOR:.3g}:{value:.3g}:5")


def compared_with_baseline(verdict: Verdict) -> tuple[Metric, ...]:
    """The metrics that a baseline tells something of: what ranks if it is one, the task's first."""
    ranking = METRICS.get(verdict.ranking.key.rpartition(".")[-1])
    first = _first_metrics(verdict.settings[verdict.best])[:1]
    return tuple(dict.fromkeys([*([] if ranking is None else [ranking]), *first]))


def baseline_of(setting: SettingSummary, metric: Metric, part: str = "validation") -> float | None:
    """What the best constant answer has of a metric on validation rows, or on another part's.

    The mean over the setting's runs, which may have splits of their own; None where not known.
    """
    found = [run.data for run in setting.records if run.data is not None]
    values = [data.baseline.get(part, {}).get(metric.key) for data in found]
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(setting.records) else None


def beats_baseline(setting: SettingSummary, ranking: Ranking, part: str = "validation") -> bool:
    """Whether a setting does better than the best constant answer; True where unknown.

    It is what ranks that counts. Where that is the loss, it is the task's first metric, or the one
    that the usual losses follow: a model of rare events may name one class for every row, and yet
    tell well how probable they are. So it is where one answer has all of a metric, as the positive
    class for every row has of recall.
    """
    found = scores_and_baselines(setting, ranking, part)
    beaten = [_is_better(metric, own, constant) for metric, own, constant in found]
    return any(beaten) or not beaten


def scores_and_baselines(
    setting: SettingSummary, ranking: Ranking, part: str
) -> tuple[tuple[Metric, float, float], ...]:
    """Metrics that tell whether a setting has learnt: its own, and the best constant answer's."""
    metric = METRICS.get(ranking.key.rpartition(".")[-1])
    asked = _first_metrics(setting)
    if metric is not None and not _has_all(metric, baseline_of(setting, metric, part)):
        asked = (metric,)
    return tuple(
        (each, own, constant)
        for each in asked
        if (own := setting.mean(f"{part}.{each.key}")) is not None
        and (constant := baseline_of(setting, each, part)) is not None
    )


def exploded(settings: Sequence[SettingSummary]) -> tuple[int, ...]:
    """The places of settings whose losses are finite, and far above that of a constant.

    It is the mean over training rows of what the usual losses follow, absolute errors or the log
    loss, beside that of the best constant answer on the validation rows.
    """
    return tuple(place for place, setting in enumerate(settings) if _has_exploded(setting))


def _has_exploded(setting: SettingSummary) -> bool:
    for metric in _first_metrics(setting)[1:]:
        own, constant = setting.mean(f"train.{metric.key}"), baseline_of(setting, metric)
        if own is not None and constant is not None:
            return own >= EXPLODED * constant > 0
    return False


def _is_better(metric: Metric, one: float, other: float) -> bool:
    return one > other if metric.higher_is_better else one < other


def _first_metrics(setting: SettingSummary) -> tuple[Metric, ...]:
    """The first metric of the task, and the one that its usual losses follow."""
    task = next((run.data.task for run in setting.records if run.data is not None), None)
    if task is None:
        return ()
    kind = kind_of(task)
    return default_metrics(kind)[0], METRICS["mae" if kind == "regression" else "log_loss"]


def _has_all(metric: Metric, value: float | None) -> bool:
    return metric.format == "share" and metric.higher_is_better and value == 1


def names_one_class(setting: SettingSummary) -> bool:
    """Whether every run of a setting gives all validation rows one and the same class.

    Balanced accuracy is then one over the number of classes; ranks, and so ROC AUC, may be good.
    """
    return all(map(_names_one_class, setting.records))


def _names_one_class(run: RunRecord) -> bool:
    found = run.metrics.get("validation", {}).get("balanced_accuracy")
    classes = 0 if run.data is None else len(run.data.classes)
    return found is not None and classes > 0 and abs(found * classes - 1) < 1e-6


def is_at_optimum(run: RunRecord) -> bool:
    """Whether a run is certified to be at the optimum, which no seed and no epochs change."""
    found = run.optimality
    return found is not None and found.settled and found.gap is not None


def gains_nothing_by_epochs(run: RunRecord) -> bool:
    """Whether a run says why it has not converged and more steps would not help."""
    found = run.optimality
    return found is not None and not found.settled and found.reason != ""


def is_scored_where_stopped(run: RunRecord) -> bool:
    """Whether a run has no score but that of the rows that have chosen its epoch too."""
    early: Any = run.config.get("training", {}).get("early_stopping")
    monitor = "" if early is None else str(early.get("monitor", ""))
    return monitor.startswith("validation.") and not run.metrics.get("test")


def _by_folds(setting: SettingSummary) -> list[list[RunRecord]]:
    """The runs of a setting that differ in their fold alone, together."""
    found: dict[Hashable, list[RunRecord]] = {}
    for run in setting.records:
        found.setdefault((held_out_rows(run), seed_of(run)), []).append(run)
    return list(found.values())


def still_improves(folds: Sequence[RunRecord]) -> bool:
    """Whether the number of epochs ended training while the validation loss was still falling.

    It is lowest after the last epoch, and fell by more than `FALL` in the last tenth of them. Over
    folds it is their mean that counts: a fold's own loss rises and falls with its few rows.

    Args:
        folds: a run, or those of all folds with one seed.
    """
    histories = [
        [value for value in run.history.get("val_data_loss", ()) if value is not None]
        for run in folds
    ]
    losses = list(map(fmean, zip(*histories, strict=False)))
    asked: Any = folds[0].config.get("training", {}).get("epochs")
    if len(losses) < 2 or any(run.epochs != asked for run in folds) or min(losses) != losses[-1]:
        return False
    if all(is_at_optimum(run) or gains_nothing_by_epochs(run) for run in folds):
        return False
    before = losses[-1 - max(1, len(losses) // 10)]
    return before - losses[-1] > FALL * abs(before)
