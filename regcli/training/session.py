"""Training jobs in their batches, and what is told on the way."""

import math
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from regcli.nets.reasons import said
from regcli.results.records import RunState
from regcli.training.batches import Batch, Job, RefusedJob, plan_batches
from regcli.training.outcome import Outcome
from regcli.training.population.checkpoint import Checkpoints
from regcli.training.population.layout import MIN_SIZE, Layout, even_layout
from regcli.training.population.starts import Origin
from regcli.training.population.trainer import (
    EpochsDone,
    PopulationFailed,
    PopulationMember,
    train_population,
)
from regcli.training.reference import train

__all__ = ["Batch", "Engine", "Job", "Listener", "RefusedJob", "plan_batches", "train_jobs"]

Engine = Literal["population", "keras"]


class Listener(Protocol):
    """Whoever is told how a session goes on, in the thread that began it.

    A subclass defines only what it wants to be told of.
    """

    # Each has a `return` because mypy takes an empty body for one that a subclass must define.

    def note(self, text: str) -> None:
        """Called with something a person should know."""
        return

    def population_started(self, members: int) -> None:
        """Called before members are trained together."""
        return

    def run_started(self, number: int) -> None:
        """Called before a member is trained by itself."""
        return

    def epochs_done(self, count: int) -> None:
        """Called with the members × epochs that were trained since the last call."""
        return

    def ended(self, outcomes: Sequence[tuple[int, Outcome]], engine: Engine) -> None:
        """Called with the outcomes of members that have ended, by number."""
        return


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
    session = _Session(jobs, device, listener)
    for batch in batches:
        if batch.layout is None:
            if batch.reason:
                listener.note(f"trained one by one with Keras's fit: {batch.reason}")
            session.train_one_by_one(batch.numbers)
        else:
            folder = checkpoints / batch.key if checkpoints else None
            session.train_together(batch.numbers, batch.layout, folder)
            if folder:
                Checkpoints(folder).drop_all()


@dataclass(frozen=True)
class _Session:
    jobs: Sequence[Job]
    device: str
    listener: Listener

    def train_together(
        self, numbers: Sequence[int], layout: Layout, checkpoints: Path | None
    ) -> None:
        """Train a population; at half the size if memory runs out, one by one if it fails."""
        self.listener.population_started(len(numbers))
        left = dict.fromkeys(numbers)
        try:
            self._train_population(numbers, layout, checkpoints, left)
            return
        except PopulationFailed as failed:
            if not left:
                return
            reason = failed
        if reason.out_of_memory and layout.size > MIN_SIZE:
            smaller = even_layout(len(left), math.ceil(layout.size / 2), layout.threads)
            self.listener.note(f"memory ran out: going on with {smaller.size} members at a time")
            self.train_together(list(left), smaller, checkpoints)
        else:
            self.listener.note(f"trained one by one with Keras's fit: {reason}")
            self.train_one_by_one(list(left))

    def _train_population(
        self,
        numbers: Sequence[int],
        layout: Layout,
        checkpoints: Path | None,
        left: dict[int, None],
    ) -> None:
        """Train a population, and take what needs no more training out of what is left."""
        members = _members(self.jobs, numbers)
        with closing(train_population(members, layout, self.device, checkpoints)) as events:
            for event in events:
                if isinstance(event, EpochsDone):
                    self.listener.epochs_done(event.count)
                    continue
                ended = [(numbers[place], outcome) for place, outcome in event.outcomes]
                self.listener.ended(ended, "population")
                for number, outcome in ended:
                    del left[number]
                    if (stop := self.jobs[number].stop) and stop.ends_with(outcome):
                        _leave_out_followers(self.jobs, left, number)

    def train_one_by_one(self, numbers: Sequence[int]) -> None:
        """Train jobs by themselves, but for those behind the end of a path."""
        over: set[int] = set()
        for number in numbers:
            job = self.jobs[number]
            if job.after in over:
                over.add(number)
                continue
            self.listener.run_started(number)
            outcome = _train_one(job, self.device, self.listener)
            self.listener.ended([(number, outcome)], "keras")
            if outcome.state is RunState.INTERRUPTED:
                raise KeyboardInterrupt
            if job.stop is not None and job.stop.ends_with(outcome):
                over.add(number)


def _leave_out_followers(jobs: Sequence[Job], left: dict[int, None], number: int) -> None:
    """Take the points of a path that come after its end out of what is left to train."""
    for other in [other for other in left if jobs[other].after == number]:
        del left[other]
        _leave_out_followers(jobs, left, other)


def _members(jobs: Sequence[Job], numbers: Sequence[int]) -> list[PopulationMember]:
    """Jobs as a population takes them, which counts its members from 0."""
    places = {number: place for place, number in enumerate(numbers)}
    members = []
    for job in (jobs[number] for number in numbers):
        after = places.get(job.after) if job.after is not None else None
        origin = Origin(None if after is not None else job.weights, after, job.stop)
        members.append(PopulationMember(job.name, job.config, job.splits, origin))
    return members


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
        message = said(error)
    return Outcome(state, done, time.perf_counter() - started, message=message)
