"""One Keras optimizer that takes the members in turns, each in variables of their own shapes.

A step is Keras's own `apply`, on one member: its weights and its optimizer's state are put into the
variables that the optimizer was built over, and taken out again after the step. Hence norms, matrix
products, averages and accumulation are those of `fit`, and a member cannot reach another's numbers.
The turns are a loop inside of the compiled program: it is compiled once, however many they are.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from regcli.stacked.optimizer import Lookups, MemberOptimizer, Slices


class TurnOptimizer(MemberOptimizer):
    """The members one after the other.

    Attributes:
        seat: the weights of the member whose turn it is, in their own shapes.
        state: the optimizer's variables, of that member.
        tables: where an Embedding's table is among the weights, by the layer's name.
    """

    def __init__(
        self,
        optimizer: keras.optimizers.Optimizer,
        model: keras.Sequential,
        weights: Sequence[keras.Variable],
        scalars: Mapping[str, Any],
    ) -> None:
        """Build an optimizer like the given one over variables like the model's.

        Args:
            optimizer: not built; a copy is taken, whose variables are on the current device.
            scalars: (members, 1) variables by the name of the argument that they stand for.
        """
        members = weights[0].shape[0]
        own = type(optimizer).from_config(optimizer.get_config())
        self.seat = [_alike(variable) for variable in model.trainable_variables]
        own.build(self.seat)
        # The learning rate is no state: training leaves it as it is, or it is a member's scalar.
        self.state = [v for v in own.variables if v is not own._learning_rate]
        self.tables = _tables(model)
        self.scalars = scalars
        slots = [_repeated(np.array(variable), members) for variable in self.state]
        super().__init__(own, weights, slots, self.state)

    @property
    def steps(self) -> Any:
        """How many steps each member has taken, (members,)."""
        return self.slots[self.place_of(self.optimizer._iterations)].value

    def gradients(self, tape: Any, total: Any, weights: Sequence[Any], lookups: Lookups) -> Any:
        """The gradient by each weight, (members, n), or in slices for an Embedding's table."""
        sources = list(weights)
        for name, place in self.tables.items():
            sources[place] = lookups[name][1]
        gradients = tape.gradient(total, sources, unconnected_gradients="zero")
        for name, place in self.tables.items():
            gradients[place] = _slices(lookups[name][0], gradients[place])
        return gradients

    def apply(self, gradients: Sequence[Any]) -> None:
        """Take one step of every member; gradients as `gradients` gives them."""
        weights = [variable.value for variable in self.weights]
        slots = [variable.value for variable in self.slots]
        scalars = {name: column[:, 0] for name, column in self.scalars.items()}
        after = tf.map_fn(
            self._turn,
            (weights, slots, list(gradients), scalars),
            fn_output_signature=[
                tf.TensorSpec(value.shape[1:], value.dtype) for value in (*weights, *slots)
            ],
        )
        for variable, value in zip((*self.weights, *self.slots), after, strict=True):
            variable.assign(value)

    def _turn(self, member: tuple[Any, ...]) -> list[Any]:
        """One member's step: its weights and state after it, as they were given."""
        weights, slots, gradients, scalars = member
        for variable, value in zip((*self.seat, *self.state), (*weights, *slots), strict=True):
            variable.assign(tf.reshape(value, variable.shape))
        for name, value in scalars.items():
            setattr(self.optimizer, name, value)
        shaped = [
            _as_keras_has_it(gradient, variable.shape)
            for gradient, variable in zip(gradients, self.seat, strict=True)
        ]
        self.optimizer.apply(shaped, self.seat)
        return [
            *(tf.reshape(variable.value, [-1]) for variable in self.seat),
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


def _repeated(values: Any, members: int) -> keras.Variable:
    """(…) as (members, …), for what is no weight."""
    stacked = np.repeat(values[np.newaxis], members, axis=0)
    return keras.Variable(stacked, dtype=str(values.dtype), trainable=False)


def _tables(model: keras.Sequential) -> dict[str, int]:
    places, place = {}, 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Embedding):
            places[layer.name] = place
        place += len(layer.trainable_variables)
    return places


def _slices(tokens: Any, values: Any) -> Slices:
    """Slices of tokens (members, …) and of the gradient at their rows (members, …, n).

    Rows that fill a batch up have gradients of zero, whose squares and norms are zero too.
    """
    members, width = values.shape[0], values.shape[-1]
    return Slices(tf.reshape(tokens, [members, -1]), tf.reshape(values, [members, -1, width]))


def _as_keras_has_it(gradient: Any, shape: Sequence[int]) -> Any:
    """One member's gradient in its variable's shape, or as slices of a table of that shape."""
    if isinstance(gradient, Slices):
        return tf.IndexedSlices(gradient.values, gradient.tokens, tf.constant(list(shape)))
    return tf.reshape(gradient, shape)
