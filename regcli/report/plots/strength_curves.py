"""Score and loss against a strength: validation with its interval beside train."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regcli.report.plots.plot import Axis, Band, Line, Panel, PanelMark, Plot, Rule, measure_axis
from regcli.report.plots.scales import Linear, Logarithmic, linear, logarithmic, measures

VALIDATION, TRAIN = 0, 1
"""Colors."""
MOST_DOTS = 16
"""Points of a line that are marked; of more, dots would hide the line."""


@dataclass(frozen=True)
class Curve:
    """A result along a strength.

    Attributes:
        label: what it is called.
        validation, train: (strength, mean) of each point.
        intervals: (strength, low, high) of the validation mean; not finite where not known.
        is_share: whether it lies between 0 and 1.
        threshold: what a setting has to reach to be within one standard error of the best.
    """

    label: str
    validation: Sequence[tuple[float, float]]
    train: Sequence[tuple[float, float]]
    intervals: Sequence[tuple[float, float, float]]
    is_share: bool = False
    threshold: float | None = None


def strength_plot(
    key: str,
    title: str,
    label: str,
    curves: Sequence[Curve],
    named: Sequence[tuple[float, str]],
    notes: Sequence[str],
) -> Plot:
    """A panel a result, with the named values marked.

    Args:
        label: of the strength.
        named: values of the strength with what they are, such as `best`.
    """
    x = Axis(label, logarithmic(value for value, _ in curves[0].validation))
    panels = [
        curve_panel(x, curve, named, has_names=place == 0) for place, curve in enumerate(curves)
    ]
    notes = [*notes, *dict.fromkeys(note for curve in curves for note in curve_notes(curve))]
    return Plot(key, title, _description(label, curves, named), panels, notes)


def curve_panel(
    x: Axis,
    curve: Curve,
    named: Sequence[tuple[float, str]],
    has_names: bool,
    height: float = 0.42,
) -> Panel:
    """A result with its interval.

    Args:
        has_names: whether the names stand above the panel.
        height: as that of a panel.
    """
    scale = curve_scale(curve)
    marks = list(_curve_marks(curve, scale, named, has_names))
    return Panel(x, measure_axis(curve.label, scale), marks, height)


def curve_scale(curve: Curve, beside: float = 1.5) -> Linear | Logarithmic:
    """A scale for all means, and for as much of what is around them as leaves them to be seen.

    It is logarithmic where losses of validation rows differ by a large factor.

    Args:
        beside: room on either side of the means, as a share of what they span.
    """
    means = [value for points in (curve.validation, curve.train) for _, value in points]
    finite = [value for value in means if math.isfinite(value)]
    ends = [end for _, *both in curve.intervals for end in both if math.isfinite(end)]
    if curve.threshold is not None:
        ends.append(curve.threshold)
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    room = beside * (high - low) or 1.0
    kept = [min(max(end, low - room), high + room) for end in ends]
    if curve.is_share:
        return linear([*finite, *kept], most=1.0)
    # The least train losses may be far below what is to be compared.
    own = [value for _, value in curve.validation if math.isfinite(value)]
    least = min(own, default=0.0) / 10
    return measures([value for value in finite if value > least or not own], kept)


def curve_notes(curve: Curve) -> list[str]:
    """What the level line is, and what of a result lies beyond its axis."""
    scale, notes = curve_scale(curve), []
    if curve.threshold is not None and scale.covers(curve.threshold):
        notes.append("the level dashed line is one standard error from the best")
    elif curve.threshold is not None:
        number = _number(curve.threshold)
        notes.append(f"one standard error from the best is {number}, beyond the axis: not drawn")
    if any(not scale.covers(end) for _, *ends in _known_intervals(curve) for end in ends):
        notes.append(f"intervals of {curve.label} that reach beyond the axis end at its edge")
    if any(math.isfinite(value) and not scale.covers(value) for _, value in curve.train):
        notes.append(f"train values of {curve.label} beyond the axis are not drawn")
    return notes


def _known_intervals(curve: Curve) -> list[tuple[float, float, float]]:
    return [point for point in curve.intervals if all(map(math.isfinite, point))]


def _curve_marks(
    curve: Curve, scale: Linear | Logarithmic, named: Sequence[tuple[float, str]], has_names: bool
) -> Iterator[PanelMark]:
    """The interval, the means of validation and train, and the named values."""
    known = _known_intervals(curve)
    if known:
        yield Band(known, "95% interval", VALIDATION)
    if curve.threshold is not None and scale.covers(curve.threshold):
        yield Rule(curve.threshold, is_upright=False)
    for value, name in named:
        yield Rule(value, name if has_names else "")
    has_dots = len(curve.validation) <= MOST_DOTS
    # A point beyond the axis would stand at its edge, as if that were its value.
    train = [(x, y if scale.covers(y) else math.nan) for x, y in curve.train]
    yield Line(train, "train", TRAIN, dash=1, has_dots=has_dots)
    yield Line(curve.validation, "validation", VALIDATION, has_dots=has_dots)


def _description(label: str, curves: Sequence[Curve], named: Sequence[tuple[float, str]]) -> str:
    parts = [
        f"Against {label} from {_number(curves[0].validation[0][0])} to "
        f"{_number(curves[0].validation[-1][0])}:"
    ]
    for curve in curves:
        values = [value for _, value in curve.validation if math.isfinite(value)]
        if values:
            parts.append(
                f"validation {curve.label} lies between {_number(min(values))} and "
                f"{_number(max(values))};"
            )
    parts += [f"{name} at {_number(value)};" for value, name in named]
    return " ".join(parts).removesuffix(";") + "."


def _number(value: float) -> str:
    return f"{value:.4g}"
