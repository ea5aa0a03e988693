"""Writers: one report in every format by its whole text, and any text or number in any of them."""

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from regcli.report.cells import harmless
from regcli.report.contents import (
    Column,
    Mark,
    Note,
    NoteKind,
    Report,
    Row,
    Table,
    Tone,
    View,
    data_table,
)
from regcli.report.figures import COUNT, LOSS, PERCENT, figure
from regcli.report.formats import Format, file_suffixes, format_of_file
from regcli.report.sink import as_file, as_screen
from regcli.report.writers import csv_rows, markdown, terminal
from regcli.results.settings import Spread

BEST = {"loss": Mark.BEST}
TABLE = Table(
    [
        Column("activation", "activation", justify="left", short_format=lambda text: text[:4]),
        Column("loss", "validation\nloss", lambda value: figure(value, LOSS), short_label="loss"),
        Column("zeros", "zeros", lambda value: figure(value, PERCENT)),
        Column("count", "count", lambda value: figure(value, COUNT), priority=1),
        Column("nothing", "nothing"),
    ],
    [
        Row(["softplus", Spread(0.0821, 0.0031), 0.875, 12345, None], Tone.BEST, BEST),
        Row(["hard|tanh", Spread(0.25, None), 0.9, 7, None], marks={"zeros": Mark.UNCONVERGED}),
        Row(["relu", None, None, None, None], Tone.FAILED, begins_group=True),
    ],
    [
        Note("method penalty", NoteKind.CONTEXT),
        Note("★ lowest validation loss", NoteKind.RANKING),
        Note("no run has converged", NoteKind.WARNING),
    ],
)
VIEW = View(
    lambda: Report([TABLE], "mine"),
    lambda: data_table(["name", "loss"], [["a, b", 1 / 3], [None, float("inf")]]),
    lambda: {"runs": [{"loss": 1 / 3, "worst": float("nan")}]},
)

SCREENS = {
    100: """
                    validation
 activation               loss     zeros    count
 ────────────────────────────────────────────────
 softplus     ★ 0.0821 ±0.0031     87.5%   12,345
 hard|tanh              0.2500   90.0% ~        7

 relu                        –         –        –

method penalty
★ lowest validation loss
no run has converged
""",
    45: """
 activation               loss     zeros
 ───────────────────────────────────────
 soft         ★ 0.0821 ±0.0031     87.5%
 hard                   0.2500   90.0% ~

 relu                        –         –

method penalty
★ lowest validation loss
no run has converged
left out to fit the width: count
""",
    34: """
 activation       loss     zeros
 ───────────────────────────────
 soft         ★ 0.0821     87.5%
 hard           0.2500   90.0% ~

 relu                –         –

method penalty
★ lowest validation loss
no run has converged
left out to fit the width:
deviations over seeds, count
""",
    20: """
 activation      loss    zeros
 ─────────────────────────────
 soft        ★ 0.0821    87.5%
 hard          0.2500  90.0% ~

 relu               –        –

method penalty
★ lowest validation
loss
no run has converged
left out to fit the
width: deviations
over seeds, count
""",
}
"""What goes as a screen gets narrower: columns, deviations, blanks; and no digit of the rest."""

MARKDOWN = r"""
| activation | validation loss | zeros | count |
| --- | ---: | ---: | ---: |
| **softplus** | **★ 0.0821 ±0.0031** | **87.5%** | **12,345** |
| hard\|tanh | 0.2500 | 90.0% ~ | 7 |
| relu | – | – | – |

method penalty··
★ lowest validation loss··
no run has converged
""".replace("·", " ")


def on_screen(report: Report, width: int) -> str:
    return terminal.text(report, Console(file=io.StringIO(), width=width, markup=False))


@pytest.mark.parametrize("width", SCREENS)
def test_a_screen(width: int) -> None:
    assert f"{on_screen(VIEW.report(), width)}\n" == SCREENS[width]


def test_markdown() -> None:
    assert as_file(VIEW, Format.MD) == MARKDOWN.lstrip("\n")


def test_csv_has_every_digit() -> None:
    assert as_file(VIEW, Format.CSV) == 'name,loss\n"a, b",0.3333333333333333\n,inf\n'


def test_json_is_the_document() -> None:
    assert json.loads(as_file(VIEW, Format.JSON)) == {"runs": [{"loss": 1 / 3, "worst": None}]}


@pytest.mark.parametrize("form", Format)
def test_every_format_writes_every_view(form: Format) -> None:
    text = as_file(VIEW, form)
    assert text.endswith("\n")
    assert text.strip()
    if form.suffix is not None:
        assert form.suffix in file_suffixes()
        assert format_of_file(form.suffix) is form


def test_a_very_long_table_ends_and_keeps_the_best_row() -> None:
    columns = [Column("n", "n", lambda value: f"{value}")]
    rows = [Row([n], Tone.BEST if n == 2500 else Tone.PLAIN) for n in range(3000)]
    lines = on_screen(Report([Table(columns, rows)]), 80).splitlines()
    assert [line.strip() for line in lines[3:]] == [
        *map(str, range(1000)),
        *("", "2500", "", "and 1,999 more; the formats json, csv and md show all"),
    ]


TEXTS = st.text(max_size=30)


@given(TEXTS)
def test_any_text_is_a_cell_of_markdown(text: str) -> None:
    cell = markdown.escaped(text)
    assert re.search(r"(?<!\\)(?:\\\\)*\|", cell) is None
    assert re.sub(r"\\(.)", r"\1", cell) == harmless(" ".join(text.splitlines()))


@given(st.lists(st.tuples(TEXTS, st.floats(allow_nan=False)), min_size=1, max_size=4))
def test_any_text_and_number_is_read_back_from_csv(rows: list[tuple[str, float]]) -> None:
    text = csv_rows.text(data_table(["name", "x"], rows))
    header, *found = csv.reader(io.StringIO(text, newline=""))
    assert header == ["name", "x"]
    assert [(name, float(x)) for name, x in found] == rows


def test_a_text_in_a_notebook_shows_no_box(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes: list[object] = []
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setattr("rich.jupyter.display", lambda *shown: boxes.append(shown))
    assert "softplus" in as_screen(Report([TABLE]))
    assert boxes == []


@given(TEXTS, st.integers(20, 60))
def test_any_text_is_one_line_of_a_screen(text: str, width: int) -> None:
    table = Table([Column("a", "a", may_hide=False), Column("b", "b")], [Row([text, "end"])] * 2)
    lines = on_screen(Report([table]), width).splitlines()
    assert len(lines) == 5
    assert [line.split()[-1] for line in lines[3:]] == ["end", "end"]
