"""The pass after training: scores of every part, data loss and penalty apart."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.config.schema import Training
from regcli.data.dataset import Part, Splits
from regcli.metrics.all_scores import score, score_rows
from regcli.metrics.predictions import Predictions, Scale
from regcli.metrics.registry import kind_of
from regcli.models.kernel_penalties import regularizer_value
from regcli.models.outputs import output_of
from regcli.models.parts import output_scale
from regcli.results.records import Scores
from regcli.results.row_values import SCORED_PARTS, RowValues, RunRows, kept_rows
from regcli.training.loss_targets import loss_targets, row_weights

BATCH_ROWS = 1024


@dataclass(frozen=True)
class Evaluation:
    """What a model does on every part.

    Attributes:
        metrics: for train, validation and test: `loss_scores`, and every metric of the task that
            the outputs allow; empty for a part without rows.
        rows: for validation and test, where they have rows: the loss of each row, and every metric
            that is a mean over rows, or is asked for and has pseudo-values. A loss of all rows
            together, such as Dice, has none of each.
    """

    metrics: Mapping[str, Scores]
    rows: RunRows


def evaluate(
    model: keras.Model,
    loss: keras.losses.Loss,
    splits: Splits,
    training: Training,
    asked: Collection[str] = (),
    added: float = 0.0,
) -> Evaluation:
    """What a model does on train, validation and test.

    Args:
        added: a penalty that the model's own regularizers do not hold.
        asked: keys of metrics that a config asks for, which are kept by row where they can.
    """
    scale = output_scale(splits.table.task, loss, output_of(model))
    penalty = added + sum(
        regularizer_value(variable.regularizer, np.asarray(variable))
        for variable in _regularized(model)
    )
    metrics: dict[str, Scores] = {}
    rows: dict[str, RowValues] = {}
    for name, part in splits.parts():
        if part is None:
            metrics[name] = {}
            continue
        outputs, activity = _predict(model, part.x)
        given = (outputs, activity + penalty, loss, scale, splits, training, part)
        metrics[name] = score_outputs(*given)
        if name in SCORED_PARTS:
            rows[name] = _row_values(outputs, loss, scale, splits, part, asked)
    return Evaluation(metrics, rows)


def _row_values(
    outputs: NDArray[np.float32],
    loss: keras.losses.Loss,
    scale: Scale,
    splits: Splits,
    part: Part,
    asked: Collection[str],
) -> RowValues:
    given = _predictions(outputs, scale, splits, part)
    by_task = score_rows(kind_of(splits.table.task), given, asked)
    by_row = {key: values[0] for key, values in by_task.items()}
    losses = _losses(loss, splits, part, outputs)
    if losses.shape == part.y.shape:
        by_row["data_loss"] = losses
    return kept_rows(by_row)


def _predictions(
    outputs: NDArray[np.float32], scale: Scale, splits: Splits, part: Part
) -> Predictions:
    own = splits.in_own_unit(outputs)
    return Predictions(part.y, own[np.newaxis], scale, splits.positive)


def _losses(
    loss: keras.losses.Loss, splits: Splits, part: Part, outputs: NDArray[np.float32]
) -> NDArray[np.floating]:
    """The loss of each of a part's rows, (rows,); of all, (), where it is no mean over rows."""
    targets = loss_targets(part.y, splits, loss, outputs.shape[1])
    return np.asarray(loss.call(targets, keras.ops.convert_to_tensor(outputs)))


def score_outputs(
    outputs: NDArray[np.float32],
    penalty: float,
    loss: keras.losses.Loss,
    scale: Scale,
    splits: Splits,
    training: Training,
    part: Part,
) -> Scores:
    """The scores of what a model gives for a part's rows, (rows, outputs); else as `evaluate`."""
    by_row = _losses(loss, splits, part, outputs)
    # One number where the loss is no mean over rows.
    losses = loss_scores(by_row.reshape(1, -1), row_weights(training, splits, part), penalty)
    given = _predictions(outputs, scale, splits, part)
    by_task = score(kind_of(splits.table.task), given)
    return {key: float(values[0]) for key, values in {**losses, **by_task}.items()}


def _predict(model: keras.Model, x: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Outputs (rows, outputs), and the mean over rows of what activity regularizers add."""
    outputs, activity = [], 0.0
    of_weights = len(_regularized(model))
    for start in range(0, len(x), BATCH_ROWS):
        batch = x[start : start + BATCH_ROWS]
        outputs.append(np.asarray(model(batch, training=False)))
        # Keras gives the losses of activities first, then one for each regularized variable.
        added = model.losses
        of_activities = added[: len(added) - of_weights]
        activity += sum(map(float, of_activities)) * len(batch) / len(x)
    return np.concatenate(outputs), activity


def outputs_of(model: keras.Model, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a model gives for rows (rows, …), one or more: (rows, outputs)."""
    return _predict(model, x)[0]


def _regularized(model: keras.Model) -> list[keras.Variable]:
    return [v for v in model.trainable_variables if v.regularizer is not None]


def loss_scores(
    by_row: NDArray[np.floating], weights: NDArray[np.float32] | None, penalties: Any
) -> dict[str, NDArray[np.float64]]:
    """The losses of members on a part's rows as records have them, in float64: (members,) each.

    `data_loss` is the mean over rows, of which each counts once. Rows with weights, as
    `class_weight` and `dataset.weights` give them, also have a `weighted_data_loss`: the mean over
    rows of the loss times the row's weight. `penalty` is what regularizers add, and `objective`,
    Keras's `loss`, is the sum of the penalty and the data loss that training minimises.

    Args:
        by_row: (members, rows).
        weights: (rows,).
        penalties: (members,), or a number.
    """
    data_loss = by_row.mean(axis=-1, dtype=np.float64)
    penalty = np.broadcast_to(np.asarray(penalties, np.float64), data_loss.shape)
    if weights is None:
        return {"data_loss": data_loss, "penalty": penalty, "objective": data_loss + penalty}
    weighted = (by_row.astype(np.float64) * weights).mean(axis=-1)
    return {
        "data_loss": data_loss,
        "weighted_data_loss": weighted,
        "penalty": penalty,
        "objective": weighted + penalty,
    }
