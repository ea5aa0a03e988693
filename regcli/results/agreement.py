"""Whether scores that were computed again are those that a run stored."""

import math
from dataclasses import dataclass

from regcli.metrics.registry import METRICS
from regcli.results.records import Scores

TOLERANCE = 1e-3
"""Largest relative difference of scores that counts as none, and share of the rows that may be
classified otherwise. Float32 makes about 1e-6 of it; what changes a model makes more than it."""

GPU_TOLERANCE = 1e-2
"""For runs that were scored on a GPU, which multiplies with fewer digits (TF32)."""

_OF_WEIGHTS = frozenset({"penalty", "objective"})
"""Scores that follow from the weights; a file need not hold what they are counted with."""

_ABSOLUTE = 1e-6
"""Smallest difference that counts, relative to the score of outputs that are all 0."""


@dataclass(frozen=True)
class Disagreement:
    """A score that is not what the run stored."""

    part: str
    score: str
    stored: float | None
    found: float | None


def disagreement(
    part: str, rows: int, stored: Scores, found: Scores, of_zeros: Scores, tolerance: float
) -> Disagreement | None:
    """The first score of a part that differs from the stored one; None where none does.

    Args:
        rows: of the part, of which one may always be classified otherwise.
        of_zeros: scores of outputs that are all 0: what losses and errors are measured against
            where they are next to nothing themselves.
    """
    for name, value in _named_as(stored, found).items():
        if name in _OF_WEIGHTS or name not in stored or _jumps(name):
            continue
        allowed = _allowed(name, rows, stored[name], of_zeros.get(name), tolerance)
        if not _close(stored[name], value, allowed):
            return Disagreement(part, name, stored[name], value)
    return None


def _named_as(stored: Scores, found: Scores) -> Scores:
    """Scores under the names of a record: older ones have weighted losses as their data loss."""
    weighted = found.get("weighted_data_loss")
    is_older = weighted is not None and "weighted_data_loss" not in stored
    return {**found, "data_loss": weighted} if is_older else found


def _jumps(name: str) -> bool:
    """Whether a row that is classified otherwise can move a metric by more than its own share."""
    metric = METRICS.get(name)
    return metric is not None and not metric.follows and metric.by_row is None


def _allowed(
    name: str, rows: int, stored: float | None, of_zeros: float | None, tolerance: float
) -> float:
    metric = METRICS.get(name)
    if metric is not None and not metric.follows:
        return max(tolerance, 1.001 / rows)
    relative = tolerance * abs(stored or 0.0)
    if metric is not None and metric.format == "share":
        return max(tolerance, relative)
    floor = abs(of_zeros) if of_zeros is not None and math.isfinite(of_zeros) else 0.0
    return relative + _ABSOLUTE * floor


def _close(stored: float | None, found: float | None, allowed: float) -> bool:
    first, second = (_finite(value) for value in (stored, found))
    if first is None or second is None:
        return first is second
    return abs(first - second) <= allowed


def _finite(value: float | None) -> float | None:
    """None for what is not finite, as records have it."""
    return value if value is not None and math.isfinite(value) else None
