"""The state of stacked members as TensorFlow variables, and one compiled program for an epoch."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.stacked.epoch_batches import EpochBatches
from regcli.stacked.epoch_metrics import EpochMetrics
from regcli.stacked.layout import largest_row
from regcli.stacked.model_call import stacked_call
from regcli.stacked.objectives import row_losses
from regcli.stacked.optimizer import MemberOptimizer, is_sequential
from regcli.stacked.penalty_values import PenaltyValues
from regcli.stacked.prediction import MAX_NUMBERS, Predictor
from regcli.stacked.recipe import Arrays, Recipe, Start
from regcli.stacked.rows import Rows, in_blocks
from regcli.stacked.sequential_optimizer import SequentialOptimizer
from regcli.stacked.shared_traces import SharedTraces
from regcli.stacked.slots import write_slots
from regcli.stacked.stacked_optimizer import StackedOptimizer
from regcli.stacked.stacked_penalties import StackedPenalties
from regcli.stacked.stacking import Pass, is_statistic
from regcli.stacked.streams import step_keys
from regcli.stacked.tensors import Tensor, Tensors

R = TypeVar("R", bound=Recipe)
"""A recipe, or one that says more than training needs."""


class EpochProgram(Generic[R]):
    """`size` members in slots; it compiles at its first epoch, and later members take the slots.

    Attributes:
        shapes, statistic_shapes: of one member's weights and statistics, in the template's order.
        weights, statistics: those of all slots, (members, n) each.
        scalars, rates: optimizer arguments and dropout rates by name, (members, 1) each.
        seeds, splits: of the members, (members,) each.
        predict: members' outputs on every part.
    """

    def __init__(self, recipe: R, size: int, traces: SharedTraces | None = None) -> None:
        """Make the variables of empty slots.

        Args:
            traces: of the programs of other threads, with equal recipes and as many slots.
        """
        self.recipe, self.size = recipe, size
        self.traces = traces or SharedTraces()
        model = recipe.model
        kept = [v for v in model.non_trainable_variables if is_statistic(v)]
        self.shapes = [tuple(v.shape) for v in model.trainable_variables]
        self.statistic_shapes = [tuple(v.shape) for v in kept]
        self.weights = [self._stacked(shape) for shape in self.shapes]
        self.statistics = [self._stacked(shape) for shape in self.statistic_shapes]
        self.scalars = {name: tf.Variable(tf.zeros([size, 1])) for name in recipe.scalars}
        self.rates = {name: tf.Variable(tf.zeros([size, 1])) for name in recipe.dropouts}
        self.seeds = tf.Variable(tf.zeros([size], tf.int64))
        self.splits = tf.Variable(tf.zeros([size], tf.int32))
        self.penalties = StackedPenalties(recipe, self.weights)
        self.optimizer = self._optimizer()
        self.metrics = EpochMetrics(recipe.kind, recipe.scale.threshold)
        self.batches = EpochBatches(recipe.parts["train"], recipe.batch_size)
        self.block_rows = MAX_NUMBERS // (size * largest_row(model))
        self._hold_rows()
        self.predict = self.traces.once("predict", lambda: Predictor(recipe))
        self.penalty_values = self.traces.once(
            "penalty_values", lambda: PenaltyValues(recipe.regularized, self.penalties.regularizers)
        )

    def _hold_rows(self) -> None:
        """Have the rows that an epoch needs as tensors."""
        train, validation = self.recipe.parts["train"], self.recipe.parts.get("validation")
        self.inputs, self.targets = _joined(train.inputs), _joined(train.targets)
        self.row_weights = None if train.weights is None else _joined(train.weights)
        self.validation = None if validation is None else in_blocks(validation, self.block_rows)

    def _stacked(self, shape: tuple[int, ...]) -> keras.Variable:
        return keras.Variable(np.zeros((self.size, int(np.prod(shape))), "float32"))

    def _optimizer(self) -> MemberOptimizer:
        optimizer, model = self.recipe.optimizer, self.recipe.model
        if is_sequential(optimizer, model):
            return SequentialOptimizer(optimizer, model, self.weights, self.scalars)
        return StackedOptimizer(optimizer, self.weights, self.scalars)

    # One epoch

    def train_epoch(self, order: NDArray[np.int32]) -> dict[str, Tensor]:
        """One epoch of all slots; as `_train_epoch`."""
        found: dict[str, Tensor] = self._epoch(tf.constant(order))
        return found

    @cached_property
    def _epoch(self) -> Callable[..., Any]:
        """The compiled epoch."""
        rows = tf.TensorSpec([len(self.recipe.parts["train"]), self.size], tf.int32)
        epoch = tf.function(self._train_epoch, jit_compile=True, autograph=False)
        used = [*self.variables, *self.optimizer.optimizer.variables, *self.penalties.variables]
        used += [*self.scalars.values(), *self.rates.values(), self.seeds, self.splits]
        return self.traces.with_variables("epoch", lambda: epoch.get_concrete_function(rows), used)

    def _train_epoch(self, order: Tensor) -> dict[str, Tensor]:
        """Train every slot for one epoch.

        Args:
            order: row numbers (rows, members), each member's in the order it sees them, counted
                through the training rows of all splits. Those after a member's own last row are
                any of its rows.

        Returns:
            What `fit` logs, (members,) each.
        """
        batches, counting = self.batches.cut(order), self.batches.counting(self.splits)

        def body(step: Tensor, *sums: Tensor) -> tuple[Tensor, ...]:
            counted = counting(step)
            before = self._values() if self.batches.has_idle_steps else None
            added = self._train_step(*self._gathered(batches[step]), counted)
            if before is not None:
                self._put_back(before, tf.reduce_any(counted > 0, 1))
            return (step + 1, *(total + new for total, new in zip(sums, added, strict=True)))

        by_row = self.metrics.sums + (1 if self.row_weights is None else 2)
        zeros = [tf.zeros([self.size, 1])] + [tf.zeros([self.size, self.batches.width])] * by_row
        _, *sums = tf.while_loop(lambda step, *_: step < self.batches.steps, body, (0, *zeros))
        totals = [tf.reduce_sum(total, 1) for total in sums]
        return self._logs(totals, self.recipe.parts["train"]) | self._validate()

    def _gathered(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Inputs and targets of rows by their numbers (members, batch), and their weights."""
        weights = None if self.row_weights is None else tf.gather(self.row_weights, rows)
        return tf.gather(self.inputs, rows), tf.gather(self.targets, rows), weights

    def _train_step(
        self, inputs: Tensor, targets: Tensor, row_weights: Tensor | None, counted: Tensor
    ) -> tuple[Tensor, ...]:
        """One optimizer step.

        Args:
            inputs, targets: (members, batch, …).
            row_weights: what multiplies each row's loss, (members, batch), or None.
            counted: 1 for rows that count, 0 for filling, (batch,) or (members, batch).

        Returns:
            The penalty times the rows that count, (members, 1); then of every row, (members,
            batch): what metrics are made from, the loss, and where rows have weights the loss
            times its weight.
        """
        weights = [v.value for v in self.weights]
        share = self.batches.shares(counted)
        info = self._pass(share)
        with tf.GradientTape() as tape:
            tape.watch(weights)
            outputs, statistics, activity = self._call(weights, inputs, info)
            losses = [row_losses(self.recipe.loss, outputs, targets)]
            if row_weights is not None:
                losses.append(losses[0] * row_weights)
            total = self.optimizer.scaled(tf.reduce_sum((losses[-1] + activity) * share))
        gradients = self.optimizer.gradients(tape, total, weights, info.lookups)
        penalties, slopes = self.penalties.added(weights)
        for position, slope in slopes.items():
            gradients[position] += self.optimizer.scaled(slope)
        self.optimizer.apply(gradients)
        for variable, value in zip(self.statistics, statistics, strict=True):
            variable.assign(tf.reshape(value, variable.shape))
        scores = self._scores(outputs, targets)
        penalties *= tf.reduce_sum(counted, -1, keepdims=True)
        penalties += tf.reduce_sum(activity * counted, 1, keepdims=True)
        return penalties, *(value * counted for value in (*scores, *losses))

    def _values(self) -> Tensors:
        """What `variables` hold now."""
        return [tf.identity(variable.value) for variable in self.variables]

    def _put_back(self, before: Tensors, has_rows: Tensor) -> None:
        """Undo a step of the members that have no rows in it.

        Args:
            before: what `variables` held.
            has_rows: whether a member has any, (members,).
        """
        for variable, old in zip(self.variables, before, strict=True):
            is_kept = tf.reshape(has_rows, [-1, *[1] * (len(old.shape) - 1)])
            variable.assign(tf.where(is_kept, variable.value, old))

    def _pass(self, share: Tensor | None = None) -> Pass:
        """A pass in training where the rows' shares of the mean are given."""
        return Pass(share, step_keys(self.seeds, self.optimizer.steps), self.rates)

    def _call(
        self, weights: Sequence[Tensor], inputs: Tensor, info: Pass
    ) -> tuple[Tensor, Tensors, Tensor]:
        """Outputs, new statistics, and what activity regularizers take of every row."""
        shaped = [
            tf.reshape(w, [self.size, *(shape[::-1] if place in self.recipe.transposed else shape)])
            for place, (w, shape) in enumerate(zip(weights, self.shapes, strict=True))
        ]
        kept = [
            tf.reshape(v.value, [self.size, *shape])
            for v, shape in zip(self.statistics, self.statistic_shapes, strict=True)
        ]
        outputs, statistics = stacked_call(self.recipe.model, shaped, kept, inputs, info)
        return outputs, statistics, info.activity_by_row(outputs)

    def _validate(self) -> dict[str, Tensor]:
        """What `fit` logs of the validation rows, (members,) each; block by block."""
        if (blocks := self.validation) is None:
            return {}
        weights = [v.value for v in self.weights]

        def body(block: Tensor, *sums: Tensor) -> tuple[Tensor, ...]:
            added = self._block_sums(weights, [part[block] for part in blocks.tensors])
            return (block + 1, *(total + new for total, new in zip(sums, added, strict=True)))

        count = 2 + self.metrics.sums + (0 if self.row_weights is None else 1)
        loop = (0, *[tf.zeros([self.size])] * count)
        _, *sums = (
            body(*loop)
            if blocks.count == 1
            else tf.while_loop(lambda block, *_: block < blocks.count, body, loop)
        )
        return self._validation_logs(sums)

    def _validation_logs(self, sums: Sequence[Tensor]) -> dict[str, Tensor]:
        """From sums over all validation rows, (members,) each, to what `fit` logs of them."""
        rows = self.recipe.parts["validation"]
        penalties, _ = self.penalties.added([v.value for v in self.weights])
        logs = self._logs([sums[0] + penalties[:, 0] * self._counts(rows), *sums[1:]], rows)
        return {f"val_{name}": value for name, value in logs.items()}

    def _block_sums(self, weights: Sequence[Tensor], block: Sequence[Tensor]) -> Tensors:
        """Sums over a block's rows, (members,) each, in the order of `_train_step`.

        Args:
            block: inputs, targets, weights and counts as `Blocks` has them, (splits, width, …).
        """
        inputs, targets, row_weights, counted = map(self._by_member, block)
        outputs, _, activity = self._call(weights, inputs, self._pass())
        losses = row_losses(self.recipe.loss, outputs, targets)
        scores = self._scores(outputs, targets)
        by_row = [value * counted for value in (activity, *scores, losses)]
        if self.recipe.parts["train"].weights is not None:
            by_row.append(losses * row_weights)
        return [tf.reduce_sum(values, 1) for values in by_row]

    def _scores(self, outputs: Tensor, targets: Tensor) -> Tensors:
        """What metrics are made from, of every row, (members, rows) each."""
        units = self.recipe.units
        if units is not None:
            outputs, targets = (units.restored(v, self.splits) for v in (outputs, targets))
        return self.metrics.rows(outputs, targets)

    def _by_member(self, parts: Tensor) -> Tensor:
        """What each member's split has, (members, rows, …), from (splits, rows, …)."""
        if parts.shape[0] == 1:
            return tf.broadcast_to(parts[0], [self.size, *parts.shape[1:]])
        return tf.gather(parts, self.splits)

    def _logs(self, sums: Sequence[Tensor], rows: Rows) -> dict[str, Tensor]:
        """Means over a part's rows under the names that `fit` gives them.

        Args:
            sums: over the rows, in the order of `_train_step`. The last is what training minimises.
        """
        counts = self._counts(rows)
        penalties, *means = (total / counts for total in sums)
        scores, (data_loss, *weighted) = means[: self.metrics.sums], means[self.metrics.sums :]
        minimised = weighted[0] if weighted else data_loss
        logs = {"loss": minimised + penalties, "data_loss": data_loss}
        variances = _variances(rows, in_own_unit=self.recipe.units is not None)
        return logs | self.metrics.logs(scores, tf.gather(variances, self.splits))

    def _counts(self, rows: Rows) -> int | Tensor:
        """How many rows of a part members have: one number, or (members,) where they differ."""
        if rows.is_even:
            return len(rows)
        return tf.gather(tf.constant(rows.counts, tf.float32), self.splits)

    # Members in and out

    def place(self, starts: Mapping[int, Start]) -> None:
        """Put members into slots, with fresh optimizer state."""
        weights = {
            slot: [w.ravel() for w in self._transposed(start.weights)]
            for slot, start in starts.items()
        }
        write_slots(self.weights, weights)
        kept = {slot: [k.ravel() for k in s.statistics] for slot, s in starts.items()}
        write_slots(self.statistics, kept)
        write_slots(self.optimizer.slots, dict.fromkeys(starts, self.optimizer.fresh))
        write_slots([self.seeds], {slot: [s.seed] for slot, s in starts.items()})
        write_slots([self.splits], {slot: [s.split] for slot, s in starts.items()})
        for columns, names in ((self.scalars, "scalars"), (self.rates, "rates")):
            for name, column in columns.items():
                values = {slot: [getattr(s, names)[name]] for slot, s in starts.items()}
                write_slots([column], values)
        self.penalties.place(starts, weights)

    @property
    def variables(self) -> list[keras.Variable]:
        """Everything that training changes, in a fixed order."""
        return [*self.weights, *self.statistics, *self.optimizer.slots]

    def read_states(self, slots: Iterable[int]) -> dict[int, Arrays]:
        """What `variables` hold of the members in some slots."""
        stacked = [np.array(variable) for variable in self.variables]
        return {slot: [values[slot] for values in stacked] for slot in slots}

    def write_states(self, states: Mapping[int, Arrays]) -> None:
        """Set what `variables` hold of members, as `read_states` gave it, by slot."""
        if states:
            write_slots(self.variables, states)

    def read(self) -> Arrays:
        """Weights, then statistics, (members, n) each."""
        return [np.array(v) for v in (*self.weights, *self.statistics)]

    def read_ends(self) -> Arrays:
        """As `read`, with what `fit` leaves in the weights when it ends."""
        return [np.array(v) for v in (*self.optimizer.ends, *self.statistics)]

    def unstack(self, stacked: Arrays, slot: int) -> Arrays:
        """One member's weights and statistics in their own shapes, copied from what `read` gave."""
        shapes = [shape.shape for shape in self._transposed([np.empty(s) for s in self.shapes])]
        parts = zip(stacked, [*shapes, *self.statistic_shapes], strict=True)
        return self._transposed([part[slot].reshape(shape) for part, shape in parts])

    def _transposed(self, weights: Arrays) -> Arrays:
        """Weights with those kernels transposed that are kept so, or back again."""
        transposed = self.recipe.transposed
        return [w.T if place in transposed else w for place, w in enumerate(weights)]


def _variances(rows: Rows, in_own_unit: bool) -> Tensor:
    """The variance of each split's targets, (splits,), as they are or as losses compare them."""
    if rows.is_even and not in_own_unit:
        return tf.math.reduce_variance(rows.targets, axis=[1, 2])
    of_splits = [rows.of(split) for split in range(rows.splits)]
    own = [(part.y if in_own_unit else part.targets).var(dtype=np.float64) for part in of_splits]
    return tf.constant(own, tf.float32)


def _joined(part: NDArray[Any]) -> Tensor:
    """(splits, rows, …) as a tensor (splits · rows, …)."""
    return tf.constant(part.reshape(-1, *part.shape[2:]))
