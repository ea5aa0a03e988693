"""Training a population: members shared out among programs, and what they tell on the way."""

import queue
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.planning.events import EpochsDone, RunsEnded
from regcli.planning.graph import RunGraph
from regcli.planning.populations import member_scalars
from regcli.results.outcomes import Weights
from regcli.results.stops import Stop
from regcli.signals import PATIENCE, held_back
from regcli.stacked.layout import Layout
from regcli.stacked.shared_traces import SharedTraces
from regcli.training.memory import gradients_forgotten
from regcli.training.polishes import Polishes
from regcli.training.population.checkpoint import Checkpoints
from regcli.training.population.from_configs import StartWeights, make_recipe, make_start
from regcli.training.population.member_run import MemberRun
from regcli.training.population.population_recipe import PopulationRecipe
from regcli.training.population.starts import started_from
from regcli.training.population.worker import Events, PopulationFailedError, Worker


@dataclass(frozen=True)
class PopulationMember:
    """A member to train.

    Attributes:
        id: that of its run, by which it is found among checkpoints.
        splits: with the columns and the parts of the others'; rows may be more or fewer.
        parent: the id of the run that it starts from; None for start weights.
        keep_zeros: whether kernel weights that are zero in its parent stay so; the same for all.
        stop: where the path ends that it is a point of, if it is one.
        weights: gives those of its parent, where that is not a member.
    """

    id: str
    config: Config
    splits: Splits
    parent: str | None = None
    keep_zeros: bool = False
    stop: Stop | None = None
    weights: Callable[[], Weights] | None = None


def train_population(
    members: Sequence[PopulationMember],
    layout: Layout,
    device: str,
    checkpoints: Path | None = None,
    polishes: Polishes | None = None,
    splits: Sequence[Splits] | None = None,
) -> Generator[EpochsDone | RunsEnded, None, None]:
    """Train members that share a `population_key`, and report progress.

    Closing the iterator stops the training after the epochs in hand. So does a request to end
    (Ctrl-C), which is handled once all finished members are reported. Outcomes must be stored
    before the next event: the checkpoints of their members are removed then.

    Args:
        members: those that others start from before these.
        device: TensorFlow's device name.
        checkpoints: a folder for the state of this population, from which it resumes if it
            was stopped; None to keep none.
        polishes: those that are compiled; None for none.
        splits: every split of the population, once each, of which these members may be the rest:
            programs have the shape that all of them need, so that numbers do not depend on who is
            left. None for those of the members.

    Raises:
        PopulationFailedError: if a program cannot be compiled or run, or memory runs out.
        KeyboardInterrupt: after a request to end.
    """
    first, keep_zeros = members[0].config, members[0].keep_zeros
    scalars = member_scalars(first)
    distinct = splits or list({id(own.splits): own.splits for own in members}.values())
    events: Events = queue.Queue()
    stop = threading.Event()
    kept = Checkpoints(checkpoints) if checkpoints else None
    polishes = polishes or Polishes()
    recipes = [
        make_recipe(first, distinct, scalars, keep_zeros, polishes) for _ in range(layout.threads)
    ]
    traces = SharedTraces()
    workers = [
        Worker(recipe, layout.size, device, events, stop, kept, traces) for recipe in recipes
    ]
    _share_out(_make_runs(members, distinct, workers[0].recipe), workers)
    with gradients_forgotten():  # which its workers trace
        try:
            for worker in workers:
                worker.start()
            with held_back(PATIENCE, on_first=stop.set):
                for event in _until_all_ended(events, len(workers)):
                    yield event
                    if kept and isinstance(event, RunsEnded):
                        for identity, _ in event.outcomes:
                            kept.drop(identity)
        finally:
            stop.set()
            for worker in workers:
                if worker.is_alive():
                    worker.join()


def _make_runs(
    members: Sequence[PopulationMember], distinct: Sequence[Splits], recipe: PopulationRecipe
) -> list[MemberRun]:
    weights, ids = StartWeights(), {member.id for member in members}
    places = {id(split): place for place, split in enumerate(distinct)}
    runs = []
    for member in members:
        config, place = member.config, places[id(member.splits)]
        start = make_start(config, member.splits, place, recipe, weights)
        if member.parent not in ids and member.weights is not None:
            start = started_from(start, member.weights(), recipe)
        runs.append(MemberRun(member.id, config, start, member.parent, member.stop))
    return runs


def _share_out(runs: Sequence[MemberRun], workers: Sequence[Worker]) -> None:
    """Give each worker as many members to begin with, and those that follow them.

    A member that follows another does so whatever was saved of it: that is taken up when the other
    has ended.
    """
    graph = RunGraph.of(runs)
    shares: list[list[MemberRun]] = [[] for _ in workers]
    for place, root in enumerate(graph.roots):
        shares[place % len(workers)] += [root, *graph.after(root.id)]
    for worker, share in zip(workers, shares, strict=True):
        worker.take(share)


def _until_all_ended(events: Events, workers: int) -> Iterator[EpochsDone | RunsEnded]:
    while workers:
        event = events.get()
        if event is None:
            workers -= 1
        elif isinstance(event, BaseException):
            raise PopulationFailedError(event) from event
        else:
            yield event
