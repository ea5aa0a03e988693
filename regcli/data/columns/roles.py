"""Columns that are not inputs: the target, weights, and what decides which rows may be apart.

Importing this imports polars.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.config.dataset_section import Dataset
from regcli.config.problems import composed
from regcli.data.columns.date_columns import iso_dates
from regcli.data.columns.gaps import GAP_MARKS, column_fault, gap_sentence
from regcli.data.columns.text_columns import is_gap, is_text
from regcli.data.target.targets import AskedTask
from regcli.data.wording import quoted
from regcli.errors import DataError

_TIMES = (pl.Date, pl.Datetime, pl.Time, pl.Duration)


@dataclass(frozen=True)
class Roles:
    """The columns of a file that are not inputs, by name, and the task that the config names.

    The target's name is empty where it is not chosen yet.
    """

    target: str
    task: AskedTask
    groups: str | None = None
    time: str | None = None
    weights: str | None = None
    drop: tuple[str, ...] = ()
    of_training: str | None = None
    """A column that a file of rows to predict has, which may lack those with roles; None where
    these have to be there."""

    @classmethod
    def of(cls, config: Dataset) -> Self:
        """Those that a `dataset` section names, in one Unicode form."""
        named = (config.groups, config.time, config.weights)
        groups, time, weights = (name and composed(name) for name in named)
        drop = tuple(map(composed, config.drop or ()))
        target = composed(str(config.target_column))
        return cls(target, config.task, groups, time, weights, drop)

    @property
    def landmark(self) -> str:
        """A column that the header must have, which tells it from other lines."""
        return self.target if self.of_training is None else self.of_training

    def named(self) -> Iterator[tuple[str, str]]:
        """The role and name of each column that a file must have."""
        if self.of_training is not None:
            return
        if self.target:
            yield "target", self.target
        if self.groups is not None:
            yield "groups", self.groups
        if self.time is not None:
            yield "time", self.time
        if self.weights is not None:
            yield "weights", self.weights


def read_groups(
    series: pl.Series, path: Path, gaps: Collection[str] = GAP_MARKS
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The number of each row's group, (rows,), and a name for each number.

    Raises:
        DataError: a row has no group.
    """
    _require_plain(series, path)
    text = series.cast(pl.String).str.strip_chars()
    _require_no_gap(series, path, gaps)
    names, numbers = np.unique(np.array(list(map(composed, text.to_list()))), return_inverse=True)
    return numbers.astype(np.int64), tuple(map(str, names))


def read_times(series: pl.Series, path: Path, gaps: Collection[str] = GAP_MARKS) -> NDArray[Any]:
    """When each row was, (rows,), as numbers in that order; text is read as ISO 8601.

    Raises:
        DataError: a row has no time, or one that is neither a number nor such a date.
    """
    _require_plain(series, path)
    if series.dtype in _TIMES:
        _require_no_gap(series, path, gaps)
        return series.to_physical().cast(pl.Int64).to_numpy()
    if series.dtype.is_numeric():
        _require_no_gap(series, path, gaps)
        numbers: NDArray[Any] = series.to_numpy()
        return numbers if numbers.dtype.kind in "iu" else numbers.astype(np.float64)
    text = series.cast(pl.String).str.strip_chars()
    _require_no_gap(series, path, gaps)
    numbers_read = text.cast(pl.Float64, strict=False)
    if not numbers_read.has_nulls():
        return numbers_read.to_numpy()
    dates = iso_dates(text)
    if dates.has_nulls():
        row = dates.is_null().arg_max() or 0
        raise DataError(
            column_fault(
                path,
                series.name,
                "must hold numbers or dates like 2024-01-31 or 2024-01-31 12:00:00, row "
                f"{row + 1} of {len(text)} has {quoted(text[row])}",
            )
        )
    return dates.to_physical().to_numpy()


def read_weights(
    series: pl.Series, path: Path, gaps: Collection[str] = GAP_MARKS
) -> NDArray[np.float32]:
    """What multiplies the loss of each row, (rows,).

    Raises:
        DataError: a row has no weight or one below 0, or all are 0.
    """
    _require_plain(series, path)
    text = series.cast(pl.String).str.strip_chars()
    _require_no_gap(series, path, gaps)
    numbers = text.cast(pl.Float64, strict=False)
    wrong = ~((numbers >= 0) & (numbers <= float(np.finfo(np.float32).max))).fill_null(False)
    if wrong.any():
        row = wrong.arg_max() or 0
        held = f"row {row + 1} of {len(text)} has {quoted(text[row])}"
        fault = f"must hold weights, which are numbers of 0 or more, {held}"
        raise DataError(column_fault(path, series.name, fault))
    if not (numbers > 0).any():
        fault = "must hold a weight above 0 in some row, all of them are 0"
        raise DataError(column_fault(path, series.name, fault))
    return numbers.to_numpy().astype(np.float32)


def _require_plain(series: pl.Series, path: Path) -> None:
    """Refuse columns of lists, structures and bytes."""
    if series.dtype.is_nested() or series.dtype == pl.Binary:
        fault = f"must hold numbers, text or dates, it holds {series.dtype}"
        raise DataError(column_fault(path, series.name, fault))


def _require_no_gap(series: pl.Series, path: Path, gaps: Collection[str]) -> None:
    missing = is_gap(series, gaps)
    if missing.any():
        row = missing.arg_max() or 0
        mark = str(series[row] or "").strip() if is_text(series) else ""
        fault = gap_sentence(row, int(missing.sum()), len(series), mark=mark)
        raise DataError(column_fault(path, series.name, fault))
