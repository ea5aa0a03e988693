"""From configs to what a population starts with, and why a member may not be in one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from regcli.config import catalogue
from regcli.config.layer_names import layer_names
from regcli.config.schema import Config, Layer
from regcli.data.dataset import Splits
from regcli.errors import ModelError
from regcli.nets.build import Strengths, build_model, complete_stack, layer_strengths
from regcli.nets.parts import first_sentence, make_loss, make_optimizer
from regcli.nets.weights import kernel_names, variable_name
from regcli.training.evaluation import threshold
from regcli.training.population.layers import is_statistic
from regcli.training.population.optimizer import why_not_stackable
from regcli.training.population.program import Arrays, Recipe, Rows, Start
from regcli.training.population.refusals import why_not_layer
from regcli.training.targets import loss_targets

_NOT_BY_ROW = frozenset({"Dice", "Tversky", "CosineSimilarity"})


def why_not(config: Config, model: keras.Sequential) -> str | None:
    """Why a member cannot be trained in a population; None where it can."""
    loss = config.training.loss
    if loss and catalogue.canonical_name("losses", loss.name) in _NOT_BY_ROW:
        return f"the loss {loss.name} is not a mean over rows"
    reasons = (why_not_layer(layer) for layer in model.layers)
    reason = next((reason for reason in reasons if reason), None)
    optimizer = make_optimizer(config.training.optimizer)
    innermost = (getattr(layer, "layer", layer) for layer in model.layers)
    tokens = any(isinstance(layer, keras.layers.Embedding) for layer in innermost)
    return reason or why_not_stackable(optimizer, tokens)


def make_recipe(config: Config, splits: Splits, scalars: Sequence[str]) -> Recipe:
    """What the members that share `population_key` with a config have in common.

    Raises:
        ModelError: if Keras refuses a part of the config.
    """
    model = _template(config, splits)
    loss = make_loss(config.training.loss, splits.table.task, model.layers[-1])
    order = [variable_name(model, variable) for variable in model.trainable_variables]
    return Recipe(
        model=model,
        optimizer=make_optimizer(config.training.optimizer),
        loss=loss,
        task=splits.table.task,
        kernels=tuple(order.index(name) for name in kernel_names(model)),
        cut=threshold(loss),
        batch_size=config.training.batch_size,
        parts=_parts(splits, loss, model.output_shape[-1]),
        scalars=tuple(scalars),
        dropouts=tuple(v.name for v in model.layers if type(v) is keras.layers.Dropout),
    )


def _parts(splits: Splits, loss: keras.losses.Loss, outputs: int) -> dict[str, Rows]:
    """The rows of every part there is, as the loss compares them."""
    parts = {name: part for name, part in splits.parts() if part is not None}
    targets = {name: loss_targets(part.y, splits, loss, outputs) for name, part in parts.items()}
    return {
        name: Rows(part.x, targets[name].reshape(len(part), -1), part.y)
        for name, part in parts.items()
    }


def _template(config: Config, splits: Splits) -> keras.Sequential:
    """The member's model; its strengths are inputs of the program, so it carries none."""
    stack = complete_stack(config.model, splits.table.task, splits.outputs)
    free = config.regularization.model_copy(update={"l1": 0.0, "l2": 0.0})
    without = tuple(layer.model_copy(update={"l1": None, "l2": None}) for layer in stack.layers)
    bare = replace(stack, layers=without)
    return build_model(bare, layer_strengths(bare, free), splits.train.x.shape[1:])


class StartWeights:
    """Start weights as Keras's global seed gives them to the reference trainer.

    A Dropout layer takes a number off the seed unless its rate is 0, so that the layers after it
    start from other ones.
    """

    def __init__(self) -> None:
        self.known: dict[tuple[Any, ...], tuple[Arrays, Arrays]] = {}

    def of(self, config: Config, splits: Splits) -> tuple[Arrays, Arrays]:
        """Trainable and non-trainable start values of a member."""
        seed = config.training.seed
        key = (seed, *(rate > 0 for rate in dropout_rates(config).values()))
        if key not in self.known:
            keras.utils.set_random_seed(seed)
            model = _template(config, splits)
            weights = [np.asarray(v) for v in model.trainable_variables]
            kept = [np.asarray(v) for v in model.non_trainable_variables if is_statistic(v)]
            self.known[key] = (weights, kept)
        return self.known[key]


def varied_arguments(config: Config) -> str:
    """What Keras has to accept of a member by itself, beside its strengths and seed."""
    return repr((config.training.optimizer, dropout_rates(config)))


def check_arguments(config: Config) -> None:
    """Let Keras look at `varied_arguments`: a population's template is built from one member alone.

    Raises:
        ModelError: if Keras refuses one.
    """
    make_optimizer(config.training.optimizer)
    for position, layer in enumerate(config.model.layers):
        if layer.kind == "Dropout":
            try:
                keras.layers.Dropout(layer.arguments["rate"])
            except ValueError as error:
                message = f"Keras refuses Dropout: {first_sentence(error)}"
                raise ModelError(("model", "layers", position), message) from error


def dropout_rates(config: Config) -> dict[str, float]:
    """The rates of a config's Dropout layers by name."""
    layers = config.model.layers
    return {
        name: float(layer.arguments["rate"])
        for name, layer in zip(layer_names(layers), layers, strict=True)
        if layer.kind == "Dropout"
    }


def make_start(config: Config, splits: Splits, recipe: Recipe, weights: StartWeights) -> Start:
    """What one member begins with."""
    stack = complete_stack(config.model, splits.table.task, splits.outputs)
    strengths = {
        name: _innermost(layer, outer)
        for layer, (name, outer) in zip(
            stack.layers, layer_strengths(stack, config.regularization).items(), strict=True
        )
    }
    owners = [name.split("/", 1)[0] for name in kernel_names(recipe.model)]
    trainable, kept = weights.of(config, splits)
    return Start(
        weights=trainable,
        statistics=kept,
        l1=np.array([strengths[owner].l1 for owner in owners], np.float32),
        l2=np.array([strengths[owner].l2 for owner in owners], np.float32),
        seed=config.training.seed,
        scalars={name: float(config.training.optimizer.arguments[name]) for name in recipe.scalars},
        rates=dropout_rates(config),
    )


def _innermost(layer: Layer, strengths: Strengths) -> Strengths:
    """Strengths of the layer inside wrappers: its own come before theirs."""
    if "layer" not in layer.arguments:
        return strengths
    inner = Layer.model_validate(layer.arguments["layer"])
    l1 = strengths.l1 if inner.l1 is None else inner.l1
    l2 = strengths.l2 if inner.l2 is None else inner.l2
    return _innermost(inner, Strengths(l1, l2))
