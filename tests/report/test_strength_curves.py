"""Curves along a strength: what is drawn stands at its own value, or a note says where it is."""

import math

import numpy as np
import pytest

from regcli.report.plots.plot import Axis, Band, Line, Panel, Rule
from regcli.report.plots.scales import linear
from regcli.report.plots.strength_curves import Curve, curve_notes, curve_panel
from regcli.report.plots.weight_paths import ColumnWeights, weight_path_plot

X = Axis("l1", linear([0.0, 1.0]))
INTERVALS = [(0.0, 0.29, 0.31), (1.0, 0.295, 0.305)]


def curve(validation: list[float], train: list[float], threshold: float | None = None) -> Curve:
    points, trained = ([*zip((0.0, 1.0), each, strict=True)] for each in (validation, train))
    return Curve("loss", points, trained, [], threshold=threshold)


def panel(drawn: Curve) -> Panel:
    return curve_panel(X, drawn, [], has_names=True)


def test_one_standard_error_from_the_best_stands_at_its_own_value() -> None:
    drawn = curve([0.300, 0.301], [0.300, 0.301], threshold=0.3015)
    (rule,) = [mark for mark in panel(drawn).marks if isinstance(mark, Rule)]
    assert 0.5 < panel(drawn).y.scale.place(rule.at) < 1
    assert curve_notes(drawn) == ["the level dashed line is one standard error from the best"]


def test_one_standard_error_beyond_the_axis_is_a_note_and_no_line() -> None:
    drawn = curve([0.300, 0.301], [0.300, 0.301], threshold=0.32)
    assert [mark for mark in panel(drawn).marks if isinstance(mark, Rule)] == []
    assert curve_notes(drawn) == [
        "one standard error from the best is 0.32, beyond the axis: not drawn"
    ]


def test_a_note_says_that_intervals_end_at_the_edge() -> None:
    wide = Curve("loss", [(0.0, 0.300), (1.0, 0.301)], [], INTERVALS)
    assert [mark.points for mark in panel(wide).marks if isinstance(mark, Band)] == [INTERVALS]
    assert curve_notes(wide) == ["intervals of loss that reach beyond the axis end at its edge"]
    near = Curve("loss", [(0.0, 0.30), (1.0, 0.31)], [], INTERVALS)
    assert curve_notes(near) == []


@pytest.mark.parametrize("validation", [[0.2, 0.3], [0.2, 40.0]], ids=["linear", "logarithmic"])
def test_train_losses_below_the_axis_interrupt_their_line(validation: list[float]) -> None:
    drawn = curve(validation, [0.001, 0.25])
    (train,) = [m for m in panel(drawn).marks if isinstance(m, Line) and m.name == "train"]
    (_, first), last = train.points
    assert math.isnan(first)
    assert last == (1.0, 0.25)
    assert curve_notes(drawn) == ["train values of loss beyond the axis are not drawn"]


@pytest.mark.parametrize(
    ("validation", "label"), [([0.2, 0.3], "loss"), ([0.2, 40.0], "loss, logarithmic")]
)
def test_an_axis_says_that_it_is_logarithmic(validation: list[float], label: str) -> None:
    assert panel(curve(validation, validation)).y.label == label


def test_a_path_says_what_its_level_line_is_too() -> None:
    drawn = curve([0.300, 0.301], [0.300, 0.301], threshold=0.3015)
    weights = ColumnWeights([0.0, 1.0], np.ones((2, 1)), ["a"], "coefficient", None, math.inf)
    plot = weight_path_plot("k", "l1", weights, drawn, [], ["a note"])
    assert plot.notes == ["a note", *curve_notes(drawn)]
    assert any(isinstance(mark, Rule) for mark in plot.panels[-1].marks)
