"""Whether a target is one that the config's training can learn: its loss and its class weights."""

import math
from collections.abc import Mapping

from regcli.config import catalogue
from regcli.config.keras_parts import Loss
from regcli.config.problems import did_you_mean
from regcli.config.schema import Config, Training
from regcli.data.dataset import Table
from regcli.errors import ModelError

_OF_CLASSES = frozenset(
    {
        *("CategoricalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalHinge"),
        *("CategoricalGeneralizedCrossEntropy", "SparseCategoricalCrossentropy"),
        *("BinaryFocalCrossentropy", "Hinge", "SquaredHinge", "Dice", "Tversky"),
    }
)
"""Losses that compare outputs with classes, which numbers are not."""
_OF_SHARES = frozenset({"BinaryCrossentropy", "KLDivergence"})
"""Losses of classes that take shares as well: numbers from 0 to 1."""
_OF_NUMBERS = frozenset(
    {
        *("Poisson", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError"),
        *("Huber", "LogCosh"),
    }
)
"""Losses of numbers. Squared and absolute errors are losses of probabilities as well."""

_OF_EITHER_SIGN = frozenset({"CosineSimilarity", "KLDivergence", "Poisson"})
"""Losses of a row that can be below 0."""

_LISTED = 24
"""Classes that a message lists at most."""


def lowest_loss(loss: Loss | None) -> float:
    """The least that a loss of a row can be; None is the one that follows from the target."""
    name = "" if loss is None else catalogue.canonical_name("losses", loss.name)
    return -math.inf if name in _OF_EITHER_SIGN else 0.0


def require_trainable(config: Config, table: Table) -> None:
    """Check that the loss and the class weights of a config are of the kind of its target.

    Raises:
        ModelError: they are of the other kind, or a weight is of a class that the data lacks.
    """
    if config.training.loss is not None:
        _require_loss(config.training.loss, table)
    require_class_weights(config.training, table.classes)


def _require_loss(loss: Loss, table: Table) -> None:
    name, path = catalogue.canonical_name("losses", loss.name), ("training", "loss")
    if table.task == "regression":
        if name in _OF_CLASSES:
            message = f"{loss.name} requires a classification target; this one is continuous"
            raise ModelError(path, message)
        if name in _OF_SHARES and not (table.y.min() >= 0 and table.y.max() <= 1):
            rule = "requires classes, or numbers from 0 to 1"
            held = f"this target goes from {table.y.min():g} to {table.y.max():g}"
            raise ModelError(path, f"{loss.name} {rule}; {held}")
    elif name in _OF_NUMBERS:
        advice = "; to predict them as numbers, set dataset.task: regression"
        raise ModelError(
            path,
            f"{loss.name} requires a continuous target; this one has {len(table.classes)} classes"
            + (advice if all(map(_is_number, table.classes)) else ""),
        )


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True


def require_class_weights(training: Training, classes: tuple[str, ...]) -> None:
    """Check that class weights are of the data's classes.

    Raises:
        ModelError: the target is continuous, or a class is not among the data's.
    """
    chosen, path = training.class_weight, ("training", "class_weight")
    if chosen is not None and not classes:
        raise ModelError(path, "requires a classification target; this one is continuous")
    for name in chosen if isinstance(chosen, Mapping) else ():
        if name not in classes:
            known = did_you_mean(name, classes) or f"; known: {', '.join(classes[:_LISTED])}"
            raise ModelError((*path, name), f"there is no class '{name}'{known}")
