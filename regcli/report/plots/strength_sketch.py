"""A score against a strength in few lines: validation with its interval alone."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace

from regcli.report.plots.plot import Axis, Band, Line, Panel, PanelMark, Plot, Rule, measure_axis
from regcli.report.plots.scales import logarithmic
from regcli.report.plots.strength_curves import MOST_DOTS, VALIDATION, Curve, curve_scale

_BESIDE = 0.5
"""Room for intervals beside the means, as a share of what these span: there are few lines."""
_DISTANCES, _INTERVALS = 8, 3
"""How far from the best the axis reaches: so many times as far as half of the means lie, and so
many intervals at least."""


def strength_sketch(
    label: str,
    curve: Curve,
    highest: bool,
    named: Sequence[tuple[float, str]],
    notes: Sequence[str],
) -> Plot:
    """One panel, whose title says what is in it.

    Means far below those of most settings lie beyond its axis: a strength at which the model
    collapses would leave no room for the others.

    Args:
        label: of the strength.
        highest: whether the highest mean is the best.
        named: values of the strength with what they are, such as `best`.
    """
    near = _near_best(curve, highest)
    y = measure_axis(curve.label, curve_scale(replace(curve, validation=near), _BESIDE))
    marks: list[PanelMark] = [Rule(value, name) for value, name in named]
    if curve.intervals:
        marks.append(Band(curve.intervals, "95% interval", VALIDATION))
    has_dots = len(curve.validation) <= MOST_DOTS
    marks.append(Line(curve.validation, "validation", VALIDATION, has_dots=has_dots))
    x = Axis(label, logarithmic(value for value, _ in curve.validation))
    places = ", ".join(f"{name} at {value:.4g}" for value, name in named)
    description = f"{len(curve.validation)} points; {places}"
    title = f"validation {y.label} against {label}"
    return Plot("sketch", title, description, [Panel(x, y, marks)], notes)


def _near_best(curve: Curve, highest: bool) -> list[tuple[float, float]]:
    """The points that the axis is made for."""
    means = [mean for _, mean in curve.validation]
    best = max(means) if highest else min(means)
    widths = [high - low for _, low, high in curve.intervals if math.isfinite(high - low)]
    distance = statistics.median(abs(mean - best) for mean in means)
    reach = max(_DISTANCES * distance, _INTERVALS * statistics.median(widths or [0.0]))
    return [point for point in curve.validation if abs(point[1] - best) <= reach or not reach]
