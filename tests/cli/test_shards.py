"""A sweep in parts, each with a store of its own, brought together again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from .in_process import document, problem, regcli

SWEEP = ("sweep", "smoke", "--l1", "0,1e-3,1e-2", "--l2", "0,1e-3", "--seeds", "2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three parts and the whole."""
    folder = tmp_path_factory.mktemp("shards")
    for number in (1, 2, 3):
        part = ("--shard", f"{number}/3", "--runs", f"part-{number}")
        done = regcli(*SWEEP, *part, "--json", cwd=folder)
        assert done.returncode == 0, done
        note = (
            f"this is part {number}/3: 'regcli runs merge' brings the stores of all parts "
            "together, and the same sweep without --shard then gives the verdict\n"
        )
        assert done.stderr.endswith(note)
    return folder


def results(found: dict[str, Any]) -> dict[str, Any]:
    return {run["id"]: (run["metrics"], run["sparsity"]) for run in found["runs"]}


@pytest.mark.slow
def test_parts_make_the_whole_bit_for_bit(folder: Path) -> None:
    merge = ("runs", "merge", "part-1", "part-2", "part-3", "--runs", "all")
    merged = document(*merge, "--json", cwd=folder)
    assert [store["added"] for store in merged["stores"]] == [4, 4, 4]
    again = document(*merge, "--json", cwd=folder)
    assert [store["equal"] for store in again["stores"]] == [4, 4, 4]
    together = document(*SWEEP, "--runs", "all", "--json", "--quiet", cwd=folder)
    assert together["sweep"]["reused"] == 12
    whole = document(*SWEEP, "--runs", "whole", "--json", "--quiet", cwd=folder)
    assert results(together) == results(whole)
    assert together["verdict"] == whole["verdict"]
    sweeps = document("runs", "list", "--sweeps", "--runs", "all", "--json", cwd=folder)
    assert len(sweeps["sweeps"]) == 1


@pytest.mark.slow
def test_a_table_says_what_each_store_gave(folder: Path) -> None:
    done = regcli("runs", "merge", "part-1", "part-2", "--runs", "two", cwd=folder)
    lines = [line.split() for line in done.stdout.splitlines() if line.strip()]
    assert lines[0] == ["store", "added", "equal", "different", "damaged", "sweeps"]
    assert lines[2:] == [["part-1", "4", "0", "0", "0", "0"], ["part-2", "4", "0", "0", "0", "0"]]


@pytest.mark.slow
def test_killed_merges_are_finished_by_merging_again(folder: Path) -> None:
    line = [sys.executable, "-m", "regcli", "runs", "merge", "part-1", "part-2", "part-3"]
    for number in range(8):
        with subprocess.Popen(
            [*line, "--runs", "killed"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        ) as process:
            time.sleep(0.15 + 0.06 * number)
            process.send_signal(signal.SIGKILL)
    merged = document(*line[3:], "--runs", "killed", "--json", cwd=folder)
    assert [store["added"] + store["equal"] for store in merged["stores"]] == [4, 4, 4]
    found = document("runs", "list", "--runs", "killed", "--json", cwd=folder)
    assert len(found["runs"]) == 12


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            ("sweep", "smoke", "--shard", "4/3"),
            "regcli: --shard: must be a part of at most 10,000 parts, like 3/8; got '4/3'",
        ),
        (
            ("sweep", "smoke", "--shard", "1/3", "--fail-if", "validation.accuracy<0.5"),
            "regcli: --shard: must not be combined with --fail-if, --junit or --baseline",
        ),
        (
            ("runs", "merge", "a", "--runs", "a"),
            "regcli: a: must be another store than --runs",
        ),
        (
            ("runs", "merge", "a", "./a", "--runs", "b"),
            "regcli: a: must be another store than a, which is named too",
        ),
        (
            ("runs", "merge", "nowhere", "--runs", "b"),
            "regcli: There are no runs in nowhere yet; train some with 'regcli sweep', or use "
            "another folder (--runs DIR).",
        ),
    ],
)
def test_what_does_not_fit(line: tuple[str, ...], message: str, tmp_path: Path) -> None:
    assert problem(*line, cwd=tmp_path) == message
