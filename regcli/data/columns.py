"""Columns of a table file as numbers. Importing this module imports polars."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.data.gaps import gap_message
from regcli.errors import DataError

MOST_CATEGORIES = 1000
"""A text column with more different values is more likely an id or free text than a category."""

_INTEGERS = (*(pl.Int8, pl.Int16, pl.Int32, pl.Int64), *(pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64))


@dataclass(frozen=True)
class Feature:
    """One column of a file as the inputs it becomes: `values` float64 (rows, len(names))."""

    names: tuple[str, ...]
    values: NDArray[np.float64]


def read_feature(series: pl.Series, path: Path) -> Feature:
    """Numbers and booleans as they are; text as one 0/1 input for each different value.

    Raises:
        DataError: the column has gaps in text, has too many different texts, or is neither number
            nor text. Gaps in numbers come back as NaN.
    """
    if is_text(series):
        return _one_hot(require_text(series, path), path)
    return Feature((series.name,), read_numbers(series, path).astype(np.float64)[:, None])


def read_numbers(series: pl.Series, path: Path) -> NDArray[np.generic]:
    """Numbers or booleans (rows,) of the column's own type; floats with NaN where it has gaps.

    Raises:
        DataError: the column is neither number nor boolean, such as a date or a list.
    """
    if series.dtype == pl.Null or (series.has_nulls() and _is_number(series)):
        return series.cast(pl.Float64).to_numpy()
    if not _is_number(series):
        raise DataError(
            f"{path}: column {series.name!r} is neither number nor text but {series.dtype}; turn "
            "it into numbers or leave it out"
        )
    # Decimals and 128-bit integers have no NumPy type of their own.
    fits = series.dtype == pl.Boolean or series.dtype.is_float() or series.dtype in _INTEGERS
    return (series if fits else series.cast(pl.Float64)).to_numpy()


def require_text(series: pl.Series, path: Path) -> pl.Series:
    """The column as plain text.

    Raises:
        DataError: a cell is empty; names the first one's row.
    """
    text = series.cast(pl.String)
    empty = text.fill_null("").str.strip_chars() == ""
    if empty.any():
        raise DataError(gap_message(path, series.name, empty.arg_max() or 0, len(series)))
    return text


def is_text(series: pl.Series) -> bool:
    """Whether a column holds text, categories included."""
    return series.dtype in (pl.String, pl.Categorical, pl.Enum)


def _is_number(series: pl.Series) -> bool:
    return series.dtype.is_numeric() or series.dtype == pl.Boolean


def _one_hot(text: pl.Series, path: Path) -> Feature:
    distinct, rows = text.n_unique(), len(text)
    if distinct > MOST_CATEGORIES or distinct == rows:
        raise DataError(
            f"{path}: text column {text.name!r} must be a category of at most {MOST_CATEGORIES} "
            f"repeated values, it has {distinct} different ones in {rows} rows; leave it out"
        )
    categories, codes = np.unique(text.to_numpy(), return_inverse=True)
    values = np.zeros((rows, distinct))
    values[np.arange(rows), codes] = 1.0
    return Feature(tuple(f"{text.name}={category}" for category in categories), values)
