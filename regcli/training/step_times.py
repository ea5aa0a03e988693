"""How long one step of one model takes in both trainers, measured on a small net.

A model-step is one optimizer step of one model. What it takes includes the scores after each epoch,
as in a sweep; tracing and compiling is left out.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from regcli.config.load import LoadedConfig, load_config
from regcli.data.references import Datasets
from regcli.planning.batches import Batch, make_batches
from regcli.planning.events import EpochsDone, Event
from regcli.planning.graph import RunGraph
from regcli.planning.members import plan_sweep
from regcli.planning.run import Run, make_runs
from regcli.training.devices import prepare_device
from regcli.training.executor_choice import choose_executor
from regcli.training.executors import Executor, Materials
from regcli.training.fit_executor import FitExecutor

MEMBERS = 64
"""Of the population: fewer do not fill two programs, more do not make it faster."""

_CONFIG = "quickstart"
_EPOCHS_TOGETHER, _EPOCHS_ALONE = 16, 8


@dataclass(frozen=True)
class StepTimes:
    """Microseconds of a model-step.

    Attributes:
        fit: of Keras's `fit`, one model at a time.
        population: of a model among `members` that are trained together.
        batch_size: rows of a step.
        device: where they were trained, as TensorFlow names it.
    """

    fit: float
    population: float
    members: int
    batch_size: int
    device: str


@dataclass
class _Clock:
    """Listens for epochs: how many were trained since the first of them ended, and how long."""

    times: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        if isinstance(event, EpochsDone):
            self.times.append(time.perf_counter())
            self.counts.append(event.count)

    def seconds_per_epoch(self) -> float:
        """Of one model.

        Raises:
            RuntimeError: fewer than two epochs were trained.
        """
        if len(self.times) < 2:
            raise RuntimeError("nothing was trained")
        return (self.times[-1] - self.times[0]) / sum(self.counts[1:])


def measure_steps() -> StepTimes:
    """Train the quickstart's net on digits with both trainers, for some seconds.

    Raises:
        RuntimeError: a trainer has trained nothing.
        RegcliError: the net cannot be trained here.
    """
    data = Datasets()
    loaded = load_config(_CONFIG)
    device = prepare_device("auto", many_programs=True)
    materials = Materials(device, data)
    (together,) = _batches(loaded, MEMBERS, _EPOCHS_TOGETHER, data)
    (alone,) = _batches(loaded, 1, _EPOCHS_ALONE, data)
    run = alone.runs[0]
    size = run.config.training.batch_size
    steps = ceil(len(data.of(run.data).train) / size)
    population = _measured(choose_executor(together, "population", materials), together)
    fit = _measured(FitExecutor(materials), alone)
    return StepTimes(1e6 * fit / steps, 1e6 * population / steps, MEMBERS, size, device)


def _measured(executor: Executor, batch: Batch) -> float:
    clock = _Clock()
    executor.run(batch, clock)
    return clock.seconds_per_epoch()


def _batches(loaded: LoadedConfig, members: int, epochs: int, data: Datasets) -> Sequence[Batch]:
    """Members that differ in their strength of l1 alone."""
    strengths = ",".join(f"{number * 1e-6:g}" for number in range(members))
    asked = loaded.with_values({"sweep.l1": strengths, "training.epochs": epochs})
    runs: tuple[Run, ...] = make_runs(plan_sweep(asked).members, data)
    return make_batches(RunGraph.of(runs), {run.id for run in runs}, data)
