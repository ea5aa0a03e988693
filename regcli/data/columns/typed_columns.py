"""Columns that the config gives a type, whatever they look like. Importing this imports polars."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.data.columns.date_columns import days_of, is_dates, read_dates
from regcli.data.columns.text_columns import as_numbers, codes_of, is_text, one_form, text_of
from regcli.data.columns.truths import TRUTHS
from regcli.data.features import Kind
from regcli.data.wording import listed, quoted

Values = tuple[NDArray[np.float64], Kind]


AS_ASKED = "as dataset.types says"


def read_as(kind: Kind, series: pl.Series, why: str = AS_ASKED) -> Values | str:
    """A column's values (rows,) as a type asks for them, or why it cannot be so, as a predicate.

    Args:
        kind: the type; of an ordinal with its order.
        series: the column, of text without marks of gaps.
        why: where the type is from.
    """
    if series.dtype.is_nested() or series.dtype == pl.Binary:
        return f"must hold a {kind.name} {why}, it holds {series.dtype}"
    if kind.name == "number":
        return _numbers(series, why)
    if kind.name == "date":
        return _dates(series)
    text = text_of(series)
    if kind.name == "boolean":
        return _booleans(text)
    if kind.name == "ordinal":
        return _ordinal(text, kind)
    codes, categories = codes_of(text)
    return codes.cast(pl.Float64).to_numpy(), Kind("category", categories)


def _numbers(series: pl.Series, why: str) -> Values | str:
    if is_dates(series) or series.dtype in (pl.Time, pl.Duration):
        return f"must hold numbers {why}, it holds {series.dtype}"
    truths = as_numbers(series) if is_text(series) else None
    numbers = (series if truths is None else truths).cast(pl.Float64, strict=False)
    unread = numbers.is_null() & series.is_not_null()
    if unread.any():
        return _first_fault(f"must hold numbers {why}", unread, series)
    return numbers.to_numpy(), Kind("number")


def _booleans(text: pl.Series) -> Values | str:
    truths = text.str.to_lowercase().replace_strict(TRUTHS, default=None, return_dtype=pl.Boolean)
    unread = truths.is_null() & text.is_not_null()
    if unread.any():
        return _first_fault("must hold yes and no, true and false, or 1 and 0", unread, text)
    return truths.cast(pl.Float64).to_numpy(), Kind("boolean")


def _ordinal(text: pl.Series, kind: Kind) -> Values | str:
    text = one_form(text)
    unknown = ~text.is_in(list(kind.values)) & text.is_not_null()
    if unknown.any():
        rule = f"must hold the values of its order, {listed(kind.values)}"
        return _first_fault(rule, unknown, text)
    codes = text.cast(pl.Enum(list(kind.values))).to_physical()
    return codes.cast(pl.Float64).to_numpy(), kind


def _dates(series: pl.Series) -> Values | str:
    if not is_dates(series):
        read = read_dates(series.cast(pl.String))
        if isinstance(read, str):
            return read
        series = read
    return days_of(series), Kind("date")


def _first_fault(rule: str, wrong: pl.Series, series: pl.Series) -> str:
    row, count = wrong.arg_max() or 0, int(wrong.sum())
    held = f"{count} of {len(series)} rows do not, the first of them row {row + 1} with"
    held = f"row {row + 1} of {len(series)} has" if count == 1 else held
    return f"{rule}, {held} {quoted(series[row])}"
