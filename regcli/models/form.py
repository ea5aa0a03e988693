"""What it takes to make a layer smaller: the questions that every kind of layer answers.

Units are followed along the last axis: the columns of a row, the units of a Dense layer, the
channels of a convolution. Only where columns are cut out of a row (`column_steps`), they stand as
steps along the axis before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import keras
from numpy.typing import NDArray

from regcli.models.shrinking import Constants, Mask


@dataclass(frozen=True)
class Piece:
    """A layer of the smaller model.

    Attributes:
        weights: the numbers of its weights, in its own order; no random generators' state.
    """

    layer: keras.Layer
    weights: list[NDArray[Any]]


@dataclass(frozen=True)
class Kept:
    """What the smaller layer is given, a mask for each input, and what comes out of it."""

    inputs: tuple[Mask, ...]
    units: Mask


class Form(Protocol):
    """One call of a layer in the model that is to be made smaller."""

    @property
    def layer(self) -> keras.Layer:
        """The layer as it was trained."""

    def forward(self, known: Sequence[Constants]) -> Constants:
        """What comes out, (units,), where `known` (inputs,) come in."""

    def backward(self, known: Sequence[Constants], live: Mask) -> Sequence[Mask]:
        """Of each input, what is needed for the right values of the units `live` (units,)."""

    def fitted(self, kept: Kept) -> Kept:
        """The least that has all of `kept` and that a smaller layer can be made for."""

    def smaller(self, known: Sequence[Constants], live: Mask, kept: Kept) -> Piece:
        """The layer of kept parts; the values of units that are kept and do not live are free.

        Args:
            live: units whose values have to stay.
            kept: as `fitted` gives it.
        """
