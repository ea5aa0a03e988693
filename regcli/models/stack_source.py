"""Models whose layers stand in the config."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import keras

from regcli.config.catalogue import KERNEL_REGULARIZERS
from regcli.config.model_section import Model
from regcli.config.schema import Regularization
from regcli.config.stack import Stack, complete_stack
from regcli.config.unregularized_layers import without_strengths
from regcli.errors import ModelError
from regcli.models.build import build_model
from regcli.models.interface import Interface
from regcli.models.kernel_penalties import FREE
from regcli.models.layer_strengths import layer_strengths, layers_reached
from regcli.penalties.penalty import LayerStrengths


@dataclass(frozen=True)
class StackSource:
    """As `ModelSource`, of layers in a config."""

    stack: Stack
    interface: Interface
    preset: str | None = None

    @classmethod
    def of(cls, model: Model, interface: Interface) -> "StackSource":
        """The source of a config's layers.

        Raises:
            ModelError: if it is not clear whether the last one is the output layer.
        """
        rank = len(interface.input_shape)
        stack = complete_stack(model, interface.task, interface.outputs, rank)
        return cls(stack, interface, model.preset)

    def strengths(
        self, regularization: Regularization, built: keras.Model | None = None
    ) -> Mapping[str, LayerStrengths]:
        """As `ModelSource`."""
        del built
        return layer_strengths(self.stack, regularization, self.interface.columns_of_inputs)

    def reached(
        self, regularization: Regularization, strength: Literal["l1", "l2", "group_strength"]
    ) -> frozenset[str]:
        """As `ModelSource`."""
        return layers_reached(self.stack, regularization, strength)

    def build(self, strengths: Mapping[str, LayerStrengths], proximal: bool = False) -> keras.Model:
        """As `ModelSource`."""
        own = self.interface
        try:
            return build_model(self.stack, strengths, own.input_shape, proximal, own.columns)
        except ModelError as error:
            if self.preset is None:
                raise
            shape = "×".join(map(str, own.input_shape))
            message = f"{error.message}; shape lays out a row, which has the shape {shape}"
            raise ModelError(("model", "preset"), f"{self.preset}: {message}") from error

    def bare(self) -> keras.Model:
        """As `ModelSource`."""
        layers = tuple(map(without_strengths, self.stack.layers))
        return replace(self, stack=replace(self.stack, layers=layers)).build(self._free())

    def loadable(self, regularization: Regularization) -> keras.Model:
        """As `ModelSource`."""
        strengths = self.strengths(regularization)
        named = any(set(layer.arguments) & KERNEL_REGULARIZERS for layer in self.stack.layers)
        is_keras_s = all(own.kernel.is_elastic_net for own in strengths.values())
        if named or regularization.method == "proximal" or not is_keras_s:
            strengths = self._free()  # those regularizers are regcli's own
        return self.build(strengths)

    def _free(self) -> Mapping[str, LayerStrengths]:
        return dict.fromkeys(self.stack.names, LayerStrengths(FREE, FREE))
