"""Whole commands: how long a person waits, imports and all."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.timing import command, interleave
from regcli.results.records import RunRecord, RunState
from regcli.store.store import open_store

REGCLI = str(Path(sys.executable).with_name("regcli"))
SCRIPTS = Path(__file__).parent / "scripts"


def measure_commands(rounds: int) -> Iterator[Figure]:
    """`--help`, `runs list` of 10,000 runs, and one training against the plain script."""
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder) / "runs"
        _fill(runs, 10_000)
        listing = [REGCLI, "runs", "list"]
        stored = {**os.environ, "REGCLI_RUNS": str(runs)}
        light = {
            "python -c pass": command([sys.executable, "-c", "pass"]),
            "regcli --help": command([REGCLI, "--help"]),
            "regcli runs list, 10,000 stored": command([*listing, "--runs", str(runs)]),
            "all 10,000 as CSV": command([*listing, "--last", "0", "--format", "csv"], env=stored),
        }
        yield from _figures("light commands", light, rounds)
        script = [sys.executable, str(SCRIPTS / "seed_plain.py")]
        train = [REGCLI, "train", "seed", "--runs", str(Path(folder) / "seed")]
        training = {"plain Keras script": command(script), "regcli train seed": command(train)}
        yield from _figures("seed config, end to end", training, rounds)


def _figures(
    case: str, candidates: Mapping[str, Callable[[], object]], rounds: int
) -> Iterator[Figure]:
    timings = interleave(candidates, rounds)
    baseline = next(iter(timings.values())).median
    for name, timing in timings.items():
        yield Figure(case, name, timing.median, "s", timing.median / baseline, rounds)


def _fill(folder: Path, count: int) -> None:
    """Store records like those of a large sweep."""
    with open_store(folder) as store:
        store.add_many([(_record(number), {}) for number in range(count)])


def _record(number: int) -> RunRecord:
    return RunRecord(
        id=f"{number:012x}",
        name="stored",
        state=RunState.FINISHED,
        settings={"l1": 0.0, "l2": number / 1000, "seed": 0, "fold": None, "method": "penalty"},
        config={},
        engine="keras",
        epochs=5,
        seconds=0.1,
        metrics={"train": {"data_loss": 0.1}, "validation": {"data_loss": 0.2, "accuracy": 0.9}},
        created="2026-01-01T00:00:00+00:00",
    )
