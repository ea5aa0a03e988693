"""Training a population: members shared out among programs, and what they tell on the way."""

import queue
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.planning.populations import member_scalars
from regcli.signals import PATIENCE, held_back
from regcli.training.memory import gradients_forgotten
from regcli.training.population.checkpoint import Checkpoints
from regcli.training.population.layout import Layout
from regcli.training.population.members import StartWeights, make_recipe, make_start
from regcli.training.population.progress import MemberRun
from regcli.training.population.recipe import Recipe
from regcli.training.population.starts import Origin, started_from
from regcli.training.population.worker import (
    EpochsDone,
    Event,
    Events,
    MembersEnded,
    PopulationFailed,
    Worker,
)

__all__ = [
    "EpochsDone",
    "Event",
    "MembersEnded",
    "PopulationFailed",
    "PopulationMember",
    "train_population",
]


@dataclass(frozen=True)
class PopulationMember:
    """A member to train.

    Attributes:
        name: the id of its run, by which it is found among checkpoints.
        splits: with as many rows in each part as those of the others.
        origin: start weights, unless it says otherwise.
    """

    name: str
    config: Config
    splits: Splits
    origin: Origin = field(default_factory=Origin)


def train_population(
    members: Sequence[PopulationMember],
    layout: Layout,
    device: str,
    checkpoints: Path | None = None,
) -> Generator[Event, None, None]:
    """Train members that share a `population_key`, and tell how it goes on.

    Closing the iterator stops the training after the epochs in hand. So does a request to end
    (Ctrl-C), which is answered once all members that have ended are told. Outcomes must be safe
    once the next event is asked for: what checkpoints hold of their members is removed then.

    Args:
        device: TensorFlow's device name.
        checkpoints: a folder for the state of this very population, from which it goes on if it
            was stopped; None to keep none.

    Raises:
        PopulationFailed: if a program cannot be compiled or run, or memory runs out.
        KeyboardInterrupt: after a request to end.
    """
    first = members[0].config
    scalars = member_scalars(first)
    distinct = list({id(member.splits): member.splits for member in members}.values())
    events: Events = queue.Queue()
    stop = threading.Event()
    kept = Checkpoints(checkpoints) if checkpoints else None
    workers = [
        Worker(make_recipe(first, distinct, scalars), layout.size, device, events, stop, kept)
        for _ in range(layout.threads)
    ]
    _share_out(members, _make_runs(members, distinct, workers[0].recipe), workers)
    with gradients_forgotten():  # which its workers trace
        try:
            for worker in workers:
                worker.start()
            with held_back(PATIENCE, on_first=stop.set):
                for event in _until_all_ended(events, len(workers)):
                    yield event
                    if kept and isinstance(event, MembersEnded):
                        for number, _ in event.outcomes:
                            kept.drop(members[number].name)
        finally:
            stop.set()
            for worker in workers:
                if worker.is_alive():
                    worker.join()


def _make_runs(
    members: Sequence[PopulationMember], distinct: Sequence[Splits], recipe: Recipe
) -> list[MemberRun]:
    weights = StartWeights()
    places = {id(split): place for place, split in enumerate(distinct)}
    runs = []
    for number, member in enumerate(members):
        config, origin = member.config, member.origin
        start = make_start(config, member.splits, places[id(member.splits)], recipe, weights)
        if origin.weights is not None:
            start = started_from(start, origin.weights(), recipe)
        runs.append(MemberRun(number, member.name, config, start, stop=origin.stop))
    return runs


def _share_out(
    members: Sequence[PopulationMember], runs: Sequence[MemberRun], workers: Sequence[Worker]
) -> None:
    """Give each worker as many members to begin with, and those that follow them.

    A member that follows another does so whatever was saved of it: that is taken up when the other
    has ended.
    """
    first = [run.number for run in runs if members[run.number].origin.after is None]
    holders = {number: workers[place % len(workers)] for place, number in enumerate(first)}
    for run in runs:
        holders[_root(run.number, members)].take(run, members[run.number].origin.after)


def _root(number: int, members: Sequence[PopulationMember]) -> int:
    """The first member of a member's path."""
    while (before := members[number].origin.after) is not None:
        number = before
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
