"""The strengths of stacked members: their penalties, and what their weights are held to.

Strengths are inputs of the program, (regularized, members, 1): one program serves the whole grid.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from regcli.nets.constraints import KeepZeros, ProximalStep
from regcli.nets.penalties import GROUP_AXES, view_shape
from regcli.nets.proximal import Axes
from regcli.training.population.constraints import constrained_by_member
from regcli.training.population.objectives import group_penalty, penalty
from regcli.training.population.recipe import Arrays, Recipe, Start
from regcli.training.population.regularizers import other_regularizers, value_and_slope
from regcli.training.population.slots import write_slots

_NAMES = ("l1", "l2", "group")
_SWAPPED = {"inputs": "units", "units": "inputs", None: None}


class StackedStrengths:
    """Penalties and constraints of the members in a program's slots.

    Attributes:
        regularizers: of other kinds, which the layers name, by position of the weight.
        columns: l1, l2 and group by what is regularized and member, (regularized, members, 1).
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
        self.columns = {name: tf.Variable(tf.zeros(shape)) for name in _NAMES}
        self.moving: dict[int, Any] = {}
        for stacked, own in zip(weights, variables, strict=True):
            if own.constraint is not None:
                stacked.constraint = constrained_by_member(own.constraint, tuple(own.shape))
        if recipe.proximal:
            self._attach_proximal_steps()
        if recipe.keep_zeros:
            self._keep_zeros()

    def _attach_proximal_steps(self) -> None:
        for number, own in enumerate(self.recipe.regularized):
            shape, axes = self._view(number)
            weights = self.weights[own.position]
            weights.constraint = ProximalStep(
                self.recipe.optimizer,
                shape,
                partial(self._of, number),
                axes,
                then=weights.constraint,
            )

    def _keep_zeros(self) -> None:
        for position in (own.position for own in self.recipe.regularized if own.is_kernel):
            weights = self.weights[position]
            self.moving[position] = tf.Variable(tf.ones(weights.shape))
            kept = self.moving[position].read_value
            weights.constraint = KeepZeros(kept, weights.constraint)

    def _of(self, number: int) -> tuple[Any, Any, Any]:
        """l1, l2 and group of what is regularized under a number, (members, 1) each."""
        l1, l2, group = (self.columns[name][number] for name in _NAMES)
        return l1, l2, group

    def _view(self, number: int) -> tuple[tuple[int, int, int], Axes]:
        """Weights as they are kept: (blocks, inputs, units) or turned, and the axes of groups."""
        own = self.recipe.regularized[number]
        position, groups = own.position, own.groups
        blocks, inputs, units = view_shape(self.shapes[position])
        if position not in self.recipe.turned:
            return (blocks, inputs, units), GROUP_AXES[groups]
        return (blocks, units, inputs), GROUP_AXES[_SWAPPED[groups]]

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
                values[:, slot, 0] = getattr(start, name)
            column.assign(values)

    def penalty(self, weights: Sequence[Any]) -> tuple[Any, dict[int, Any]]:
        """The penalty of every member, (members, 1), and the gradients it adds, by position.

        A proximal step takes the place of the strengths' own. Activity regularizers are left out:
        they are a matter of rows.
        """
        total, slopes = tf.zeros([weights[0].shape[0], 1]), {}
        for number, own in enumerate(self.recipe.regularized):
            added, slope = self._own_penalty(number, weights[own.position])
            total += added
            if not self.recipe.proximal:
                slopes[own.position] = slope
        for position, regularizer in self.regularizers.items():
            added, slope = value_and_slope(regularizer, weights[position], self.shapes[position])
            total, slopes[position] = total + added, slopes.get(position, 0.0) + slope
        return total, slopes

    def _own_penalty(self, number: int, weights: Any) -> tuple[Any, Any]:
        l1, l2, group = self._of(number)
        value, slope = penalty(weights, l1, l2)
        shape, axes = self._view(number)
        if not axes:
            return value, slope
        by_group, slope_of_groups = group_penalty(weights, group, shape, axes)
        return value + by_group, slope + slope_of_groups
