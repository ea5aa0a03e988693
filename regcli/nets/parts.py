"""Keras's optimizers, schedules, losses and other parts, made from what a config says."""

from collections.abc import Mapping
from typing import Any

import keras

from regcli.config import catalogue
from regcli.config.catalogue import Kind
from regcli.config.schema import Loss, Optimizer
from regcli.data.task import Task
from regcli.errors import ModelError
from regcli.nets.reasons import first_sentence

_MODULES: dict[str, tuple[Kind, Any]] = {
    "_constraint": ("constraints", keras.constraints),
    "_initializer": ("initializers", keras.initializers),
    "_regularizer": ("regularizers", keras.regularizers),
}
_CLASS_NUMBER_LOSSES = (
    keras.losses.SparseCategoricalCrossentropy,
    keras.losses.CategoricalGeneralizedCrossEntropy,
)
_MARGIN_LOSSES = (keras.losses.Hinge, keras.losses.SquaredHinge)
_MEANS = frozenset({"sum_over_batch_size", "mean", "mean_with_sample_weight"})
_DEFAULT_LOSSES = {
    "binary": "BinaryCrossentropy",
    "multiclass": "SparseCategoricalCrossentropy",
    "regression": "MeanSquaredError",
}


def keras_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as Keras takes them: lists as tuples, `MaxNorm: {max_value: 2}` as an object."""
    return {name: _keras_argument(name, value) for name, value in arguments.items()}


def _keras_argument(name: str, value: Any) -> Any:
    for ending, (kind, module) in _MODULES.items():
        if name.endswith(ending) and isinstance(value, str | dict):
            return _make_part(kind, module, value)
    return tuple(value) if isinstance(value, list) else value


def _make_part(kind: Kind, module: Any, value: str | dict[str, Any]) -> Any:
    name, given = (value, {}) if isinstance(value, str) else next(iter(value.items()))
    return getattr(module, catalogue.canonical_name(kind, name) or name)(**(given or {}))


def make_optimizer(optimizer: Optimizer) -> keras.optimizers.Optimizer:
    """A new Keras optimizer.

    Raises:
        ModelError: with Keras's reason, if an argument's value is not accepted.
    """
    path = ("training", "optimizer")
    name = catalogue.canonical_name("optimizers", optimizer.name) or optimizer.name
    try:
        arguments = keras_arguments(optimizer.arguments)
        if isinstance(arguments.get("learning_rate"), dict):
            schedules = keras.optimizers.schedules
            rate = _make_part("schedules", schedules, arguments["learning_rate"])
            arguments["learning_rate"] = rate
        return getattr(keras.optimizers, name)(**arguments)
    except Exception as error:
        raise ModelError(path, f"Keras refuses {name}: {first_sentence(error)}") from error


def make_loss(loss: Loss | None, task: Task, output: keras.Layer) -> keras.losses.Loss:
    """The config's loss, or the one that the task implies.

    `from_logits` follows from the output layer's activation unless it is given: a linear output is
    taken as scores (logits), a sigmoid or softmax output as probabilities. The implied loss of two
    classes with an output for each is that of several classes.

    Raises:
        ModelError: if Keras refuses an argument, or the reduction is not a mean.
    """
    path = ("training", "loss")
    implied = "multiclass" if task == "binary" and output.units > 1 else task
    given = Loss(name=_DEFAULT_LOSSES[implied]) if loss is None else loss
    name = catalogue.canonical_name("losses", given.name) or given.name
    reduction = given.arguments.get("reduction", "mean")
    if reduction not in _MEANS:
        rule = "must be a mean, because data loss is the mean over rows"
        raise ModelError((*path, "reduction"), f"{rule}, got {reduction!r}")
    try:
        arguments = keras_arguments(given.arguments)
        if "from_logits" in catalogue.arguments("losses", name):
            arguments.setdefault("from_logits", gives_scores(output))
        made: keras.losses.Loss = getattr(keras.losses, name)(**arguments)
    except Exception as error:
        raise ModelError(path, f"Keras refuses {name}: {first_sentence(error)}") from error
    return made


def gives_scores(output: keras.Layer) -> bool:
    """Whether an output layer's values are unbounded scores rather than probabilities."""
    return output.activation is keras.activations.linear


def wants_class_numbers(loss: keras.losses.Loss) -> bool:
    """Whether a loss compares an output for each class with a class number, not a one-hot row."""
    return isinstance(loss, _CLASS_NUMBER_LOSSES)


def takes_scores(loss: keras.losses.Loss) -> bool:
    """Whether a loss is made for scores, whose sign tells two classes apart.

    Every other loss compares an output with the class numbers 0 and 1.
    """
    return bool(getattr(loss, "from_logits", False)) or isinstance(loss, _MARGIN_LOSSES)
