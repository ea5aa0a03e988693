"""Whole sweeps as commands, imports and compiling included."""

import sys
import tempfile
import time
from collections.abc import Iterator

from benchmarks.commands import REGCLI
from benchmarks.report import Figure
from benchmarks.timing import command

GRID = ["--l1", "0,log:1e-6:1e-2:5", "--l2", "0,log:1e-6:1e-2:5", "--seeds", "3"]


def measure_sweeps() -> Iterator[Figure]:
    """108 members of the digits network by both trainers; 1,000 settings of the seed model."""
    sweep = ["sweep", "quickstart", *GRID, "--epochs", "10"]
    fit = seconds_of([*sweep, "--engine", "keras"])
    together = seconds_of([*sweep, "--engine", "population"])
    case = "whole sweep, 108 members × 10 epochs"
    yield Figure(case, "one by one with Keras's fit", fit, "s", 1.0, 1)
    yield Figure(case, "regcli population", together, "s", together / fit, 1)
    started = time.perf_counter()
    command([sys.executable, "-c", "import tensorflow"])()
    loading = time.perf_counter() - started
    thousand = seconds_of(["sweep", "seed", "--l2", "lin:0:0.1:1000"])
    case = "1,000 settings of the seed model"
    yield Figure(case, "python -c 'import tensorflow'", loading, "s", 1.0, 1)
    yield Figure(case, "regcli sweep, all included", thousand, "s", thousand / loading, 1)


def seconds_of(arguments: list[str]) -> float:
    """Wall-clock seconds of a regcli command in an empty runs folder."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        command([REGCLI, *arguments, "--quiet", "--json", "--runs", folder])()
        return time.perf_counter() - started
