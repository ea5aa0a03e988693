"""Models that come to regcli whole: their strengths are put on what is built."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import keras
import numpy as np

from regcli.config.model_section import Model
from regcli.config.schema import Regularization
from regcli.models.built_strengths import (
    attach_regularizers,
    built_strengths,
    strengths_reached,
)
from regcli.models.interface import Interface
from regcli.penalties.penalty import LayerStrengths


class Maker(Protocol):
    """Makes a model anew at each call, with start weights from Keras's global seed."""

    def __call__(self, model: Model, interface: Interface) -> keras.Model:
        """A model that fits the rows and the target.

        Raises:
            ModelError: it cannot be made, or does not fit.
        """


@dataclass(frozen=True)
class BuiltSource:
    """As `ModelSource`, of a model that is made elsewhere.

    Attributes:
        make: makes it.
    """

    model: Model
    interface: Interface
    make: Maker

    def strengths(
        self, regularization: Regularization, built: keras.Model | None = None
    ) -> Mapping[str, LayerStrengths]:
        """As `ModelSource`."""
        columns = self.interface.columns_of_inputs
        return built_strengths(built or self._looked_at(), regularization, columns)

    def reached(
        self, regularization: Regularization, strength: Literal["l1", "l2", "group_strength"]
    ) -> frozenset[str]:
        """As `ModelSource`."""
        return strengths_reached(self._looked_at(), regularization, strength)

    def build(self, strengths: Mapping[str, LayerStrengths], proximal: bool = False) -> keras.Model:
        """As `ModelSource`."""
        model = self.bare()
        attach_regularizers(model, strengths, proximal)
        return model

    def bare(self) -> keras.Model:
        """As `ModelSource`."""
        return self.make(self.model, self.interface)

    def loadable(self, regularization: Regularization) -> keras.Model:
        """As `ModelSource`, with the regularizers that its layers name and no others."""
        del regularization
        return self.bare()

    def _looked_at(self) -> keras.Model:
        """A model of this kind that is not trained; it takes nothing off the global seed."""
        before = random.getstate(), np.random.get_state()
        try:
            return self.bare()
        finally:
            random.setstate(before[0])
            np.random.set_state(before[1])
