"""A trial of a population: some of its runs, trained for some epochs by the trainer of them all.

A program has the shape that it has in the sweep, so that compiling takes as long.
"""

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from regcli.planning.batches import Batch
from regcli.planning.events import EpochsDone, Event, RunBegun, RunsEnded
from regcli.planning.expected_time import Cost
from regcli.planning.populations import EngineChoice
from regcli.planning.run import Run
from regcli.training.executor_choice import RefusedRunError, choose_executor
from regcli.training.executors import Executor, Materials
from regcli.training.fit_executor import FitExecutor
from regcli.training.population_executor import PopulationExecutor

MOST_SECONDS = 15.0
"""After the first epoch; then a trial ends with the epoch in hand."""
_EPOCHS = 6
_FITTED, _SOLVED = 2, 8
"""Runs of a trial that `fit` or the solver takes one by one."""


@dataclass
class _Watch:
    """Notes when epochs and runs end, and ends the training once it has taken long.

    Attributes:
        epochs: when some ended, and how many members had one.
        starts, ends: when runs that are trained alone began, and when some ended.
    """

    begun: float = field(default_factory=time.perf_counter)
    epochs: list[tuple[float, int]] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    is_cut: bool = False

    def __call__(self, event: Event) -> None:
        now = time.perf_counter()
        if isinstance(event, RunBegun):
            self.starts.append(now)
        elif isinstance(event, RunsEnded):
            self.ends.append(now)
        elif isinstance(event, EpochsDone):
            self.epochs.append((now, event.count))
            if now - self.epochs[0][0] > MOST_SECONDS and not self.is_cut:
                self.is_cut = True
                raise KeyboardInterrupt  # as a person ends a training

    def seconds_per_epoch(self, skipped: int) -> float:
        """Of one member with all others beside it, leaving out the first events; 0 if none is left.

        Args:
            skipped: how many events came before all programs were compiled.
        """
        left = self.epochs[skipped:]
        count = sum(count for _, count in left)
        return (left[-1][0] - self.epochs[skipped - 1][0]) / count if count else 0.0


def trial_cost(
    batch: Batch, pending: Sequence[Run], steps: int, engine: EngineChoice, materials: Materials
) -> Cost:
    """Train some of a population's runs, store nothing, and say what they took.

    Args:
        batch: the whole population.
        pending: its runs that a sweep would train, of which the trial takes some.
        steps: of an epoch.

    Raises:
        ConfigError: a model cannot be built.
        EngineError: as `choose_executor`.
        KeyboardInterrupt: a person has ended it.
    """
    begun = time.perf_counter()
    try:
        executor = choose_executor(batch, engine, materials)
    except RefusedRunError as refused:
        raise refused.run.placed(refused.error) from refused
    chosen = _spread(pending, _most(executor))
    epochs = min(_EPOCHS, batch.runs[0].config.training.epochs)
    watch = _Watch(begun)
    runs = tuple(_with_epochs(run, epochs) for run in chosen)
    try:
        executor.run(replace(batch, runs=runs), watch)
    except KeyboardInterrupt:
        if not watch.is_cut:
            raise
    seconds = time.perf_counter() - begun
    if isinstance(executor, PopulationExecutor):
        return _of_population(watch, seconds, len(runs), steps, executor, batch)
    if isinstance(executor, FitExecutor):
        return _of_fit(watch, seconds, steps)
    own = seconds / len(runs)
    return Cost("solver", 0.0, own, 0.0, None, "measured", len(runs))


def _of_population(
    watch: _Watch,
    seconds: float,
    members: int,
    steps: int,
    executor: PopulationExecutor,
    batch: Batch,
) -> Cost:
    """What is not taken by steps is taken once, or by each run where it ends with a polish."""
    per_epoch = watch.seconds_per_epoch(min(executor.layout.threads, members))
    trained = sum(count for _, count in watch.epochs)
    per_run = 0.0
    if batch.runs[0].may_be_polished and watch.epochs and not watch.is_cut:
        per_run = (watch.begun + seconds - watch.epochs[-1][0]) / members
    start = max(0.0, seconds - trained * per_epoch - members * per_run)
    return Cost("population", start, per_run, per_epoch / steps, None, "measured", members)


def _of_fit(watch: _Watch, seconds: float, steps: int) -> Cost:
    """The last run says what each takes: the first one is slower."""
    last = [when for when, _ in watch.epochs if when > watch.starts[-1]]
    per_epoch = (last[-1] - last[0]) / (len(last) - 1) if len(last) > 1 else 0.0
    own = watch.ends[-1] - watch.starts[-1] - len(last) * per_epoch
    done = len(watch.epochs) * per_epoch + len(watch.starts) * own
    start = max(0.0, seconds - done)
    return Cost("keras", start, own, per_epoch / steps, None, "measured", len(watch.starts))


def _most(executor: Executor) -> int:
    """Runs of a trial at most: of a population, as many as it trains at once."""
    if isinstance(executor, PopulationExecutor):
        return executor.layout.size * executor.layout.threads
    return _FITTED if isinstance(executor, FitExecutor) else _SOLVED


def _spread(runs: Sequence[Run], most: int) -> list[Run]:
    """At most so many runs, from all over the grid."""
    count = min(most, len(runs))
    return [runs[place * len(runs) // count] for place in range(count)]


def _with_epochs(run: Run, epochs: int) -> Run:
    training = run.config.training.model_copy(update={"epochs": epochs})
    config = run.config.model_copy(update={"training": training})
    return replace(run, member=replace(run.member, config=config))


def peak_memory() -> int:
    """Bytes that this process has taken at most."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
