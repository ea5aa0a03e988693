"""Sparklines: a character a value, between the first number and the last one."""

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise

from regcli.report.figures import loss_text
from regcli.report.plots.scales import Scale
from regcli.report.plots.sparklines import Sparks
from regcli.report.writers.characters.ink import Ink

_MOST, _LEAST = 60, 10
"""Characters of a line at most, and below which there is none."""


def spark_lines(sparks: Sparks, width: int, ink: Ink) -> list[str]:
    """A line below the title for each; none where the width is too short.

    Where there are more values than characters, each stands for the mean of several.
    """
    names = max((len(line.name) for line in sparks.lines), default=0)
    ends = [(loss_text(line.values[0]), loss_text(line.values[-1])) for line in sparks.lines]
    first = max((len(begin) for begin, _ in ends), default=0)
    last = max((len(end) for _, end in ends), default=0)
    room = min(width - names - first - last - 7, _MOST)
    if room < _LEAST or not sparks.lines:
        return []
    drawn = [
        f" {line.name.ljust(names)}   {begin.rjust(first)} "
        f"{_heights(_gathered(line.values, room), sparks.scale, ink)} {end}"
        for line, (begin, end) in zip(sparks.lines, ends, strict=True)
    ]
    return [f" {sparks.title}", *drawn]


def _gathered(values: Sequence[float], most: int) -> list[float]:
    """At most so many values: means of neighbours, of which those that are finite count."""
    count = min(most, len(values))
    edges = [place * len(values) // count for place in range(count + 1)]
    parts = (values[start:end] for start, end in pairwise(edges))
    return [_mean(part) for part in parts]


def _mean(values: Sequence[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return statistics.fmean(finite) if finite else math.nan


def _heights(values: Sequence[float], scale: Scale, ink: Ink) -> str:
    highest = len(ink.levels) - 1
    return "".join(
        ink.levels[round(scale.place(value) * highest)] if math.isfinite(value) else " "
        for value in values
    )
