"""How well a run predicts rows whose truth is known, with what these rows leave open."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regcli.metrics.all_scores import score, score_rows
from regcli.metrics.metric import Kind
from regcli.metrics.predictions import Predictions
from regcli.metrics.registry import METRICS, metrics_of
from regcli.results.records import RunRecord
from regcli.results.settings import Ranking
from regcli.results.statistics.estimate import Estimate
from regcli.results.verdict.judgement import score_interval

DATA_LOSS = "data_loss"
_PARTS = ("test", "validation", "train")
"""Parts whose scores new ones are put beside, the first of which there are any."""


@dataclass(frozen=True)
class FileScore:
    """One score.

    Attributes:
        key: `data_loss`, or that of a metric.
        value: None where it is not defined, such as the R² of targets that are all equal.
        interval: 95 %, over rows; None where rows do not tell.
        of_run: what the run had on its own rows; None where it had none.
    """

    key: str
    value: float | None
    interval: tuple[float, float] | None
    of_run: float | None


@dataclass(frozen=True)
class FileScores:
    """The scores of a file.

    Attributes:
        rows: how many were scored.
        part: the part of the run's data that `of_run` is from.
    """

    rows: int
    part: str
    scores: tuple[FileScore, ...]


def score_file(
    record: RunRecord, kind: Kind, given: Predictions, losses: NDArray[np.floating] | None
) -> FileScores:
    """The data loss, and every metric of the task that outputs have.

    Args:
        record: the run.
        given: its outputs for the rows, as the only member.
        losses: of each row, (rows,); None where the loss is no mean over rows.
    """
    part = next((name for name in _PARTS if record.metrics.get(name)), _PARTS[0])
    own = record.metrics.get(part, {})
    keys = [metric.key for metric in metrics_of(kind)]
    values = {key: float(found[0]) for key, found in score(kind, given).items()}
    rows = {key: found[0] for key, found in score_rows(kind, given, keys).items()}
    if losses is not None:
        values = {DATA_LOSS: float(losses.mean(dtype=np.float64)), **values}
        rows[DATA_LOSS] = losses
    rarest = int(np.unique(given.truth, return_counts=True)[1].min())
    scores = tuple(
        FileScore(
            key,
            value if np.isfinite(value) else None,
            _interval(
                key, value, rows.get(key), rarest if _is_of_a_class(key) else len(given.truth)
            ),
            own.get(key),
        )
        for key, value in values.items()
    )
    return FileScores(len(given.truth), part, scores)


def _is_of_a_class(key: str) -> bool:
    """Whether a share is of the rows of some class, as recall is, rather than of all rows."""
    metric = METRICS.get(key)
    return metric is not None and metric.format == "share" and not metric.counts_rows


def _interval(
    key: str, value: float, rows: NDArray[np.floating] | None, trials: int
) -> tuple[float, float] | None:
    """The interval over rows, of which `trials` speak for a share where they all agree."""
    if rows is None or len(rows) < 2 or not np.isfinite(value) or not np.isfinite(rows).all():
        return None
    variance = float(np.var(rows, ddof=1, dtype=np.float64)) / len(rows)
    highest = key in METRICS and METRICS[key].higher_is_better
    degrees = (len(rows) if variance > 0 else trials) - 1
    return score_interval(Ranking(key, highest), Estimate(value, variance, degrees))
