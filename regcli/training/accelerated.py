"""Accelerated proximal gradient steps on all rows of a data set.

FISTA (Beck, Teboulle 2009), restarted where momentum points away (O'Donoghue, Candès 2015), with
the step found by backtracking.
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
from regcli.nets.penalties import GROUP_AXES, Strengths, view_shape
from regcli.nets.proximal import elementwise_map, residual, sparse_group_map, value
from regcli.results.records import Optimality
from regcli.training.template import strengths_by_position

Arrays = list[NDArray[Any]]

TOLERANCE = 1e-4
"""A run has settled when its residual is below this share of its strongest pull."""

_STOP, _PATIENCE = 1e-6, 300
"""Where steps end: at this share, or after so many that did not get nearer, when rounding rules."""

_START_CURVATURE = 1.0
_BLOCK = 4_000_000
"""Numbers that the inputs of a block of rows may have."""


@dataclass(frozen=True)
class FullBatch:
    """All training rows: inputs (rows, …), targets, and each row's weight or None."""

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]
    weights: NDArray[np.float32] | None


class Polish:
    """The steps for one architecture; compiled at the first use, for any strengths and weights.

    Args:
        model: the architecture without regularizers on its kernels; its weights are not used.
        covered: for each trainable variable its groups (`inputs`, `units` or None) where it is
            regularized, by position.
        steps: most steps to take; with 0 weights stay as they are and are only measured.
    """

    def __init__(
        self,
        model: keras.Sequential,
        loss: keras.losses.Loss,
        covered: Mapping[int, str | None],
        steps: int,
    ) -> None:
        self.model, self.loss, self.covered, self.steps = model, loss, dict(covered), steps
        shapes = [tuple(v.shape) for v in model.trainable_variables]
        self.views = {place: [1, *view_shape(shapes[place])] for place in covered}
        self._run = tf.function(self._descend, jit_compile=True, autograph=False)

    def __call__(
        self,
        weights: Sequence[NDArray[np.float32]],
        statistics: Sequence[NDArray[np.float32]],
        rows: FullBatch,
        strengths: Mapping[int, Strengths],
    ) -> tuple[Arrays, Optimality | None]:
        """Polished weights, and how far from optimal they are.

        Without any strength there is nothing to settle: such weights stay as they are, as those of
        the baseline that the others are compared with.

        Args:
            weights, statistics: the model's trainable and other floating variables.
            strengths: by position of the trainable variable.
        """
        if not any(own.any for own in strengths.values()):
            return list(weights), None
        numbers = {
            place: tf.constant([own.l1, own.l2, own.group], tf.float32)
            for place, own in strengths.items()
        }
        start = [tf.constant(w) for w in weights]
        kept = [tf.constant(s) for s in statistics]
        given = (start, kept, _blocks(rows), numbers, tf.constant(self.steps))
        ended, off, pull, taken = self._compiled_or_not(*given)
        return [w.numpy() for w in ended], _optimality(float(off), float(pull), int(taken))

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

    def strengths_of(self, config: Config, splits: Splits) -> dict[int, Strengths]:
        """A member's strengths by position of the trainable variable."""
        return strengths_by_position(self.model, config, splits)

    def _descend(
        self, start: Any, statistics: Any, blocks: Any, strengths: Any, limit: Any
    ) -> tuple[Any, Any, Any, Any]:
        """Weights, the residual, the strongest pull on a kernel, and the steps taken."""

        def smooth(weights: Any) -> tuple[Any, Any]:
            return self._loss_and_gradients(weights, statistics, blocks)

        def cond(step: Any, state: Any) -> Any:
            is_far = state["off"] > _STOP * state["pull"]
            return (step < limit) & is_far & (state["waited"] < _PATIENCE)

        def body(step: Any, state: Any) -> tuple[Any, Any]:
            return step + 1, self._step(state, smooth, strengths)

        objective, gradients = smooth(start)
        off, pull = self._residual(start, gradients, strengths)
        if self.steps == 0:  # then there is less to compile
            return start, off, pull, tf.constant(0)
        state = {
            "w": start,
            "y": start,
            "objective": objective + self._penalty(start, strengths),
            "momentum": tf.constant(1.0),
            "curvature": tf.constant(_START_CURVATURE),
            "off": off,
            "pull": pull,
            "best": off,
            "waited": tf.constant(0),
        }
        taken, state = tf.while_loop(cond, body, (tf.constant(0), state))
        return state["w"], state["off"], state["pull"], taken

    def _step(self, state: Any, smooth: Any, strengths: Any) -> Any:
        """One accelerated step, or, where it was too long, the same again with twice the curvature.

        Whether it was too long is told by the gradients at both ends: their difference is exact
        where the loss's own, near the optimum, has been rounded away.
        """
        y, w, curvature = state["y"], state["w"], state["curvature"]
        _, at_y = smooth(y)
        stepped = [a - g / curvature for a, g in zip(y, at_y, strict=True)]
        new = self._map(stepped, 1.0 / curvature, strengths)
        loss, at_new = smooth(new)
        objective = loss + self._penalty(new, strengths)
        way = [a - b for a, b in zip(new, y, strict=True)]
        bend = _dot(way, [a - b for a, b in zip(at_new, at_y, strict=True)])
        is_short = bend <= curvature * _dot(way, way) * (1 + 1e-4) + 1e-30
        has_risen = ~(objective <= state["objective"] + 1e-6 * tf.abs(state["objective"]))
        overshot = (
            _dot(
                [a - b for a, b in zip(y, new, strict=True)],
                [a - b for a, b in zip(new, w, strict=True)],
            )
            > 0
        )
        taken = is_short & ~has_risen
        off, pull = self._residual(new, at_new, strengths)
        grown = 0.5 * (1.0 + tf.sqrt(1.0 + 4.0 * tf.square(state["momentum"])))
        ahead = tf.where(overshot, 0.0, (state["momentum"] - 1.0) / grown)
        further = [a + ahead * (a - b) for a, b in zip(new, w, strict=True)]
        # From a point that momentum led too far, the next step starts at the last good one.
        again = [tf.where(has_risen, b, a) for a, b in zip(y, w, strict=True)]
        was_still = state["momentum"] <= 1.0
        doubled = tf.where(is_short & ~was_still, curvature, 2.0 * curvature)
        return {
            "w": _choose(taken, new, w),
            "y": _choose(taken, further, again),
            "objective": tf.where(taken, objective, state["objective"]),
            "momentum": tf.where(
                taken, tf.where(overshot, 1.0, grown), tf.where(has_risen, 1.0, state["momentum"])
            ),
            "curvature": tf.where(taken, 0.98 * curvature, doubled),
            "best": tf.minimum(off, state["best"]),
            "waited": tf.where(off < 0.99 * state["best"], 0, state["waited"] + 1),
            "off": tf.where(taken, off, state["off"]),
            "pull": tf.where(taken, pull, state["pull"]),
        }

    def _loss_and_gradients(self, weights: Any, statistics: Any, blocks: Any) -> tuple[Any, Any]:
        """Data loss and what other regularizers add, and the gradients, over blocks of rows."""
        inputs, targets, shares = blocks

        def add(number: Any, total: Any, sums: Any) -> tuple[Any, Any, Any]:
            with tf.GradientTape() as tape:
                tape.watch(weights)
                added = self._block_loss(
                    weights, statistics, inputs[number], targets[number], shares[number]
                )
            slopes = tape.gradient(added, weights, unconnected_gradients="zero")
            return number + 1, total + added, [a + b for a, b in zip(sums, slopes, strict=True)]

        zeros = [tf.zeros_like(w) for w in weights]
        if inputs.shape[0] == 1:
            _, total, sums = add(0, 0.0, zeros)
            return total, sums
        _, total, sums = tf.while_loop(
            lambda number, *_: number < inputs.shape[0], add, (0, 0.0, zeros)
        )
        return total, sums

    def _block_loss(
        self, weights: Any, statistics: Any, inputs: Any, targets: Any, shares: Any
    ) -> Any:
        kept = iter(statistics)
        others = [
            next(kept) if "float" in str(v.dtype) else v.value
            for v in self.model.non_trainable_variables
        ]
        outputs, _, added = self.model.stateless_call(
            weights, others, inputs, training=False, return_losses=True
        )
        by_row = self.loss.call(targets, outputs)
        part = tf.reduce_sum(shares)
        return tf.reduce_sum(by_row * shares) + sum(added, tf.constant(0.0)) * part

    def _map(self, weights: Any, step: Any, strengths: Any) -> list[Any]:
        mapped = list(weights)
        for place, groups in self.covered.items():
            l1, l2, group = _numbers(strengths, place)
            u, axes = tf.reshape(weights[place], self.views[place]), GROUP_AXES[groups]
            found = (
                sparse_group_map(u, step * tf.ones_like(u), l1, l2, group, axes)
                if axes
                else elementwise_map(u, step, l1, l2)
            )
            mapped[place] = tf.reshape(found, weights[place].shape)
        return mapped

    def _penalty(self, weights: Any, strengths: Any) -> Any:
        total = tf.constant(0.0)
        for place, groups in self.covered.items():
            w = tf.reshape(weights[place], self.views[place])
            l1, l2, group = _numbers(strengths, place)
            total += value(w, l1, l2, group, GROUP_AXES[groups])[0]
        return total

    def _residual(self, weights: Any, gradients: Any, strengths: Any) -> tuple[Any, Any]:
        """The largest residual of all weights, and the largest gradient of a kernel's."""
        worst, pull = tf.constant(0.0), tf.constant(0.0)
        for place, (w, g) in enumerate(zip(weights, gradients, strict=True)):
            off = g
            if place in self.covered:
                axes, view = GROUP_AXES[self.covered[place]], self.views[place]
                l1, l2, group = _numbers(strengths, place)
                off = residual(tf.reshape(w, view), tf.reshape(g, view), l1, l2, group, axes)
                pull = tf.maximum(pull, tf.reduce_max(tf.abs(g)))
            worst = tf.maximum(worst, tf.reduce_max(tf.abs(off)))
        return worst, pull


