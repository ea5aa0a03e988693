"""Small plots, sparklines and bars on screens: whole screens of a small grid, and none in pipes."""

import io
import math
import re
from collections.abc import Sequence

import numpy as np
import pytest
from judged import Grid, right
from rich.console import Console

from regcli.report.contents import Report
from regcli.report.formats import Format
from regcli.report.path_points import path_report
from regcli.report.plain_text import SHOWN
from regcli.report.run_view import run_report
from regcli.report.screen import Screen
from regcli.report.sink import Sink
from regcli.report.sweep_results import results_report, results_view
from regcli.report.writers import terminal

from .test_run_view import a_run

STRENGTHS = (0.0, 1e-3, 1e-2, 1e-1)


def a_grid(
    wrong: Sequence[int] = (60, 40, 50, 120), strengths: Sequence[float] = STRENGTHS
) -> Grid:
    """A grid along l1 of 3 seeds by 1,000 rows, of which so many are wrong in each setting."""
    grid = Grid(name="small")
    rng = np.random.default_rng(0)
    for place, (l1, count) in enumerate(zip(strengths, wrong, strict=True)):
        losses = rng.normal(count / 1000, 0.001, size=(3, 1000))
        grid.add(losses, right(count), nonzero=640 - 160 * place, l1=l1)
    return grid


def shown(
    report: Report, width: int = 80, encoding: str = "utf-8", draws: bool = True
) -> list[str]:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=SHOWN)
    console = Screen(file=stream, width=width, draws=draws, markup=False, color_system=None)
    return terminal.text(report, console).split("\n")


def plot_of(lines: list[str]) -> list[str]:
    """The lines from the plot's title to the line above the verdict."""
    first = next(n for n, line in enumerate(lines) if line.startswith(" validation "))
    return lines[first : lines.index("", first)]


GRID = a_grid()
REPORT = results_report(GRID.records, verdict=GRID.judge())
PLOT = """\
 validation accuracy against l1; │ 95% interval
      │           ▄                            │
 0.95 ┤   ▄       │                            ▀
      │   │                                    │
 0.90 ┤                                                                    │
      │                                                                    ▄
      │                                                                    │
      └───┬───/───┬────────────────────────────┬───────────────────────────┬───
          ▲ reference
                  ▲ use, best
          0     0.001                        0.01                         0.1
""".splitlines()
IN_ASCII = """\
 validation accuracy against l1; | 95% interval
      |           _                            |
 0.95 +   _       |                            "
      |   |                                    |
 0.90 +                                                                    |
      |                                                                    _
      |                                                                    |
      +---+---/---+----------------------------+---------------------------+---
          ^ reference
                  ^ use, best
          0     0.001                        0.01                         0.1
""".splitlines()
NARROW = """\
 validation accuracy against l1; │ 95%
 interval
      │     ▄           │
 0.95 ┤ ▄   │           ▀
      │ │               │
 0.90 ┤                              │
      │                              ▄
      │                              │
      └─┬─/─┬───────────┬────────────┬─
        ▲ reference
            ▲ use, best
        0 0.001       0.01          0.1
""".splitlines()


@pytest.mark.parametrize(
    ("width", "encoding", "plot"),
    [
        *((80, "utf-8", PLOT), (140, "utf-8", PLOT), (40, "utf-8", NARROW)),
        *((80, "ascii", IN_ASCII), (80, "cp437", IN_ASCII), (80, "latin-1", IN_ASCII)),
    ],
)
def test_a_plot_stands_between_the_table_and_the_verdict(
    width: int, encoding: str, plot: list[str]
) -> None:
    drawn = shown(REPORT, width, encoding)
    assert plot_of(drawn) == plot
    after = drawn.index("", drawn.index(plot[0]))
    assert drawn[after + 1].startswith(" use  ")
    # Nothing else is another than in a pipe of this width.
    place = drawn.index(plot[0]) - 1
    others = drawn[:place] + drawn[after:]
    if width != 140:
        assert others == shown(REPORT, width, encoding, draws=False)


