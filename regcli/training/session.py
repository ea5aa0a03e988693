"""Training a list of members: which trainer takes which, and what is told on the way."""

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from regcli.config.fingerprint import content_hash
from regcli.config.populations import EngineChoice, group_by_population
from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.errors import ModelError
from regcli.results.records import RunState
from regcli.results.stops import Stop
from regcli.training.outcome import Outcome, Weights
from regcli.training.population.checkpoint import Checkpoints
from regcli.training.population.layout import Layout, even_layout, plan_layout, usable_cores
from regcli.training.population.members import check_arguments, varied_arguments, why_not
from regcli.training.population.starts import Origin
from regcli.training.population.trainer import (
    EpochsDone,
    PopulationFailed,
    PopulationMember,
    train_population,
)
from regcli.training.reference import prepare_model, train

Engine = Literal["population", "keras"]

# Seconds, measured on two cores with a small network: what a model costs `fit` before its first
# step and with each, and what a population costs before its first. A step in it is almost free.
_FIT_START = 0.6
_FIT_STEP = 0.0015
_POPULATION_START = 3.0


class Listener(Protocol):
    """Whoever is told how a session goes on, in the thread that began it."""

    def note(self, text: str) -> None:
        """Called with something a person should know."""

    def population_started(self, members: int) -> None:
        """Called before members are trained together."""

    def run_started(self, number: int) -> None:
        """Called before a member is trained by itself."""

    def epochs_done(self, count: int) -> None:
        """Called with the members × epochs that were trained since the last call."""

    def ended(self, outcomes: Sequence[tuple[int, Outcome]], engine: Engine) -> None:
        """Called with the outcomes of members that have ended, by number."""


@dataclass(frozen=True)
class Job:
    """A member to train: the id of its run, its config, and its data.

    Attributes:
        weights: gives those of the stored run that it starts from; None for start weights.
        after: position of the job that makes that run, if it is one of them.
        stop: where the path ends that it is a point of.
    """

    name: str
    config: Config
    splits: Splits
    weights: Callable[[], Weights] | None = None
    after: int | None = None
    stop: Stop | None = None


@dataclass(frozen=True)
class Batch:
    """Jobs that one trainer takes together.

    Attributes:
        numbers: positions of the jobs.
        key: a name for the whole population, stored members included.
        layout: how they are spread over the machine; None for the reference trainer.
        reason: why the reference trainer takes them; empty where there is nothing to say.
    """

    numbers: tuple[int, ...]
    key: str
    layout: Layout | None
    reason: str = ""


class RefusedJob(Exception):  # noqa: N818 - it is a refusal, and the error is inside
    """A job whose model cannot be built, with the error that says why."""

    def __init__(self, number: int, error: ModelError) -> None:
        super().__init__(str(error))
        self.number = number
        self.error = error


def plan_batches(
    jobs: Sequence[Job], pending: Sequence[int], choice: EngineChoice, device: str
) -> tuple[Batch, ...]:
    """Check that every job's model can be built, and choose its trainer.

    Args:
        jobs: every member of a grid, so that a sweep that goes on has the layout it had before.
        pending: positions of those that are still to be trained.

    Raises:
        RefusedJob: for a model that Keras refuses, or one that `population` was asked for and
            cannot train.
    """
    waiting = set(pending)
    alike = group_by_population([job.config for job in jobs])
    groups = [group for members in alike for group in _with_equal_rows(jobs, members)]
    left = [(group, tuple(number for number in group if number in waiting)) for group in groups]
    return tuple(
        _plan_batch(jobs, numbers, group, choice, device) for group, numbers in left if numbers
    )


