"""Runs without epochs: one Dense layer, which a solver takes to its optimum at once.

Nothing is traced or compiled: a grid on a small table takes a fraction of a second.
"""

import math
import time
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.models.kernel_penalties import make_regularizer, regularizer_value
from regcli.models.reasons import said
from regcli.models.weights import read_weights, variable_name, write_weights
from regcli.penalties.penalty import Strengths
from regcli.planning.batches import Batch
from regcli.planning.events import Phase, PhaseBegun, PopulationBegun, RunsEnded, Tell
from regcli.planning.graph import Frontier, RunGraph
from regcli.planning.run import Run
from regcli.results.outcomes import Outcome, Weights
from regcli.results.records import RunState, Scores
from regcli.training.evaluation import evaluate
from regcli.training.executors import Materials
from regcli.training.full_batch import FullBatch
from regcli.training.loss_targets import loss_targets, row_weights
from regcli.training.polish import Polish
from regcli.training.template import bare_model, covered_by_position
from regcli.training.zeros import input_columns, measure_zeros

_SECONDS_BETWEEN = 2.0
"""Seconds after which runs that have ended are reported."""


class SolverExecutor:
    """The solver at the end of proximal training as an executor, for runs without epochs.

    Args:
        loss: of the batch's models.
    """

    def __init__(self, materials: Materials, loss: keras.losses.Loss) -> None:
        self.materials, self.loss = materials, loss

    def run(self, batch: Batch, tell: Tell) -> None:
        """As `Executor.run`."""
        tell(PopulationBegun(len(batch.runs)))
        tell(PhaseBegun(Phase.TRAINING))
        frontier = Frontier(RunGraph.of(batch.runs))
        ended: list[tuple[str, Outcome]] = []
        kept: dict[str, Weights] = {}
        with tf.device(self.materials.device):
            solving = _Solving.of(batch.runs[0], self.loss, self.materials)
            reported = time.monotonic()
            try:
                while frontier.left:
                    run = next(iter(frontier.left.values()))  # parents come before their children
                    outcome = self._solved(solving, run, kept)
                    ended.append((run.id, outcome))
                    if frontier.end(run.id, outcome):
                        kept[run.id] = outcome.weights
                    if run.parent in kept and not frontier.waits_for(run.parent):
                        del kept[run.parent]
                    if time.monotonic() - reported > _SECONDS_BETWEEN:
                        now, ended, reported = tuple(ended), [], time.monotonic()
                        tell(RunsEnded(now, "solver"))
            finally:
                if ended:
                    tell(RunsEnded(tuple(ended), "solver"))

    def _solved(self, solving: "_Solving", run: Run, kept: Mapping[str, Weights]) -> Outcome:
        """Solve one run; errors become its outcome."""
        started = time.perf_counter()
        try:
            start: Weights | None = None
            if run.parent is not None:
                start = kept.get(run.parent) or self.materials.weights(run.parent)
            return solving.outcome(run.config, self.materials.data.of(run.data), start)
        except Exception as error:
            seconds = time.perf_counter() - started
            return Outcome(RunState.FAILED, 0, seconds, message=said(error))


class _Solving:
    """One architecture with its solver, which is given the rows and strengths of each run.

    Attributes:
        model: without the runs' penalties, which are added to what it scores.
    """

    def __init__(self, model: keras.Model, loss: keras.losses.Loss, polish: Polish) -> None:
        self.model, self.loss, self.polish = model, loss, polish
        self._rows: tuple[Splits, FullBatch] | None = None

    @classmethod
    def of(cls, run: Run, loss: keras.losses.Loss, materials: Materials) -> "_Solving":
        """The solver of a run's architecture."""
        splits = materials.data.of(run.data)
        polish = materials.polishes.of(run.config, splits, loss, run.keep_zeros)
        assert polish is not None  # `require_epochs` has seen to it
        return cls(bare_model(run.config, splits), loss, polish)

    def outcome(self, config: Config, splits: Splits, start: Weights | None) -> Outcome:
        """The optimum of a run, and what it does on every part.

        Args:
            start: weights of another run; zeros without. Only zeros that are held, and penalties
                that are not convex, make use of it.
        """
        started = time.perf_counter()
        variables = self.model.trainable_variables
        if start is None:
            for variable in variables:
                variable.assign(np.zeros(variable.shape, np.float32))
        else:
            write_weights(self.model, start)
        covered = covered_by_position(self.model, config, splits)
        strengths = {place: own.strengths for place, own in covered.items()}
        counted = [
            variable_name(self.model, own.variable) for own in covered.values() if own.keeps_zeros
        ]
        solved, optimality = self.polish(
            [np.asarray(v) for v in variables], [], self._batch(config, splits), strengths
        )
        for variable, value in zip(variables, solved, strict=True):
            variable.assign(value)
        seconds = time.perf_counter() - started
        weights = read_weights(self.model)
        asked = frozenset(config.asked_metrics().values())
        penalty = sum(_penalty(own, solved[place]) for place, own in strengths.items())
        found = evaluate(self.model, self.loss, splits, config.training, asked, penalty)

        def score(other: Weights) -> Mapping[str, Scores]:
            write_weights(self.model, other)
            return evaluate(self.model, self.loss, splits, config.training).metrics

        is_finite = math.isfinite(found.metrics["train"]["objective"] or 0.0)
        return Outcome(
            state=RunState.FINISHED if is_finite else RunState.DIVERGED,
            epochs=0,
            seconds=seconds,
            metrics=found.metrics,
            sparsity=measure_zeros(
                self.model, weights, counted, input_columns(splits), found.metrics, score
            ),
            optimality=optimality,
            weights=weights,
            message="" if is_finite else "the loss is not finite",
            rows=found.rows,
        )

    def _batch(self, config: Config, splits: Splits) -> FullBatch:
        """The training rows; the same object for runs on one split, which then share more."""
        if self._rows is None or self._rows[0] is not splits:
            part = splits.train
            targets = loss_targets(part.y, splits, self.loss, int(self.model.output_shape[-1]))
            weights = row_weights(config.training, splits, part)
            self._rows = splits, FullBatch(part.x, targets, weights)
        return self._rows[1]


def _penalty(strengths: Strengths, weights: NDArray[np.float32]) -> float:
    """What strengths add to the loss, in float64."""
    regularizer = make_regularizer(strengths, proximal=True)
    return 0.0 if regularizer is None else regularizer_value(regularizer, weights)