def test_a_table_with_room_has_bars() -> None:
    shares = ["0.0%", "25.0%", "50.0%", "75.0%"]
    bars = [BAR.findall(line) for line in shown(REPORT, 140)[4:8]]
    assert bars == [[pair] for pair in zip(BLOCKS, shares, strict=True)]
    in_ascii = [BAR.findall(line)[0] for line in shown(REPORT, 180, "ascii")[4:8]]
    assert in_ascii == list(zip(SIGNS, shares, strict=True))
    assert not any(BAR.search(line) for line in shown(REPORT, 80))


BAR = re.compile(r"([█·#.]{8}) +(\d+\.\d%)")
BLOCKS = ["········", "██······", "████····", "██████··"]
SIGNS = ["........", "##......", "####....", "######.."]


@pytest.mark.parametrize("width", [20, 31, 32, 33, 40, 50, 64, 79, 81, 100])
def test_no_width_is_exceeded_by_a_plot(width: int) -> None:
    lines = shown(REPORT, width)
    first = next((n for n, line in enumerate(lines) if line.startswith(" validation acc")), None)
    assert (first is None) == (width < 32)
    if first is not None:
        assert max(map(len, lines[first : lines.index("", first)])) <= width


def test_a_strength_at_which_the_model_collapses_lies_beyond_the_axis() -> None:
    strengths = [0.0, *(10.0**power for power in range(-5, 0))]
    grid = a_grid([60, 40, 50, 60, 300, 900], strengths)
    plot = plot_of(shown(results_report(grid.records, verdict=grid.judge())))
    assert plot[0] == " validation accuracy against l1; │ 95% interval; ↓ beyond the axis"
    places = [n for n, character in enumerate(plot[6]) if character == "↓"][-2:]
    assert {line[n : n + 1].strip() for line in plot[1:6] for n in places} == {""}
    assert [plot[7][n] for n in places] == ["┬", "┬"]


def test_many_points_are_joined() -> None:
    strengths = [10.0 ** (-3 + place / 12) for place in range(25)]
    wrong = [40 + abs(place - 12) for place in range(25)]
    grid = a_grid(wrong, strengths)
    for place, run in enumerate(grid.records):
        grid.records[place] = run.model_copy(update={"sparsity": None})
    plot = plot_of(shown(results_report(grid.records, verdict=grid.judge())))
    assert plot[0] == " validation accuracy against l1; ░ 95% interval"
    columns = [set("".join(line[n : n + 1] for line in plot[1:7])) for n in range(12, 75)]
    assert all(column & {"▀", "▄"} for column in columns)


def test_a_path_has_the_same_plot() -> None:
    report = path_report(GRID.records, {}, verdict=GRID.judge())
    assert plot_of(shown(report)) == PLOT
    assert " ██████·· " in "\n".join(shown(report, 140))


def test_what_is_held_is_said_below_a_plot() -> None:
    grid = a_grid()
    others = a_grid([80, 90, 100, 200])
    swapped = [
        run.model_copy(
            update={"id": f"f{run.id[1:]}", "settings": {**run.settings, "activation": "\x1b[31m"}}
        )
        for run in others.records
    ]
    first = [
        run.model_copy(update={"settings": {**run.settings, "activation": "relu"}})
        for run in grid.records
    ]
    grid.records[:] = [*first, *swapped]
    grid.rows |= {f"f{name[1:]}": rows for name, rows in others.rows.items()}
    drawn = shown(results_report(grid.records, verdict=grid.judge()))
    plot = plot_of(drawn)
    assert plot[:-1] == PLOT
    assert plot[-1] == " held at the setting to use: activation relu"
    assert "\x1b" not in "\n".join(drawn)


