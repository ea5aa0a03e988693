"""Layers that join several inputs, made smaller: channels that meet in them go together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import keras
import numpy as np

from regcli.models.form import Kept, Piece
from regcli.models.shrinking import Constants, Mask


@dataclass(frozen=True)
class MeetingForm:
    """Layers in which the same unit of every input meets: Add and the like.

    An input of one unit meets all units of the others.

    Attributes:
        counts: units of each input.
    """

    layer: keras.Layer
    counts: tuple[int, ...]

    def forward(self, known: Sequence[Constants]) -> Constants:
        """What the layer makes of constants; 0 of a product in which anything is 0."""
        units = max(self.counts)
        whole = [np.broadcast_to(values, units) for values in known]
        lost = np.isnan(whole).any(axis=0)
        rows = [np.where(lost, 0.0, values).astype(np.float32)[None] for values in whole]
        made = np.asarray(self.layer(rows))[0]
        found = np.where(lost | ~np.isfinite(made), np.nan, made)
        return np.where(self._zeros(known).any(axis=0), 0.0, found)

    def backward(self, known: Sequence[Constants], live: Mask) -> Sequence[Mask]:
        """The same units of every input; of a product with 0 only the zeros."""
        zeros = self._zeros(known)
        needed = live & (zeros | ~zeros.any(axis=0))
        return [self._own(units, count) for units, count in zip(needed, self.counts, strict=True)]

    def fitted(self, kept: Kept) -> Kept:
        """The same units everywhere."""
        units = kept.units.copy()
        for mask, count in zip(kept.inputs, self.counts, strict=True):
            if count == len(units):
                units |= mask
        return Kept(tuple(self._own(units, count) for count in self.counts), units)

    def smaller(self, known: Sequence[Constants], live: Mask, kept: Kept) -> Piece:
        """The same layer."""
        return Piece(type(self.layer).from_config(self.layer.get_config()), [])

    def _own(self, units: Mask, count: int) -> Mask:
        return units if count == len(units) else np.array([units.any()])

    def _zeros(self, known: Sequence[Constants]) -> Mask:
        """Where an input of a product is always 0, (inputs of the layer, units)."""
        units = max(self.counts)
        if not isinstance(self.layer, keras.layers.Multiply):
            return np.zeros((len(known), units), bool)
        return np.stack([np.broadcast_to(values == 0, units) for values in known])


@dataclass(frozen=True)
class SideBySideForm:
    """Concatenate along the axis of the units.

    Attributes:
        counts: units of each input.
    """

    layer: keras.Layer
    counts: tuple[int, ...]

    def forward(self, known: Sequence[Constants]) -> Constants:
        """All of them."""
        return np.concatenate(known)

    def backward(self, known: Sequence[Constants], live: Mask) -> Sequence[Mask]:
        """Each input's own."""
        return self._parts(live)

    def fitted(self, kept: Kept) -> Kept:
        """Each input's own, and all of them."""
        parts = self._parts(kept.units)
        inputs = tuple(own | part for own, part in zip(kept.inputs, parts, strict=True))
        return Kept(inputs, np.concatenate(inputs))

    def smaller(self, known: Sequence[Constants], live: Mask, kept: Kept) -> Piece:
        """The same layer."""
        return Piece(type(self.layer).from_config(self.layer.get_config()), [])

    def _parts(self, units: Mask) -> list[Mask]:
        ends = np.cumsum((0, *self.counts)).tolist()
        return [units[begin:end] for begin, end in pairwise(ends)]


class BehindEachOtherForm(MeetingForm):
    """Concatenate along another axis: every input has the same units at places of its own."""

    def forward(self, known: Sequence[Constants]) -> Constants:
        """Constants that are the same in all inputs."""
        return same_of(known)


def same_of(known: Sequence[Constants]) -> Constants:
    """Constants that are the same in several places; NaN where they differ or vary."""
    return np.where((np.stack(known) == known[0]).all(axis=0), known[0], np.nan)
