"""Targets in the form that a loss compares with, and what each row's loss counts."""

from collections.abc import Mapping

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.config.schema import Training
from regcli.data.asked_training import require_class_weights
from regcli.data.dataset import Part, Splits
from regcli.errors import ModelError
from regcli.models.class_numbers import wants_class_numbers


def loss_targets(
    y: NDArray[np.generic], splits: Splits, loss: keras.losses.Loss, outputs: int
) -> NDArray[np.float32]:
    """Targets (rows, 1) for one output; one-hot (rows, classes) for an output for each class.

    Losses that compare those with class numbers get them as (rows,). Quantities are as the split
    has them transformed.
    """
    return targets_for(loss, splits.as_learnt(y), len(splits.table.classes), outputs)


def targets_for(
    loss: keras.losses.Loss, y: NDArray[np.generic], classes: int, outputs: int
) -> NDArray[np.float32]:
    """As `loss_targets`, of what is learnt of rows that are in no split, (rows,)."""
    if wants_class_numbers(loss):
        return y.astype(np.float32)
    if outputs > 1:
        return np.eye(classes, dtype=np.float32)[y.astype(np.int64)]
    return y.astype(np.float32).reshape(-1, 1)


def row_weights(training: Training, splits: Splits, part: Part) -> NDArray[np.float32] | None:
    """What multiplies the loss of each of a part's rows, (rows,); None where nothing does.

    It is the row's own weight, the weight of its class, or their product. Keras's `fit` takes it as
    `sample_weight`, and divides the sum by the number of rows.

    Raises:
        ModelError: as `class_weights`.
    """
    weights = class_weights(training, splits)
    if weights is None:
        return part.weights
    of_class = weights[part.y.astype(np.int64)]
    return of_class if part.weights is None else of_class * part.weights


def class_weights(training: Training, splits: Splits) -> NDArray[np.float32] | None:
    """A weight for each class, (classes,); None without `class_weight`.

    `balanced` is n/(k·n_c) over the n training rows, of which n_c are of a class, with k classes:
    the formula of scikit-learn's `class_weight="balanced"`. A class that is not named counts 1, as
    in Keras.

    Raises:
        ModelError: the target is continuous, or a class is not among the data's.
    """
    chosen, classes = training.class_weight, splits.table.classes
    require_class_weights(training, classes)
    if chosen is None:
        return None
    if isinstance(chosen, Mapping):
        return np.array([chosen.get(name, 1.0) for name in classes], np.float32)
    counts = np.bincount(splits.train.y.astype(np.int64), minlength=len(classes))
    return (len(splits.train) / (len(classes) * counts)).astype(np.float32)


def check_row_weights(training: Training, loss: keras.losses.Loss, splits: Splits) -> None:
    """Check that the weights of classes and rows fit the data and the loss.

    Raises:
        ModelError: as `class_weights`, or if the loss divides by the sum of the weights, so that
            data loss would not be a mean over rows.
    """
    weights = row_weights(training, splits, splits.train)
    if weights is not None and loss.reduction == "mean_with_sample_weight":
        owners = "rows" if training.class_weight is None else "classes"
        rule = f"must be a mean over rows where {owners} have weights"
        raise ModelError(("training", "loss", "reduction"), f"{rule}, got '{loss.reduction}'")
