"""The map of two strengths."""

import math

from regcli.report.plots.heat_map import Score, heat_map
from regcli.report.plots.plot import Cells, Dots, Plot


def a_map(xs: list[float], scores: dict[tuple[float, float], Score]) -> Plot:
    return heat_map(("l1", "l2"), (xs, [0.0, 1.0]), scores, "loss", str, False, ["a note"])


SCORES = {
    (0.0, 0.0): Score(0.3, "reference"),
    (0.5, 0.0): Score(0.1, "use, best"),
    (0.0, 1.0): Score(math.nan),
}


def test_cells_say_what_they_are() -> None:
    plot = a_map([0.0, 0.5], SCORES)
    (cells,) = plot.panels[0].marks
    assert isinstance(cells, Cells)
    assert [(c.column, c.row, c.level, c.text, c.title, c.is_marked) for c in cells.cells] == [
        (0, 0, 0, "0.3", "l1 0, l2 0: 0.3 (reference)", False),
        (1, 0, 8, "★ 0.1", "l1 0.5, l2 0: 0.1 (use, best)", True),
        (0, 1, None, "", "l1 0, l2 1: none", False),
    ]
    assert plot.notes == [
        "loss, the darker the better; ★ best, framed: use",
        "from 0.3, the worst, to 0.1, the best",
        "a note",
    ]
    assert plot.description == "loss of 3 combinations of l1 and l2; the best is 0.1."


def test_a_dot_is_the_star_of_narrow_cells() -> None:
    xs = [n / 16 for n in range(9)]
    plot = a_map(xs, SCORES)
    (stars,) = [mark for mark in plot.panels[0].marks if isinstance(mark, Dots)]
    assert [(dot.x, dot.y, stars.name) for dot in stars.dots] == [(8, 0, "best")]
    assert plot.notes[0] == "loss, the darker the better; framed: use"


def test_a_map_of_unknown_scores() -> None:
    plot = a_map([0.0, 0.5], {(0.0, 0.0): Score(math.nan), (0.5, 1.0): Score(math.nan)})
    assert plot.description == "loss of 2 combinations of l1 and l2; none is known."
    assert plot.notes == ["loss, the darker the better; ★ best, framed: use", "a note"]
