"""One Keras optimizer that updates one member after the other, in variables of their own shapes.

A step is Keras's own `apply`, on one member: its weights and its optimizer's state are put into the
variables that the optimizer was built over, and taken out again after the step. Hence norms, matrix
products, averages and accumulation are those of `fit`, and a member cannot reach another's numbers.
Members follow each other in a loop inside of the compiled program: it is compiled once, however
many they are.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.models.keras_private import given_learning_rate, update_counter
from regcli.stacked.model_graph import flat_layers
from regcli.stacked.optimizer import Lookups, MemberOptimizer, Slices
from regcli.stacked.tensors import Tensor, Tensors


class SequentialOptimizer(MemberOptimizer):
    """The members one after the other.

    Attributes:
        current: the weights of the member that is being updated, in their own shapes.
        state: the optimizer's variables, of that member.
        tables: where an Embedding's table is among the weights, by the layer's `id`.
    """

    def __init__(
        self,
        optimizer: keras.optimizers.Optimizer,
        model: keras.Model,
        weights: Sequence[keras.Variable],
        scalars: Mapping[str, tf.Variable],
    ) -> None:
        """Build an optimizer like the given one over variables like the model's.

        Args:
            optimizer: not built; a copy is taken, whose variables are on the current device.
            scalars: (members, 1) variables by the name of the argument that they replace.
        """
        members = weights[0].shape[0]
        own = type(optimizer).from_config(optimizer.get_config())
        self.current = [_alike(variable) for variable in model.trainable_variables]
        own.build(self.current)
        # The learning rate is no state: training leaves it as it is, or it is a member's scalar.
        self.state = [v for v in own.variables if v is not given_learning_rate(own)]
        self.tables = _tables(model)
        self.scalars = scalars
        slots = [_repeated(np.array(variable), members) for variable in self.state]
        super().__init__(own, weights, slots, self.state)

    @property
    def steps(self) -> Tensor:
        """How many steps each member has taken, (members,)."""
        return self.slots[self.place_of(update_counter(self.optimizer))].value

    def gradients(
        self, tape: tf.GradientTape, total: Tensor, weights: Sequence[Tensor], lookups: Lookups
    ) -> list[Tensor | Slices]:
        """The gradient by each weight, (members, n), or in slices for an Embedding's table."""
        found = {place: lookups[layer] for layer, place in self.tables.items()}
        sources = [
            [rows for _, rows in found[place]] if place in found else own
            for place, own in enumerate(weights)
        ]
        gradients: list[Any] = tape.gradient(total, sources, unconnected_gradients="zero")
        for place, lookups_of_table in found.items():
            tokens = [of_call for of_call, _ in lookups_of_table]
            gradients[place] = _slices(tokens, gradients[place])
        return gradients

    def apply(self, gradients: Sequence[Tensor | Slices]) -> None:
        """Take one step of every member; gradients as `gradients` gives them."""
        weights = [variable.value for variable in self.weights]
        slots = [variable.value for variable in self.slots]
        scalars = {name: column[:, 0] for name, column in self.scalars.items()}
        after = tf.map_fn(
            self._updated,
            (weights, slots, list(gradients), scalars),
            fn_output_signature=[
                tf.TensorSpec(value.shape[1:], value.dtype) for value in (*weights, *slots)
            ],
        )
        for variable, value in zip((*self.weights, *self.slots), after, strict=True):
            variable.assign(value)

    def _updated(self, member: tuple[Tensor, ...]) -> Tensors:
        """One member's step: its weights and state after it, as they were given."""
        weights, slots, gradients, scalars = member
        for variable, value in zip((*self.current, *self.state), (*weights, *slots), strict=True):
            variable.assign(tf.reshape(value, variable.shape))
        for name, value in scalars.items():
            setattr(self.optimizer, name, value)
        shaped = [
            _as_keras_has_it(gradient, variable.shape)
            for gradient, variable in zip(gradients, self.current, strict=True)
        ]
        self.optimizer.apply(shaped, self.current)
        return [
            *(tf.reshape(variable.value, [-1]) for variable in self.current),
            *(variable.value for variable in self.state),
        ]


def _alike(variable: keras.Variable) -> keras.Variable:
    """A new variable of the same path, by which Muon tells which weights are whose, and shape."""
    *scopes, name = variable.path.split("/")
    with ExitStack() as entered:
        for scope in scopes:
            entered.enter_context(keras.name_scope(scope))
        made = keras.Variable(np.zeros(variable.shape, variable.dtype), name=name)
    made.constraint = variable.constraint
    return made


def _repeated(values: NDArray[Any], members: int) -> keras.Variable:
    """(…) as (members, …), for values that are not weights."""
    stacked = np.repeat(values[np.newaxis], members, axis=0)
    return keras.Variable(stacked, dtype=str(values.dtype), trainable=False)


def _tables(model: keras.Model) -> dict[int, int]:
    order = [id(variable) for variable in model.trainable_variables]
    layers = (v for v in flat_layers(model) if isinstance(v, keras.layers.Embedding))
    return {
        id(layer): order.index(id(table))
        for layer in layers
        for table in layer.trainable_variables[:1]
    }


def _slices(tokens: Sequence[Tensor], values: Sequence[Tensor]) -> Slices:
    """Slices of all calls' tokens (members, …) and of the gradient at their rows (members, …, n).

    Rows that fill a batch up have gradients of zero, whose squares and norms are zero too.
    """
    members, width = values[0].shape[0], values[0].shape[-1]
    joined = [tf.reshape(of_call, [members, -1]) for of_call in tokens]
    rows = [tf.reshape(of_call, [members, -1, width]) for of_call in values]
    return Slices(_joined(joined), _joined(rows))


def _joined(parts: Sequence[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else tf.concat(parts, axis=1)


def _as_keras_has_it(gradient: Tensor | Slices, shape: Sequence[int]) -> Tensor:
    """One member's gradient in its variable's shape, or as slices of a table of that shape."""
    if isinstance(gradient, Slices):
        return tf.IndexedSlices(gradient.values, gradient.tokens, tf.constant(list(shape)))
    return tf.reshape(gradient, shape)
