"""What stands in words in and above a panel: its legend, names of rules, numbers of cells."""

from collections.abc import Sequence
from functools import singledispatch
from itertools import pairwise

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedFormatter, FixedLocator
from matplotlib.transforms import ScaledTranslation

from regcli.report.cells import harmless
from regcli.report.plots.plot import Band, Cell, Cells, Dots, Line, Panel, Rule
from regcli.report.plots.scales import Steps
from regcli.report.writers.by_matplotlib.scaled_axes import TICK_LETTERS, size_in_points
from regcli.report.writers.by_matplotlib.strokes import (
    BAND_ALPHA,
    color_of,
    dots_style,
    letters,
    line_style,
)
from regcli.report.writers.by_matplotlib.text_widths import (
    LINE_HEIGHT,
    shortened_to,
    width_of_text,
)

SAMPLE, BESIDE, BETWEEN = 2.2, 0.5, 1.4
"""Of a legend, in its letters: width of a sample, room beside it, room between columns."""
_MOST_NAME = 16
"""Width of a name in a legend that is shown in any case, in its letters, where so much is free."""
_MOST_ROWS = 2
"""Of a legend, before it takes more room than its panel is wide."""
_LEAST_LETTERS = 0.55
"""Numbers in cells, in the size of other letters."""
_STAR = "★"
_FIRST_BRIGHT = 6
"""The first shade on which letters are white."""


def legend_names(panel: Panel) -> list[str]:
    """The names in a panel's legend."""
    return [mark.name for mark in _named(panel)]


def _named(panel: Panel) -> list[Line | Band | Dots]:
    return [m for m in panel.marks if isinstance(m, Line | Band | Dots) and m.name]


@singledispatch
def _sample(mark: object) -> Artist:
    raise TypeError(f"no sample of {mark!r}")


@_sample.register
def _(mark: Line) -> Artist:
    return Line2D([], [], **line_style(mark))


@_sample.register
def _(mark: Band) -> Artist:
    return Patch(facecolor=color_of(mark.color), alpha=BAND_ALPHA, linewidth=0)


@_sample.register
def _(mark: Dots) -> Artist:
    return Line2D([], [], **dots_style(mark))


def add_legend(ax: Axes, panel: Panel, above: float | None) -> None:
    """Name the marks of a panel.

    Args:
        above: how far above the panel it stands, in points; None where it stands in it, in the
            corner that has most room.
    """
    marks = _named(panel)
    if not marks:
        return
    size = TICK_LETTERS * letters()
    width, _ = size_in_points(ax)
    room = min(width - (SAMPLE + BESIDE) * size, max(width / 3, _MOST_NAME * size))
    names = [shortened_to(mark.name, room, size) for mark in marks]
    form = {
        "handlelength": SAMPLE,
        "handletextpad": BESIDE,
        "columnspacing": BETWEEN,
        "fontsize": size,
        "borderaxespad": 0.0,
        "borderpad": 0.2,
        "labelspacing": 0.3,
    }
    samples = [_sample(mark) for mark in marks]
    if above is None:
        ax.legend(samples, names, loc="best", **(form | {"borderaxespad": 0.5}))
        return
    widths = [width_of_text(name, size) for name in names]
    columns, left = _columns(widths, width, size), 0.0
    if len(marks) > _MOST_ROWS * columns:  # the room above the texts of y is free, too
        left = ax.get_position().x0 * ax.figure.bbox.width * 72 / ax.figure.dpi - size
        columns = _columns(widths, width + left, size)
    shift = ScaledTranslation(-left / 72, above / 72, ax.figure.dpi_scale_trans)
    ax.legend(
        samples,
        names,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        bbox_transform=ax.transAxes + shift,
        ncols=columns,
        frameon=False,
        **form,
    )


def _columns(widths: Sequence[float], room: float, size: float) -> int:
    """How many columns of names fit beside each other, each as wide as its widest name."""
    for columns in range(len(widths), 1, -1):
        rows, longer = divmod(len(widths), columns)
        ends = [n * rows + min(n, longer) for n in range(columns + 1)]
        widest = [max(widths[a:b]) for a, b in pairwise(ends)]
        if sum(widest) + size * columns * (SAMPLE + BESIDE + BETWEEN) <= room + size * BETWEEN:
            return columns
    return 1


def name_rules(ax: Axes, panel: Panel) -> float:
    """Write the names of upright rules above a panel, in rows where they would touch.

    They are minor ticks at its top: a title finds its place above them.

    Returns:
        How high they are, in points.
    """
    rules = [m for m in panel.marks if isinstance(m, Rule) and m.is_upright and m.name]
    if not rules:
        return 0.0
    size = TICK_LETTERS * letters()
    width, _ = size_in_points(ax)
    places = panel.x.scale.place
    ends: list[float] = []
    names = []
    rules.sort(key=lambda rule: places(rule.at))
    for rule in rules:
        middle, half = places(rule.at) * width, width_of_text(harmless(rule.name), size) / 2
        row = next((n for n, end in enumerate(ends) if end + size / 2 <= middle - half), len(ends))
        ends[row : row + 1] = [middle + half]
        names.append(harmless(rule.name) + "\n" * row)
    ax.xaxis.remove_overlapping_locs = False
    ax.xaxis.set_minor_locator(FixedLocator([rule.at for rule in rules]))
    ax.xaxis.set_minor_formatter(FixedFormatter(names))
    ax.tick_params(
        axis="x",
        which="minor",
        top=True,
        bottom=False,
        labeltop=True,
        labelbottom=False,
        length=0,
        pad=size / 4,
        labelsize=size,
    )
    return size * (len(ends) * LINE_HEIGHT + 0.25)


def write_cells(ax: Axes, panel: Panel) -> None:
    """Write the numbers of cells into them where all fit; else the best one's star alone."""
    for mark in panel.marks:
        if isinstance(mark, Cells):
            _write(ax, panel, mark)


def _write(ax: Axes, panel: Panel, mark: Cells) -> None:
    if not isinstance(panel.x.scale, Steps) or not isinstance(panel.y.scale, Steps):
        return
    width, height = size_in_points(ax)
    room = width / len(panel.x.scale.texts), height / len(panel.y.scale.texts)
    size = _fitting_letters([cell.text for cell in mark.cells], room)
    for cell in mark.cells:
        text = cell.text if size else cell.text[: cell.text.startswith(_STAR)]
        if text:
            ax.text(
                *(cell.column, cell.row, harmless(text)),
                ha="center",
                va="center",
                fontsize=size or TICK_LETTERS * letters(),
                color=_ink(cell),
                in_layout=False,
                clip_on=True,
                zorder=3,
            )


def _fitting_letters(texts: Sequence[str], room: tuple[float, float]) -> float:
    """The largest letters with which all texts fit into cells; 0 where there are none."""
    size = TICK_LETTERS * letters()
    widest = max((width_of_text(text, size) for text in texts), default=0.0)
    fitting = min(1.0, 0.9 * room[0] / widest if widest else 1.0, 0.8 * room[1] / size)
    return size * fitting if fitting >= _LEAST_LETTERS else 0.0


def _ink(cell: Cell) -> str:
    return "white" if cell.level is not None and cell.level >= _FIRST_BRIGHT else "black"
