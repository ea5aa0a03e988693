"""`regcli compare` with sweeps: setting by setting, and a run beside a sweep's best."""

from pathlib import Path

import pytest

from .conftest import Done
from .in_process import document, parse, problem, regcli


@pytest.fixture
def sweeps(swept: Done, widened: Done, diverged: Done) -> list[str]:
    """Two sweeps that share settings, and one that does not."""
    return [parse(done.stdout)["sweep"]["id"] for done in (swept, widened, diverged)]


def test_settings_that_both_sweeps_have_are_compared(lab: Path, sweeps: list[str]) -> None:
    shown = regcli("compare", *sweeps[:2], cwd=lab)
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = [line.rstrip() for line in shown.stdout.splitlines()]
    assert lines[-1] == f"left out: 1 setting of {sweeps[1]} alone"
    assert lines[-2] == "differences: second − first, by the same rows and 2 seeds"
    found = document("compare", *sweeps[:2], "--json", cwd=lab)["comparison"]
    assert (found["only_first"], found["only_second"]) == (0, 1)
    assert [each["settings"]["l1"] for each in found["settings"]] == [0.0, 0.001]
    for each in found["settings"]:
        assert each["first"] == each["second"]
        assert each["difference"] == 0
        assert each["low"] < 0 < each["high"]
        assert each["unpaired"] is None


def test_a_run_is_compared_with_the_best_of_a_sweep(
    lab: Path, sweeps: list[str], ids: list[str]
) -> None:
    found = document("compare", ids[0], sweeps[1], "--json", cwd=lab)["comparison"]
    (match,) = found["settings"]
    run = document("runs", "show", ids[0], "--json", cwd=lab)
    assert match["first"] == run["metrics"]["validation"]["accuracy"]
    assert match["difference"] == pytest.approx(match["second"] - match["first"])


def test_runs_have_their_difference_to_the_first_below(lab: Path, ids: list[str]) -> None:
    found = document("compare", ids[0], ids[2], ids[4], "--json", cwd=lab)["differences"]
    assert found["score"] == "validation.accuracy"
    assert [each["id"] for each in found["to_first"]] == [ids[2], ids[4]]
    shown = regcli("compare", ids[0], ids[2], cwd=lab).stdout
    assert "differences to the first run, by the same validation rows" in shown


def test_sweeps_that_cannot_be_compared_are_told(lab: Path, sweeps: list[str], ids: list[str]):
    assert problem("compare", sweeps[0], sweeps[0][:6], cwd=lab) == (
        f"regcli: compare takes two different sweeps, got {sweeps[0]} twice"
    )
    assert problem("compare", sweeps[0], sweeps[2], cwd=lab) == (
        "regcli: these sweeps share no setting; compare single runs of them by their ids"
    )
    assert problem("compare", *sweeps, cwd=lab) == (
        "regcli: compare takes two sweeps, or a run and a sweep; got 3 names"
    )
    assert problem("compare", *sweeps[:2], "--sort", "l1", cwd=lab) == (
        "regcli: --columns, --sort: must not be given with a sweep"
    )
