"""From configs to what a population starts with, and why a member may not be in one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from regcli.config import catalogue
from regcli.config.layer_names import layer_names
from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.errors import ModelError
from regcli.nets.build import build_model, complete_stack, layer_strengths
from regcli.nets.parts import first_sentence, make_loss, make_optimizer
from regcli.nets.weights import kernel_names, variable_name
from regcli.training.evaluation import threshold
from regcli.training.population.layers import FOLDABLE, FORMS, is_statistic
from regcli.training.population.optimizer import why_not_stackable
from regcli.training.population.program import Arrays, Recipe, Rows, Start
from regcli.training.targets import loss_targets
from regcli.training.zeros import input_columns

MAX_UNROLLED = 32
"""Longest sequence that a recurrent layer is unrolled over: each step adds to compiling."""

_NOT_BY_ROW = frozenset({"Dice", "Tversky", "CosineSimilarity"})


def why_not(config: Config, model: keras.Sequential) -> str | None:
    """Why a member cannot be trained in a population; None where it can."""
    loss = config.training.loss
    if loss and catalogue.canonical_name("losses", loss.name) in _NOT_BY_ROW:
        return f"the loss {loss.name} is not a mean over rows"
    reasons = (_why_not_layer(layer) for layer in model.layers)
    reason = next((reason for reason in reasons if reason), None)
    optimizer = make_optimizer(config.training.optimizer)
    tokens = any(isinstance(layer, keras.layers.Embedding) for layer in model.layers)
    return reason or why_not_stackable(optimizer, tokens)


def _why_not_layer(layer: keras.Layer) -> str | None:
    kind = type(layer).__name__
    if type(layer) not in FORMS and type(layer) not in FOLDABLE:
        return f"{kind} has no stacked form"
    arguments = layer.get_config()
    if not layer.trainable:
        return f"{kind} is not trainable"
    for name, value in arguments.items():
        ours = name == "kernel_regularizer"  # l1 and l2, which are inputs of the program
        if value is not None and not ours and name.endswith(("_constraint", "_regularizer")):
            return f"{kind} has a {name}"
    return _why_not_arguments(kind, layer, arguments)


def _why_not_arguments(kind: str, layer: keras.Layer, arguments: Mapping[str, Any]) -> str | None:
    plain: dict[str, tuple[Any, ...]] = {
        "data_format": ("channels_last",),
        "groups": (1,),
        "noise_shape": (None,),
        "seed": (None,),
        "dropout": (0, 0.0),
        "recurrent_dropout": (0, 0.0),
        "go_backwards": (False,),
        "stateful": (False,),
        "return_state": (False,),
        "mask_zero": (False,),
        "lora_rank": (None,),
        "rms_scaling": (False,),
        "synchronized": (False,),
        "renorm": (False,),
        "quantization_config": (None,),
    }
    for name, usual in plain.items():
        if name in arguments and arguments[name] not in usual:
            return f"{kind} has {name}={arguments[name]}"
    last = (-1, len(layer.input.shape) - 1)
    if "Normalization" in kind and arguments.get("axis", -1) not in (*last, *([a] for a in last)):
        return f"{kind} is not over the last axis"
    if kind == "GRU" and not layer.reset_after:
        return "GRU has reset_after=False"
    if kind in {"LSTM", "GRU"} and layer.input.shape[1] > MAX_UNROLLED:
        return f"{kind} runs over more than {MAX_UNROLLED} steps"
    return None


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
        columns=input_columns(splits),
        scalars=tuple(scalars),
        dropouts=tuple(v.name for v in model.layers if isinstance(v, keras.layers.Dropout)),
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
    strengths = layer_strengths(stack, config.regularization)
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
