"""An executor that trains each batch in a process of its own, which shares no memory with it."""

import multiprocessing
from functools import partial
from pathlib import Path
from typing import Any

from regcli.planning.batches import Batch
from regcli.planning.events import Event, Tell
from regcli.planning.populations import EngineChoice
from regcli.store.store import open_store
from regcli.store.store_weights import read_weights


class SpawnedExecutor:
    """As `Executor`; what it hands over is the batch and a folder's name."""

    def __init__(self, engine: EngineChoice, runs: Path) -> None:
        self.engine, self.runs = engine, runs

    def run(self, batch: Batch, tell: Tell) -> None:
        context = multiprocessing.get_context("spawn")
        events: Any = context.Queue()
        process = context.Process(target=_work, args=(batch, self.engine, self.runs, events))
        process.start()
        while (event := events.get(timeout=300)) is not None:
            if isinstance(event, BaseException):
                raise event
            tell(event)
        process.join()


def _work(batch: Batch, engine: EngineChoice, runs: Path, events: Any) -> None:
    from regcli.training.devices import prepare_device
    from regcli.training.executor_choice import choose_executor
    from regcli.training.executors import Materials

    def tell(event: Event) -> None:
        events.put(event)

    try:
        with open_store(runs, create=False) as store:
            materials = Materials(prepare_device("cpu"), weights=partial(read_weights, store))
            choose_executor(batch, engine, materials).run(batch, tell)
    except BaseException as error:
        events.put(error)
    events.put(None)
