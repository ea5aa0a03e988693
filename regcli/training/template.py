"""A member's architecture without its strengths, for executors that keep these separately."""

from dataclasses import replace

import keras

from regcli.config.schema import Config
from regcli.config.stack import complete_stack
from regcli.config.unregularized_layers import without_strengths
from regcli.data.dataset import Splits
from regcli.models.build import build_model, layer_strengths
from regcli.models.kernel_penalties import FREE, covered
from regcli.penalties.penalty import LayerStrengths, Strengths


def bare_model(config: Config, splits: Splits) -> keras.Sequential:
    """The model without regularizers on its kernels and biases but those that the layers name."""
    stack = complete_stack(config.model, splits.table.task, splits.outputs, splits.rank)
    free = dict.fromkeys(stack.names, LayerStrengths(FREE, FREE))
    bare = tuple(map(without_strengths, stack.layers))
    return build_model(replace(stack, layers=bare), free, splits.train.x.shape[1:])


def strengths_by_position(
    model: keras.Sequential, config: Config, splits: Splits
) -> dict[int, Strengths]:
    """The strengths of a model's regularized variables by position among the trainable ones.

    Raises:
        ModelError: as `layer_strengths`.
    """
    places = {id(variable): place for place, variable in enumerate(model.trainable_variables)}
    stack = complete_stack(config.model, splits.table.task, splits.outputs, splits.rank)
    strengths = layer_strengths(stack, config.regularization, splits.columns_of_inputs)
    own = covered(model, strengths)
    return {places[id(variable)]: of_variable for variable, of_variable in own}
