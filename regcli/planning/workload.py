"""How much work a plan is: its populations, counted, without TensorFlow."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import ceil

from regcli.data.references import Datasets
from regcli.planning.batches import Batch, make_batches
from regcli.planning.graph import RunGraph
from regcli.planning.run import Run


@dataclass(frozen=True)
class Workload:
    """The work on one population.

    Attributes:
        batch: the population, with every run of it, stored ones included.
        pending: its runs that are to be trained.
        epochs: of each run, at most: early stopping may end it sooner.
        steps: of each epoch of a run, where its split is the longest one.
    """

    batch: Batch
    pending: tuple[Run, ...]
    epochs: int
    steps: int

    @property
    def first(self) -> Run:
        """A run of it, to say what all have in common."""
        return self.batch.runs[0]

    @property
    def members(self) -> int:
        """How many runs it has."""
        return len(self.batch.runs)

    @property
    def model_steps(self) -> int:
        """Optimizer steps of one model that are to be trained in all."""
        return len(self.pending) * self.epochs * self.steps

    @property
    def may_stop_early(self) -> bool:
        """Whether runs may need fewer epochs."""
        return self.first.config.training.early_stopping is not None


def workloads(runs: Sequence[Run], stored: Collection[str], data: Datasets) -> tuple[Workload, ...]:
    """The populations of a grid's runs.

    Args:
        stored: ids of runs that are not trained again.
    """
    graph = RunGraph.of(runs)
    return tuple(
        _workload(batch, stored, data) for batch in make_batches(graph, graph.runs.keys(), data)
    )


def _workload(batch: Batch, stored: Collection[str], data: Datasets) -> Workload:
    training = batch.runs[0].config.training
    rows = max(len(data.of(reference).train) for reference in batch.data)
    return Workload(
        batch,
        tuple(run for run in batch.runs if run.id not in stored),
        training.epochs,
        ceil(rows / training.batch_size),
    )
