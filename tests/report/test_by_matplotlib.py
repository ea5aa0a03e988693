"""Plots by matplotlib: values stand where scales place them, and no text covers another one."""

import math
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from regcli.report.plots.heat_map import Score, heat_map
from regcli.report.plots.plot import (
    Axis,
    Band,
    Cell,
    Cells,
    Dot,
    Dots,
    Line,
    Panel,
    PanelMark,
    Plot,
    Rule,
)
from regcli.report.plots.scales import Scale, Steps, linear, logarithmic
from regcli.report.plots.trade_off import Sized, trade_off_plot
from regcli.report.writers.by_matplotlib.figure_files import figure_bytes
from regcli.report.writers.by_matplotlib.panel_figure import draw_into, drawn_figure
from regcli.report.writers.by_matplotlib.picture_size import NAMED, NOTEBOOK, read_size

X = Axis("l1", logarithmic([0.0, 1e-3, 1e-2]))
Y = Axis("loss", linear([0.0, 1.0]))
PIXELS_OF_ROUNDING = 2


def plot(*marks: PanelMark, x: Axis = X, y: Axis = Y, notes: tuple[str, ...] = ()) -> Plot:
    return Plot("p", "A title", "What it shows.", [Panel(x, y, marks)], notes)


@pytest.mark.parametrize(
    ("scale", "values"),
    [
        (linear([-3.0, 8.0]), [-3.0, 0.0, 2.5, 8.0]),
        (logarithmic([1e-4, 1e-1]), [1e-4, 3e-3, 1e-1]),
        (logarithmic([0.0, 1e-4, 1e-1]), [0.0, 1e-4, 3e-3, 1e-1]),
        (logarithmic([0.0, 2.0]), [0.0, 2.0]),
        (logarithmic([2.0]), [2.0]),
        (Steps(("a", "b", "c")), [0.0, 1.0, 2.0]),
    ],
)
def test_values_stand_where_the_page_has_them(scale: Scale, values: list[float]) -> None:
    ax = drawn_figure(plot(x=Axis("x", scale), y=Axis("y", scale)), NOTEBOOK).axes[0]
    for value in values:
        shown = ax.transAxes.inverted().transform(ax.transData.transform((value, value)))
        assert shown == pytest.approx((scale.place(value), scale.place(value)), abs=1e-9), value


def test_points_keep_their_values() -> None:
    points = [(0.0, 0.1), (1e-3, math.nan), (2e-3, 0.2), (1e-2, 0.3)]
    ax = drawn_figure(plot(Line(points, "train"), Rule(1e-3, "best")), NOTEBOOK).axes[0]
    line = next(each for each in ax.lines if len(each.get_xdata()) == 4)
    np.testing.assert_array_equal(line.get_xdata(), [x for x, _ in points])
    np.testing.assert_array_equal(line.get_ydata(), [y for _, y in points])
    # What has no neighbor is marked: a line there would have no length.
    assert [list(each.get_xdata()) for each in ax.lines if each.get_marker() == "o"] == [[0.0]]


def test_marks_differ_without_their_colors() -> None:
    lines = [Line([(0.0, n / 9), (1e-2, n / 9)], f"column {n}", n, dash=n) for n in range(8)]
    ax = drawn_figure(plot(*lines), NOTEBOOK).axes[0]
    drawn = [each for each in ax.lines if len(each.get_xdata()) == 2]
    looks = {(each.get_color(), str(each._unscaled_dash_pattern)) for each in drawn}  # type: ignore[attr-defined]
    assert len(looks) == 8
    assert len({str(each._unscaled_dash_pattern) for each in drawn[:4]}) == 4  # type: ignore[attr-defined]


RULES = [Rule(1e-3, "reference"), Rule(1.1e-3, "best"), Rule(1.2e-3, "use"), Rule(1e-2, "end")]
NAMED_LINES = [
    Line([(0.0, n / 9), (1e-2, n / 9)], f"a column with the name {n}", n) for n in range(8)
]
MAP = Cells(
    [Cell(c, r, (c + r) % 9, f"0.1{c}{r}4", "", c == r) for c in range(7) for r in range(5)]
)
SEVERAL = Plot(
    "p",
    "A title " * 30,
    "What it shows.",
    [
        Panel(X, Axis("coefficient of the scaled column", Y.scale), [*RULES, *NAMED_LINES], 0.6),
        Panel(X, Axis("active inputs", linear([0.0, 20.0])), [Rule(1e-3)], 0.2),
        Panel(X, Axis("accuracy", Y.scale), [Band([(0.0, 0.1, 0.2), (1e-2, 0, 1)], "b")], 0.3),
    ],
    ["what is to be known of it " * 5, "and more"],
)
PLOTS = {
    "several": SEVERAL,
    "long": plot(*NAMED_LINES, Line([(0.0, 0.0)], "n" * 200), notes=("w" * 300,)),
    "map": plot(MAP, x=Axis("l1", Steps(tuple("1234567"))), y=Axis("l2", Steps(tuple("12345")))),
    "steps": plot(x=Axis("l1", Steps(tuple(f"{n}.000001" for n in range(40))))),
    "rows": plot(y=Axis("", linear([-123456.0, 123456.0], wanted=40))),
    "powers": plot(x=Axis("l1", logarithmic([0.0, *(10.0**-n for n in range(12))]))),
    "dots": plot(Dots([Dot(1e-3, 0.5, "t", (0.1, 0.9))], "use", 1, 1)),
}


