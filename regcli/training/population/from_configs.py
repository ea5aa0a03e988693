"""From configs to what a population starts with, and why a member may not be in one."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from regcli.config.layer_names import layer_names
from regcli.config.schema import Config
from regcli.data.dataset import Splits, Table
from regcli.errors import ModelError
from regcli.metrics.registry import kind_of
from regcli.models.outputs import output_of
from regcli.models.parts import make_loss, make_optimizer, output_scale
from regcli.models.reasons import first_sentence
from regcli.models.weights import variable_name
from regcli.stacked.optimizer import is_sequential, why_not_optimizer
from regcli.stacked.recipe import Arrays, Recipe, Regularized, Start
from regcli.stacked.refusals import why_not_model
from regcli.stacked.stacking import is_narrow, is_statistic
from regcli.stacked.target_units import TargetUnits
from regcli.training.losses_by_row import why_not_by_row
from regcli.training.polishes import Polishes
from regcli.training.population.population_recipe import PopulationRecipe
from regcli.training.population.split_rows import rows_by_part
from regcli.training.start_bias import start_bias
from regcli.training.template import bare_model, covered_by_position, strengths_by_position
from regcli.training.zeros import input_columns


def why_not(
    config: Config, model: keras.Model, table: Table, keep_zeros: bool = False
) -> str | None:
    """Why a member cannot be trained in a population; None where it can.

    Raises:
        ModelError: if Keras refuses the loss.
    """
    if reason := _why_not_loss(config, model, table):
        return reason
    optimizer = make_optimizer(config.training.optimizer)
    asked = "keeping zeros" if keep_zeros else ""
    if config.regularization.method == "proximal":
        asked = "method proximal"
    return (
        why_not_model(model)
        or why_not_optimizer(optimizer, model)
        or _why_not_sequential(asked, optimizer, model)
    )


def _why_not_loss(config: Config, model: keras.Model, table: Table) -> str | None:
    given = config.training.loss
    if given is None:
        return None
    output = output_of(model)
    loss = make_loss(given, table.task, output)
    reason = why_not_by_row(loss, len(table.classes), output.units)
    return reason and f"the loss {given.name} {reason}"


def _why_not_sequential(
    asked: str, optimizer: keras.optimizers.Optimizer, model: keras.Model
) -> str | None:
    if not asked or not is_sequential(optimizer, model):
        return None
    name = type(optimizer).__name__
    return f"{asked} is not supported with {name}, which updates one member at a time"


def make_recipe(
    config: Config,
    splits: Sequence[Splits],
    scalars: Sequence[str],
    keep_zeros: bool,
    polishes: Polishes,
) -> PopulationRecipe:
    """What the members that share `population_key` with a config have in common.

    Args:
        splits: every split that a member is trained on, once each.
        keep_zeros: whether kernel weights that are zero at the start stay so.
        polishes: those that are compiled, which all recipes of a population are given.

    Raises:
        ModelError: if Keras refuses a part of the config.
    """
    task = splits[0].table.task
    model = bare_model(config, splits[0])
    output = output_of(model)
    loss = make_loss(config.training.loss, task, output)
    order = [variable_name(model, variable) for variable in model.trainable_variables]
    optimizer = make_optimizer(config.training.optimizer)
    covered = covered_by_position(model, config, splits[0])
    return PopulationRecipe(
        model=model,
        optimizer=optimizer,
        loss=loss,
        kind=kind_of(task),
        transposed=frozenset(
            order.index(variable_name(model, layer.kernel))
            for layer in model.layers
            if is_narrow(layer) and layer.trainable and not is_sequential(optimizer, model)
        ),
        regularized=tuple(
            Regularized(place, own.strengths.penalty, own.keeps_zeros)
            for place, own in covered.items()
        ),
        keep_zeros=keep_zeros,
        proximal=config.regularization.method == "proximal",
        polish=polishes.of(config, splits[0], loss, keep_zeros),
        scale=output_scale(task, loss, output),
        positive=splits[0].positive,
        batch_size=config.training.batch_size,
        parts=rows_by_part(splits, config.training, loss, output.units),
        columns=input_columns(splits[0]),
        counted=tuple(order[place] for place, own in covered.items() if own.keeps_zeros),
        asked=frozenset(config.asked_metrics().values()),
        scalars=tuple(scalars),
        dropouts=tuple(v.name for v in model.layers if type(v) is keras.layers.Dropout),
        units=_target_units(splits),
        splits=tuple(splits),
    )


def _target_units(splits: Sequence[Splits]) -> TargetUnits | None:
    """The way back to the target's own unit, of each split; they all have a logarithm or none."""
    found = [own.target_transform for own in splits if own.target_transform is not None]
    if not found:
        return None
    center, width = np.array([(own.center, own.width) for own in found], np.float32).T
    return TargetUnits(found[0].log, center, width)


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
            model = bare_model(config, splits)
            weights = [np.asarray(v) for v in model.trainable_variables]
            kept = [np.asarray(v) for v in model.non_trainable_variables if is_statistic(v)]
            self.known[key] = (weights, kept)
        return self.known[key]


def varied_arguments(config: Config) -> str:
    """The arguments of a member that Keras has to accept, besides its strengths and seed."""
    return repr((config.training.optimizer, dropout_rates(config)))


def check_arguments(config: Config) -> None:
    """Have Keras check `varied_arguments`: a population's template is built from only one member.

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


def own_dropout_rates(model: keras.Model) -> dict[str, float]:
    """The rates of the Dropout layers of a model whose layers stand in no config, by name."""
    dropouts = [layer for layer in model.layers if type(layer) is keras.layers.Dropout]
    return {layer.name: float(layer.rate) for layer in dropouts}


def dropout_rates(config: Config) -> dict[str, float]:
    """The rates of a config's Dropout layers by name."""
    layers = config.model.layers
    return {
        name: float(layer.arguments["rate"])
        for name, layer in zip(layer_names(layers), layers, strict=True)
        if layer.kind == "Dropout"
    }


def make_start(
    config: Config, splits: Splits, place: int, recipe: Recipe, weights: StartWeights
) -> Start:
    """What one member begins with.

    Args:
        place: where its split is among those of the population.
    """
    strengths = strengths_by_position(recipe.model, config, splits).values()
    trainable, kept = weights.of(config, splits)
    if (start := start_bias(recipe.model, recipe.loss, splits)) is not None:
        trainable = [start[1] if n == start[0] else own for n, own in enumerate(trainable)]
    return Start(
        weights=trainable,
        statistics=kept,
        strengths=tuple(strengths),
        seed=config.training.seed,
        split=place,
        scalars={name: float(config.training.optimizer.arguments[name]) for name in recipe.scalars},
        rates=dropout_rates(config) if config.model.is_stack else own_dropout_rates(recipe.model),
    )
