"""The score against the one strength that varies: what a screen shows above a verdict."""

import math

from regcli.report.plots.plot import Plot
from regcli.report.plots.strength_curves import Curve
from regcli.report.plots.strength_sketch import strength_sketch
from regcli.report.result_columns import score_label
from regcli.report.strength_slices import (
    held_texts,
    named_values,
    setting_titles,
    slice_through,
    varied_strengths,
)
from regcli.results.verdict.judgement import Verdict, is_share, score_interval

_LEAST_POINTS = 3


def verdict_sketch(verdict: Verdict) -> Plot | None:
    """The settings along a path, or along the strength that alone varies in a grid.

    None where several strengths vary, or fewer than three values are known: a table says as much.
    """
    settings = verdict.settings
    keys = [
        key
        for key in varied_strengths(settings)
        if not verdict.along or key.rpartition(".")[-1] == verdict.along
    ]
    if len(keys) != 1:
        return None
    (key,) = keys
    chosen = settings[verdict.use]
    points = slice_through(chosen, key, settings)
    samples = {id(each): sample for each, sample in zip(settings, verdict.means, strict=True)}
    validation, intervals = [], []
    for value, setting in points:
        sample = samples[id(setting)]
        if sample is None or not math.isfinite(sample.estimate.mean):
            continue
        validation.append((value, sample.estimate.mean))
        ends = score_interval(verdict.score, sample.estimate)
        if ends is not None:
            intervals.append((value, *ends))
    if len(validation) < _LEAST_POINTS:
        return None
    score = score_label(verdict.score.key)
    curve = Curve(score, validation, [], intervals, is_share(verdict.score))
    named, notes = named_values(points, verdict), held_texts(chosen, settings, [key])
    label = setting_titles(settings)[key]
    return strength_sketch(label, curve, verdict.score.highest, named, notes)
