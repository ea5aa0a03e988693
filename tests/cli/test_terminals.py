"""What a person sees on a terminal, and what stays plain off it."""

import re
from pathlib import Path

import pytest

from .conftest import DIVERGING, WIDER
from .in_process import regcli
from .processes import on_terminal

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
NUMBER = re.compile(r"\d[\d.,e+-]*…")
SHOWN = {
    "sweep": WIDER,
    "diverging": DIVERGING,
    "list": ("runs", "list"),
    "dry run": (*WIDER, "--dry-run"),
}


def plain(received: str) -> list[str]:
    return [line.rstrip() for line in ESCAPE.sub("", received).split("\r\n")]


def table(command: str, lab: Path, columns: int) -> list[str]:
    done = regcli(*SHOWN[command], cwd=lab, env={"COLUMNS": str(columns)})
    assert done.returncode == (1 if command == "diverging" else 0)
    return done.stdout.splitlines()


@pytest.mark.parametrize("columns", [80, 140])
def test_a_terminal_s_width_is_obeyed_as_columns_is(columns: int, lab: Path) -> None:
    code, received = on_terminal(*SHOWN["list"], cwd=lab, columns=columns)
    assert (code, plain(received)[:-1]) == (0, table("list", lab, columns))


@pytest.mark.parametrize("command", SHOWN)
def test_tables_fit_and_keep_their_numbers(command: str, lab: Path) -> None:
    narrow, wide = (table(command, lab, columns) for columns in (80, 140))
    uncut = regcli(*SHOWN[command], cwd=lab).stdout.splitlines()
    assert max(map(len, narrow)) <= 80
    assert max(map(len, wide)) <= 140
    assert not any(NUMBER.search(line) for line in narrow + wide)
    whole = set(" ".join(uncut).split())
    numbers = [word for line in narrow for word in line.split() if re.match(r"\d", word)]
    assert numbers
    assert [word for word in numbers if word not in whole and word.strip("(),;") not in whole] == []
    if command in {"sweep", "diverging", "list"}:
        rule = max(len(line) for line in narrow if "───" in line)
        assert max(len(line) for line in wide if "───" in line) > rule


def test_runs_that_do_not_fit_side_by_side_go_on_below(lab: Path, ids: list[str]) -> None:
    code, received = on_terminal("compare", *ids, cwd=lab, columns=80)
    lines = plain(received)
    beside = next(place for place, line in enumerate(lines) if "difference" in line)
    heads = [word for line in lines[:beside] for word in line.split() if word in ids]
    assert (code, heads) == (0, ids)
    assert max(map(len, lines)) <= 80
    assert sum(line.startswith(" validation.accuracy ") for line in lines) > 1
    piped = regcli("compare", *ids, cwd=lab).stdout.splitlines()
    assert piped[1].split() == ids


def test_one_run_fits(lab: Path, ids: list[str]) -> None:
    code, received = on_terminal("runs", "show", ids[0], cwd=lab, columns=80)
    assert code == 0
    assert max(map(len, plain(received))) <= 80
    assert not NUMBER.search(received)


def test_piped_output_is_not_cut_or_coloured(lab: Path) -> None:
    for command in SHOWN.values():
        shown = regcli(*command, cwd=lab)
        assert "\x1b" not in shown.stdout + shown.stderr
        assert "…" not in shown.stdout
    assert max(map(len, regcli(*WIDER, cwd=lab).stdout.splitlines())) > 100


@pytest.mark.parametrize("command", ["sweep", "help"])
def test_no_color(command: str, lab: Path) -> None:
    arguments = {"sweep": WIDER, "help": ("sweep", "--help")}[command]
    _, coloured = on_terminal(*arguments, cwd=lab, columns=80)
    _, received = on_terminal(*arguments, cwd=lab, columns=80, NO_COLOR="1")
    assert "\x1b" not in received
    assert plain(received) == plain(coloured)
    if command == "sweep":
        assert "\x1b[" in coloured


def test_names_are_shown_as_they_are(lab: Path) -> None:
    (lab / "odd.yaml").write_text("name: '[red]a[/] :x: [b]'\ndataset: {name: iris}\n")
    plan = ("sweep", "odd.yaml", "--l1", "0", "--vary", "model.layers.0.Dense.activation=relu,tanh")
    text = "model: {layers: [{Dense: {units: 2}}]}\n"
    (lab / "odd.yaml").write_text((lab / "odd.yaml").read_text() + text)
    done = regcli(*plan, "--dry-run", cwd=lab)
    assert (done.returncode, done.stderr) == (
        0,
        "2 runs: 0 stored, 2 to train; groups of one architecture: 1 + 1\n",
    )
    from rich.table import Table

    from regcli.report.sink import make_sink

    shown = Table("name")
    shown.add_row("[red]a[/] :x: [b]")
    sink = make_sink()
    with sink.out.capture() as captured:
        sink.out.print(shown)
    assert "[red]a[/] :x: [b]" in captured.get()


@pytest.mark.slow
def test_a_live_bar_on_a_terminal(lab: Path) -> None:
    wider = ("sweep", "smoke", "--epochs", "3", "--l1", "0.25,0.5")
    code, received = on_terminal(*wider, cwd=lab, columns=100, stream="stderr")
    assert code == 0
    assert "loading TensorFlow" in received
    assert re.search(
        r"\[2/2\] l1 0\.5, l2 0, seed 0 .*[━╸╺].* [3-6]/6 .*epochs .*\d:\d\d:\d\d",
        plain_text(received),
    )
    assert received.count("validation loss") == 0
    reused, again = on_terminal(*wider, cwd=lab, columns=100, stream="stderr", NO_COLOR="1")
    assert (reused, plain(again)) == (0, ["2 runs: 2 stored before, 0 to train", ""])
    assert "\x1b[" not in again


@pytest.mark.slow
def test_off_a_capable_terminal_one_line_a_run(lab: Path) -> None:
    wider = ("sweep", "smoke", "--epochs", "1", "--l1", "0.25,0.5", "--engine", "keras")
    code, received = on_terminal(*wider, cwd=lab, columns=100, stream="stderr", TERM="dumb")
    assert code == 0
    lines = [line for line in received.split("\r\n") if line]
    assert [line[:6] for line in lines] == ["[1/2] ", "[2/2] "]
    assert "\x1b" not in received


def plain_text(received: str) -> str:
    return ESCAPE.sub("", received).replace("\r", "\n")


def test_a_terminal_has_a_plot_above_the_verdict(lab: Path) -> None:
    code, received = on_terminal(*WIDER, cwd=lab, columns=80, NO_COLOR="1")
    lines = plain(received)
    title = next(line for line in lines if line.startswith(" validation accuracy against l1; │ "))
    assert code == 0
    first = lines.index(title)
    last = lines.index("", first)
    assert lines[:first] + lines[last + 1 : -1] == table("sweep", lab, 80)
    assert lines[last + 1].startswith(" use ")
    assert max(map(len, lines)) <= 80
    _, in_ascii = on_terminal(*WIDER, cwd=lab, columns=80, NO_COLOR="1", PYTHONIOENCODING="ascii")
    assert " validation accuracy against l1; | 95% interval" in plain(in_ascii)
    _, quiet = on_terminal(*WIDER, "--quiet", cwd=lab, columns=80, NO_COLOR="1")
    assert plain(quiet)[:-1] == table("sweep", lab, 80)
