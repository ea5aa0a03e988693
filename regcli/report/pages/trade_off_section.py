"""Accuracy beside sparsity."""

import math

from regcli.report.pages.page import Section
from regcli.report.plots.trade_off import Sized, trade_off_plot
from regcli.report.result_columns import metric_label
from regcli.report.setting_columns import naming
from regcli.results.settings import SettingSummary
from regcli.results.statistics.simplest import not_dominated
from regcli.results.verdict.judgement import is_share, score_interval
from regcli.results.verdict.setting_roles import places_by_role
from regcli.workflows.stored_evidence import Evidence


def trade_off_section(evidence: Evidence) -> Section:
    """Every setting by its size and its score; none where all are of one size."""
    verdict = evidence.verdict
    section = Section("trade-off", "Score beside size", ())
    if verdict is None:
        return section
    sizes, label, notes = _sizes(evidence)
    if len({size for size in sizes if math.isfinite(size)}) < 2:
        return section
    name = naming([setting.settings for setting in evidence.settings])
    named = places_by_role(verdict)
    settings = []
    for place, (setting, size) in enumerate(zip(evidence.settings, sizes, strict=True)):
        mean = setting.mean(verdict.ranking.key)
        interval = None
        if place in named.values():
            sample = evidence.samples.mean(setting, verdict.ranking.key)
            interval = None if sample is None else score_interval(verdict.ranking, sample.estimate)
        score = math.nan if mean is None or not math.isfinite(size) else mean
        settings.append(Sized(name(setting.settings), size, score, interval))
    sign = -1 if verdict.ranking.highest else 1
    front = not_dominated([sign * each.score for each in settings], sizes)
    part, _, metric = verdict.ranking.key.partition(".")
    labels = label, f"{part} {metric_label(metric)}"
    plot = trade_off_plot(settings, front, named, labels, is_share(verdict.ranking), notes)
    return Section(section.key, section.title, (plot,))


def _sizes(evidence: Evidence) -> tuple[list[float], str, list[str]]:
    """How many weights each setting has that are not zero, or not near it where all have all."""
    exact = [_or_nan(setting, "sparsity.nonzero") for setting in evidence.settings]
    known = [size for size in exact if math.isfinite(size)]
    if known and min(known) < 0.99 * max(known):
        return exact, "non-zero weights", []
    threshold = next((r.sparsity.threshold for r in evidence.records if r.sparsity), None)
    near = []
    for setting in evidence.settings:
        share, total = (_or_nan(setting, f"sparsity.{key}") for key in ("near", "total"))
        near.append(round((1 - share) * total) if math.isfinite(share * total) else math.nan)
    if threshold is None:
        return near, "weights", []
    note = f"hardly any weight is exactly 0, so those of {threshold:g} and more are counted"
    return near, f"weights of {threshold:g} and more", [note]


def _or_nan(setting: SettingSummary, key: str) -> float:
    mean = setting.mean(key)
    return math.nan if mean is None else mean
