"""Score and loss against each strength that varies."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from regcli.report.pages.page import Section
from regcli.report.plots.plot import Plot
from regcli.report.plots.strength_curves import Curve, strength_plot
from regcli.report.result_columns import metric_label
from regcli.report.setting_names import short_names
from regcli.report.setting_values import value_text
from regcli.results.settings import Ranking, SettingSummary
from regcli.results.verdict.judgement import Verdict, is_share, score_interval, strengths
from regcli.workflows.stored_evidence import Evidence

LOSS = "validation.data_loss"
Point = tuple[float, SettingSummary]


def strength_section(evidence: Evidence) -> Section:
    """A plot for each strength that varies, through the setting to use."""
    plots = tuple(_plots(evidence)) if evidence.verdict is not None else ()
    return Section("strength", "Score and loss against strength", plots)


def varied_strengths(settings: Sequence[SettingSummary]) -> list[str]:
    """The keys of strengths that differ among settings."""
    found: dict[str, set[float]] = {}
    for setting in settings:
        for key, value in strengths(setting.settings).items():
            found.setdefault(key, set()).add(value)
    return [key for key, values in found.items() if len(values) > 1]


def slice_through(
    chosen: SettingSummary, key: str, settings: Sequence[SettingSummary]
) -> list[Point]:
    """The settings that differ from a chosen one in one strength alone, in its order."""
    others = _others(chosen.settings, key)
    along = [
        (strengths(setting.settings)[key], setting)
        for setting in settings
        if key in strengths(setting.settings) and _others(setting.settings, key) == others
    ]
    return sorted(along, key=lambda point: point[0])


def _others(settings: Mapping[str, Any], key: str) -> str:
    return repr({name: value for name, value in settings.items() if name != key})


def _plots(evidence: Evidence) -> Iterator[Plot]:
    verdict = evidence.verdict
    assert verdict is not None
    titles = short_names(dict.fromkeys(key for each in evidence.settings for key in each.settings))
    for key in varied_strengths(evidence.settings):
        points = slice_through(evidence.chosen, key, evidence.settings)
        if len(points) < 2:
            continue
        rankings = list(dict.fromkeys([verdict.score, verdict.ranking, Ranking(LOSS, False)]))
        curves = [_curve(ranking, points, evidence) for ranking in rankings]
        known = [curve for curve in curves if curve.validation]
        if known:
            label = titles[key]
            name = "strength-" + "".join(c if c.isalnum() else "-" for c in label)
            notes = [*_held(evidence, key, titles), *_threshold_note(known)]
            yield strength_plot(
                name, f"Against {label}", label, known, _named(verdict, points), notes
            )


def _named(verdict: Verdict, points: Sequence[Point]) -> list[tuple[float, str]]:
    """Where the best, the one to use and the reference stand; one text where they are the same."""
    places = {"use": verdict.use, "best": verdict.best, "reference": verdict.reference}
    found: dict[float, list[str]] = {}
    for role, place in places.items():
        for value, setting in points:
            if place is not None and verdict.settings[place] is setting:
                found.setdefault(value, []).append(role)
    return [(value, ", ".join(names)) for value, names in sorted(found.items())]


def _held(evidence: Evidence, key: str, titles: Mapping[str, str]) -> list[str]:
    """What the settings of a slice have in common, where others have something else."""
    others = [
        name
        for name in evidence.chosen.settings
        if name != key and len({repr(each.settings.get(name)) for each in evidence.settings}) > 1
    ]
    if not others:
        return []
    held = ", ".join(f"{titles[n]} {value_text(evidence.chosen.settings[n])}" for n in others)
    return [f"held at the setting to use: {held}"]


def _threshold_note(curves: Sequence[Curve]) -> list[str]:
    if all(curve.threshold is None for curve in curves):
        return []
    return ["the level dashed line is one standard error from the best"]


def _curve(ranking: Ranking, points: Sequence[Point], evidence: Evidence) -> Curve:
    verdict = evidence.verdict
    assert verdict is not None
    name = ranking.key.rpartition(".")[-1]
    train = f"train.{name}"
    validation, intervals, trained = [], [], []
    for value, setting in points:
        sample = evidence.samples.mean(setting, ranking.key)
        mean = math.nan if sample is None else sample.estimate.mean
        validation.append((value, mean))
        ends = None if sample is None else score_interval(ranking, sample.estimate)
        intervals.append((value, *(ends or (math.nan, math.nan))))
        own = setting.mean(train)
        trained.append((value, math.nan if own is None else own))
    if not any(math.isfinite(mean) for _, mean in validation):
        return Curve("", (), (), ())
    threshold = None
    if ranking == verdict.ranking:
        best = evidence.settings[verdict.best]
        error, top = evidence.samples.error(best, ranking.key), best.mean(ranking.key)
        if top is not None and math.isfinite(error):
            threshold = top - error if ranking.highest else top + error
    return Curve(metric_label(name), validation, trained, intervals, is_share(ranking), threshold)
