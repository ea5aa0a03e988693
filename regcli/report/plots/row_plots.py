"""What a setting did with each row: how sure it was, how far off it was."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regcli.report.plots.plot import GREY, Axis, Bars, Dot, Dots, Line, Panel, PanelMark, Plot
from regcli.report.plots.scales import Counts, Linear, Tick, linear
from regcli.results.statistics.estimate import Estimate, share_interval

Floats = NDArray[np.float64]
_BINS = 20
_CONFIDENCE_BINS = 8
_LEAST_ROWS = 5
"""Rows of a bin of confidence, of which fewer tell nothing."""
_MOST_DOTS = 300
_SHARES = Linear(-0.02, 1.02, tuple(Tick(n / 4, f"{25 * n}%") for n in range(5)))


def own_class_plot(part: str, shares: Floats, right: Floats, notes: Sequence[str]) -> Plot:
    """How probable the model called each row's own class, of right and of wrong rows.

    Args:
        shares: (rows,) the probabilities.
        right: (rows,) 1 where the class was predicted.
    """
    edges = np.linspace(0, 1, _BINS + 1)
    whole = np.histogram(shares, edges)[0]
    wrong = np.histogram(shares[right < 0.5], edges)[0]
    x = Axis("probability of the row's own class", _SHARES)
    y = Axis(f"{part} rows, logarithmic", Counts(int(whole.max())))
    bars = [_bars(edges, whole, "all rows", 0), _bars(edges, wrong, "wrong", 1)]
    counted = f"{int((right < 0.5).sum()):,} of {len(right):,} {part} rows are wrong"
    description = f"{counted}. The median probability of a row's own class is "
    description += f"{float(np.median(shares)):.0%}."
    title = "How probable each row's own class was"
    return Plot("own-class", title, description, [Panel(x, y, bars)], [counted, *notes])


def _bars(edges: Floats, counts: NDArray[np.int64], name: str, color: int) -> Bars:
    ends = zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True)
    return Bars(list(ends), name, color)


def reliability_plot(part: str, confidence: Floats, right: Floats, notes: Sequence[str]) -> Plot:
    """How often a prediction is right, by how sure it was: bins of as many rows each.

    Args:
        confidence: (rows,) the probability of the predicted class.
        right: (rows,) 1 where it is the right one.
    """
    order = np.argsort(confidence, kind="stable")
    bins = max(1, min(_CONFIDENCE_BINS, len(order) // _LEAST_ROWS))
    dots = []
    for rows in np.array_split(order, bins):
        sure, share, count = float(confidence[rows].mean()), float(right[rows].mean()), len(rows)
        estimate = Estimate(share, share * (1 - share) / max(1, count - 1), count - 1)
        title = f"{count} rows: {sure:.0%} sure, {share:.0%} right"
        dots.append(Dot(sure, share, title, share_interval(estimate)))
    low = min([0.5, *(dot.x for dot in dots)])
    ticks = tuple(tick for tick in _SHARES.ticks if tick.value >= low)
    x = Axis("how sure the prediction was", Linear(low - 0.02, 1.02, ticks))
    y = Axis(f"right {part} rows", _SHARES)
    marks: list[PanelMark] = [
        Line([(low, low), (1.0, 1.0)], "as sure as right", GREY),
        Dots(dots, f"{bins} groups of rows, 95% interval"),
    ]
    gap = float(np.mean([abs(dot.x - dot.y) for dot in dots]))
    description = f"{len(order):,} {part} rows in {bins} groups; on average a group is {gap:.0%} "
    description += "more or less sure than right."
    return Plot("reliability", "Reliability", description, [Panel(x, y, marks, 0.6)], notes)


def error_plot(part: str, errors: Floats, unit: str, notes: Sequence[str]) -> Plot:
    """How large errors are: their magnitudes, (rows,)."""
    high = float(errors.max()) or 1.0
    edges = np.linspace(0, high, _BINS + 1)
    counts = np.histogram(errors, edges)[0]
    x = Axis(f"magnitude of the error{unit}", linear([0.0, high], from_zero=True))
    y = Axis(f"{part} rows", linear(counts.tolist(), from_zero=True))
    middle = float(np.median(errors))
    description = f"{len(errors):,} {part} rows; half of the errors are below {middle:.4g}, the "
    description += f"largest is {high:.4g}."
    panel = Panel(x, y, [_bars(edges, counts, "", 0)])
    return Plot("errors", "Sizes of errors", description, [panel], [description, *notes])


def error_by_target_plot(
    part: str, errors: Floats, targets: Floats, unit: str, notes: Sequence[str]
) -> Plot:
    """Magnitudes of errors beside those of the target, (rows,) each."""
    known = np.isfinite(targets)
    errors, targets = errors[known], targets[known]
    step = max(1, math.ceil(len(errors) / _MOST_DOTS))
    dots = [Dot(x, y) for x, y in zip(targets[::step], errors[::step], strict=True)]
    order = np.argsort(targets, kind="stable")
    groups = np.array_split(order, max(1, min(8, len(order) // _LEAST_ROWS)))
    line = [(float(targets[rows].mean()), float(errors[rows].mean())) for rows in groups]
    x = Axis(f"magnitude of the target{unit}", linear(targets.tolist()))
    y = Axis("magnitude of the error", linear(errors.tolist(), from_zero=True))
    marks: list[PanelMark] = [
        Dots(dots, "rows", GREY),
        Line(line, "mean of groups of rows", 0, has_dots=True),
    ]
    description = f"Errors of {len(errors):,} {part} rows; the mean is {line[0][1]:.4g} where the "
    description += f"target is smallest and {line[-1][1]:.4g} where it is largest."
    reported = [*notes, f"1 row in {step} is drawn"] if step > 1 else notes
    title = "Errors by the size of the target"
    return Plot("errors-by-target", title, description, [Panel(x, y, marks, 0.5)], reported)
