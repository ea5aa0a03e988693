"""The rows of a population's splits, as its programs take them."""

from collections.abc import Sequence

import keras
import numpy as np

from regcli.config.schema import Training
from regcli.data.dataset import Part, Splits
from regcli.stacked.rows import Rows, side_by_side
from regcli.training.loss_targets import loss_targets, row_weights


def rows_by_part(
    splits: Sequence[Splits], training: Training, loss: keras.losses.Loss, outputs: int
) -> dict[str, Rows]:
    """The rows of every part there is."""
    found: dict[str, list[Rows]] = {}
    for split in splits:
        for name, part in split.parts():
            if part is not None:
                found.setdefault(name, []).append(_rows(part, split, training, loss, outputs))
    return {name: side_by_side(parts) for name, parts in found.items()}


def _rows(
    part: Part, split: Splits, training: Training, loss: keras.losses.Loss, outputs: int
) -> Rows:
    targets = loss_targets(part.y, split, loss, outputs).reshape(len(part), -1)
    weights = row_weights(training, split, part)
    return Rows(
        part.x[np.newaxis],
        targets[np.newaxis],
        part.y[np.newaxis],
        None if weights is None else weights[np.newaxis],
        np.array([len(part)], np.int32),
    )
