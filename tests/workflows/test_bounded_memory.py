"""What training takes does not grow with a file that does not fit into memory."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

ALLOWED = 80_000_000
COLUMNS, MANY, FEW = 500, 200_000, 3_000
CONFIG = """\
dataset: {file: rows.parquet, target: y, task: classification}
model: {layers: []}
training: {epochs: 1, batch_size: 1024}
"""


def write_rows(folder: Path, count: int) -> int:
    """Write a table; its size in bytes."""
    rng = np.random.default_rng(0)
    columns = {f"x{place}": rng.standard_normal(count) for place in range(COLUMNS)}
    columns["y"] = (columns["x0"] > 0).astype(np.int64)
    pl.DataFrame(columns).write_parquet(folder / "rows.parquet", compression="uncompressed")
    (folder / "c.yaml").write_text(CONFIG)
    return (folder / "rows.parquet").stat().st_size


def peak_of_training(folder: Path, memory: int, engine: str) -> int:
    """The most memory of its own that a training has, in bytes; pages of files are not its own."""
    command = [sys.executable, "-m", "regcli", "train", "c.yaml", "--quiet", "--engine", engine]
    environment = {**os.environ, "REGCLI_MEMORY": str(memory)}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _own_memory(process.pid))
        time.sleep(0.01)
    assert process.returncode == 0
    return peak


def _own_memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how much memory a process has")
@pytest.mark.parametrize("engine", ["population", "keras"])
def test_a_file_of_ten_times_the_allowed_memory_trains_within_it(
    tmp_path: Path, engine: str
) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.mkdir()
    large.mkdir()
    write_rows(small, FEW)
    assert write_rows(large, MANY) >= 10 * ALLOWED
    fixed = peak_of_training(small, ALLOWED // 50, engine)
    grown = peak_of_training(large, ALLOWED, engine) - fixed
    assert (large / "runs" / "cache").is_dir()
    assert grown < ALLOWED, f"{grown / 1e6:.0f} MB more than for {FEW} rows"
