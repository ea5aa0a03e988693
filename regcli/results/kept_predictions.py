"""What a run predicts for rows of a part, as it is kept for pictures of single rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.metrics.predictions import Predictions

MOST_ROWS = 20_000
"""Rows of a part that are kept; of more, a sample."""
MOST_INPUTS = 2**22
"""Numbers that a model is given for them: of rows with many inputs, such as images, fewer."""
MOST_CURVES = 6
"""Classes up to which each has its scores kept, for curves of one class against the others."""


@dataclass(frozen=True)
class KeptPredictions:
    """Predictions of rows whose truth is known.

    Attributes:
        part: `validation`, or `test` where there are no validation rows.
        of: rows of the part, of which these are all or a sample.
        truth, predicted: class numbers from 0, or quantities in the target's own unit, (rows,).
        sure: the probability of the predicted class, (rows,); None for quantities, and where the
            outputs are no probabilities.
        scores: what ranks the rows by each class, (classes, rows); of two classes by the positive
            one alone, (1, rows); None for quantities and for more than `MOST_CURVES` classes.
    """

    part: str
    of: int
    truth: NDArray[Any]
    predicted: NDArray[Any]
    sure: NDArray[np.float32] | None = None
    scores: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.truth)


def sampled_rows(rows: int, inputs: int) -> NDArray[np.int64]:
    """Numbers of the rows of a part that are kept, in order; the same ones for all runs.

    Args:
        inputs: numbers that a model is given for a row.
    """
    most = min(MOST_ROWS, max(1, MOST_INPUTS // max(1, inputs)))
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def kept_predictions(part: str, of: int, given: Predictions, classes: int) -> KeptPredictions:
    """What is kept of one model's outputs; without rows whose outputs are not finite.

    Args:
        given: of one member.
        classes: of the target; 0 for a quantity.
    """
    known = given.is_finite[0]
    if not classes:
        truth, predicted = given.truth.astype(np.float64), given.outputs[0, :, 0].astype(np.float64)
        return KeptPredictions(part, of, truth[known], predicted[known])
    sure = scores = None
    if given.scale.has_probabilities:
        sure = given.probabilities[0].max(axis=-1).astype(np.float32)[known]
    if classes <= MOST_CURVES:
        scores = np.stack([ranked[0] for ranked, _ in given.rankings()])[:, known]
    truth, predicted = given.truth.astype(np.int32), given.predicted[0].astype(np.int32)
    return KeptPredictions(part, of, truth[known], predicted[known], sure, scores)


def pooled(kept: Sequence[KeptPredictions]) -> KeptPredictions | None:
    """The rows of several runs as those of one; None without any, or of different parts.

    What not all of them have is left out.
    """
    if not kept or len({each.part for each in kept}) > 1:
        return None
    return KeptPredictions(
        kept[0].part,
        sum(each.of for each in kept),
        np.concatenate([each.truth for each in kept]),
        np.concatenate([each.predicted for each in kept]),
        _joined([each.sure for each in kept]),
        _joined([each.scores for each in kept]),
    )


def _joined(arrays: Sequence[NDArray[Any] | None]) -> NDArray[Any] | None:
    known = [array for array in arrays if array is not None]
    return np.concatenate(known, axis=-1) if len(known) == len(arrays) else None
