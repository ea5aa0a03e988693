"""10,000 members so small that hardly anything is left to train: what each costs beside that."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.apart import apart
from benchmarks.report import Figure
from benchmarks.sweeps import seconds_of
from regcli.config.load import load_config
from regcli.store.store import open_store
from regcli.workflows.grid_sweep import run_sweep
from regcli.workflows.keeper import Keeper
from regcli.workflows.workspace import Workspace

CONFIG = """\
name: tiny
dataset: {name: iris, test: 0.2, validation: 0.2}
model: {layers: [{Dense: {units: 3}}]}
training: {epochs: 5, batch_size: 32}
"""
STRENGTHS = "lin:0:0.01:100"
CASE = "10,000 members of 15 weights, 5 epochs"


def measure_tiny() -> Iterator[Figure]:
    """The whole command; then what share of the processor's time members take once they ended."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "tiny.yaml"
        config.write_text(CONFIG)
        grid = ["--l1", STRENGTHS, "--l2", STRENGTHS]
        seconds = seconds_of(["sweep", str(config), *grid])
    yield Figure(CASE, "regcli sweep, all included", seconds, "s", 1.0, 1)
    share, _ = apart(share_after_the_end)
    yield Figure(CASE, "scoring and storing, of processor time", 100 * share, "%", share, 1)


def share_after_the_end() -> float:
    """The share of this process's time that goes into scoring and storing members that ended."""
    from regcli.training.population import worker

    clock = _Clock()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "tiny.yaml"
        config.write_text(CONFIG)
        grid = {"l1": STRENGTHS, "l2": STRENGTHS}
        loaded = load_config(str(config), [(("sweep",), "grid", grid)])
        with (
            open_store(Path(folder) / "runs") as store,
            patch.object(worker, "make_outcomes", clock.timed(worker.make_outcomes)),
            patch.object(Keeper, "_store", clock.timed(Keeper._store)),
        ):
            run_sweep(loaded, Workspace(store, lambda event: None, "cpu", "population"))
    return clock.seconds / time.process_time()


class _Clock:
    """Processor time of functions, whichever threads they run in."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._lock = threading.Lock()

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            started = time.thread_time()
            try:
                return function(*given)
            finally:
                with self._lock:
                    self.seconds += time.thread_time() - started

        return call
