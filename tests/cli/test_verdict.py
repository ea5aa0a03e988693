"""The verdict of `regcli sweep`, on runs that are stored."""

from pathlib import Path
from typing import Any

import pytest

from .conftest import WIDER, Done
from .in_process import document, parse, problem, regcli


def labels(text: str) -> list[str]:
    """The labels of the verdict's lines, below the table and its notes."""
    verdict = text.rstrip("\n").rpartition("\n\n")[2]
    return [line.split()[0] for line in verdict.splitlines() if not line.startswith("   ")]


def test_the_document_has_the_verdict(widened: Done) -> None:
    found: dict[str, Any] = parse(widened.stdout)
    verdict = found["verdict"]
    assert list(verdict) == [
        *("ranking", "score", "margin", "reference", "best", "use"),
        *("comparisons", "baseline", "pareto", "warnings"),
    ]
    assert (verdict["ranking"], verdict["score"]) == ("validation.data_loss", "validation.accuracy")
    assert verdict["reference"]["settings"] == {"l1": 0.0, "l2": 0.0, "method": "penalty"}
    ids = {run["id"] for run in found["runs"]}
    assert {run for key in ("reference", "best", "use") for run in verdict[key]["runs"]} <= ids
    assert [each["settings"]["l1"] for each in verdict["comparisons"]] == [1e-3, 1e-2]
    for each in verdict["comparisons"]:
        difference = each["difference"]
        assert difference["low"] <= difference["mean"] <= difference["high"]
        assert (difference["seeds"], difference["rows"], difference["splits"]) == (2, 30, 1)
    assert verdict["baseline"]["validation"]["accuracy"] == pytest.approx(1 / 3)


def test_it_stands_below_the_table(lab: Path) -> None:
    shown = regcli(*WIDER, cwd=lab).stdout
    assert labels(shown)[:3] == ["use", "best", "test"]
    assert labels(shown)[-1] == "next"
    assert "baseline, the most frequent class for every row: validation accuracy 0.3333" in shown


def test_stored_runs_have_the_same_verdict(lab: Path, widened: Done) -> None:
    again = document(*WIDER, "--json", cwd=lab)
    assert again["sweep"]["reused"] == 6
    assert again["verdict"] == parse(widened.stdout)["verdict"]


def test_a_margin_trains_nothing_anew(lab: Path, widened: Done) -> None:
    found = document(*WIDER, "--set", "verdict.margin=0.9", "--json", cwd=lab)
    assert found["sweep"]["reused"] == 6
    assert found["verdict"]["margin"] == 0.9
    assert {each["finding"] for each in found["verdict"]["comparisons"]} == {"practically the same"}
    assert [run["id"] for run in found["runs"]] == [
        run["id"] for run in parse(widened.stdout)["runs"]
    ]


@pytest.mark.parametrize("value", ["0", "1", "-0.1", ".nan", "much"])
def test_a_margin_that_is_none(lab: Path, value: str) -> None:
    said = problem(*WIDER, "--set", f"verdict.margin={value}", cwd=lab)
    assert "verdict.margin: must be" in said


def test_test_scores_are_those_of_the_settings_that_are_named(lab: Path, widened: Done) -> None:
    wide = {"COLUMNS": "200"}
    verdict = parse(widened.stdout)["verdict"]
    named = {verdict[key]["settings"]["l1"] for key in ("use", "reference")}
    for options, count in (((), len(named)), (("--show-test",), 3)):
        shown = regcli(*WIDER, *options, "--format", "md", cwd=lab, env=wide).stdout
        head, _, *rows = [line for line in shown.splitlines() if line.startswith("| ")][:5]
        place = [cell.strip() for cell in head.split("|")].index("test accuracy")
        cells = [row.split("|")[place].strip(" *") for row in rows]
        assert sum(cell != "–" for cell in cells) == count
