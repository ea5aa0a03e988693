"""Where a config's model comes from, and what can be asked of it before it is built."""

from collections.abc import Mapping
from typing import Literal, Protocol

import keras

from regcli.config.schema import Config, Regularization
from regcli.models.built_source import BuiltSource
from regcli.models.function_models import function_model
from regcli.models.interface import Interface
from regcli.models.own_file_models import file_model
from regcli.models.stack_source import StackSource
from regcli.penalties.penalty import LayerStrengths

ConfigStrength = Literal["l1", "l2", "group_strength"]


class ModelSource(Protocol):
    """An architecture as a config describes it, for rows and a target."""

    def strengths(
        self, regularization: Regularization, built: keras.Model | None = None
    ) -> Mapping[str, LayerStrengths]:
        """Each layer's strengths by name.

        Args:
            built: a model of this source that there is already, so that none has to be made.

        Raises:
            ModelError: if the config names a layer that the model does not have.
        """

    def reached(self, regularization: Regularization, strength: ConfigStrength) -> frozenset[str]:
        """Names of the layers with a kernel that one of the config's own strengths is meant for.

        Raises:
            ModelError: as `strengths`.
        """

    def build(self, strengths: Mapping[str, LayerStrengths], proximal: bool = False) -> keras.Model:
        """An ordinary Keras model, whose regularizers hold the strengths.

        Start weights come from Keras's global seed (`keras.utils.set_random_seed`).

        Args:
            proximal: whether the regularizers only show in the loss, because a proximal step does
                their work.

        Raises:
            ModelError: naming the part that Keras refuses, with Keras's reason.
        """

    def bare(self) -> keras.Model:
        """The model without regularizers but those that its layers name themselves.

        Raises:
            ModelError: as `build`.
        """

    def loadable(self, regularization: Regularization) -> keras.Model:
        """The model with such regularizers only as a file can hold that loads without regcli.

        Raises:
            ModelError: as `build`.
        """


def model_source(config: Config, interface: Interface) -> ModelSource:
    """The source of a config's model."""
    if config.model.python is not None:
        return BuiltSource(config.model, interface, function_model)
    if config.model.keras is not None:
        return BuiltSource(config.model, interface, file_model)
    return StackSource.of(config.model, interface)
