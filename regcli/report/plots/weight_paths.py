"""Weights of input columns along a strength, and below them what is left and how well it does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regcli.report.plots.plot import GREY, Axis, Line, Panel, PanelMark, Plot, Rule
from regcli.report.plots.scales import linear, logarithmic
from regcli.report.plots.strength_curves import Curve, curve_notes, curve_panel

MOST_NAMED, MOST_DRAWN = 8, 40
"""Columns with a name and a color, and columns that are drawn at all; the largest ones."""


@dataclass(frozen=True)
class ColumnWeights:
    """The weights of columns at the points of a path.

    Attributes:
        strengths: (points,) in order.
        values: (points, columns): coefficients, or norms of what leads from a column to units.
        columns: their names.
        label: what the values are.
        active: (points,) how many columns are active; None where not known, or always as many.
        limit: the largest magnitude that is shown; larger ones stand at the edge.
    """

    strengths: Sequence[float]
    values: NDArray[np.float64]
    columns: Sequence[str]
    label: str
    active: Sequence[float] | None
    limit: float


def weight_path_plot(
    key: str,
    label: str,
    weights: ColumnWeights,
    score: Curve,
    named: Sequence[tuple[float, str]],
    notes: Sequence[str],
) -> Plot:
    """Three panels above one axis: weights by column, active inputs, score.

    Args:
        label: of the strength.
    """
    x = Axis(label, logarithmic(weights.strengths))
    largest = np.argsort(-np.abs(weights.values).max(axis=0, initial=0.0), kind="stable")
    drawn = largest[:MOST_DRAWN]
    lines = [_line(weights, int(column), place) for place, column in enumerate(drawn.tolist())]
    rules = [Rule(value, name) for value, name in named]
    silent: list[PanelMark] = [Rule(value) for value, _ in named]
    values = np.clip(weights.values[:, drawn], -weights.limit, weights.limit)
    panels = [
        # Those with a name lie above the others.
        Panel(
            x,
            Axis(weights.label, linear(values.ravel().tolist())),
            [*rules, *lines[MOST_NAMED:], *lines[:MOST_NAMED]],
            0.6,
        )
    ]
    if weights.active is not None:
        points = list(zip(weights.strengths, weights.active, strict=True))
        axis = Axis("active inputs", linear(weights.active, wanted=3, from_zero=True))
        panels.append(Panel(x, axis, [*silent, Line(points, "", 2)], 0.2))
    panels.append(curve_panel(x, score, named, has_names=False, height=0.3))
    reported = [*notes, *curve_notes(score)]
    if np.abs(weights.values).max(initial=0.0) > weights.limit:
        reported.append("the largest values stand at the edge")
    if len(largest) > MOST_DRAWN:
        reported.append(f"the {MOST_DRAWN} largest of {len(largest):,} columns")
    description = (
        f"{weights.label} of {len(drawn)} columns at {len(weights.strengths)} values of {label}. "
        f"The largest: {', '.join(weights.columns[n] for n in drawn[:MOST_NAMED].tolist())}."
    )
    return Plot(key, f"Columns along {label}", description, panels, reported)


def _line(weights: ColumnWeights, column: int, place: int) -> Line:
    points = list(zip(weights.strengths, weights.values[:, column].tolist(), strict=True))
    if place >= MOST_NAMED:
        return Line(points, "", GREY)
    return Line(points, weights.columns[column], place, dash=place)
