"""The state of stacked members as TensorFlow variables, and one compiled program for an epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.data.task import Task
from regcli.training.population.constraints import constrained_by_member
from regcli.training.population.layers import is_statistic, stacked_call
from regcli.training.population.objectives import penalty, row_losses, row_scores
from regcli.training.population.optimizer import counters, stack_optimizer
from regcli.training.population.penalties import other_regularizers, value_and_slope
from regcli.training.population.stacking import Pass
from regcli.training.population.streams import step_keys

Arrays = list[NDArray[Any]]


@dataclass(frozen=True)
class Rows:
    """Rows of one part.

    Attributes:
        inputs: (rows, …).
        targets: as the loss compares them: (rows, 1), or one-hot (rows, classes).
        y: as the metrics compare them, (rows,).
    """

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]
    y: NDArray[Any]

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class Recipe:
    """What all members of a population share.

    Attributes:
        model: the template; its own weights are not used.
        optimizer: a new Keras optimizer, not built.
        kernels: positions of the regularized kernels among the trainable variables.
        cut: where a single output turns from class 0 to class 1.
        parts: the rows of train, and of validation and test where there are any.
        scalars: optimizer arguments that differ between members.
        dropouts: names of the Dropout layers.
    """

    model: keras.Sequential
    optimizer: keras.optimizers.Optimizer
    loss: keras.losses.Loss
    task: Task
    kernels: tuple[int, ...]
    cut: float
    batch_size: int
    parts: Mapping[str, Rows]
    scalars: tuple[str, ...]
    dropouts: tuple[str, ...]


@dataclass(frozen=True)
class Start:
    """What one member begins with.

    Attributes:
        weights, statistics: start values in the template's order.
        l1, l2: strengths of the regularized kernels, (kernels,).
        scalars: optimizer arguments by name.
        rates: dropout rates by layer name.
    """

    weights: Arrays
    statistics: Arrays
    l1: NDArray[np.float32]
    l2: NDArray[np.float32]
    seed: int
    scalars: Mapping[str, float]
    rates: Mapping[str, float]


class EpochProgram:
    """`size` members in slots; it compiles at its first epoch, and later members take the slots."""

    def __init__(self, recipe: Recipe, size: int) -> None:
        self.recipe, self.size = recipe, size
        model = recipe.model
        kept = [v for v in model.non_trainable_variables if is_statistic(v)]
        self.shapes = [tuple(v.shape) for v in model.trainable_variables]
        self.statistic_shapes = [tuple(v.shape) for v in kept]
        self.weights = [self._stacked(shape) for shape in self.shapes]
        self.statistics = [self._stacked(shape) for shape in self.statistic_shapes]
        for stacked, own in zip(self.weights, model.trainable_variables, strict=True):
            if own.constraint is not None:
                stacked.constraint = constrained_by_member(own.constraint, tuple(own.shape))
        self.regularizers = other_regularizers(model, recipe.kernels)
        self.strengths = [self._columns(len(recipe.kernels)) for _ in ("l1", "l2")]
        self.scalars = {name: tf.Variable(tf.zeros([size, 1])) for name in recipe.scalars}
        self.rates = {name: tf.Variable(tf.zeros([size, 1])) for name in recipe.dropouts}
        self.seeds = tf.Variable(tf.zeros([size], tf.int64))
        stack_optimizer(recipe.optimizer, self.weights, self.scalars)
        columns = [v for v in recipe.optimizer.variables if len(v.shape) == 2]
        self.slots = [*columns, *counters(recipe.optimizer)]
        self.fresh = [np.asarray(v)[0].copy() for v in self.slots]
        self.inputs = tf.constant(recipe.parts["train"].inputs)
        self.targets = tf.constant(recipe.parts["train"].targets)
        self.train_epoch = tf.function(self._train_epoch, jit_compile=True, autograph=False)
        self._predict_rows = tf.function(self._predict, autograph=False)

    def _stacked(self, shape: tuple[int, ...]) -> keras.Variable:
        return keras.Variable(np.zeros((self.size, int(np.prod(shape))), "float32"))

    def _columns(self, count: int) -> Any:
        return tf.Variable(tf.zeros([count, self.size, 1]))

    # One epoch

    def _train_epoch(self, order: Any) -> dict[str, Any]:
        """Train every slot for one epoch.

        Args:
            order: row numbers (rows, members), each member's in the order it sees them.

        Returns:
            What `fit` logs, (members,) each.
        """
        count = order.shape[0]
        width = min(self.recipe.batch_size, count)
        steps = -(-count // width)
        # The last batch is filled up with rows that count for nothing: one step serves all batches.
        filling = steps * width - count
        batches = tf.reshape(tf.pad(order, [[0, filling], [0, 0]]), [steps, width, self.size])
        batches = tf.transpose(batches, [0, 2, 1])
        counted = np.ones(steps * width, np.float32)
        counted[count:] = 0
        counting = tf.constant(counted.reshape(steps, width))

        def body(step: Any, *sums: Any) -> tuple[Any, ...]:
            added = self._train_step(batches[step], counting[step])
            return (step + 1, *(total + new for total, new in zip(sums, added, strict=True)))

        zeros = [tf.zeros([self.size, width])] * 3 + [tf.zeros([self.size, 1])]
        _, *sums = tf.while_loop(lambda step, *_: step < steps, body, (0, *zeros))
        totals = [tf.reduce_sum(total, 1) for total in sums]
        return self._logs(totals, count, self.targets) | self._validate()

    def _train_step(self, rows: Any, counted: Any) -> tuple[Any, ...]:
        """One optimizer step.

        Args:
            rows: row numbers (members, batch).
            counted: 1 for rows that count, 0 for filling, (batch,).

        Returns:
            Losses and two scores of every row, (members, batch), and the penalty times the rows
            that count, (members, 1).
        """
        inputs, targets = tf.gather(self.inputs, rows), tf.gather(self.targets, rows)
        weights = [v.value for v in self.weights]
        share = counted / tf.reduce_sum(counted)
        with tf.GradientTape() as tape:
            tape.watch(weights)
            outputs, statistics, activity = self._call(weights, inputs, share)
            losses = row_losses(self.recipe.loss, outputs, targets)
            total = tf.reduce_sum((losses + activity) * share)
        gradients = tape.gradient(total, weights, unconnected_gradients="zero")
        penalties, slopes = self._penalty(weights)
        for position, slope in slopes.items():
            gradients[position] += slope
        self.recipe.optimizer.apply(gradients, self.weights)
        for variable, value in zip(self.statistics, statistics, strict=True):
            variable.assign(tf.reshape(value, variable.shape))
        scores = row_scores(self.recipe.task, self.recipe.cut, outputs, targets)
        by_row = (value * counted for value in (losses, *scores))
        penalties *= tf.reduce_sum(counted)
        return *by_row, penalties + tf.reduce_sum(activity * counted, 1, keepdims=True)

    def _penalty(self, weights: Sequence[Any]) -> tuple[Any, dict[int, Any]]:
        """The penalty of every member, (members, 1), and its gradient by position of the weight.

        Without activity regularizers, which are a matter of rows.
        """
        total, slopes = tf.zeros([self.size, 1]), {}
        for number, position in enumerate(self.recipe.kernels):
            l1, l2 = (strengths[number] for strengths in self.strengths)
            added, slopes[position] = penalty(weights[position], l1, l2)
            total += added
        for position, regularizer in self.regularizers.items():
            added, slopes[position] = value_and_slope(
                regularizer, weights[position], self.shapes[position]
            )
            total += added
        return total, slopes

    def _call(
        self, weights: Sequence[Any], inputs: Any, share: Any = None
    ) -> tuple[Any, list[Any], Any]:
        """Outputs, new statistics, and what activity regularizers take of every row.

        In training where the rows' shares of the mean are given.
        """
        shaped = [
            tf.reshape(w, [self.size, *shape])
            for w, shape in zip(weights, self.shapes, strict=True)
        ]
        kept = [
            tf.reshape(v.value, [self.size, *shape])
            for v, shape in zip(self.statistics, self.statistic_shapes, strict=True)
        ]
        steps = self.recipe.optimizer._iterations.value[:, 0]
        info = Pass(share, step_keys(self.seeds, steps), self.rates)
        outputs, statistics = stacked_call(self.recipe.model, shaped, kept, inputs, info)
        return outputs, statistics, _activity(info, outputs)

    def _validate(self) -> dict[str, Any]:
        rows = self.recipe.parts.get("validation")
        if rows is None:
            return {}
        inputs, targets = (
            tf.broadcast_to(part, [self.size, *part.shape]) for part in (rows.inputs, rows.targets)
        )
        weights = [v.value for v in self.weights]
        outputs, _, activity = self._call(weights, inputs)
        losses = row_losses(self.recipe.loss, outputs, targets)
        scores = row_scores(self.recipe.task, self.recipe.cut, outputs, targets)
        sums = [tf.reduce_sum(values, 1) for values in (losses, *scores)]
        penalties = self._penalty(weights)[0][:, 0] * len(rows) + tf.reduce_sum(activity, 1)
        logs = self._logs([*sums, penalties], len(rows), tf.constant(rows.targets))
        return {f"val_{name}": value for name, value in logs.items()}

    def _logs(self, sums: Sequence[Any], count: int, targets: Any) -> dict[str, Any]:
        """Means over an epoch's rows under the names that `fit` gives them."""
        data_loss, score, square, penalties = (total / count for total in sums)
        logs = {"loss": data_loss + penalties, "data_loss": data_loss}
        if self.recipe.task != "regression":
            return logs | {"accuracy": score}
        r2 = 1 - square / tf.math.reduce_variance(targets)
        # Keras's R2Score gives 0 where there is no variance to explain.
        return logs | {"mae": score, "r2": tf.where(tf.math.is_inf(r2), tf.zeros_like(r2), r2)}

    # Members in and out

    def place(self, starts: Mapping[int, Start]) -> None:
        """Put members into slots, with fresh optimizer state."""
        _write(self.weights, {slot: [w.ravel() for w in s.weights] for slot, s in starts.items()})
        kept = {slot: [k.ravel() for k in s.statistics] for slot, s in starts.items()}
        _write(self.statistics, kept)
        _write(self.slots, dict.fromkeys(starts, self.fresh))
        _write([self.seeds], {slot: [s.seed] for slot, s in starts.items()})
        for columns, names in ((self.scalars, "scalars"), (self.rates, "rates")):
            for name, column in columns.items():
                _write([column], {slot: [getattr(s, names)[name]] for slot, s in starts.items()})
        for strengths, name in zip(self.strengths, ("l1", "l2"), strict=True):
            values = strengths.numpy()
            for slot, start in starts.items():
                values[:, slot, 0] = getattr(start, name)
            strengths.assign(values)

    @property
    def variables(self) -> list[Any]:
        """Everything that training changes, in a fixed order."""
        return [*self.weights, *self.statistics, *self.slots]

    def write(self, values: Arrays) -> None:
        """Set everything that training changes, as `variables` had it."""
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)

    def read(self) -> Arrays:
        """Weights, then statistics, (members, n) each."""
        return [np.array(v) for v in (*self.weights, *self.statistics)]

    def unstack(self, stacked: Arrays, slot: int) -> Arrays:
        """One member's weights and statistics in their own shapes, copied from what `read` gave."""
        shapes = [*self.shapes, *self.statistic_shapes]
        return [part[slot].reshape(shape) for part, shape in zip(stacked, shapes, strict=True)]

    # After training

    def predict(
        self, numbers: Arrays, rows: Rows
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """One member's outputs (rows, outputs), losses (rows,) and activity (rows,).

        The last is what activity regularizers take of every row.

        Members are taken one by one: side by side, vectorised loops would round a member's last
        digits by its position, and its scores must not depend on who ended with it.
        """
        width = max(1, min(len(rows), MAX_NUMBERS // _row_size(rows.inputs)))
        given = []
        for start in range(0, len(rows), width):
            cut = slice(start, start + width)
            block = self._predict_rows(numbers, rows.inputs[cut], rows.targets[cut])
            given.append([part.numpy() for part in block])
        outputs, losses, activity = (np.concatenate(part) for part in zip(*given, strict=True))
        return outputs, losses, activity

    def _predict(self, numbers: Sequence[Any], inputs: Any, targets: Any) -> tuple[Any, ...]:
        single = [tf.convert_to_tensor(part)[tf.newaxis] for part in (*numbers, inputs, targets)]
        *parts, x, y = single
        weights, statistics = parts[: len(self.shapes)], parts[len(self.shapes) :]
        info = Pass(None, tf.zeros([1], tf.uint32), {})
        outputs, _ = stacked_call(self.recipe.model, weights, statistics, x, info)
        outputs = tf.identity(outputs)  # as bare numbers, without the scores behind them
        return outputs[0], row_losses(self.recipe.loss, outputs, y)[0], _activity(info, outputs)[0]


MAX_NUMBERS = 4_000_000
"""Numbers that a block of rows may have in an evaluation."""


def _activity(info: Pass, outputs: Any) -> Any:
    """The sum of what a pass's activity regularizers take of every row, (members, rows)."""
    return tf.add_n([tf.zeros(outputs.shape[:2]), *info.activities])


def _row_size(inputs: NDArray[Any]) -> int:
    return int(np.prod(inputs.shape[1:]))


def _write(variables: Sequence[Any], rows: Mapping[int, Sequence[Any]]) -> None:
    """Write a row a slot into each variable, with one assignment a variable."""
    for position, variable in enumerate(variables):
        values = np.array(variable)
        for slot, row in rows.items():
            values[slot] = row[position]
        variable.assign(values)
