"""How new rows differ from those of training: numbers far outside, and many more gaps."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from regcli.data.features import Features, Floats
from regcli.data.preparing.training_ranges import ColumnRange, TrainingRanges
from regcli.data.wording import number_text, quoted

_NAMED = 3
_LEAST_ROWS = 10
"""Fewer rows tell nothing of how frequent gaps are."""
_MORE_GAPS = 0.1
"""By how much the share of gaps exceeds that of training at least; it is also twice as large."""


def unlike_training(features: Features, ranges: TrainingRanges | None) -> str:
    """One line about columns whose new rows are unlike those of training; empty where none is.

    A number is far outside where it lies below the least one of training, or above the largest, by
    more than these two lie apart: a model has learnt nothing of what happens there.

    Args:
        features: rows that are predicted.
        ranges: of the training rows; None where they were not kept.
    """
    if ranges is None or features.x.ndim != 2 or not len(features.x):
        return ""
    parts = [
        _listed("far outside the training rows", _far(features, ranges)),
        _listed("more gaps than in training", _gaps(features, ranges)),
    ]
    return "; ".join(filter(None, parts))


def _far(features: Features, ranges: TrainingRanges) -> list[tuple[float, str]]:
    """The columns with numbers far outside: how many rows have them, and in words."""
    found: list[tuple[float, str]] = []
    for name, values, own in _columns(features, ranges):
        if own.low is None or own.high is None:
            continue
        width = own.high - own.low
        count = int(((values < own.low - width) | (values > own.high + width)).sum())
        if count:
            is_date = features.kind(name).name == "date"
            low, high = (_day(end) if is_date else number_text(end) for end in (own.low, own.high))
            rows = f"{count:,} of {len(values):,} rows"
            found.append((count, f"{quoted(name)} in {rows} (there {low} to {high})"))
    return found


def _gaps(features: Features, ranges: TrainingRanges) -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    for name, values, own in _columns(features, ranges):
        share = float(np.isnan(values).mean())
        if len(values) >= _LEAST_ROWS and share > max(2 * own.gaps, own.gaps + _MORE_GAPS):
            found.append((share, f"{quoted(name)} {share:.0%} (there {own.gaps:.0%})"))
    return found


def _columns(
    features: Features, ranges: TrainingRanges
) -> Iterator[tuple[str, Floats, ColumnRange]]:
    for place, name in enumerate(features.columns):
        if name in ranges.columns:
            yield name, features.x[:, place], ranges.columns[name]


def _listed(what: str, found: list[tuple[float, str]]) -> str:
    if not found:
        return ""
    texts = [text for _, text in sorted(found, key=lambda pair: -pair[0])]
    more = f" and {len(texts) - _NAMED:,} more columns" if len(texts) > _NAMED else ""
    return f"{what}: {', '.join(texts[:_NAMED])}{more}"


def _day(value: float) -> str:
    days: NDArray[np.datetime64] = np.array(value).astype("datetime64[D]")
    return str(days)
