"""The pass after training: scores of every part, data loss and penalty apart."""

from collections.abc import Mapping

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.config.schema import Training
from regcli.data.dataset import Part, Splits
from regcli.data.task import Task
from regcli.nets.parts import takes_scores
from regcli.results.records import Scores
from regcli.training.targets import loss_targets, row_weights

BATCH_ROWS = 1024


def evaluate(
    model: keras.Model, loss: keras.losses.Loss, splits: Splits, training: Training
) -> Mapping[str, Scores]:
    """Scores of train, validation and test; a part without rows has none.

    `data_loss` is the mean over rows of the loss times the row's weight, if any; `penalty` is what
    the model's regularizers add to Keras's `loss`; `objective` is their sum.
    """
    return {
        name: {} if part is None else _score(model, loss, splits, training, part)
        for name, part in splits.parts()
    }


def _score(
    model: keras.Model, loss: keras.losses.Loss, splits: Splits, training: Training, part: Part
) -> Scores:
    outputs, penalty = _predict(model, part.x)
    return score_outputs(outputs, penalty, loss, splits, training, part)


def score_outputs(
    outputs: NDArray[np.float32],
    penalty: float,
    loss: keras.losses.Loss,
    splits: Splits,
    training: Training,
    part: Part,
) -> Scores:
    """The scores of what a model gives for a part's rows, (rows, outputs); else as `evaluate`."""
    targets = loss_targets(part.y, splits, loss, outputs.shape[1])
    data_loss = mean_loss(loss, targets, outputs, row_weights(training, splits, part))
    by_task = task_metrics(splits.table.task, part.y, outputs, threshold(loss))
    objective = data_loss + penalty
    return {"data_loss": data_loss, "penalty": penalty, "objective": objective, **by_task}


def _predict(model: keras.Model, x: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Outputs (rows, outputs), and the regularizers' sum weighted by rows."""
    outputs, penalty = [], 0.0
    for start in range(0, len(x), BATCH_ROWS):
        batch = x[start : start + BATCH_ROWS]
        outputs.append(np.asarray(model(batch, training=False)))
        penalty += sum(float(added) for added in model.losses) * len(batch) / len(x)
    return np.concatenate(outputs), penalty


def mean_loss(
    loss: keras.losses.Loss,
    targets: NDArray[np.float32],
    outputs: NDArray[np.float32],
    weights: NDArray[np.float32] | None = None,
) -> float:
    """The mean of a loss over rows, summed in float64.

    Shapes: targets (rows, …), outputs (rows, outputs), weights (rows,).
    """
    by_row = np.asarray(loss.call(targets, keras.ops.convert_to_tensor(outputs)), np.float64)
    return float(by_row.mean() if weights is None else (by_row * weights).mean())


def threshold(loss: keras.losses.Loss) -> float:
    """Where a single output turns from class 0 to class 1: 0 for scores, else ½."""
    return 0.0 if takes_scores(loss) else 0.5


def task_metrics(
    task: Task, y: NDArray[np.generic], outputs: NDArray[np.float32], cut: float
) -> dict[str, float]:
    """`accuracy` for classes; `r2` and `mae` for regression.

    Args:
        y: (rows,); outputs: (rows, outputs); cut: as `threshold` gives it.
    """
    if task == "regression":
        residual = y.astype(np.float64) - outputs[:, 0].astype(np.float64)
        total = float(((y.astype(np.float64) - y.mean(dtype=np.float64)) ** 2).sum())
        r2 = 1 - float((residual**2).sum()) / total if total > 0 else float("nan")
        return {"r2": r2, "mae": float(np.abs(residual).mean())}
    single = outputs.shape[1] == 1
    predicted = outputs[:, 0] > cut if single else outputs.argmax(axis=1)
    correct = (predicted == y) & np.isfinite(outputs).all(axis=1)
    return {"accuracy": float(correct.mean())}
