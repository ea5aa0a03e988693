"""A plot as a figure: its panels below each other, with as much room as their texts need."""

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from regcli.report.plots.plot import Panel, Plot
from regcli.report.writers.by_matplotlib.drawn_marks import draw_marks
from regcli.report.writers.by_matplotlib.house_style import as_given, house_style
from regcli.report.writers.by_matplotlib.picture_size import PictureSize
from regcli.report.writers.by_matplotlib.scaled_axes import scale_axes, thin_ticks, wrap_label
from regcli.report.writers.by_matplotlib.shown_axes import ShownAxes
from regcli.report.writers.by_matplotlib.text_widths import shortened_to, wrapped_to
from regcli.report.writers.by_matplotlib.written_names import (
    add_legend,
    legend_names,
    name_rules,
    write_cells,
)

_FIRST_HEIGHT = 0.8
"""Height of a figure, in its width, until that which it needs is known."""
_MARGIN = 0.02
"""Share of the width that stays free beside title and notes, on both sides together."""


def drawn_figure(plot: Plot, size: PictureSize) -> Figure:
    """A plot as a figure, which nothing but the caller holds; its axes are in the panels' order."""
    with house_style(size.letters):
        figure = Figure(
            (size.width, size.height or size.width * _FIRST_HEIGHT),
            dpi=size.dots,
            layout="constrained",
        )
        FigureCanvasAgg(figure)
        every = _axes(figure, plot.panels)
        if size.has_title:
            _frame(figure, plot, size)
        _lay_out(figure)
        # Twice: what stands above a panel makes it lower, and its label takes more lines.
        for _ in range(2):
            _write_names(figure, every, plot.panels, size)
        for ax, panel in zip(every, plot.panels, strict=True):
            thin_ticks(ax, panel)
            write_cells(ax, panel)
    return figure


def _axes(figure: Figure, panels: Sequence[Panel]) -> list[Axes]:
    """Axes with marks; those of panels that share x have its texts once, below the last one."""
    grid = figure.add_gridspec(len(panels), 1, height_ratios=[panel.height for panel in panels])
    every: list[Axes] = []
    has_texts = [one.x != other.x for one, other in pairwise(panels)] + [True]
    for place, panel in enumerate(panels):
        ax = figure.add_subplot(grid[place], axes_class=ShownAxes)
        scale_axes(ax, panel)
        draw_marks(ax, panel)
        if not has_texts[place]:
            ax.tick_params(axis="x", which="major", labelbottom=False)
            ax.set_xlabel("")
        every.append(ax)
    figure.align_ylabels(every)
    return every


def _frame(figure: Figure, plot: Plot, size: PictureSize) -> None:
    """The title above the panels, and the notes below them."""
    width = size.width * 72 * (1 - _MARGIN)
    title, notes = 1.1 * size.letters, 0.75 * size.letters
    left = {"x": _MARGIN / 2, "ha": "left"}
    text = shortened_to(plot.title, width, title, is_bold=True)
    figure.suptitle(text, fontsize=title, fontweight="bold", **left)
    if plot.notes:
        lines = wrapped_to("; ".join(plot.notes), width, notes)
        figure.supxlabel("\n".join(lines), fontsize=notes, color="0.25", **left)


def _write_names(
    figure: Figure, every: Sequence[Axes], panels: Sequence[Panel], size: PictureSize
) -> None:
    """Write labels, legends and names of rules, and make room for them."""
    for ax, panel in zip(every, panels, strict=True):
        wrap_label(ax, panel, None if size.height else 72 * size.width * panel.height)
    for ax, panel, has_legend in zip(every, panels, _own_legends(panels), strict=True):
        above = name_rules(ax, panel)
        if has_legend:
            add_legend(ax, panel, above + size.letters / 4)
    _lay_out(figure)
    if size.height is None:
        _fit_height(figure, every, panels)
        _lay_out(figure)


def _lay_out(figure: Figure) -> None:
    """Give every part of a figure its place, without drawing it."""
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.execute(figure)


def _own_legends(panels: Sequence[Panel]) -> list[bool]:
    """Whether a panel has a legend that the panel above it does not have already."""
    return [True] + [legend_names(a) != legend_names(b) for a, b in pairwise(panels)]


def _fit_height(figure: Figure, every: Sequence[Axes], panels: Sequence[Panel]) -> None:
    """Give each panel its height, as a share of the width, beside what texts need."""
    width, height = figure.get_size_inches()
    taken = height * (1 - sum(ax.get_position().height for ax in every))
    figure.set_size_inches(width, taken + width * sum(panel.height for panel in panels))


def draw_into(ax: Axes, panel: Panel) -> None:
    """Draw one panel into axes, whose size and style are the caller's."""
    with as_given():
        scale_axes(ax, panel)
        draw_marks(ax, panel)
        wrap_label(ax, panel)
        thin_ticks(ax, panel)
        name_rules(ax, panel)
        add_legend(ax, panel, None)
        write_cells(ax, panel)
