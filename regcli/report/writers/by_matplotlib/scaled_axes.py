"""The axes of a panel, with matplotlib's own scales: what is drawn keeps its values."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator
from matplotlib.transforms import ScaledTranslation

from regcli.report.cells import harmless
from regcli.report.plots.plot import Cells, Panel
from regcli.report.plots.scales import Linear, Logarithmic, Scale, Steps, Tick
from regcli.report.writers.by_matplotlib.strokes import letters
from regcli.report.writers.by_matplotlib.text_widths import LINE_HEIGHT, width_of_text, wrapped_to

_POINTS = 72
"""In an inch."""
TICK_LETTERS = 0.9
"""Letters beside an axis, in the size of the others."""

_LEAST_LABEL = 0.6
"""Letters of a label beside a low panel, in the size of the others."""


@dataclass(frozen=True)
class Form:
    """A scale as matplotlib knows it.

    Attributes:
        name, arguments: of the scale.
        low, high: the values at the axis's ends.
    """

    name: str
    low: float
    high: float
    arguments: Mapping[str, Any] = field(default_factory=dict)


def form_of(scale: Scale) -> Form:
    """The form in which every value stands where the scale places it.

    Raises:
        TypeError: there is none.
    """
    if isinstance(scale, Linear):
        return Form("linear", scale.low, scale.high)
    if isinstance(scale, Steps):
        return Form("linear", -0.5, len(scale.texts) - 0.5)
    if isinstance(scale, Logarithmic):
        return _logarithmic(scale)
    raise TypeError(f"no form of {scale!r}")


def _logarithmic(scale: Logarithmic) -> Form:
    """Logarithmic; with a place for 0, linear below the least value above it."""
    low, high, zero = scale.low, scale.high, scale.place(0.0)
    if high <= 0:
        return Form("linear", -1.0, 1.0)
    begin = scale.place(low)
    if high <= low:  # one value, in the middle of a decade that reaches to the other end
        low, high = low / math.sqrt(10), high * math.sqrt(10)
        begin = 2 * begin - (1 - zero)
    per_share = math.log10(high / low) / (1 - zero - begin)  # decades of the whole axis
    edge = 10 ** (zero * per_share)
    if not scale.has_zero:
        return Form("log", low / edge, high * edge)
    below = (begin - zero) * per_share
    arguments = {"base": 10, "linthresh": low, "linscale": below * 0.9}
    return Form("symlog", -low * zero * per_share / below, high * edge, arguments)


def scale_axes(ax: Axes, panel: Panel) -> None:
    """Give axes their scales, ticks and labels."""
    is_map = any(isinstance(mark, Cells) for mark in panel.marks)
    x, y = form_of(panel.x.scale), form_of(panel.y.scale)
    ax.set_xscale(x.name, **x.arguments)
    ax.set_yscale(y.name, **y.arguments)
    ax.set_xlim(x.low, x.high)
    ax.set_ylim(y.low, y.high)
    for axis, given in ((ax.xaxis, panel.x), (ax.yaxis, panel.y)):
        axis.set_minor_locator(NullLocator())
        _set_ticks(axis, [tick for tick in given.scale.ticks if tick.text])
        axis.set_label_text(harmless(given.label), parse_math=False, usetex=False)
        axis.set_tick_params(
            labelsize=TICK_LETTERS * letters(), length=0 if is_map else letters() / 3
        )
    ax.set_axisbelow(True)
    if is_map:
        ax.spines[:].set_visible(False)
    else:
        ax.grid(visible=True, axis="y", color="black", alpha=0.16, linewidth=letters() / 20)
    for share in panel.x.scale.breaks:
        _interrupt(ax, share)


def _set_ticks(axis: Axis, ticks: Sequence[Tick]) -> None:
    axis.set_major_locator(FixedLocator([tick.value for tick in ticks]))
    axis.set_major_formatter(FixedFormatter([harmless(tick.text) for tick in ticks]))


def _interrupt(ax: Axes, share: float) -> None:
    """Two strokes across the line of x, and a gap between them."""
    size = letters() * 0.45
    slash: Any = [(-0.5, -1.0), (0.5, 1.0)]
    gap = {"marker": "s", "markersize": size * 2 / 3, "color": ax.get_facecolor()}
    stroke = {"marker": slash, "markersize": size, "color": "black"}
    stroke |= {"markeredgewidth": letters() / 14}
    for shift, style in (
        (0.0, gap | {"markeredgewidth": 0}),
        (-size / 3, stroke),
        (size / 3, stroke),
    ):
        shifted = ScaledTranslation(shift / _POINTS, 0, ax.figure.dpi_scale_trans)
        place: dict[str, Any] = {"transform": ax.transAxes + shifted, "clip_on": False, "zorder": 3}
        ax.add_artist(Line2D([share], [0.0], **place, **cast(dict[str, Any], style)))


def size_in_points(ax: Axes) -> tuple[float, float]:
    """Width and height of axes as they are laid out now."""
    extent = ax.get_window_extent()
    per_dot = _POINTS / ax.figure.dpi
    return float(extent.width) * per_dot, float(extent.height) * per_dot


def thin_ticks(ax: Axes, panel: Panel) -> None:
    """Leave out every second, third … tick, so that no two texts touch."""
    width, height = size_in_points(ax)
    size = TICK_LETTERS * letters()
    x, y = panel.x.scale, panel.y.scale

    def reach(tick: Tick) -> tuple[float, float]:
        half = width_of_text(harmless(tick.text), size) / 2 + size / 3
        return x.place(tick.value) * width - half, x.place(tick.value) * width + half

    def rise(tick: Tick) -> tuple[float, float]:
        half = LINE_HEIGHT * size / 2
        return y.place(tick.value) * height - half, y.place(tick.value) * height + half

    _set_ticks(ax.xaxis, _thinned(x, reach))
    _set_ticks(ax.yaxis, _thinned(y, rise))


def wrap_label(ax: Axes, panel: Panel, height: float | None = None) -> None:
    """Write the label of y in as many lines as let it be no longer than the panel is high.

    Args:
        height: of the panel, in points; None for what it is now.
    """
    room = size_in_points(ax)[1] if height is None else height
    words = harmless(panel.y.label).split()
    if not words:
        return
    longest = max(width_of_text(word, letters()) for word in words)
    # A word may reach a little into the room between panels.
    size = letters() * min(1.0, max(1.2 * room / longest, _LEAST_LABEL))
    lines = wrapped_to(harmless(panel.y.label), max(room, 1.2 * room * (longest > room)), size)
    ax.set_ylabel("\n".join(lines), fontsize=size, parse_math=False, usetex=False)


def _thinned(scale: Scale, extent: Callable[[Tick], tuple[float, float]]) -> list[Tick]:
    ticks = [tick for tick in scale.ticks if tick.text]
    head = ticks[:1] if scale.breaks else []  # 0, which has a place apart
    for step in range(1, len(ticks) + 1):
        kept = [*head, *ticks[len(head) :: step]]
        if all(before[1] <= after[0] for before, after in pairwise(map(extent, kept))):
            return kept
    return ticks[:1]
