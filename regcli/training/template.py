"""A member's architecture without its strengths, for executors that keep these separately."""

import keras

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.models.interface import Interface
from regcli.models.kernel_penalties import Covered, covered
from regcli.models.model_source import ModelSource, model_source
from regcli.penalties.penalty import Strengths


def source_of(config: Config, splits: Splits) -> ModelSource:
    """Where a member's model comes from.

    Raises:
        ModelError: if it is not clear whether a stack's last layer is its output layer.
    """
    return model_source(config, Interface.of_splits(splits))


def bare_model(config: Config, splits: Splits) -> keras.Model:
    """The model without regularizers but those that it names itself, and that are not replaced."""
    source = source_of(config, splits)
    model = source.bare()
    if config.regularization.existing == "replace":
        for own in covered(model, source.strengths(config.regularization, model)):
            if own.is_replaced:
                own.variable.regularizer = None
    return model


def covered_by_position(model: keras.Model, config: Config, splits: Splits) -> dict[int, Covered]:
    """A model's regularized variables by position among the trainable ones.

    Raises:
        ModelError: as `ModelSource.strengths`.
    """
    places = {id(variable): place for place, variable in enumerate(model.trainable_variables)}
    strengths = source_of(config, splits).strengths(config.regularization, model)
    return {places[id(own.variable)]: own for own in covered(model, strengths)}


def strengths_by_position(
    model: keras.Model, config: Config, splits: Splits
) -> dict[int, Strengths]:
    """The strengths of `covered_by_position`."""
    found = covered_by_position(model, config, splits)
    return {place: own.strengths for place, own in found.items()}
