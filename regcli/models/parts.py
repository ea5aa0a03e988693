"""Keras's optimizers, schedules, losses and other parts, made from what a config says."""

from collections.abc import Mapping
from typing import Any

import keras

from regcli.config import catalogue
from regcli.config.argument_types import ArgumentType, argument_type
from regcli.config.arguments import canonical_arguments, nested_kind
from regcli.config.catalogue import Kind
from regcli.config.keras_parts import Loss, Optimizer
from regcli.config.task import Task
from regcli.errors import ModelError
from regcli.metrics.predictions import Scale
from regcli.models.outputs import Output
from regcli.models.reasons import first_sentence

_MODULES: Mapping[Kind, Any] = {
    "layers": keras.layers,
    "optimizers": keras.optimizers,
    "schedules": keras.optimizers.schedules,
    "losses": keras.losses,
    "constraints": keras.constraints,
    "initializers": keras.initializers,
    "regularizers": keras.regularizers,
}
_MARGIN_LOSSES = (keras.losses.Hinge, keras.losses.SquaredHinge)
_LOSSES_OF_EACH_OUTPUT = (keras.losses.BinaryCrossentropy, keras.losses.BinaryFocalCrossentropy)
"""Losses that treat each output as its own yes-or-no question."""
_SHARES_OF_ONE = (keras.activations.softmax, keras.activations.sparsemax)
_BETWEEN_0_AND_1 = (
    keras.activations.sigmoid,
    keras.activations.hard_sigmoid,
    keras.activations.sparse_sigmoid,
)
_MEANS = frozenset({"sum_over_batch_size", "mean", "mean_with_sample_weight"})
_DEFAULT_LOSSES = {
    "binary": "BinaryCrossentropy",
    "multiclass": "SparseCategoricalCrossentropy",
    "regression": "MeanSquaredError",
}


def make_part(kind: Kind, name: str, arguments: Mapping[str, Any]) -> Any:
    """A part of Keras from arguments as Keras takes them.

    Raises:
        ValueError: the catalogue does not have such a part: it may be one that runs code.
    """
    _check_known(kind, name)
    return getattr(_MODULES[kind], name)(**arguments)


def _check_known(kind: Kind, name: str) -> None:
    if name not in catalogue.names(kind):
        raise ValueError(f"there is no '{name}' among the Keras {kind} that regcli supports")


def keras_arguments(kind: Kind, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of a part as Keras takes them: lists as tuples, parts by name as objects.

    They come in the canonical form by which runs are known again, so that equal ids are equal
    calls. What Keras itself makes of a mapping may import modules, and so run them: none gets
    there. A wrapped layer stays as it is written.

    Raises:
        ValueError: a part or an argument that the catalogue does not have, or a mapping that is no
            part.
    """
    _check_known(kind, name)
    known = catalogue.arguments(kind, name)
    arguments = {}
    for argument, value in canonical_arguments(kind, name, given).items():
        if argument not in known:
            raise ValueError(f"{name} has no argument '{argument}'")
        arguments[argument] = _keras_argument(value, argument_type(kind, name, argument))
    return arguments


def _keras_argument(value: Any, expected: ArgumentType) -> Any:
    if expected.form in {"layer", "clipping"}:
        return value
    nested = nested_kind(expected)
    if nested is not None and isinstance(value, dict):
        ((name, given),) = value.items()
        return make_part(nested, name, keras_arguments(nested, name, given))
    if _holds_mapping(value) or (expected.form == "code" and value is not None):
        raise ValueError("an argument must not be or contain a mapping")
    return tuple(value) if isinstance(value, list) else value


def _holds_mapping(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list | tuple) and any(map(_holds_mapping, value))
    )


def make_optimizer(optimizer: Optimizer) -> keras.optimizers.Optimizer:
    """A new Keras optimizer.

    Raises:
        ModelError: with Keras's reason, if an argument's value is not accepted.
    """
    path = ("training", "optimizer")
    name = catalogue.canonical_name("optimizers", optimizer.name) or optimizer.name
    try:
        arguments = keras_arguments("optimizers", name, optimizer.arguments)
        return make_part("optimizers", name, arguments)
    except Exception as error:
        raise ModelError(path, f"Keras refuses {name}: {first_sentence(error)}") from error


def make_loss(loss: Loss | None, task: Task, output: Output) -> keras.losses.Loss:
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
    if not isinstance(reduction, str) or reduction not in _MEANS:
        rule = "must be a mean, because data loss is the mean over rows"
        raise ModelError((*path, "reduction"), f"{rule}, got {reduction!r}")
    try:
        arguments = keras_arguments("losses", name, given.arguments)
        if "from_logits" in catalogue.arguments("losses", name):
            arguments.setdefault("from_logits", gives_scores(output))
        made: keras.losses.Loss = make_part("losses", name, arguments)
    except Exception as error:
        raise ModelError(path, f"Keras refuses {name}: {first_sentence(error)}") from error
    return made


def gives_scores(output: Output) -> bool:
    """Whether an output layer's values are unbounded scores rather than probabilities."""
    return output.activation is keras.activations.linear


def output_scale(task: Task, loss: keras.losses.Loss, output: Output) -> Scale:
    """What an output layer's values are under a loss: scores that it is made for, or probabilities.

    Every loss that is not made for scores compares them with the target itself.
    """
    if task == "regression":
        return Scale.VALUES
    if isinstance(loss, _MARGIN_LOSSES):
        return Scale.MARGINS
    if getattr(loss, "from_logits", False):
        by_itself = output.units > 1 and isinstance(loss, _LOSSES_OF_EACH_OUTPUT)
        return Scale.SEPARATE_LOGITS if by_itself else Scale.LOGITS
    if output.activation in _SHARES_OF_ONE:
        return Scale.PROBABILITIES
    if output.activation in _BETWEEN_0_AND_1:
        return Scale.PROBABILITIES if output.units == 1 else Scale.SEPARATE_PROBABILITIES
    return Scale.VALUES
