"""A member's architecture without its strengths, for executors that keep these separately."""

import keras

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.models.interface import Interface
from regcli.models.kernel_penalties import covered
from regcli.models.model_source import ModelSource, model_source
from regcli.penalties.penalty import Strengths


def source_of(config: Config, splits: Splits) -> ModelSource:
    """Where a member's model comes from.

    Raises:
        ModelError: if it is not clear whether a stack's last layer is its output layer.
    """
    return model_source(config, Interface.of_splits(splits))


def bare_model(config: Config, splits: Splits) -> keras.Model:
    """The model without regularizers but those that the layers name themselves."""
    return source_of(config, splits).bare()


def strengths_by_position(
    model: keras.Model, config: Config, splits: Splits
) -> dict[int, Strengths]:
    """The strengths of a model's regularized variables by position among the trainable ones.

    Raises:
        ModelError: as `ModelSource.strengths`.
    """
    places = {id(variable): place for place, variable in enumerate(model.trainable_variables)}
    strengths = source_of(config, splits).strengths(config.regularization)
    own = covered(model, strengths)
    return {places[id(variable)]: of_variable for variable, of_variable in own}
