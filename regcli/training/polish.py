"""The end of proximal training: full-batch steps until the optimum's own conditions hold.

Minibatches keep weights trembling around zero. Steps on all rows decide which of them are zero: for
one Dense layer under a convex loss they are those of a solver, which finds the optimum and proves
it; for other models they are accelerated proximal steps from where training ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.models.randomness import has_randomness
from regcli.penalties.penalty import Penalty, Strengths
from regcli.results.records import Optimality
from regcli.solvers.convex import CONVERGED, Measured, Problem
from regcli.solvers.threads import OneThread
from regcli.stacked.tensors import Tensor, Tensors
from regcli.training.accelerated import descend
from regcli.training.full_batch import FullBatch, FullBatchObjective, joined
from regcli.training.one_layer import OneLayer, one_layer
from regcli.training.template import strengths_by_position

_TOLERANCE = 1e-3
"""A net has converged when its residual is below this share of its scale (see `Optimality`), and so
has one Dense layer under a penalty that is not convex.

Nets have kinks, at which gradients jump: there the share comes down to about 1e-4 at best, and by
the rounding of large float32 weights in one layer.
"""

_KEPT_PROBLEMS = 4

_NO_MINIMUM = "the training classes can be separated, so the loss has no minimum; add l1 or l2"
_NOT_GLOBAL = "the penalty is not convex: a stationary point, not certified as the global optimum"
_LEVEL = (
    "the training classes can be separated, and the penalty is constant for large weights, so the "
    "objective has no minimum; add l2"
)
_NO_DIGITS = "float32 weights cannot hold the optimum; scale the columns, as dataset.scale does"

_CONVEX_STEPS, _STEPS = 10_000, 100


def polish_steps(config: Config, model: keras.Model) -> int:
    """Most steps that a run's polish may take; 0 for none.

    Unless the config says otherwise there is none where training stops early, which regularizes by
    itself, nor where layers are random, whose training has no fixed objective. A model of one Dense
    layer is convex under the usual losses, so it may take as many as the optimum needs.
    """
    training = config.training
    if training.polish is not None:
        return training.polish
    random = any(map(has_randomness, model.layers))
    if training.early_stopping is not None or random:
        return 0
    return _CONVEX_STEPS if is_single_dense(model) else _STEPS


def is_single_dense(model: keras.Model) -> bool:
    """Whether a model is a stack with one Dense layer, apart from layers without weights."""
    weighted = [layer for layer in model.layers if layer.weights]
    is_stack = isinstance(model, keras.Sequential)
    return is_stack and len(weighted) == 1 and isinstance(weighted[0], keras.layers.Dense)


@dataclass(frozen=True)
class _End:
    """Where one Dense layer ends under a concave penalty.

    Attributes:
        vanishes: whether the loss falls towards an infimum that no weights reach.
    """

    weights: list[NDArray[np.float32]]
    measured: Measured
    steps: int
    vanishes: bool

    @property
    def value(self) -> float:
        return self.measured.value

    @property
    def is_stationary(self) -> bool:
        return self.measured.relative <= _TOLERANCE and not self.vanishes


class Polish:
    """The steps for one architecture; compiled at the first use, for any strengths and weights.

    Args:
        model, loss, covered: as for `FullBatchObjective`.
        steps: most steps to take; with 0 weights stay as they are and are only measured.
        keeps_zeros: whether kernel weights that are zero stay so; only for one Dense layer.
    """

    def __init__(
        self,
        model: keras.Model,
        loss: keras.losses.Loss,
        covered: Mapping[int, Penalty],
        steps: int,
        keeps_zeros: bool = False,
    ) -> None:
        self.keeps_zeros = keeps_zeros
        self.model, self.loss, self.covered, self.steps = model, loss, dict(covered), steps
        self.one_layer = one_layer(model, loss)
        self._problems: dict[Any, tuple[FullBatch, Problem]] = {}
        self._threads = OneThread()
        self._run = tf.function(self._descend, jit_compile=True, autograph=False)

    def __call__(
        self,
        weights: Sequence[NDArray[np.float32]],
        statistics: Sequence[NDArray[np.float32]],
        rows: FullBatch,
        strengths: Mapping[int, Strengths],
    ) -> tuple[list[NDArray[np.float32]], Optimality]:
        """Polished weights, and how far from optimal they are.

        A member without any strength takes the same steps as the others, so that what the steps
        gain is not credited to the strengths.

        Args:
            weights, statistics: the model's trainable and other floating variables.
            strengths: by position of the trainable variable.
        """
        if self.one_layer is not None and self.one_layer.takes(strengths[0]):
            solve = self._solved if strengths[0].is_convex else self._descended
            return solve(self.one_layer, weights, rows, strengths)
        numbers = {
            place: tf.constant(list(own.numbers.values()), tf.float32)
            for place, own in strengths.items()
        }
        start = [tf.constant(w) for w in weights]
        kept = [tf.constant(s) for s in statistics]
        given = (start, kept, rows.blocks(), numbers, tf.constant(self.steps))
        ended, off, pull, relative, taken = self._compiled_or_not(*given)
        is_uncertified = is_single_dense(self.model)
        name = type(self.loss).__name__
        optimality = Optimality(
            residual=float(off),
            pull=float(pull),
            relative=float(relative),
            settled=bool(relative <= _TOLERANCE) and not is_uncertified,
            polish_steps=int(taken),
            reason=f"not certified: there is no duality gap for {name}" if is_uncertified else "",
        )
        return [w.numpy() for w in ended], optimality

    def _solved(
        self,
        layer: OneLayer,
        weights: Sequence[NDArray[np.float32]],
        rows: FullBatch,
        by_position: Mapping[int, Strengths],
    ) -> tuple[list[NDArray[np.float32]], Optimality]:
        """The optimum of one Dense layer, for any weights that training ended with.

        Where steps are too few to get there, what training ended with is kept if it is lower.
        """
        problem, strengths = self._problem(layer, rows), layer.strengths(by_position)
        held = weights[0] == 0 if self.keeps_zeros else None
        found = problem.solve(strengths, self.steps or _CONVEX_STEPS, held)
        trained, solved = list(weights), [v for v in (found.kernel, found.bias) if v is not None]

        def measured(parts: Sequence[NDArray[np.float32]]) -> Measured:
            bias = parts[1] if layer.dense.use_bias else None
            return problem.measure(parts[0], bias, strengths, found)

        result, own = (solved, measured(solved)) if self.steps else (trained, measured(trained))
        if self.steps and not own.gap <= CONVERGED:
            before = measured(trained)
            if before.value < own.value:
                result, own = trained, before
        reason = ""
        if self.steps and not own.gap <= CONVERGED:
            is_lost = found.value - found.bound <= CONVERGED * abs(found.value)
            reason = _NO_MINIMUM if found.vanishes else _NO_DIGITS if is_lost else ""
        optimality = Optimality(
            residual=own.residual,
            pull=own.max_gradient,
            relative=own.relative,
            settled=own.gap <= CONVERGED,
            polish_steps=found.steps if self.steps else 0,
            gap=own.gap if np.isfinite(own.gap) else None,
            reason=reason,
        )
        return result, optimality

    def _descended(
        self,
        layer: OneLayer,
        weights: Sequence[NDArray[np.float32]],
        rows: FullBatch,
        by_position: Mapping[int, Strengths],
    ) -> tuple[list[NDArray[np.float32]], Optimality]:
        """A stationary point of one Dense layer under a concave penalty.

        It is that which the lasso's weights lead to, whatever training ended with (Fan, Xue, Zou
        2014, Strong oracle optimality of folded concave penalized estimation, Annals of Statistics
        42). Where training has ended lower, it is that which its weights lead to, if there is one.
        """
        problem, strengths = self._problem(layer, rows), layer.strengths(by_position)

        def measured(parts: Sequence[NDArray[np.float32]]) -> Measured:
            bias = parts[1] if layer.dense.use_bias else None
            return problem.measure(parts[0], bias, strengths, None)

        def ended(start: NDArray[np.float32]) -> _End:
            found = problem.descend(strengths, start, self.steps)
            solved = [v for v in (found.kernel, found.bias) if v is not None]
            return _End(solved, measured(solved), found.steps, found.vanishes)

        trained = _End(list(weights), measured(weights), 0, False)
        ends = [ended(np.zeros_like(weights[0]))] if self.steps else []
        if any(end.vanishes or trained.value < end.value for end in ends):
            ends.append(ended(weights[0]))
        stationary = [end for end in ends or [trained] if end.is_stationary]
        best = min(stationary or [*ends, trained], key=lambda end: end.value)
        is_level = any(end.vanishes for end in ends)
        optimality = Optimality(
            residual=best.measured.residual,
            pull=best.measured.max_gradient,
            relative=best.measured.relative,
            settled=bool(stationary),
            polish_steps=sum(end.steps for end in ends),
            reason=_NOT_GLOBAL if stationary else _LEVEL if is_level else "",
        )
        return best.weights, optimality

    def _problem(self, layer: OneLayer, rows: FullBatch) -> Problem:
        """The problem of some rows: members on the same rows share what depends only on rows."""
        key = tuple(
            None if part is None else (part.__array_interface__["data"], part.shape)
            for part in (rows.inputs, rows.targets, rows.weights)
        )
        found = self._problems.get(key)
        if found is None:
            for old in list(self._problems)[: 1 - _KEPT_PROBLEMS or None]:
                self._problems.pop(old, None)
            # The rows are kept too, so that no others get their addresses. Another thread
            # may drop this problem before it is returned.
            found = self._problems[key] = (rows, layer.problem(rows, self._threads))
        return found[1]

    def strengths_of(self, config: Config, splits: Splits) -> dict[int, Strengths]:
        """A member's strengths by position of the trainable variable."""
        return strengths_by_position(self.model, config, splits)

    def _compiled_or_not(self, *given: Any) -> Any:
        """Run compiled where XLA takes the model.

        It has no lists to differentiate a recurrent layer's loop with, and no deterministic
        gradient of a maximum over windows.
        """
        try:
            return self._run(*given)
        except tf.errors.ResourceExhaustedError:
            raise
        except tf.errors.OpError:
            self._run = tf.function(self._descend, autograph=False)
            return self._run(*given)

    def _descend(
        self,
        start: Tensors,
        statistics: Tensors,
        blocks: tuple[Tensor, Tensor, Tensor],
        strengths: Mapping[int, Tensor],
        limit: Tensor,
    ) -> tuple[Tensors, Tensor, Tensor, Tensor, Tensor]:
        """Weights, residual, largest gradient of a kernel, relative residual, steps taken."""
        objective = FullBatchObjective(
            self.model, self.loss, self.covered, statistics, blocks, strengths
        )
        weights, taken = joined(start), tf.constant(0)
        if self.steps:
            (weights, gradient, total), taken = descend(objective, weights, limit)
        else:
            loss, gradient = objective.loss_and_gradient(weights)
            total = loss + objective.penalty(weights)
        off, pull = objective.residual(weights, gradient)
        relative = objective.relative(weights, gradient, total)
        return objective.parts(weights), off, pull, relative, taken
