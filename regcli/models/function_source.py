"""Models that a person's function returns."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import keras
import numpy as np

from regcli.config.own_code import PYTHON
from regcli.config.schema import Model, Regularization
from regcli.errors import ModelError
from regcli.models.built_strengths import (
    attach_regularizers,
    built_strengths,
    strengths_reached,
)
from regcli.models.called_function import blaming_code, call_function
from regcli.models.interface import Interface
from regcli.models.keras_private import names_counted_afresh
from regcli.models.returned_models import checked_model
from regcli.penalties.penalty import LayerStrengths


@dataclass(frozen=True)
class FunctionSource:
    """As `ModelSource`, of a function in a person's file."""

    model: Model
    interface: Interface

    def strengths(self, regularization: Regularization) -> Mapping[str, LayerStrengths]:
        """As `ModelSource`."""
        columns = self.interface.columns_of_inputs
        return built_strengths(self._looked_at(), regularization, columns)

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
        code = self.model.code
        if code is None:
            message = f"the code of {self.model.python} is not stored with the run"
            raise ModelError(PYTHON, message)
        own = self.interface
        of_data = {"input_shape": own.input_shape, "outputs": own.outputs}
        with names_counted_afresh():
            given: Any = call_function(code, self.model.function, self.model.args or {}, of_data)
            with blaming_code(code):
                return checked_model(given, self.model.function, own)

    def _looked_at(self) -> keras.Model:
        """A model of this kind that is not trained; it takes nothing off the global seed."""
        code, args = self.model.code, json.dumps(self.model.args, sort_keys=True)
        key = (None if code is None else code.fingerprint, self.model.function, args)
        return _looked_at(_Key(*key, self.interface), self)

    def loadable(self, regularization: Regularization) -> keras.Model:
        """As `ModelSource`, with the regularizers that the function names and no others."""
        del regularization
        return self.bare()


@dataclass(frozen=True)
class _Key:
    """What a function's model follows from, but for its start weights."""

    fingerprint: str | None
    function: str
    args: str
    interface: Interface


@dataclass(frozen=True)
class _Unhashed:
    """A source that takes no part in what is remembered."""

    source: FunctionSource = field(hash=False, compare=False)


def _looked_at(key: _Key, source: FunctionSource) -> keras.Model:
    return _remembered(key, _Unhashed(source))


@lru_cache(maxsize=8)
def _remembered(key: _Key, own: _Unhashed) -> keras.Model:
    """As `FunctionSource._looked_at`: members of a grid ask for their strengths one by one."""
    del key
    before = random.getstate(), np.random.get_state()
    try:
        return own.source.bare()
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
