"""Curves of what a threshold on scores finds: ROC, and precision against recall."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Roc(NamedTuple):
    """Of each threshold, from above all scores down: shares of rows that reach it, (points,)."""

    false_positives: Floats
    true_positives: Floats

    @property
    def area(self) -> float:
        """The area under the curve, by trapezoids."""
        return float(np.trapezoid(self.true_positives, self.false_positives))


class PrecisionRecall(NamedTuple):
    """Of each threshold, from the lowest score up, and at the end the point (1, 0): (points,)."""

    precision: Floats
    recall: Floats

    @property
    def average_precision(self) -> float:
        """Σ (R_n − R_{n−1})·P_n: the mean precision over the rises of the recall."""
        return float(-np.sum(np.diff(self.recall) * self.precision[:-1]))


def roc(scores: Floats, is_own: NDArray[np.bool_]) -> Roc | None:
    """The shares of both kinds of rows with at least each score; None without rows of a kind.

    Args:
        scores: (rows,); higher is more probably of the class.
        is_own: (rows,) whether a row is of the class.
    """
    reached, own = _reached(scores, is_own)
    others = reached - own
    if not own[-1] or not others[-1]:
        return None
    start = np.zeros(1)
    return Roc(np.concatenate([start, others / others[-1]]), np.concatenate([start, own / own[-1]]))


def precision_recall(scores: Floats, is_own: NDArray[np.bool_]) -> PrecisionRecall | None:
    """The precision and the recall at each score; None without rows of the class.

    Args:
        scores, is_own: as `roc`.
    """
    reached, own = _reached(scores, is_own)
    if not own[-1]:
        return None
    precision, recall = own / reached, own / own[-1]
    return PrecisionRecall(np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0))


def _reached(scores: Floats, is_own: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """How many rows, and how many of the class, reach each score, the highest first."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    own = np.cumsum(is_own[order], dtype=np.float64)[ends]
    return ends + 1.0, own
