"""Marks of a panel: one function for each kind."""

import math
from functools import singledispatch

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Rectangle

from regcli.report.plots.plot import LEVELS, Band, Cells, Dots, Line, Panel, Rule
from regcli.report.plots.scales import Scale, Steps
from regcli.report.writers.by_matplotlib.strokes import (
    BAND_ALPHA,
    color_of,
    dots_style,
    letters,
    line_style,
    line_width,
    lone_style,
)
from regcli.report.writers.svg.paint import SHADES


def draw_marks(ax: Axes, panel: Panel) -> None:
    """Draw all marks of a panel, the later ones above the earlier ones."""
    for place, mark in enumerate(panel.marks):
        draw_mark(mark, ax, panel, 2 + place / 1000)


@singledispatch
def draw_mark(mark: object, ax: Axes, panel: Panel, above: float) -> None:
    """Draw a mark.

    Args:
        above: its place among others, as matplotlib orders them.
    """
    raise TypeError(f"no mark: {mark!r}")


@draw_mark.register
def _(mark: Line, ax: Axes, panel: Panel, above: float) -> None:
    points = [(x, _within(panel.y.scale, y)) for x, y in mark.points]
    style = line_style(mark)
    ax.plot([x for x, _ in points], [y for _, y in points], **style, zorder=above)
    if not mark.has_dots:
        # Between values that are not known a line has no length.
        alone = [points[n] for n in range(len(points)) if _is_alone(points, n)]
        ax.plot([x for x, _ in alone], [y for _, y in alone], **lone_style(mark), zorder=above)


def _within(scale: Scale, value: float) -> float:
    """A value, or the end of the axis that lies before it."""
    low, high = getattr(scale, "low", -math.inf), getattr(scale, "high", math.inf)
    return min(max(value, low), high) if math.isfinite(value) else math.nan


def _is_alone(points: list[tuple[float, float]], place: int) -> bool:
    near = points[max(0, place - 1) : place + 2]
    known = [point for point in near if all(map(math.isfinite, point))]
    return known == [points[place]]


@draw_mark.register
def _(mark: Band, ax: Axes, panel: Panel, above: float) -> None:
    known = [point for point in mark.points if all(map(math.isfinite, point))]
    xs, lows, highs = ([point[n] for point in known] for n in range(3))
    color = color_of(mark.color)
    if len(known) == 1:
        ax.vlines(xs, lows, highs, color=color, linewidth=line_width(), zorder=above)
        return
    ax.fill_between(xs, lows, highs, color=color, alpha=BAND_ALPHA, linewidth=0, zorder=above)


@draw_mark.register
def _(mark: Rule, ax: Axes, panel: Panel, above: float) -> None:
    draw = ax.axvline if mark.is_upright else ax.axhline
    style = (0, (6, 4)) if mark.is_dashed else "-"
    draw(mark.at, color="0.3", linestyle=style, linewidth=line_width() / 2, zorder=above)


@draw_mark.register
def _(mark: Dots, ax: Axes, panel: Panel, above: float) -> None:
    known = [dot for dot in mark.dots if math.isfinite(dot.x) and math.isfinite(dot.y)]
    color = color_of(mark.color)
    for dot in known:
        if dot.interval is not None and all(map(math.isfinite, dot.interval)):
            draw = ax.hlines if mark.has_level_intervals else ax.vlines
            at = dot.y if mark.has_level_intervals else dot.x
            draw(at, *dot.interval, color=color, linewidth=line_width(), zorder=above)
    ax.plot([dot.x for dot in known], [dot.y for dot in known], **dots_style(mark), zorder=above)


@draw_mark.register
def _(mark: Cells, ax: Axes, panel: Panel, above: float) -> None:
    columns, rows = (_count(axis.scale) for axis in (panel.x, panel.y))
    levels = np.full((rows, columns), np.nan)
    for cell in mark.cells:
        levels[cell.row, cell.column] = np.nan if cell.level is None else cell.level
    shades = ListedColormap(SHADES["diverging" if mark.is_diverging else "shade"])
    edges = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    gap = letters() / 8 if max(columns, rows) <= 20 else 0.0
    ax.pcolormesh(
        *edges,
        np.ma.masked_invalid(levels),
        cmap=shades,
        vmin=-0.5,
        vmax=LEVELS - 0.5,
        edgecolors="white" if gap else "face",
        linewidth=gap or 0.1,
        zorder=above,
    )
    for cell in mark.cells:
        corner, is_known = (cell.column - 0.5, cell.row - 0.5), cell.level is not None
        if cell.is_marked or not is_known:
            frame = Rectangle(
                *(corner, 1, 1),
                fill=False,
                edgecolor="black" if cell.is_marked else "0.6",
                linewidth=letters() / (5 if cell.is_marked else 20),
                clip_on=False,
                zorder=above + 0.1,
            )
            ax.add_patch(frame)


def _count(scale: Scale) -> int:
    return len(scale.texts) if isinstance(scale, Steps) else 1