def test_a_grid_of_two_strengths_has_no_plot() -> None:
    grid = Grid()
    for l1 in (0.0, 0.1, 0.2):
        for l2 in (0.0, 0.1):
            grid.add(np.full((3, 1000), 0.1 + l1 + l2), right(40), l1=l1, l2=l2)
    report = results_report(grid.records, verdict=grid.judge())
    assert [table.sketch for table in report.tables] == [None, None]


HISTORY = {
    "data_loss": tuple(2.0 * 0.9**epoch + 0.1 for epoch in range(40)),
    "val_data_loss": tuple(2.0 * 0.9**epoch + 0.004 * epoch + 0.2 for epoch in range(40)),
}


def test_a_run_shows_its_learning_curves() -> None:
    lines = shown(run_report(a_run((), history=HISTORY)))
    first = next(n for n, line in enumerate(lines) if line.startswith(" loss "))
    assert lines[first - 1 : first + 4] == [
        "",
        " loss of 40 epochs; weights of epoch 40",
        " train        2.100 ▇▇▆▆▅▅▄▄▄▄▃▃▃▃▃▂▂▂▂▂▂▂▂▂▂▂▂▂▁▁▁▁▁▁▁▁▁▁▁▁ 0.1328",
        " validation   2.200 █▇▇▆▆▅▅▅▄▄▄▄▃▃▃▃▃▃▃▃▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂ 0.3888",
        "",
    ]
    in_ascii = shown(run_report(a_run((), history=HISTORY)), encoding="ascii")
    assert " train        2.100 ##**++====-----:::::::::::::............ 0.1328\n" in "\n".join(
        in_ascii
    )


def test_a_curve_of_more_epochs_than_characters_and_with_gaps() -> None:
    values = [math.nan if epoch == 150 else 1.0 - epoch / 400 for epoch in range(300)]
    history = {"data_loss": (*values[:299], None), "val_data_loss": (None,) * 300}
    lines = shown(run_report(a_run((), history=history)))
    (line,) = [each for each in lines if each.startswith(" train ")]
    assert line == (" train   1.000 ██▇▇▇▇▇▇▇▇▇▇▆▆▆▆▆▆▆▆▆▅▅▅▅▅▅▅▅▅▄▄▄▄▄▄▄▄▄▃▃▃▃▃▃▃▃▃▂▂▂▂▂▂▂▂▂▁▁▁ –")
    assert not any(each.startswith(" validation ") for each in lines[:20])


def test_one_epoch_is_no_curve() -> None:
    lines = shown(run_report(a_run((), history={"data_loss": (0.5,)})))
    assert lines == shown(run_report(a_run(())))


def test_a_run_has_no_curve_in_a_pipe() -> None:
    run = a_run((), history=HISTORY)
    assert shown(run_report(run), draws=False) == shown(run_report(a_run(())), draws=False)


class Stream(io.StringIO):
    """A stdout that may be a terminal."""

    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


@pytest.mark.parametrize(
    ("is_terminal", "quiet", "form", "draws"),
    [
        (True, False, Format.TABLE, True),
        (False, False, Format.TABLE, False),
        (True, True, Format.TABLE, False),
        *((True, False, form, False) for form in Format if form is not Format.TABLE),
    ],
)
def test_where_pictures_are_drawn(
    is_terminal: bool,
    quiet: bool,
    form: Format,
    draws: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = Stream(is_terminal)
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FORCE_COLOR", "1")
    from regcli.report.sink import make_sink

    make_sink(quiet).show(results_view(GRID.records, verdict=GRID.judge()), form)
    assert ("95% interval" in stream.getvalue()) is draws


def test_any_other_console_has_none() -> None:
    stream = Stream(is_terminal=True)
    console = Console(file=stream, width=80, force_terminal=True)
    Sink(console, console).show(results_view(GRID.records, verdict=GRID.judge()))
    assert "95% interval" not in stream.getvalue()
