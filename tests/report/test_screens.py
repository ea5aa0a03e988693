"""Screens that lack characters, have no width, or whose reader has left."""

import io
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from regcli.cli.app import run
from regcli.one_line import printable
from regcli.report.contents import Column, Note, Report, Row, Table, View
from regcli.report.plain_text import SHOWN, as_data, plain
from regcli.report.sink import Sink, make_sink
from regcli.report.standard_streams import give_up, settle_sizes
from regcli.report.writers import markdown
from regcli.report.writers.json_document import to_json

Stream = Callable[[str], tuple[io.TextIOWrapper, io.BytesIO]]


def a_stream(encoding: str) -> tuple[io.TextIOWrapper, io.BytesIO]:
    received = io.BytesIO()
    return io.TextIOWrapper(received, encoding=encoding, errors=SHOWN, write_through=True), received


def a_sink(encoding: str, width: int = 100) -> tuple[Sink, io.BytesIO]:
    stream, received = a_stream(encoding)
    consoles = (Console(file=stream, width=width, markup=False, emoji=False) for _ in range(2))
    return Sink(*consoles), received


def view_of(*tables: Table) -> View:
    return View(lambda: Report(tables), lambda: tables[0], dict)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "utf-8", "utf-16"])
def test_tables_keep_their_columns_in_every_encoding(encoding: str) -> None:
    sink, received = a_sink(encoding)
    rows = ["★ 0.5000 ±0.0012", "0.25 ±<0.0001", "größe", "–"]
    columns = [Column("r2", "R²\n±"), Column("after", "after")]
    note = Note("★ best · Σᵢ|W| × ½, …")
    sink.show(view_of(Table(columns, [Row([row, "end"]) for row in rows], [note])))
    lines = received.getvalue().decode(encoding).splitlines()
    ends = {line.index("end") for line in lines if line.endswith("end")}
    assert len(ends) == 1
    if encoding == "ascii":
        assert [line.strip() for line in lines] == [
            *("", "R^2", "+/-   after", "-" * 26),
            *("* 0.5000 +/-0.0012     end", "0.25 +/-<0.0001     end"),
            *(r"gr\u00f6\u00dfe     end", "-     end"),
            *("", "* best * sum _i|W| x 1/2, ..."),
        ]


def test_what_a_screen_lacks_is_said_otherwise() -> None:
    assert plain("★ 0.5 ±0.1 → 2 × 3", "ascii") == "* 0.5 +/-0.1 -> 2 x 3"
    assert plain("größe ☃ 😀", "ascii") == r"gr\u00f6\u00dfe \u2603 \ud83d\ude00"
    assert plain("größe ★", "latin-1") == "größe *"
    assert plain("größe ★ ⠋ ━╸", "utf-8") == "größe ★ ⠋ ━╸"
    assert plain("⠋ ━╸┃", "ascii") == "* -++"


def test_documents_are_escaped_and_never_reworded() -> None:
    found = {"a·b": "größe ★ 😀"}
    assert json.loads(as_data(to_json(found), "ascii")) == found
    sink, received = a_sink("ascii")
    sink.result(to_json(found))
    assert json.loads(received.getvalue()) == found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", r"a\nb"),
        ("a\r\tb", r"a\r\tb"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("\x85\x9b1m", r"\x85\x9b1m"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("a\u2028b\u200bc", r"a\u2028b\u200bc"),
        ("bad\udcff", r"bad\udcff"),
        ("größe 😀 [red] :x:", "größe 😀 [red] :x:"),
    ],
)
def test_control_characters_of_names_are_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
    sink, received = a_sink("utf-8")
    sink.problem(f"run {text}")
    sink.show(view_of(*(Table([Column("name", "name", wraps=w)], [Row([text])]) for w in (0, 1))))
    lines = [line.strip() for line in received.getvalue().decode().split("\n")]
    assert lines[0] == f"run {shown}"
    assert lines.count(shown) == 2


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("a|b", r"a\|b"),
        (r"a\|b", r"a\\\|b"),
        ("a\\", "a\\\\"),
        ("a\r\nb\x0bc\u2028d\x85e", "a b c d e"),
        ("\x1b[0m", r"\\x1b[0m"),
        ("<b>", r"\<b>"),
        (None, ""),
        (0.5, "0.5"),
    ],
)
def test_markdown_cells_hold_any_text(value: object, cell: str) -> None:
    columns = [Column("name", "name", justify="left", may_hide=False), Column("x", "x")]
    text = markdown.text(Report([Table(columns, [Row([value, 1])])]))
    assert text.split("\n") == ["| name | x |", "| --- | ---: |", f"| {cell} | 1 |"]
    pipes = re.findall(r"(?<!\\)(?:\\\\)*\|", text.split("\n")[-1])
    assert len(pipes) == 3


@pytest.mark.parametrize(
    ("given", "settled"),
    [
        *(("0", None), ("-5", None), ("", None), ("wide", None), ("²", None), ("1e3", None)),
        *(("1", "20"), ("20", "20"), ("80", "80"), ("99999999", "10000")),
    ],
)
def test_widths_that_cannot_be(given: str, settled: str | None) -> None:
    environment = {"COLUMNS": given, "HOME": "/"}
    settle_sizes(environment)
    assert environment == {"HOME": "/"} | ({"COLUMNS": settled} if settled else {})


def test_the_narrowest_screen_cuts_no_number() -> None:
    sink, received = a_sink("utf-8", width=20)
    columns = [
        Column(name, name, lambda value: f"{value:.4f} ±0.1234") for name in ("loss", "accuracy")
    ]
    sink.show(view_of(Table(columns, [Row([value, value]) for value in (0.5, 123.25)])))
    shown = received.getvalue().decode()
    assert "…" not in shown
    assert shown.count("123.2500 ±0.1234") == 2
    assert sink.out.width == 20


def test_a_reader_of_stderr_that_leaves_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        sink = make_sink()
        sink.problem("x" * 100_000)
        sink.problem("nobody reads this")
        give_up(stream)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize(
    "line", ["--help", "sweep --help", "explain --help", "validate smoke", "sweep nowhere-★"]
)
def test_commands_on_a_screen_that_lacks_characters(
    line: str, encoding: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    streams = {name: a_stream(encoding) for name in ("stdout", "stderr")}
    for name, (stream, _) in streams.items():
        stream.reconfigure(errors="strict")
        monkeypatch.setattr(sys, name, stream)
    code = run(line.split())
    out, err = (received.getvalue().decode(encoding) for _, received in streams.values())
    assert code == (2 if "nowhere" in line else 0)
    assert "internal error" not in err
    assert (err if code else out).strip()


def test_a_mistake_that_nobody_reads_is_one_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        assert run(["swep"]) == 2
        assert run(["train", "nowhere"]) == 2


def test_help_whose_reader_leaves_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert run(["sweep", "--help"]) == 0
        monkeypatch.setattr(sys, "stdout", stream)
        assert run(["schema"]) == 0


def test_a_sink_takes_the_process_s_streams() -> None:
    sink = make_sink()
    assert (sink.out.stderr, sink.err.stderr, sink.quiet) == (False, True, False)
