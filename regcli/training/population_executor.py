"""Runs trained together as one population; one by one where that does not work."""

import math
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from regcli.planning.batches import Batch
from regcli.planning.events import EpochsDone, Noted, Phase, PhaseBegun, PopulationBegun, Tell
from regcli.planning.graph import Frontier, RunGraph
from regcli.planning.run import Run
from regcli.results.outcomes import Weights
from regcli.stacked.layout import MIN_SIZE, Layout, even_layout
from regcli.training.executors import Materials
from regcli.training.fit_executor import FitExecutor
from regcli.training.population.checkpoint import Checkpoints
from regcli.training.population.trainer import PopulationMember, train_population
from regcli.training.population.worker import PopulationFailedError


class PopulationExecutor:
    """The stacked trainer as an executor.

    Args:
        layout: how members are spread over the machine.
        own_layers: kinds of layers without a stacked form, which are called member by member.
    """

    def __init__(
        self, materials: Materials, layout: Layout, own_layers: Sequence[str] = ()
    ) -> None:
        self.materials, self.layout, self.own_layers = materials, layout, own_layers

    def run(self, batch: Batch, tell: Tell) -> None:
        """As `Executor.run`; at half the size if memory runs out, one by one if it fails."""
        tell(PopulationBegun(len(batch.runs)))
        if self.own_layers:
            tell(Noted(_called_by_member(self.own_layers)))
        tell(PhaseBegun(Phase.COMPILING))
        frontier = Frontier(RunGraph.of(batch.runs))
        try:
            self._train(batch, frontier, tell)
        except PopulationFailedError as failed:
            left = replace(batch, runs=tuple(frontier.left.values()))
            if left.runs:
                self._train_left(left, failed, tell)
        if folder := self._checkpoints(batch):
            Checkpoints(folder).drop_all(run.id for run in batch.runs)

    def _train_left(self, batch: Batch, failed: PopulationFailedError, tell: Tell) -> None:
        if failed.out_of_memory and self.layout.size > MIN_SIZE:
            half = math.ceil(self.layout.size / 2)
            smaller = even_layout(len(batch.runs), half, self.layout.threads)
            tell(Noted(f"out of memory: continuing with {smaller.size} members at a time"))
            PopulationExecutor(self.materials, smaller).run(batch, tell)
        else:
            FitExecutor(self.materials, str(failed)).run(batch, tell)

    def _train(self, batch: Batch, frontier: Frontier[Run], tell: Tell) -> None:
        """Train a batch; what needs no more training leaves the frontier."""
        members = [self._member(run) for run in batch.runs]
        given, compiling = self.materials, True
        population = train_population(
            members,
            self.layout,
            given.device,
            self._checkpoints(batch),
            given.polishes,
            [given.data.of(reference) for reference in batch.data],
        )
        with closing(population) as events:
            for event in events:
                if compiling:
                    tell(PhaseBegun(Phase.TRAINING))
                    compiling = False
                tell(event)
                if not isinstance(event, EpochsDone):
                    for identity, outcome in event.outcomes:
                        frontier.end(identity, outcome)

    def _member(self, run: Run) -> PopulationMember:
        weights: Callable[[], Weights] | None = None
        if run.parent is not None:
            weights = partial(self.materials.weights, run.parent)
        splits = self.materials.data.of(run.data)
        return PopulationMember(
            run.id, run.config, splits, run.parent, run.keep_zeros, run.stop, weights
        )

    def _checkpoints(self, batch: Batch) -> Path | None:
        folder = self.materials.checkpoints
        return folder / batch.key if folder else None


def _called_by_member(kinds: Sequence[str]) -> str:
    has = "has" if len(kinds) == 1 else "have"
    return (
        f"{', '.join(kinds)} {has} no stacked form: called member by member, with the numbers that "
        "Keras gave on a trial batch"
    )
