"""Training a population: members shared out among programs, and what they tell on the way."""

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.training.memory import gradients_forgotten
from regcli.training.population.checkpoint import CheckpointFile
from regcli.training.population.layout import Layout
from regcli.training.population.members import StartWeights, make_recipe, make_start
from regcli.training.population.progress import MemberRun
from regcli.training.population.starts import Origin, started_from
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
    origins: Mapping[int, Origin] = MappingProxyType({}),
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
        origins: where members start from that do not begin with start weights, by number.

    Raises:
        PopulationFailed: if a program cannot be compiled or run, or memory runs out.
    """
    distinct = list({id(split): split for split in splits}.values())
    runs = _make_runs(configs, splits, distinct, scalars, names, origins)
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
    after = {number: origin.after for number, origin in origins.items()}
    _share_out(runs, workers, {n: first for n, first in after.items() if first is not None})
    with gradients_forgotten():  # which its workers trace
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
    origins: Mapping[int, Origin],
) -> list[MemberRun]:
    recipe = make_recipe(configs[0], distinct, scalars)
    weights = StartWeights()
    places = {id(split): place for place, split in enumerate(distinct)}
    runs = []
    for number, (config, split) in enumerate(zip(configs, splits, strict=True)):
        origin = origins.get(number, Origin())
        start = make_start(config, split, places[id(split)], recipe, weights)
        if origin.weights is not None:
            start = started_from(start, origin.weights(), recipe)
        name = names[number] if names else str(number)
        runs.append(MemberRun(number, name, config, start, stop=origin.stop))
    return runs


def _share_out(
    runs: Sequence[MemberRun], workers: Sequence[Worker], after: Mapping[int, int]
) -> None:
    """Give members back to the worker that had them when it was stopped, and the rest evenly.

    A member that starts from where another ends goes to that one's worker.
    """
    resumed = {name: worker for worker in workers for name in worker.saved_names()}
    new = [run for run in runs if run.name not in resumed and run.number not in after]
    for place, worker in enumerate(workers):
        mine = new[place :: len(workers)]
        old = [run for run in runs if resumed.get(run.name) is worker]
        first = {run.number for run in (*mine, *old)}
        following = {
            before: runs[number]
            for number, before in after.items()
            if _root(number, after) in first and runs[number].name not in resumed
        }
        worker.take(mine, old, following)


def _root(number: int, after: Mapping[int, int]) -> int:
    """The first member of a member's path."""
    while number in after:
        number = after[number]
    return number


def _until_all_ended(events: Events, workers: int) -> Iterator[Event]:
    while workers:
        event = events.get()
        if event is None:
            workers -= 1
        elif isinstance(event, BaseException):
            raise PopulationFailed(event) from event
        else:
            yield event
