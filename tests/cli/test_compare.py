"""`regcli compare` with sweeps: setting by setting, and a run beside a sweep's best."""

from pathlib import Path

import pytest
from stored_examples import a_run, a_sweep

from regcli.store.store import open_store

from .conftest import SMOKE, Done
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


@pytest.mark.usefixtures("sweeps")
def test_a_run_may_be_named_as_the_best_of_the_newest_sweep(lab: Path, ids: list[str]) -> None:
    newest = document("runs", "list", "--sweeps", "--json", cwd=lab)["sweeps"][0]["id"]
    named = regcli("compare", "best", ids[0], cwd=lab)
    assert (named.returncode, named.stderr) == (
        0,
        f"run {ids[6]}, the best run of sweep {newest}\n",
    )
    assert named.stdout == regcli("compare", ids[6], ids[0], cwd=lab).stdout
    assert regcli("compare", "best", "best", cwd=lab).stderr.splitlines() == [
        *2 * named.stderr.splitlines(),
        f"regcli: compare requires at least two different runs, got only {ids[6]}",
    ]


def test_the_best_run_is_compared_with_an_earlier_sweep(
    lab: Path, sweeps: list[str], ids: list[str]
) -> None:
    named = document("compare", "best", sweeps[1], "--json", cwd=lab)["comparison"]
    given = document("compare", ids[6], sweeps[1], "--json", cwd=lab)["comparison"]
    assert {key: value for key, value in named.items() if named[key] != given[key]} == {
        "first": "best"
    }


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


def test_differences_are_judged_with_the_margin_of_the_first(lab: Path, sweeps: list[str]) -> None:
    document(*SMOKE, "--set", "verdict.margin=0.9", "--json", cwd=lab)  # all runs are stored
    first, second = sweeps[:2]
    wide = document("compare", first, second, "--json", cwd=lab)["comparison"]
    assert (wide["margin"], wide["second_margin"]) == (0.9, 0.01)
    assert {each["finding"] for each in wide["settings"]} == {"practically the same"}
    lines = [
        line.rstrip() for line in regcli("compare", first, second, cwd=lab).stdout.splitlines()
    ]
    assert lines[-3:-1] == [
        "practically the same: the interval is within ±90 pt",
        f"margin: ±90 pt, that of {first}; that of {second} is ±1 pt",
    ]
    narrow = document("compare", second, first, "--json", cwd=lab)["comparison"]
    assert (narrow["margin"], narrow["second_margin"]) == (0.01, 0.9)
    assert {each["finding"] for each in narrow["settings"]} == {"cannot tell"}
    # A run that is compared with a sweep keeps the margin that it was trained with.
    run = parse(regcli("runs", "list", "--json", cwd=lab).stdout)["runs"][0]["id"]
    beside = document("compare", run, first, "--json", cwd=lab)["comparison"]
    assert (beside["margin"], beside["second_margin"]) == (0.01, 0.9)


def test_sweeps_of_before_margins_were_kept_have_that_of_their_runs(tmp_path: Path) -> None:
    with open_store(tmp_path / "runs", create=True) as store:
        for digit, margin in (("a", {"margin": 0.3}), ("b", {}), ("c", None)):
            run = a_run(digit * 12)
            config = run.config if margin is None else {**run.config, "verdict": margin}
            store.add(run.model_copy(update={"config": config}))
            store.add_sweep(a_sweep(digit * 11 + "0", (run.id,), name=f"sweep {digit}"))
    names = ["sweep a", "sweep b", "sweep c"]
    margins = [
        document("compare", first, second, "--json", cwd=tmp_path)["comparison"]["margin"]
        for first, second in zip(names, [*names[1:], names[0]], strict=True)
    ]
    assert margins == [0.3, 0.01, 0.01]
    runs = document("compare", "a" * 12, "b" * 12, "--json", cwd=tmp_path)
    assert runs["differences"]["margin"] == 0.3


def test_an_unknown_name_is_neither_a_run_nor_a_sweep(
    lab: Path, sweeps: list[str], ids: list[str]
) -> None:
    def said(*names: str) -> str:
        return problem("compare", *names, cwd=lab).removeprefix("regcli: No run or sweep in runs ")

    nowhere = "'regcli runs list' shows what is stored"
    assert said("nothing", "nobody") == f"has the id or name 'nothing'; {nowhere}"
    assert said(ids[0], "smok") == "has the id or name 'smok'; did you mean smoke?"
    assert said("smoky", ids[0]) == "has the id or name 'smoky'; did you mean smoke?"
    assert said("zz", "smoke") == f"has the id or name 'zz'; {nowhere}"
    near = f"{sweeps[0][:-1]}{'0' if sweeps[0][-1] != '0' else '1'}"
    assert said(near, ids[0]) == f"has the id or name '{near}'; did you mean {sweeps[0]}?"
    near = f"{ids[0][:-1]}{'0' if ids[0][-1] != '0' else '1'}"
    assert said("smoke", near) == f"has the id or name '{near}'; did you mean {ids[0]}?"
