"""What the columns of training rows span, so that new rows far outside of it are told of."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from regcli.data.features import Features
from regcli.data.fingerprint import DIGITS

VERSION = 1
_MOST_COLUMNS = 2_000
"""Of wider tables nothing is kept: a note of single columns would say little."""
_CELLS_AT_ONCE = 2**20


@dataclass(frozen=True)
class ColumnRange:
    """A column in the training rows.

    Attributes:
        low, high: its least and largest value; None where nothing lies on a line, as of
            categories, and where no row has a value.
        gaps: share of the rows without a value.
    """

    low: float | None
    high: float | None
    gaps: float


@dataclass(frozen=True)
class TrainingRanges:
    """Every column in the training rows, by name; plain data."""

    columns: Mapping[str, ColumnRange]

    @cached_property
    def key(self) -> str:
        """A name that follows from everything in it."""
        text = json.dumps(self.as_plain(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]

    def as_plain(self) -> dict[str, Any]:
        """Everything as plain data, which `from_plain` reads."""
        columns = {name: [c.low, c.high, c.gaps] for name, c in self.columns.items()}
        return {"version": VERSION, "columns": columns}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The ranges that `as_plain` wrote.

        Raises:
            ValueError: they are none, or of a later version.
        """
        if plain.get("version") != VERSION:
            raise ValueError(f"ranges must be of version {VERSION}, not {plain.get('version')}")
        try:
            return cls({name: ColumnRange(*values) for name, values in plain["columns"].items()})
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"ranges lack a part: {error}") from error


def fit_ranges(features: Features, rows: NDArray[np.int64]) -> TrainingRanges | None:
    """The ranges of training rows; None of tensors and of very wide tables.

    Args:
        features: every row of the table.
        rows: numbers of the training rows.
    """
    if features.x.ndim != 2 or len(features.columns) > _MOST_COLUMNS:
        return None
    width = len(features.columns)
    low, high, gaps = np.full(width, np.inf), np.full(width, -np.inf), np.zeros(width)
    step = max(_CELLS_AT_ONCE // max(width, 1), 1)
    for begin in range(0, len(rows), step):
        x = features.x[rows[begin : begin + step]]
        np.fmin(low, np.fmin.reduce(x, axis=0), out=low)
        np.fmax(high, np.fmax.reduce(x, axis=0), out=high)
        gaps += np.isnan(x).sum(axis=0)
    found = {}
    for place, name in enumerate(features.columns):
        share = float(gaps[place] / len(rows))
        is_line = features.kind(name).name in ("number", "date") and low[place] <= high[place]
        ends = (float(low[place]), float(high[place]))
        found[name] = ColumnRange(*ends, share) if is_line else ColumnRange(None, None, share)
    return TrainingRanges(found)
