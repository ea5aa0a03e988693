"""Training a population: members shared out among programs, and what they tell on the way."""

import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.training.population.checkpoint import CheckpointFile
from regcli.training.population.layout import Layout
from regcli.training.population.members import StartWeights, make_recipe, make_start
from regcli.training.population.progress import MemberRun
from regcli.training.population.worker import (
    EpochsDone,
    Event,
    Events,
    MembersEnded,
    PopulationFailed,
    Worker,
)

__all__ = ["EpochsDone", "Event", "MembersEnded", "PopulationFailed", "train_population"]


def train_population(
    configs: Sequence[Config],
    splits: Sequence[Splits],
    scalars: Sequence[str],
    layout: Layout,
    device: str,
    names: Sequence[str] = (),
    checkpoints: Path | None = None,
) -> Iterator[Event]:
    """Train members that share a `population_key`, and tell how it goes on.

    Closing the iterator stops the training after the epochs in hand.

    Args:
        splits: each member's own data, with as many rows in each part as the others'.
        scalars: the optimizer arguments that may differ between the members.
        device: TensorFlow's device name.
        names: ids of the members' runs, by which they are found in a checkpoint.
        checkpoints: a folder for the state of this very population, from which it goes on if it
            was stopped; None to keep none.

    Raises:
        PopulationFailed: if a program cannot be compiled or run, or memory runs out.
    """
    distinct = list({id(split): split for split in splits}.values())
    runs = _make_runs(configs, splits, distinct, scalars, names)
    events: Events = queue.Queue()
    stop = threading.Event()
    workers = [
        Worker(
            make_recipe(configs[0], distinct, scalars),
            layout.size,
            device,
            events,
            stop,
            CheckpointFile(checkpoints / f"{place}.npz") if checkpoints else None,
        )
        for place in range(layout.threads)
    ]
    _share_out(runs, workers)
    for worker in workers:
        worker.start()
    try:
        yield from _until_all_ended(events, len(workers))
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def _make_runs(
    configs: Sequence[Config],
    splits: Sequence[Splits],
    distinct: Sequence[Splits],
    scalars: Sequence[str],
    names: Sequence[str],
) -> list[MemberRun]:
    recipe = make_recipe(configs[0], distinct, scalars)
    weights = StartWeights()
    places = {id(split): place for place, split in enumerate(distinct)}
    return [
        MemberRun(
            number,
            names[number] if names else str(number),
            config,
            make_start(config, split, places[id(split)], recipe, weights),
        )
        for number, (config, split) in enumerate(zip(configs, splits, strict=True))
    ]


def _share_out(runs: Sequence[MemberRun], workers: Sequence[Worker]) -> None:
    """Give members back to the worker that had them when it was stopped, and the rest evenly."""
    resumed = {name: worker for worker in workers for name in worker.saved_names()}
    new = [run for run in runs if run.name not in resumed]
    for place, worker in enumerate(workers):
        worker.take(
            new[place :: len(workers)], [run for run in runs if resumed.get(run.name) is worker]
        )


def _until_all_ended(events: Events, workers: int) -> Iterator[Event]:
    while workers:
        event = events.get()
        if event is None:
            workers -= 1
        elif isinstance(event, BaseException):
            raise PopulationFailed(event) from event
        else:
            yield event
