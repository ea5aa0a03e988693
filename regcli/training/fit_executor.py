"""Runs one after another through Keras's own `fit`."""

import time

from regcli.models.reasons import said
from regcli.planning.batches import Batch
from regcli.planning.events import EpochsDone, Noted, RunBegun, RunsEnded, Tell
from regcli.planning.graph import Frontier, RunGraph
from regcli.planning.run import Run
from regcli.results.outcomes import Outcome, WarmStart, Weights
from regcli.results.records import RunState
from regcli.signals import was_asked_to_end
from regcli.training import reference
from regcli.training.executors import Materials


class FitExecutor:
    """The reference trainer as an executor.

    Args:
        reason: why it is this one that trains, where that is worth a word; else empty.
    """

    def __init__(self, materials: Materials, reason: str = "") -> None:
        self.materials, self.reason = materials, reason

    def run(self, batch: Batch, tell: Tell) -> None:
        """As `Executor.run`."""
        if self.reason:
            tell(Noted(f"trained one by one with Keras's fit: {self.reason}"))
        frontier, kept = Frontier(RunGraph.of(batch.runs)), dict[str, Weights]()
        while frontier.left:
            run = next(iter(frontier.left.values()))  # parents come before their children
            tell(RunBegun(run))
            outcome = self._train(run, kept, tell)
            tell(RunsEnded(((run.id, outcome),), "keras"))
            if outcome.state is RunState.INTERRUPTED:
                raise KeyboardInterrupt
            if frontier.end(run.id, outcome):
                kept[run.id] = outcome.weights
            if run.parent in kept and not frontier.waits_for(run.parent):
                del kept[run.parent]

    def _train(self, run: Run, kept: dict[str, Weights], tell: Tell) -> Outcome:
        """Train one run on its own; errors become part of its outcome."""
        done = 0

        def on_epoch(epoch: int) -> None:
            nonlocal done
            done = epoch
            tell(EpochsDone(1))

        started = time.perf_counter()
        try:
            start = None
            if run.parent is not None:
                weights = kept.get(run.parent) or self.materials.weights(run.parent)
                start = WarmStart(weights, run.keep_zeros)
            given = self.materials
            splits = given.data.of(run.data)
            return reference.train(
                run.config, splits, given.device, on_epoch, start, given.polishes
            )
        except KeyboardInterrupt:
            state, message = RunState.INTERRUPTED, ""
        except Exception as error:
            # TensorFlow turns what is raised while it converts values into errors of its own.
            state = RunState.INTERRUPTED if was_asked_to_end() else RunState.FAILED
            message = said(error)
        if state is RunState.INTERRUPTED:
            message = f"interrupted after epoch {done} of {run.config.training.epochs}"
        return Outcome(state, done, time.perf_counter() - started, message=message)
