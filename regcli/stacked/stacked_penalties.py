"""The penalties of stacked members, and what their weights are held to.

Parameters are inputs of the program, (regularized, members, 1): one program serves the whole grid.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import keras
import tensorflow as tf

from regcli.models.constraints import KeepZeros, ProximalStep
from regcli.models.kernel_penalties import view_shape
from regcli.penalties.penalty import Penalty, Shape
from regcli.stacked.recipe import Arrays, Recipe, Start
from regcli.stacked.regularizers import other_regularizers, value_and_slope
from regcli.stacked.slots import write_slots
from regcli.stacked.stacked_constraints import constrained_by_member
from regcli.stacked.tensors import Tensor


class StackedPenalties:
    """Penalties and constraints of the members in a program's slots.

    Attributes:
        regularizers: of other kinds, which the layers name, by position of the weight.
        columns: each parameter by what is regularized and member, (regularized, members, 1); one
            that a penalty does not have is not read.
        moving: 1 where a weight may leave zero, by position, where zeros are kept.
    """

    def __init__(self, recipe: Recipe, weights: Sequence[keras.Variable]) -> None:
        """Attach to stacked weights what the optimizer has to call after each of its updates.

        Args:
            weights: (members, n) each, in the template's order.
        """
        self.recipe, self.weights = recipe, weights
        variables = recipe.model.trainable_variables
        self.shapes = [tuple(variable.shape) for variable in variables]
        self.regularizers = other_regularizers(recipe.model)
        shape = [len(recipe.regularized), weights[0].shape[0], 1]
        parameters = {p.name: p for own in recipe.regularized for p in own.penalty.parameters}
        self.columns = {
            name: tf.Variable(tf.fill(shape, parameter.default))
            for name, parameter in parameters.items()
        }
        self.moving: dict[int, tf.Variable] = {}
        for stacked, own in zip(weights, variables, strict=True):
            if own.constraint is not None:
                stacked.constraint = constrained_by_member(own.constraint, tuple(own.shape))
        if recipe.proximal:
            self._attach_proximal_steps()
        if recipe.keep_zeros:
            self._keep_zeros()

    @property
    def variables(self) -> list[tf.Variable]:
        """What `place` writes, in a fixed order."""
        return [*self.columns.values(), *self.moving.values()]

    def _attach_proximal_steps(self) -> None:
        for number, own in enumerate(self.recipe.regularized):
            shape, penalty = self._view(number)
            weights = self.weights[own.position]
            weights.constraint = ProximalStep(
                self.recipe.optimizer,
                penalty,
                shape,
                partial(self._numbers, number),
                then=weights.constraint,
            )

    def _keep_zeros(self) -> None:
        for position in (own.position for own in self.recipe.regularized if own.keeps_zeros):
            weights = self.weights[position]
            self.moving[position] = tf.Variable(tf.ones(weights.shape))
            kept = self.moving[position].read_value
            weights.constraint = KeepZeros(kept, weights.constraint)

    def _numbers(self, number: int) -> dict[str, Tensor]:
        """The parameters of what is regularized under a number, (members, 1) each."""
        parameters = self.recipe.regularized[number].penalty.parameters
        return {p.name: self.columns[p.name][number] for p in parameters}

    def _view(self, number: int) -> tuple[Shape, Penalty]:
        """The shape of weights as they are kept, whole or transposed, and their penalty so."""
        own = self.recipe.regularized[number]
        blocks, inputs, units = view_shape(self.shapes[own.position])
        if own.position not in self.recipe.transposed:
            return (blocks, inputs, units), own.penalty
        return (blocks, units, inputs), own.penalty.transposed

    def place(self, starts: Mapping[int, Start], weights: Mapping[int, Arrays]) -> None:
        """Put members' strengths into slots, and which of their weights may leave zero.

        Args:
            weights: start weights by slot, (n,) each, as they are kept.
        """
        for position, moving in self.moving.items():
            write_slots([moving], {slot: [own[position] != 0] for slot, own in weights.items()})
        for name, column in self.columns.items():
            values = column.numpy()
            for slot, start in starts.items():
                for number, own in enumerate(start.strengths):
                    if name in own.numbers:
                        values[number, slot, 0] = own.numbers[name]
            column.assign(values)

    def added(self, weights: Sequence[Tensor]) -> tuple[Tensor, dict[int, Tensor]]:
        """The penalty of every member, (members, 1), and the gradients it adds, by position.

        A proximal step takes the place of the strengths' own. Activity regularizers are left out:
        they are a matter of rows.
        """
        total, slopes = tf.zeros([weights[0].shape[0], 1]), {}
        for number, own in enumerate(self.recipe.regularized):
            shape, penalty = self._view(number)
            numbers = self._numbers(number)
            added, slope = penalty.value_and_slope(weights[own.position], numbers, shape)
            total += added
            if not self.recipe.proximal:
                slopes[own.position] = slope
        for position, regularizer in self.regularizers.items():
            added, slope = value_and_slope(regularizer, weights[position], self.shapes[position])
            total, slopes[position] = total + added, slopes.get(position, 0.0) + slope
        return total, slopes
