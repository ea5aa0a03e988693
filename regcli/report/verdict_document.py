"""The verdict as it stands in a JSON document: every number at full precision."""

import math
from collections.abc import Mapping
from typing import Any

from regcli.report.caution_words import caution_text
from regcli.results.records import RunRecord
from regcli.results.verdict.cautions import cautions
from regcli.results.verdict.judgement import Comparison, Verdict, score_interval
from regcli.results.verdict.samples import Sample


def verdict_entry(verdict: Verdict | None) -> dict[str, Any]:
    """What a document says of the verdict; nothing where there is none."""
    if verdict is None:
        return {}
    return {
        "ranking": verdict.ranking.key,
        "score": verdict.score.key,
        "margin": verdict.margin,
        "reference": _setting(verdict, verdict.reference),
        "best": {**_setting(verdict, verdict.best), **_selected(verdict)},
        "use": _setting(verdict, verdict.use),
        "comparisons": [
            {**_setting(verdict, place), **_comparison(comparison)}
            for place, comparison in enumerate(verdict.comparisons)
            if comparison is not None
        ],
        "baseline": _baseline(verdict),
        "pareto": [_setting(verdict, place) for place in verdict.pareto],
        "warnings": [
            {"kind": each.kind.value, "text": caution_text(each, verdict)}
            for each in cautions(verdict)
        ],
    }


def _setting(verdict: Verdict, place: int | None) -> dict[str, Any]:
    """A setting, its runs, and its score on validation rows, and on test rows where shown."""
    if place is None:
        return {}
    setting = verdict.settings[place]
    entry: dict[str, Any] = {"settings": dict(setting.settings), "runs": _ids(setting.records)}
    samples = {"validation": verdict.means[place], "test": verdict.tests.get(place)}
    scores = {part: _score(verdict, sample) for part, sample in samples.items() if sample}
    return {**entry, **scores}


def _baseline(verdict: Verdict) -> dict[str, Any]:
    """The best constant answer's score for each metric, by part; of several splits, the first."""
    data = verdict.settings[verdict.best].records[0].data
    return {} if data is None else {part: dict(scores) for part, scores in data.baseline.items()}


def _ids(records: tuple[RunRecord, ...]) -> list[str]:
    return [record.id for record in records]


def _score(verdict: Verdict, sample: Sample) -> dict[str, Any]:
    estimate = sample.estimate
    interval = score_interval(verdict.score, estimate) or (-math.inf, math.inf)
    return {"mean": estimate.mean, **_interval(interval), **_counts(sample)}


def _comparison(comparison: Comparison) -> dict[str, Any]:
    sample = comparison.difference
    return {
        "finding": comparison.finding.value,
        "difference": {
            "mean": sample.estimate.mean,
            **_interval(sample.estimate.interval()),
            "p_holm": comparison.p_value,
            "share_of_rows": _finite(sample.of_rows),
            "share_of_seeds": _finite(sample.of_seeds),
            "share_of_splits": _finite(sample.of_splits),
            **_counts(sample),
        },
    }


def _selected(verdict: Verdict) -> Mapping[str, Any]:
    selection = verdict.selection
    found: dict[str, Any] = {"not_told_apart_from": verdict.rivals}
    if selection is not None:
        sign = -1 if verdict.ranking.highest else 1
        found["recurrence"] = float(selection.recurrence[verdict.best])
        found["corrected"] = sign * selection.corrected
    return found


def _interval(interval: tuple[float, float]) -> dict[str, float | None]:
    low, high = map(_finite, interval)
    return {"low": low, "high": high}


def _counts(sample: Sample) -> dict[str, int | None]:
    """How many there were of each; null for folds and repeats where there are none."""
    counts = {"seeds": sample.seeds, "rows": sample.rows, "splits": sample.splits}
    return {**counts, "folds": sample.folds or None, "repeats": sample.repeats or None}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