def _with_equal_rows(jobs: Sequence[Job], members: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The members parted by how many rows, and columns, their splits have."""
    groups: dict[object, list[int]] = {}
    for number in members:
        shapes = tuple(part and part.x.shape for _, part in jobs[number].splits.parts())
        groups.setdefault(shapes, []).append(number)
    return map(tuple, groups.values())


def _plan_batch(
    jobs: Sequence[Job],
    numbers: tuple[int, ...],
    group: tuple[int, ...],
    choice: EngineChoice,
    device: str,
) -> Batch:
    key = content_hash(["population", *(jobs[number].name for number in group)])
    number = numbers[0]
    try:
        at_once = sum(jobs[number].after not in group for number in group)
        layout, reason = _choose_layout(jobs[number], at_once, len(group), choice, device)
        distinct = {varied_arguments(jobs[other].config): other for other in reversed(numbers)}
        for number in reversed(distinct.values()):
            check_arguments(jobs[number].config)
        return Batch(numbers, key, layout, reason)
    except ModelError as error:
        raise RefusedJob(number, error) from error


def _choose_layout(
    first: Job, at_once: int, members: int, choice: EngineChoice, device: str
) -> tuple[Layout | None, str]:
    """The layout of a population, or None and the reason why there is none.

    Args:
        at_once: members that need not wait for another to end.
        members: all of them, stored ones too: a sweep that goes on must not change its trainer.
    """
    model = prepare_model(first.config, first.splits).model
    reason = why_not(first.config, model)
    if choice == "keras":
        return None, ""
    if reason and choice == "population":
        raise ModelError(("model",), f"cannot be trained as a population: {reason}")
    if reason or (choice == "auto" and not is_worth_compiling(first, members)):
        return None, reason or ""
    threads = usable_cores() if "CPU" in device else 1
    return plan_layout(at_once, model, first.config, threads), ""


def is_worth_compiling(job: Job, members: int) -> bool:
    """Whether a population is likely to end sooner than `fit`, model by model."""
    training = job.config.training
    steps = training.epochs * math.ceil(len(job.splits.train) / training.batch_size)
    return members * (_FIT_START + steps * _FIT_STEP) > _POPULATION_START


def train_jobs(
    jobs: Sequence[Job],
    batches: Sequence[Batch],
    device: str,
    listener: Listener,
    checkpoints: Path | None,
) -> None:
    """Train jobs by the trainers that were planned for them.

    A job that fails or diverges does not stop the others.

    Args:
        checkpoints: a folder for populations that are in training; None to keep no state.

    Raises:
        KeyboardInterrupt: after the listener was told of what had ended.
    """
    for batch in batches:
        if batch.layout is None:
            if batch.reason:
                listener.note(f"trained one by one with Keras's fit: {batch.reason}")
            _train_one_by_one(jobs, batch.numbers, device, listener)
        else:
            folder = checkpoints / batch.key if checkpoints else None
            _train_together(jobs, batch.numbers, batch.layout, device, listener, folder)
            if folder:
                Checkpoints(folder).drop_all()


def _train_together(
    jobs: Sequence[Job],
    numbers: Sequence[int],
    layout: Layout,
    device: str,
    listener: Listener,
    checkpoints: Path | None,
) -> None:
    """Train a population; with half the size if memory runs out, else one by one if it fails."""
    listener.population_started(len(numbers))
    left = dict.fromkeys(numbers)
    try:
        with closing(_outcomes(jobs, numbers, layout, device, listener, checkpoints)) as outcomes:
            for ended in outcomes:
                listener.ended(ended, "population")
                for number, outcome in ended:
                    del left[number]
                    if (stop := jobs[number].stop) and stop.ends_with(outcome):
                        _leave_out_followers(jobs, left, number)
        return
    except PopulationFailed as failed:
        reason = failed
    if reason.out_of_memory and layout.size > 1:
        smaller = even_layout(len(left), math.ceil(layout.size / 2), layout.threads)
        listener.note(f"memory ran out: going on with {smaller.size} members at a time")
        _train_together(jobs, list(left), smaller, device, listener, checkpoints)
    else:
        listener.note(f"trained one by one with Keras's fit: {reason}")
        _train_one_by_one(jobs, list(left), device, listener)


def _leave_out_followers(jobs: Sequence[Job], left: dict[int, None], number: int) -> None:
    """Take the points of a path that come after its end out of what is left to train."""
    for other in [other for other in left if jobs[other].after == number]:
        del left[other]
        _leave_out_followers(jobs, left, other)


def _outcomes(
    jobs: Sequence[Job],
    numbers: Sequence[int],
    layout: Layout,
    device: str,
    listener: Listener,
    checkpoints: Path | None,
) -> Generator[list[tuple[int, Outcome]], None, None]:
    members = _members(jobs, numbers)
    with closing(train_population(members, layout, device, checkpoints)) as events:
        for event in events:
            if isinstance(event, EpochsDone):
                listener.epochs_done(event.count)
            else:
                yield [(numbers[place], outcome) for place, outcome in event.outcomes]


def _members(jobs: Sequence[Job], numbers: Sequence[int]) -> list[PopulationMember]:
    """Jobs as a population takes them, which counts its members from 0."""
    places = {number: place for place, number in enumerate(numbers)}
    members = []
    for job in (jobs[number] for number in numbers):
        after = places.get(job.after) if job.after is not None else None
        origin = Origin(None if after is not None else job.weights, after, job.stop)
        members.append(PopulationMember(job.name, job.config, job.splits, origin))
    return members


def _train_one_by_one(
    jobs: Sequence[Job], numbers: Sequence[int], device: str, listener: Listener
) -> None:
    over: set[int] = set()
    for number in numbers:
        if jobs[number].after in over:
            over.add(number)
            continue
        listener.run_started(number)
        outcome = _train_one(jobs[number], device, listener)
        listener.ended([(number, outcome)], "keras")
        if outcome.state is RunState.INTERRUPTED:
            raise KeyboardInterrupt
        stop = jobs[number].stop
        if stop is not None and stop.ends_with(outcome):
            over.add(number)


def _train_one(job: Job, device: str, listener: Listener) -> Outcome:
    """Train one member by itself; whatever goes wrong ends up in its outcome."""
    done = 0

    def on_epoch(epoch: int) -> None:
        nonlocal done
        done = epoch
        listener.epochs_done(1)

    started = time.perf_counter()
    try:
        return train(job.config, job.splits, device, on_epoch, job.weights and job.weights())
    except KeyboardInterrupt:
        state = RunState.INTERRUPTED
        message = f"interrupted after epoch {done} of {job.config.training.epochs}"
    except Exception as error:
        state = RunState.FAILED
        reason = str(error).strip().splitlines() or [""]
        message = f"{type(error).__name__}: {reason[0]}"
    return Outcome(state, done, time.perf_counter() - started, message=message)
