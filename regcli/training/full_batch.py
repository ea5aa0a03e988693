"""Data loss and penalty of a model on all rows of a data set, and their gradients."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.models.kernel_penalties import viewed
from regcli.penalties.penalty import Penalty
from regcli.solvers.convex import FLOOR
from regcli.stacked.tensors import Tensor, Tensors

_BLOCK = 4_000_000
"""Numbers that the inputs of a block of rows may have."""

_TINY = 1e-30


@dataclass(frozen=True)
class FullBatch:
    """All training rows.

    Attributes:
        inputs: (rows, …).
        targets: as the loss compares them.
        weights: each row's, (rows,), or None.
        room: as many rows as blocks have room for at least: those of another split may be more, and
            what is compiled for blocks of one shape serves both.
    """

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]
    weights: NDArray[np.float32] | None
    room: int = 0

    def blocks(self) -> tuple[Tensor, Tensor, Tensor]:
        """Inputs, targets and shares of the mean as (blocks, width, …); filling rows have none."""
        count, room = len(self.inputs), max(len(self.inputs), self.room)
        size = max(1, int(np.prod(self.inputs.shape[1:])))
        width = max(1, min(room, _BLOCK // size))
        blocks = -(-room // width)
        shares = np.zeros(blocks * width, np.float32)
        shares[:count] = (1.0 if self.weights is None else self.weights) / np.float32(count)
        filling = blocks * width - count

        def cut(part: NDArray[np.float32]) -> Tensor:
            padded = np.concatenate([part, part[:1].repeat(filling, 0)]) if filling else part
            return tf.constant(padded.reshape(blocks, width, *part.shape[1:]))

        return cut(self.inputs), cut(self.targets), tf.constant(shares.reshape(blocks, width))


@dataclass(frozen=True)
class FullBatchObjective:
    """Data loss + penalty of one model by its weights as one vector: an `accelerated.Objective`.

    Attributes:
        model: the architecture without regularizers on its kernels; its weights are not used.
        covered: the penalty of each trainable variable that is regularized, by position.
        statistics: the model's other floating variables.
        blocks: as `FullBatch.blocks` gives them.
        strengths: tensors of the penalty's parameters, in its order, by position.
    """

    model: keras.Model
    loss: keras.losses.Loss
    covered: Mapping[int, Penalty]
    statistics: Sequence[Tensor]
    blocks: tuple[Tensor, Tensor, Tensor]
    strengths: Mapping[int, Tensor]

    def loss_and_gradient(self, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Data loss and what other regularizers add, and the gradient, over blocks of rows."""
        inputs, targets, shares = self.blocks

        def add(number: Tensor, total: Tensor, sums: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            with tf.GradientTape() as tape:
                tape.watch(weights)
                added = self._block_loss(weights, inputs[number], targets[number], shares[number])
            slope = tape.gradient(added, weights, unconnected_gradients="zero")
            return number + 1, total + added, sums + slope

        nothing = (0, 0.0, tf.zeros_like(weights))
        if inputs.shape[0] == 1:
            _, total, sums = add(*nothing)
            return total, sums
        _, total, sums = tf.while_loop(lambda number, *_: number < inputs.shape[0], add, nothing)
        return total, sums

    def _block_loss(
        self, weights: Tensor, inputs: Tensor, targets: Tensor, shares: Tensor
    ) -> Tensor:
        kept = iter(self.statistics)
        others = [
            next(kept) if "float" in str(v.dtype) else v.value
            for v in self.model.non_trainable_variables
        ]
        outputs, _, added = self.model.stateless_call(
            self.parts(weights), others, inputs, training=False, return_losses=True
        )
        by_row = self.loss.call(targets, outputs)
        part = tf.reduce_sum(shares)
        return tf.reduce_sum(by_row * shares) + sum(added, tf.constant(0.0)) * part

    def penalty(self, weights: Tensor) -> Tensor:
        """The sum of all kernels' penalties."""
        parts, total = self.parts(weights), tf.constant(0.0)
        for place, penalty in self.covered.items():
            total += penalty.value(viewed(parts[place]), self._numbers(place))[0]
        return total

    def proximal_map(self, weights: Tensor, step: Tensor) -> Tensor:
        """Each regularized weight after its penalty's map, the others as they are."""
        parts = self.parts(weights)
        for place, penalty in self.covered.items():
            u = viewed(parts[place])
            steps = step if penalty.is_elementwise else step * tf.ones_like(u)
            parts[place] = penalty.proximal_map(u, steps, self._numbers(place))
        return joined(parts)

    def residual(self, weights: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
        """The largest residual of all weights, and the largest gradient of a kernel's."""
        worst, pull = tf.constant(0.0), tf.constant(0.0)
        for place, (w, g) in enumerate(zip(self.parts(weights), self.parts(gradient), strict=True)):
            off = g
            if place in self.covered:
                off = self.covered[place].residual(viewed(w), viewed(g), self._numbers(place))
                pull = tf.maximum(pull, tf.reduce_max(tf.abs(g)))
            worst = tf.maximum(worst, tf.reduce_max(tf.abs(off)))
        return worst, pull

    def relative(self, weights: Tensor, gradient: Tensor, total: Tensor) -> Tensor:
        """The largest residual by its own weight's scale, which no column's units change.

        The scale is the penalty's slope by the weight; where strengths are small or zero, the slope
        of the objective from there to a weight of zero, times `FLOOR`.

        Args:
            total: data loss + penalty.
        """
        worst = tf.constant(0.0)
        for place, (w, g) in enumerate(zip(self.parts(weights), self.parts(gradient), strict=True)):
            off, held = tf.abs(g), tf.zeros_like(g)
            if place in self.covered:
                penalty, numbers = self.covered[place], self._numbers(place)
                off = tf.reshape(penalty.residual(viewed(w), viewed(g), numbers), w.shape)
                held = tf.reshape(penalty.hold(viewed(w), numbers), w.shape)
            typical = tf.sqrt(tf.reduce_mean(tf.square(w)))
            floor = tf.math.divide_no_nan(FLOOR * tf.abs(total), tf.maximum(tf.abs(w), typical))
            # Where all weights are 0 and have no strength, any slope is far from an optimum.
            share = off / tf.maximum(tf.maximum(held, floor), _TINY)
            worst = tf.maximum(worst, tf.reduce_max(share))
        return worst

    def parts(self, weights: Tensor) -> Tensors:
        """The model's trainable variables from one vector (n,)."""
        shapes = [tuple(v.shape) for v in self.model.trainable_variables]
        sizes = [math.prod(shape) for shape in shapes]
        return [
            tf.reshape(part, shape)
            for part, shape in zip(tf.split(weights, sizes), shapes, strict=True)
        ]

    def _numbers(self, place: int) -> dict[str, Tensor]:
        names = [parameter.name for parameter in self.covered[place].parameters]
        return dict(zip(names, tf.unstack(self.strengths[place]), strict=True))


def joined(parts: Iterable[Tensor]) -> Tensor:
    """All variables as one vector (n,)."""
    return tf.concat([tf.reshape(part, [-1]) for part in parts], 0)
