"""`regcli train`: one run."""

from pathlib import Path

import pytest

from .in_process import document, parse, regcli

SEED = ("train", "seed", "--epochs", "1")


@pytest.mark.slow
def test_train(tmp_path: Path) -> None:
    done = regcli(*SEED, "--json", "--fail-if", "train.accuracy<=1", cwd=tmp_path)
    assert done.returncode == 1
    found = parse(done.stdout)
    assert found["sweep"] is None
    (run,) = found["runs"]
    assert run["settings"] == {"l1": 0.0, "l2": 0.01, "seed": 0, "fold": None, "method": "penalty"}
    assert run["metrics"]["validation"] == run["metrics"]["test"] == {}
    accuracy = run["metrics"]["train"]["accuracy"]
    progress, held = done.stderr.splitlines()
    assert progress.startswith("[1/1] l1 0, l2 0.01, seed 0: train loss ")
    assert "(1 epoch in " in progress
    assert held == (
        f"run {run['id']}: train.accuracy is {accuracy:.4g}; "
        "--fail-if 'train.accuracy<=1' counts this as a failure"
    )
    shown = document("runs", "show", run["id"][:4], "--json", cwd=tmp_path)
    assert {key: shown[key] for key in run} == run
    assert shown["history"].keys() == {"loss", "accuracy", "data_loss"}
    assert all(len(values) == 1 for values in shown["history"].values())

    again = regcli(*SEED, "--quiet", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (0, "")
    assert "row_sum: 100 train rows" in again.stdout
    assert run["id"] in regcli("runs", "list", cwd=tmp_path).stdout
