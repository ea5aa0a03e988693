"""What a stored run's model gives for rows that are in no split."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.config.schema import Config
from regcli.metrics.predictions import Scale
from regcli.models.export import trained_model
from regcli.models.outputs import output_of
from regcli.models.parts import make_loss, output_scale
from regcli.results.records import DataSummary
from regcli.training.evaluation import outputs_of
from regcli.training.loss_targets import targets_for


@dataclass(frozen=True)
class RowOutputs:
    """Outputs of rows.

    Attributes:
        values: (rows, outputs).
        scale: what they are.
        losses: of each row, (rows,); None without truth, and of a loss that is no mean over rows.
    """

    values: NDArray[np.float32]
    scale: Scale
    losses: NDArray[np.floating] | None


def row_outputs(
    config: Config,
    data: DataSummary,
    weights: Mapping[str, NDArray[Any]],
    blocks: Iterable[NDArray[np.float32]],
    truth: NDArray[np.generic] | None,
) -> RowOutputs:
    """Outputs of rows that come a block at a time; on the CPU.

    Args:
        blocks: rows as they are trained on, (rows, …) each.
        truth: what all of them are compared with, as the model learns it, (rows,).

    Raises:
        ModelError: if Keras no longer builds the config.
    """
    with tf.device("/CPU:0"):
        model = trained_model(config, data, weights)
        output = output_of(model)
        loss = make_loss(config.training.loss, data.task, output)
        parts = [outputs_of(model, x) for x in blocks]
        values = np.concatenate(parts) if parts else np.zeros((0, output.units), np.float32)
        losses = None
        if truth is not None:
            targets = targets_for(loss, truth, len(data.classes), values.shape[1])
            losses = np.asarray(loss.call(targets, tf.convert_to_tensor(values)))
    by_row = losses if losses is not None and losses.shape == (len(values),) else None
    return RowOutputs(values, output_scale(data.task, loss, output), by_row)
