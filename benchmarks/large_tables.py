"""A table of 1,000,000 rows and 20 columns: time and memory of whole commands, imports and all."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.commands import REGCLI, SCRIPTS
from benchmarks.report import Figure

ROWS = 1_000_000
CASE = f"{ROWS:,} rows × 20 columns of CSV, 2 epochs"
_NUMBERS = 18
_CONFIG = """\
dataset: {file: table.csv, target: label, missing: mean}
model: {layers: [Dense: {units: 32, activation: relu}]}
training: {epochs: 2, batch_size: 1024}
"""
_GRID = ("--l1", "0,1e-5,1e-4,1e-3", "--l2", "0,1e-5,1e-4,1e-3")


def measure_large_tables(rows: int = ROWS) -> Iterator[Figure]:
    """pandas and Keras's `fit`, if pandas is installed, and regcli with rows in memory and not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_table(folder / "table.csv", rows)
        (folder / "table.yaml").write_text(_CONFIG, encoding="utf-8")
        scanned = {**os.environ, "REGCLI_MEMORY": "100MB"}
        train, sweep = [REGCLI, "train", "table.yaml"], [REGCLI, "sweep", "table.yaml", *_GRID]
        candidates: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {}
        if find_spec("pandas") is None:
            sys.stderr.write(f"{CASE}: pandas is not installed, its script is left out\n")
        else:
            script = [sys.executable, str(SCRIPTS / "pandas_keras.py"), "table.csv"]
            candidates["pandas and Keras fit, one model"] = script, os.environ
        candidates |= {
            "regcli train, one model": (train, os.environ),
            "regcli train, 100 MB allowed": (train, scanned),
            "regcli sweep, 16 settings": (sweep, os.environ),
            "regcli sweep, 16 settings, 100 MB allowed": (sweep, scanned),
        }
        first = 0.0
        for place, (candidate, (command, environment)) in enumerate(candidates.items()):
            own = [*command, "--runs", f"runs-{place}"] if command[0] == REGCLI else command
            seconds, peak = _run(own, environment, folder)
            first = first or seconds
            yield Figure(CASE, candidate, seconds, "s", seconds / first, 1)
            yield Figure(CASE, f"{candidate}, peak memory", peak, "MiB", 1.0, 1)


def write_table(path: Path, rows: int) -> None:
    """Numbers, some with gaps, and two categories that decide between two classes; seeded."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((rows, _NUMBERS))
    region, plan = rng.integers(0, 6, rows), rng.integers(0, 12, rows)
    weights = np.where(np.arange(_NUMBERS) < _NUMBERS // 2, rng.standard_normal(_NUMBERS), 0)
    chance = 1 / (1 + np.exp(-(0.7 * x @ weights + region / 5)))
    columns = {f"x{place}": pl.Series(np.round(x[:, place], 5)) for place in range(_NUMBERS)}
    for name in ("x2", "x11"):
        columns[name] = columns[name].set(pl.Series(rng.random(rows) < 0.03), None)
    columns["region"] = pl.Series(np.array(["a", "b", "c", "d", "e", "f"])[region])
    columns["plan"] = pl.Series(np.array([f"plan-{number}" for number in range(12)])[plan])
    columns["label"] = pl.Series(np.where(rng.random(rows) < chance, "yes", "no"))
    pl.DataFrame(columns).write_csv(path)


def _run(
    command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> tuple[float, float]:
    """Seconds and MiB of a command's process; mapped pages of files that it has read count too."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"{' '.join(command)} failed")
    return time.perf_counter() - started, used.ru_maxrss / 1024
