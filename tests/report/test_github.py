"""What GitHub Actions is told: annotations, and a summary that it takes."""

from pathlib import Path

import pytest

from regcli.report.contents import Column, Note, Report, Row, Table, as_text
from regcli.report.github import annotations, is_on_github, summary_text, write_summary


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        ("c.yaml:3:5: checks.0: no", "::error file=c.yaml,line=3,col=5::checks.0: no"),
        (
            "a,b c:d/c.yaml:3:15: training.epochs: must be, got '9%'",
            "::error file=a%2Cb c%3Ad/c.yaml,line=3,col=15::training.epochs: must be, got '9%25'",
        ),
        ("--l1 -1: regularization.l1: no", "::error::--l1 -1: regularization.l1: no"),
        ("run a: gap is 0.2; c.yaml:3:5: x", "::error::run a: gap is 0.2; c.yaml:3:5: x"),
        ("no\nend\r", "::error::no%0Aend%0D"),
    ],
)
def test_a_problem_is_shown_at_its_place(problem: str, line: str) -> None:
    assert list(annotations([problem], {})) == [line]


def test_a_file_is_named_as_the_repository_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path / "models")
    environment = {"GITHUB_WORKSPACE": str(tmp_path)}
    assert list(annotations(["c.yaml:1:2: x"], environment)) == [
        "::error file=models/c.yaml,line=1,col=2::x"
    ]
    outside = {"GITHUB_WORKSPACE": str(tmp_path / "elsewhere")}
    assert list(annotations(["c.yaml:1:2: x"], outside)) == ["::error file=c.yaml,line=1,col=2::x"]


@pytest.mark.parametrize(
    ("count", "last"), [(11, "and 1 more problem"), (47, "and 37 more problem")]
)
def test_ten_are_shown_and_the_others_counted(count: int, last: str) -> None:
    lines = list(annotations([f"problem {number}" for number in range(count)], {}))
    assert lines[:10] == [f"::error::problem {number}" for number in range(10)]
    assert lines[10].startswith(f"::notice::{last}")
    assert len(lines) == 11
    assert len(list(annotations(["x"] * 10, {}))) == 10


@pytest.mark.parametrize(("value", "found"), [("true", True), ("false", False), (None, False)])
def test_where_a_command_is_a_step(value: str | None, found: bool) -> None:
    assert is_on_github({} if value is None else {"GITHUB_ACTIONS": value}) is found


def report(rows: int) -> Report:
    columns = [Column("run", "run", as_text, justify="left")]
    table = Table(columns, [Row([f"run {n:>6} ä"]) for n in range(rows)], [Note("iris: 9 rows")])
    verdict = Table(columns, [Row(["use l1 0"])], has_head=False)
    return Report((table, verdict), "my_ <sweep>")


VERDICT = "|  |\n| --- |\n| use l1 0 |"


def test_a_summary() -> None:
    assert summary_text(report(2), ["run a: gap is 0.2"]) == (
        "### my\\_ \\<sweep>\n\n| run |\n| --- |\n| run      0 ä |\n| run      1 ä |\n\n"
        "iris: 9 rows\n\n"
        f"{VERDICT}\n\n- run a: gap is 0.2\n"
    )
    assert summary_text(report(0), []).endswith(f"{VERDICT}\n")
    listed = summary_text(report(0), [f"problem {n}" for n in range(12)]).splitlines()
    assert listed[-2:] == ["- problem 9", "- and 2 more"]


@pytest.mark.parametrize("room", [300, 1_000, 20_000])
def test_rows_without_room_are_left_out_and_counted(room: int) -> None:
    text = summary_text(report(10_000), [], room)
    assert room - 40 < len(text.encode()) <= room
    kept = text.count("| run  ")
    said = f"and {10_000 - kept:,} more rows, which leave no room in this summary"
    assert f"\n\n{said}\n\niris: 9 rows\n\n{VERDICT}\n" in text


def test_a_summary_is_added_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    environment = {"GITHUB_STEP_SUMMARY": str(path)}
    write_summary(report(1), [], environment)
    first = path.read_text(encoding="utf-8")
    write_summary(report(60_000), [], environment)
    whole = path.read_text(encoding="utf-8")
    assert whole.startswith(first)
    assert 990_000 < len(whole.encode()) <= 1_000_000
    write_summary(report(1), [], environment)
    assert path.read_text(encoding="utf-8") == whole or path.stat().st_size <= 1_000_000
    write_summary(report(1), [], {})
