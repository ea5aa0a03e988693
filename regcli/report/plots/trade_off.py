"""How good settings are beside how large they are: those that no other beats in both."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regcli.report.plots.plot import GREY, Dot, Dots, Line, Panel, PanelMark, Plot, measure_axis
from regcli.report.plots.scales import Scale, linear, logarithmic, measures

_CELLS = 40
"""Of two settings in the same place of so many by so many, one is drawn."""
_MOST_TITLED = 150
_SHAPES = {"use": (1, 1), "best": (2, 2), "reference": (3, 3)}
"""Color and shape of the settings that the verdict names."""


@dataclass(frozen=True)
class Sized:
    """A setting with its size and its score.

    Attributes:
        interval: of the score; None where not known.
    """

    name: str
    size: float
    score: float
    interval: tuple[float, float] | None = None


def trade_off_plot(
    settings: Sequence[Sized],
    front: Sequence[int],
    named: Mapping[str, int],
    labels: tuple[str, str],
    is_share: bool,
    notes: Sequence[str],
) -> Plot:
    """Dots for settings, a line for the front, shapes for those that the verdict names.

    Args:
        front: positions of the settings that no other beats, the smallest first.
        named: positions by what they are: use, best, reference.
        labels: of size and score.
    """
    known = [place for place, each in enumerate(settings) if math.isfinite(each.score)]
    scores = [settings[place].score for place in known]
    intervals = [settings[place].interval for place in named.values()]
    ends = [end for both in intervals if both is not None for end in both if math.isfinite(end)]
    low, high = min(scores, default=0.0), max(scores, default=1.0)
    room = (high - low) or 1.0
    kept = [min(max(end, low - room), high + room) for end in ends]
    sizes = [settings[place].size for place in known]
    is_wide = max(sizes, default=0) > 5 * max(1.0, min(sizes, default=0))
    x: Scale = logarithmic(sizes, "{:,.0f}".format) if is_wide else linear(sizes)
    y = linear([*scores, *kept], most=1.0) if is_share else measures(scores, kept)
    drawn = _thinned(settings, known, [*front, *named.values()])
    dots = [_dot(settings[place], len(drawn) <= _MOST_TITLED) for place in drawn]
    marks: list[PanelMark] = [Dots(dots, "settings", GREY)]
    points = [(settings[place].size, settings[place].score) for place in front]
    marks.append(Line(points, "not beaten in both", 0, has_dots=True))
    for role, place in named.items():
        color, shape = _SHAPES[role]
        marks.append(Dots([_dot(settings[place], True, has_interval=True)], role, color, shape))
    reported = list(notes)
    if len(drawn) < len(known):
        reported.append(f"{len(drawn):,} of {len(known):,} settings: of several in one place, one")
    if any(not y.covers(end) for end in ends):
        reported.append("intervals that reach beyond the axis end at its edge")
    description = f"{len(known):,} settings by {labels[0]} and {labels[1]}; "
    description += f"{len(front):,} of them are beaten by no other in both."
    for role, place in named.items():
        each = settings[place]
        description += f" {role}: {each.name}, {each.size:,.0f} and {each.score:.4g}."
    title = f"{labels[1]} by {labels[0]}"
    panel = Panel(measure_axis(labels[0], x), measure_axis(labels[1], y), marks, height=0.6)
    return Plot("trade-off", title, description, [panel], reported)


def _dot(setting: Sized, is_titled: bool, has_interval: bool = False) -> Dot:
    title = f"{setting.name}: {setting.size:,.0f}, {setting.score:.4g}" if is_titled else ""
    return Dot(setting.size, setting.score, title, setting.interval if has_interval else None)


def _thinned(settings: Sequence[Sized], known: Sequence[int], kept: Sequence[int]) -> list[int]:
    """One of the settings that would cover each other, and all that are kept."""
    sizes = [math.log1p(settings[place].size) for place in known]
    scores = [settings[place].score for place in known]
    taken: dict[tuple[int, int], int] = {}
    for place, size, score in zip(known, sizes, scores, strict=True):
        cell = _cell(size, sizes), _cell(score, scores)
        if cell not in taken or place in kept:
            taken[cell] = place
    return sorted({*taken.values(), *(place for place in kept if place in known)})


def _cell(value: float, values: Sequence[float]) -> int:
    low, high = min(values), max(values)
    return 0 if high <= low else round((value - low) / (high - low) * _CELLS)
