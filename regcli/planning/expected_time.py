"""How long training is expected to take, from what a trial or stored runs took."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

from regcli.planning.events import Engine
from regcli.planning.workload import Workload

CostSource = Literal["measured", "stored"]


@dataclass(frozen=True)
class Cost:
    """What training members of one population takes on one machine, in seconds.

    Attributes:
        engine: the trainer that it was seen with.
        start: once for a population: tracing, compiling, and the first scores.
        per_run: for each run, whatever its epochs.
        per_step: for each model-step, with all cores at work.
        epochs: that a run trains on average; None for as many as are asked for.
        source: whether a trial was trained for it, or stored runs tell it.
        runs: of that trial, or stored ones.
    """

    engine: Engine
    start: float
    per_run: float
    per_step: float
    epochs: float | None
    source: CostSource
    runs: int

    def seconds(self, workload: Workload, runs: int) -> float:
        """What so many runs of a workload take; nothing to train takes no time."""
        epochs = workload.epochs if self.epochs is None else min(self.epochs, workload.epochs)
        own = self.per_run + self.per_step * epochs * workload.steps
        return self.start + runs * own if runs else 0.0


@dataclass(frozen=True)
class Expectation:
    """A plan's work, and what it is expected to take.

    Attributes:
        costs: of each workload; None where nothing is known of it.
        process: seconds before a process trains its first run: TensorFlow is loaded.
        peak_memory: bytes that the trial's process took at most; None without a trial.
    """

    workloads: tuple[Workload, ...]
    costs: tuple[Cost | None, ...]
    process: float
    peak_memory: int | None = None

    @property
    def pending(self) -> int:
        """How many runs are to be trained."""
        return sum(len(workload.pending) for workload in self.workloads)

    @property
    def model_steps(self) -> int:
        """Optimizer steps of one model that are to be trained in all."""
        return sum(workload.model_steps for workload in self.workloads)

    def population_seconds(self) -> tuple[float | None, ...]:
        """What each workload takes on this machine, without the start of the process."""
        return self._each(1)

    def seconds(self, workers: int = 1) -> float | None:
        """What the slowest of so many equal machines takes; None where a cost is not known.

        Runs are dealt out as `planning.shards` does, and each machine compiles every program.
        """
        found = self._each(workers)
        known = [each for each in found if each is not None]
        if len(known) < len(found):
            return None
        return self.process + sum(known) if self.pending else 0.0

    def _each(self, workers: int) -> tuple[float | None, ...]:
        return tuple(
            _seconds(workload, cost, ceil(len(workload.pending) / workers))
            for workload, cost in zip(self.workloads, self.costs, strict=True)
        )


def _seconds(workload: Workload, cost: Cost | None, runs: int) -> float | None:
    if not workload.pending:
        return 0.0
    return None if cost is None else cost.seconds(workload, runs)


@dataclass(frozen=True)
class Seen:
    """What a stored run took.

    Attributes:
        seconds: of it; of a population, its share of the epochs that it had a slot in.
        steps: of the optimizer, in all its epochs.
    """

    engine: Engine
    seconds: float
    steps: int


_COMPILING = 3.0
"""Seconds that a population's first epoch takes longer than others, on two cores; measured."""
_FIT_START = 0.6
"""Seconds that a run takes in Keras's `fit` before its first step; measured."""
_LEAST_SHARE = 0.05
"""Of the seconds of runs that were all there while a program was compiled, the least for steps."""
_UNLIKE = 1.5
"""How many times as much a step of the slowest run takes where only some saw the compiling."""


def cost_of_stored(seen: Sequence[Seen], threads: int, epochs: float | None = None) -> Cost:
    """What stored runs of one population and trainer say.

    The first epoch of a program has its compiling in it, which runs share that were there. Where
    others joined later, the fastest quarter of the runs says what steps take; where all were there,
    the compiling is taken to be as long as it was elsewhere.

    Args:
        seen: one run or more, of one trainer.
        threads: programs side by side, in which a run's seconds are those of its program alone.
        epochs: that runs train on average, where they stop early.
    """
    engine, count = seen[0].engine, len(seen)
    total = sum(run.seconds for run in seen)
    steps = sum(run.steps for run in seen)
    if engine == "solver" or not steps:
        return Cost(engine, 0.0, total / count, 0.0, epochs, "stored", count)
    if engine == "keras":
        own = min(_FIT_START, (1 - _LEAST_SHARE) * total / count)
        per_step = (total - count * own) / steps
        return Cost(engine, 0.0, own, per_step, epochs, "stored", count)
    total /= threads
    rates = sorted(run.seconds / threads / run.steps for run in seen if run.steps)
    fastest = rates[: ceil(len(rates) / 4)]
    per_step = sum(fastest) / len(fastest)
    if rates[-1] < _UNLIKE * per_step:
        per_step = max(total - _COMPILING, _LEAST_SHARE * total) / steps
    start = min(_COMPILING, max(0.0, total - per_step * steps))
    return Cost(engine, start, 0.0, per_step, epochs, "stored", count)
