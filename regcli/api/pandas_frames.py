"""Frames of pandas from and to those of polars, column by column, without pyarrow."""

from typing import Any

import polars as pl

from regcli.errors import DataError

_NUMBERS = "biufM"
"""Kinds of NumPy's types that polars takes as they are: numbers, truths, times."""


def as_pandas(frame: pl.DataFrame) -> Any:
    """A frame of pandas with the same columns; a null is NaN, or None in text.

    Raises:
        ImportError: pandas is not installed.
    """
    import pandas

    return pandas.DataFrame({column.name: column.to_list() for column in frame})


def from_pandas(frame: Any) -> pl.DataFrame:
    """A frame of polars with the columns of one of pandas, whose index is left out.

    Categories become categories, times without a zone stay, those with one become UTC; NaN, NaT,
    NA and None are gaps.

    Raises:
        DataError: a column holds values of several kinds, or has the name of another.
    """
    names = [str(name) for name in frame.columns]
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise DataError(f"data: must have columns of different names, {twice[0]!r} is there twice")
    return pl.DataFrame([series_of(name, frame.iloc[:, n]) for n, name in enumerate(names)])


def series_of(name: str, column: Any) -> pl.Series:
    """A column of pandas as one of polars; see `from_pandas`."""
    kind = column.dtype
    if type(kind).__name__ == "CategoricalDtype":
        words = [None if gap else str(value) for value, gap in _cells(column.astype(object))]
        return pl.Series(name, words, pl.Categorical)
    if type(kind).__name__ == "DatetimeTZDtype":
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
        kind = column.dtype
    if getattr(kind, "kind", "O") in _NUMBERS and type(kind).__module__.startswith("numpy"):
        return pl.Series(name, column.to_numpy(), nan_to_null=True)
    values = [None if gap else value for value, gap in _cells(column)]
    try:
        return pl.Series(name, values)
    except (TypeError, ValueError, pl.exceptions.PolarsError):
        kinds = sorted({type(value).__name__ for value in values if value is not None})
        raise DataError(
            f"data: column {name!r} must hold values of one kind, it holds {', '.join(kinds)}"
        ) from None


def _cells(column: Any) -> Any:
    return zip(column.to_list(), column.isna().to_list(), strict=True)
