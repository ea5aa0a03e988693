"""Score and loss against a strength: validation with its interval beside train."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regcli.report.plots.plot import Axis, Band, Line, Mark, Panel, Plot, Rule
from regcli.report.plots.scales import Linear, Strengths, linear, strengths

VALIDATION, TRAIN = 0, 1
"""Colors."""
MOST_DOTS = 16
"""Points of a line that are marked; of more, dots would hide the line."""


_FACTOR = 20
"""Between the largest and the least loss, from which on their axis is logarithmic."""


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
    x = Axis(label, strengths(value for value, _ in curves[0].validation))
    panels = [
        Panel(x, Axis(curve.label, curve_scale(curve)), [*curve_marks(curve, named, place == 0)])
        for place, curve in enumerate(curves)
    ]
    return Plot(key, title, _description(label, curves, named), panels, notes)


def curve_scale(curve: Curve) -> Linear | Strengths:
    """A scale for all means, and for as much of the intervals as leaves them to be seen.

    It is logarithmic where losses of validation rows differ by a large factor.
    """
    means = [value for points in (curve.validation, curve.train) for _, value in points]
    finite = [value for value in means if math.isfinite(value)]
    own = [value for _, value in curve.validation if math.isfinite(value)]
    if not curve.is_share and own and min(own) > 0 and max(own) > _FACTOR * min(own):
        return strengths([value for value in finite if value > min(own) / 10])
    ends = [end for _, *both in curve.intervals for end in both if math.isfinite(end)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    room = 1.5 * (high - low) or 1.0
    kept = [min(max(end, low - room), high + room) for end in ends]
    return linear([*finite, *kept], most=1.0 if curve.is_share else math.inf)


def curve_marks(
    curve: Curve,
    named: Sequence[tuple[float, str]],
    has_names: bool = True,
) -> Iterator[Mark]:
    """The interval, the means of validation and train, and the named values.

    Args:
        has_names: whether the names stand above the panel.
    """
    known = [point for point in curve.intervals if all(map(math.isfinite, point))]
    if known:
        yield Band(known, "95% interval", VALIDATION)
    if curve.threshold is not None:
        yield Rule(curve.threshold, is_upright=False)
    for value, name in named:
        yield Rule(value, name if has_names else "")
    has_dots = len(curve.validation) <= MOST_DOTS
    yield Line(curve.train, "train", TRAIN, dash=1, has_dots=has_dots)
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