def _optimality(off: float, pull: float, steps: int) -> Optimality:
    relative = off / pull if pull > 0 else 0.0
    return Optimality(
        residual=off,
        relative=relative,
        pull=pull,
        settled=relative <= TOLERANCE,
        polish_steps=steps,
    )


def _blocks(rows: FullBatch) -> tuple[Any, Any, Any]:
    """Rows as (blocks, width, …), and each row's share of the mean; filling rows have none."""
    count = len(rows.inputs)
    size = max(1, int(np.prod(rows.inputs.shape[1:])))
    width = max(1, min(count, _BLOCK // size))
    blocks = -(-count // width)
    shares = np.zeros(blocks * width, np.float32)
    shares[:count] = (1.0 if rows.weights is None else rows.weights) / np.float32(count)
    filling = blocks * width - count

    def cut(part: NDArray[np.float32]) -> Any:
        padded = np.concatenate([part, part[:1].repeat(filling, 0)]) if filling else part
        return tf.constant(padded.reshape(blocks, width, *part.shape[1:]))

    return cut(rows.inputs), cut(rows.targets), tf.constant(shares.reshape(blocks, width))


def _numbers(strengths: Any, place: int) -> tuple[Any, Any, Any]:
    l1, l2, group = tf.unstack(strengths[place])
    return l1, l2, group


def _dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    return tf.add_n([tf.reduce_sum(x * y) for x, y in zip(a, b, strict=True)])


def _choose(condition: Any, first: Sequence[Any], second: Sequence[Any]) -> list[Any]:
    return [tf.where(condition, a, b) for a, b in zip(first, second, strict=True)]
