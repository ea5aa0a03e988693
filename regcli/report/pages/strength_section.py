"""Score and loss against each strength that varies."""

import math
from collections.abc import Iterator, Sequence

from regcli.report.pages.page import Section
from regcli.report.pages.slices import held_notes, named_points, plot_key, titles_of
from regcli.report.plots.plot import Plot
from regcli.report.plots.strength_curves import Curve, strength_plot
from regcli.report.result_columns import metric_label
from regcli.report.strength_slices import Point, slice_through, varied_strengths
from regcli.results.settings import Ranking
from regcli.results.verdict.judgement import is_share, score_interval
from regcli.workflows.stored_evidence import Evidence

LOSS = "validation.data_loss"


def strength_section(evidence: Evidence) -> Section:
    """A plot for each strength that varies, through the setting to use."""
    plots = tuple(_plots(evidence)) if evidence.verdict is not None else ()
    return Section("strength", "Score and loss against strength", plots)


def _plots(evidence: Evidence) -> Iterator[Plot]:
    verdict = evidence.verdict
    assert verdict is not None
    titles = titles_of(evidence)
    for key in varied_strengths(evidence.settings):
        points = slice_through(evidence.chosen, key, evidence.settings)
        if len(points) < 2:
            continue
        rankings = list(dict.fromkeys([verdict.score, verdict.ranking, Ranking(LOSS, False)]))
        curves = (curve_of(ranking, points, evidence) for ranking in rankings)
        known = [curve for curve in curves if curve is not None]
        if known:
            label = titles[key]
            name = plot_key("strength", label)
            named, notes = named_points(evidence, points), held_notes(evidence, [key])
            title = f"Score and loss against {label}"
            yield strength_plot(name, title, label, known, named, notes)


def curve_of(ranking: Ranking, points: Sequence[Point], evidence: Evidence) -> Curve | None:
    """A result at the points of a line; None where no point has it."""
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
        return None
    threshold = None
    if ranking == verdict.ranking:
        best = evidence.settings[verdict.best]
        error, top = evidence.samples.error(best, ranking.key), best.mean(ranking.key)
        if top is not None and math.isfinite(error):
            threshold = top - error if ranking.highest else top + error
    return Curve(metric_label(name), validation, trained, intervals, is_share(ranking), threshold)