@pytest.mark.parametrize("size", ["slide", "column"])
@pytest.mark.parametrize("name", PLOTS)
def test_no_text_covers_another_one_or_is_cut(name: str, size: str) -> None:
    figure = drawn_figure(PLOTS[name], read_size(size))
    figure.draw_without_rendering()
    found = [each for each in figure.findobj(Text) if isinstance(each, Text) and each.get_text()]
    shown = [each for each in found if each.get_visible() and not _is_hidden(each, figure)]
    boxes = [(each.get_text(), _box(each)) for each in shown]
    room = PIXELS_OF_ROUNDING * figure.dpi / 72
    for text, box in boxes:
        assert box.x0 >= -room, text
        assert box.x1 <= figure.bbox.width + room, text
        assert -room <= box.y0 < box.y1 <= figure.bbox.height + room, text
    for (one, a), (other, b) in combinations(boxes, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert min(across, down) <= room, (one, other)


def _box(text: Text) -> Bbox:
    """Where a text is; empty lines below it, which raise it, take no room."""
    box, written = text.get_window_extent(), text.get_text()
    empty = len(written) - len(written.rstrip("\n"))
    return Bbox([[box.x0, box.y1 - box.height / (empty + 1)], [box.x1, box.y1]])


def _is_hidden(text: Text, figure: Figure) -> bool:
    """Texts of ticks that are not drawn: of the other side, or where panels share theirs."""
    ticks = [
        tick
        for ax in figure.axes
        for axis in (ax.xaxis, ax.yaxis)
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    ]
    return any(text in (tick.label1, tick.label2) and not text.get_visible() for tick in ticks)


def test_a_name_is_no_formula_and_no_label_is_left_out() -> None:
    lines = [Line([(0.0, 0.0), (1e-2, 1.0)], name) for name in ("$x$", "_hidden", "a\x07b")]
    with mpl.rc_context({"text.parse_math": True}):
        own = Figure().subplots()
        draw_into(own, plot(*lines).panels[0])
    for ax in (own, drawn_figure(plot(*lines), NOTEBOOK).axes[0]):
        legend = ax.get_legend()
        assert isinstance(legend, Legend)
        assert [each.get_text() for each in legend.get_texts()] == ["$x$", "_hidden", r"a\x07b"]
        assert not any(each.get_parse_math() for each in legend.get_texts())


def test_drawing_into_axes_leaves_the_title_and_the_style() -> None:
    figure = Figure(layout="constrained")
    ax = figure.subplots()
    ax.set_title("mine")
    with mpl.rc_context({"font.size": 7.0}):
        draw_into(ax, plot(*RULES, NAMED_LINES[0]).panels[0])
        assert mpl.rcParams["font.size"] == 7.0
    figure.draw_without_rendering()
    title, names = ax.title.get_window_extent(), ax.xaxis.get_minorticklabels()
    assert [each.get_text().strip() for each in names] == ["reference", "best", "use", "end"]
    top = max(each.get_window_extent().y1 for each in names)
    assert top <= title.y0 + 1
    assert [each for each in ax.get_children() if isinstance(each, Line2D)]


def test_thousands_of_settings_are_as_many_marks_as_can_be_seen() -> None:
    values = [0.0, *np.geomspace(1e-5, 1, 99).tolist()]
    scores = {(x, y): Score(math.hypot(x - 0.1, y)) for x in values for y in values}
    labels = ("l1", "l2")
    shown = heat_map(labels, (values, values), scores, "loss", "{:.4f}".format, False, [])  # type: ignore[arg-type]
    many = [Sized(f"l1 {n}", n + 1.0, 1 / (n + 1) + n % 7 / 10) for n in range(5_000)]
    dots = trade_off_plot(many, [0, 7, 4_999], {"use": 7}, ("weights", "loss"), False, [])
    for each in (shown, dots):
        for size in NAMED.values():
            for ending in (".svg", ".pdf", ".png"):
                assert len(figure_bytes(drawn_figure(each, size), ending, each)) < 500_000
    assert "neighboring values share a cell" in " ".join(shown.notes)
    assert " of 5,000 settings: of several in one place, one" in " ".join(dots.notes)
