"""How near a plan's expected seconds are to those that the sweep then takes, process and all."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.commands import REGCLI
from benchmarks.report import Figure

QUICK: Sequence[Sequence[str]] = (("smoke",), ("wine",))
FULL: Sequence[Sequence[str]] = (
    *QUICK,
    ("quickstart", "--l1", "0,1e-4,1e-3", "--l2", "0,1e-4", "--seeds", "4"),
    ("digits-cnn",),
    ("diabetes",),
    ("breast-cancer",),
)
"""Shipped configs, with the grid of one that has none."""


def measure_plans(quick: bool) -> Iterator[Figure]:
    """Expected seconds beside real ones: by a trial before, and by the stored runs after.

    Stored runs are asked about as many others on another split, which are then trained.
    """
    for line in QUICK if quick else FULL:
        with tempfile.TemporaryDirectory() as folder:
            others = ("--set", "training.seed=100")
            measured = _planned([*line, "--measure"], folder)
            took = _trained(line, folder)
            stored = _planned([*line, *others], folder)
            took_others = _trained([*line, *others], folder)
        case = f"plan of {line[0]}"
        yield Figure(case, "sweep", took, "s", 1.0, 1)
        yield Figure(case, "expected by a trial", measured, "s", measured / took, 1)
        yield Figure(f"{case}, other seeds", "sweep", took_others, "s", 1.0, 1)
        yield Figure(
            f"{case}, other seeds", "expected by stored runs", stored, "s", stored / took_others, 1
        )


def _planned(line: Sequence[str], folder: str) -> float:
    done = _run(["plan", *line, "--json"], folder)
    seconds = json.loads(done.stdout)["seconds"]
    assert isinstance(seconds, float), "the plan does not know"
    return seconds


def _trained(line: Sequence[str], folder: str) -> float:
    started = time.perf_counter()
    _run(["sweep", *line, "--json"], folder)
    return time.perf_counter() - started


def _run(line: Sequence[str], folder: str) -> subprocess.CompletedProcess[str]:
    runs = str(Path(folder) / "runs")
    return subprocess.run(
        [REGCLI, *line, "--quiet"],
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "REGCLI_RUNS": runs},
    )
