"""`--method` and `auto` grids at the command line."""

from pathlib import Path

import pytest

from .in_process import document, parse, problem, regcli
from .processes import loaded_packages

NEITHER = {"tensorflow", "keras"}


def test_both_methods_are_two_rows_of_one_sweep(tmp_path: Path) -> None:
    both = ("sweep", "smoke", "--l1", "0,0.01", "--method", "penalty,proximal")
    plan = document(*both, "--dry-run", "--json", cwd=tmp_path)
    found = [(e["settings"]["l1"], e["settings"]["method"]) for e in plan["plan"]]
    methods = ("penalty", "proximal")
    assert found == [(l1, method) for l1 in (0.0, 0.01) for method in methods]
    ids = [entry["id"] for entry in plan["plan"]]
    assert plan["populations"] == [ids[::2], ids[1::2]]
    rows = [line.split() for line in regcli(*both, "--dry-run", cwd=tmp_path).stdout.splitlines()]
    assert rows[1] == ["run", "l1", "method", "stored"]


def test_an_unknown_method_is_answered_with_the_nearest(tmp_path: Path) -> None:
    assert problem("sweep", "smoke", "--method", "proximl", cwd=tmp_path) == (
        "regcli: --method proximl: regularization.method: must be 'penalty' or 'proximal', "
        "got the text 'proximl'; did you mean 'proximal'?"
    )


AUTO = "dataset: {name: iris}\nmodel: {layers: []}\nsweep: {l1: '0,0.1,auto:4'}\n"


def test_validating_an_auto_grid_needs_no_tensorflow(tmp_path: Path) -> None:
    (tmp_path / "auto.yaml").write_text(AUTO)
    done = regcli("validate", "auto.yaml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-2:] == [
        "# varies regularization.l1: 0,0.1,auto:4",
        "# plan: 6 runs",
    ]
    found = document("validate", "auto.yaml", "--json", cwd=tmp_path)
    assert found["axes"] == {"regularization.l1": ["0,0.1,auto:4"]}
    assert found["config"]["sweep"]["l1"] == "0,0.1,auto:4"
    assert found["plan"] == []  # whose strengths are not known
    assert loaded_packages("validate", "auto.yaml", cwd=tmp_path) & NEITHER == set()


@pytest.mark.slow
def test_a_dry_run_says_the_strengths_and_finds_them_once(tmp_path: Path) -> None:
    (tmp_path / "auto.yaml").write_text(AUTO)
    dry = ("sweep", "auto.yaml", "--dry-run", "--json")
    done = regcli(*dry, cwd=tmp_path)
    found = [entry["settings"]["l1"] for entry in parse(done.stdout)["plan"]]
    assert found[:2] == [0.0, 0.1]
    assert found[2:] == pytest.approx([found[2] * 10**-power for power in range(4)])
    assert done.stderr.splitlines() == [
        "searching for the largest useful l1",
        f"largest useful l1 {found[2]:.6g}, by formula",
        "6 runs: 0 stored, 6 to train; groups of one architecture: 6",
    ]
    assert loaded_packages(*dry, cwd=tmp_path) & NEITHER == set()
    assert document(*dry, cwd=tmp_path)["plan"] == parse(done.stdout)["plan"]
