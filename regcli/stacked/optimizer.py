"""What a program asks of the optimizers of its members, and which of two forms they take.

Stacked (`stacked_optimizer`), one Keras optimizer works on the weights of all members at once. That
is the fast form, for updates that look at each weight by itself. Sequential
(`sequential_optimizer`), it works on one member after the other, on variables in their own shapes,
for whatever looks at more: norms and products of matrices, an Embedding's gradient token by token,
averages and accumulation that Keras decides on by a member's step.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from regcli.models.keras_private import weight_averages
from regcli.stacked.model_graph import flat_layers
from regcli.stacked.tensors import Tensor

Lookups = Mapping[int, Sequence[tuple[Tensor, Tensor]]]
"""What Embedding layers looked up in each call, by the layer's `id`: tokens (members, …) and their
rows (members, …, n)."""

_CLIPPING = ("clipnorm", "global_clipnorm", "clipvalue")
_BY_STEP = ("use_ema", "gradient_accumulation_steps")
_LINEAR = frozenset({"SGD", "Lion"})
"""Optimizers to which a sum of gradients is the same as the gradients one by one."""
_ELEMENTWISE = _LINEAR | {
    *("Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Nadam", "RMSprop"),
    "ScheduleFreeAdamW",
}


class Slices(NamedTuple):
    """An Embedding's gradient as Keras has it: a slice for each token of a batch, not added up.

    Attributes:
        tokens: rows of the table, (members, tokens).
        values: the gradient at what was looked up, (members, tokens, n).
    """

    tokens: Tensor
    values: Tensor


def why_not_optimizer(optimizer: keras.optimizers.Optimizer, model: keras.Model) -> str | None:
    """Why the members of a population cannot have an optimizer; None where they can.

    Keras divides an Embedding's slices on either of two ways, of which one changes their number.
    What is added up from the quotient has a size that XLA takes for a variable one: it compiles
    for long, and such a program was seen to validate with weights from before the epoch.
    """
    name = type(optimizer).__name__
    adds_up = name == "Adadelta" or (
        name == "RMSprop" and (optimizer.momentum > 0 or optimizer.centered)
    )
    if adds_up and _has_tokens(model):
        return f"{name} computes an Embedding's gradient in slices whose number XLA cannot know"
    return None


def is_sequential(optimizer: keras.optimizers.Optimizer, model: keras.Model) -> bool:
    """Whether members must be updated one after the other to get the numbers of `fit`.

    Of an Embedding, Keras squares or clips each token's slice before it adds up those of equal
    tokens; a gradient that is added up already will do for a linear update alone.
    """
    name = type(optimizer).__name__
    if name not in _ELEMENTWISE or any(getattr(optimizer, argument) for argument in _BY_STEP):
        return True
    clipped = any(getattr(optimizer, argument) for argument in _CLIPPING)
    return _has_tokens(model) and (clipped or name not in _LINEAR)


def _has_tokens(model: keras.Model) -> bool:
    return any(isinstance(layer, keras.layers.Embedding) for layer in flat_layers(model))


class MemberOptimizer(ABC):
    """A Keras optimizer with a state for each member.

    Attributes:
        optimizer: it, built.
        weights: what it trains, (members, n) each.
        slots: everything else that it changes, (members, …) each.
        fresh: what the slots hold of a member before its first step. Whatever the weights are:
            `fit` builds its optimizer while TensorFlow traces a step, where ScheduleFreeAdamW's
            copy of the weights is not carried out, so that it begins from zeros.
    """

    def __init__(
        self,
        optimizer: keras.optimizers.Optimizer,
        weights: Sequence[keras.Variable],
        slots: Sequence[keras.Variable],
        state: Sequence[keras.Variable],
    ) -> None:
        """Keep what the forms have in common.

        Args:
            state: the optimizer's own variables that the slots replace, one for each.
        """
        self.optimizer, self.weights, self.slots = optimizer, list(weights), list(slots)
        self._state = list(state)
        self.fresh = [np.array(variable)[0] for variable in self.slots]

    def place_of(self, variable: keras.Variable) -> int:
        """The number of the slot that replaces one of the optimizer's variables."""
        return next(place for place, own in enumerate(self._state) if own is variable)

    def scaled(self, loss: Tensor) -> Tensor:
        """A loss, or a part of its gradient, scaled as Keras expects it."""
        return self.optimizer.scale_loss(loss)

    @property
    def ends(self) -> Sequence[keras.Variable]:
        """What `fit` leaves in the weights after the last epoch, (members, …) each."""
        if not self.optimizer.use_ema:
            return self.weights
        averages = weight_averages(self.optimizer)
        return [self.slots[self.place_of(variable)] for variable in averages]

    @property
    @abstractmethod
    def steps(self) -> Tensor:
        """How many steps each member has taken, (members,)."""

    def gradients(
        self, tape: tf.GradientTape, total: Tensor, weights: Sequence[Tensor], lookups: Lookups
    ) -> list[Tensor | Slices]:
        """The gradient of the total loss by each weight, as `apply` takes it.

        Args:
            weights: the values that the loss was computed from, (members, n) each.
            lookups: what Embedding layers looked up on the way.
        """
        del lookups
        found: list[Tensor | Slices] = tape.gradient(
            total, list(weights), unconnected_gradients="zero"
        )
        return found

    @abstractmethod
    def apply(self, gradients: Sequence[Tensor | Slices]) -> None:
        """Take one step of every member; gradients as `gradients` gives them, (members, n)."""
