"""Columns of dates, as days since 1970-01-01. Importing this imports polars."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.data.wording import quoted

_ISO = (
    r"^\d{4}-\d{2}-\d{2}"
    r"([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"
)
"""Dates that cannot be read in two ways."""

_FORMATS = (
    *("%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y"),
    *("%m-%d-%Y", "%d %B %Y", "%d-%B-%Y", "%B %d, %Y"),
)
_TIMES = ("", " %H:%M", " %H:%M:%S")
_FIRST_YEAR = 1000
"""A year of two digits is none."""

_MICROSECONDS = 86_400_000_000
"""Of a day."""


def is_dates(series: pl.Series) -> bool:
    """Whether a column has the type of dates, with times or without."""
    return series.dtype in (pl.Date, pl.Datetime)


def iso_dates(text: pl.Series) -> pl.Series:
    """Text as moments in UTC; null where it is not ISO 8601."""
    plain = text.set(~text.str.contains(_ISO), None)
    dates = plain.str.to_datetime(strict=False, time_unit="us", time_zone="UTC")
    return dates.fill_null(plain.str.to_date("%Y-%m-%d", strict=False).cast(dates.dtype))


def days_of(dates: pl.Series) -> NDArray[np.float64]:
    """Days since 1970-01-01 by the clock on the wall, (rows,); NaN where there is no date."""
    if dates.dtype == pl.Datetime:
        dates = dates.dt.replace_time_zone(None)
    moments = dates.cast(pl.Datetime("us")).to_physical().cast(pl.Float64)
    return (moments / _MICROSECONDS).to_numpy()


def read_dates(text: pl.Series) -> pl.Series | str:
    """Text as dates, or why it cannot be read as dates, as a predicate.

    Dates are ISO 8601, or all of one other form that can be read in one way only.

    Args:
        text: without marks of gaps.
    """
    filled = text.drop_nulls().unique(maintain_order=True)
    dates = iso_dates(filled)
    if not dates.has_nulls():
        return text.replace_strict(filled, dates, default=None, return_dtype=dates.dtype)
    readings = list(_readings(filled))
    whole = [(form, read) for form, read in readings if not read.has_nulls()]
    if not whole:
        return _fault_of_form(
            text, min((read for _, read in readings), key=pl.Series.null_count), filled
        )
    for _, read in whole[1:]:
        differs = (read != whole[0][1]).arg_max() or 0
        if read[differs] != whole[0][1][differs]:
            both = f"{whole[0][1][differs]:%Y-%m-%d} or {read[differs]:%Y-%m-%d}"
            return (
                f"must hold dates that can be read in one way, {quoted(filled[differs])} may be "
                f"{both}; write dates like 2024-01-31"
            )
    return _read(text, whole[0][0])


def _readings(text: pl.Series) -> Iterator[tuple[str, pl.Series]]:
    yield "", iso_dates(text).dt.replace_time_zone(None)
    for date in _FORMATS:
        for time in _TIMES:
            yield date + time, _read(text, date + time)


def _read(text: pl.Series, form: str) -> pl.Series:
    if "%H" in form:
        moments = text.str.to_datetime(form, strict=False, time_unit="us")
    else:
        moments = text.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    return moments.set((moments.dt.year() < _FIRST_YEAR).fill_null(False), None)


def _fault_of_form(text: pl.Series, nearest: pl.Series, filled: pl.Series) -> str:
    """The first cell that even the form that fits best does not fit."""
    cell = filled[nearest.is_null().arg_max() or 0]
    row = (text == cell).arg_max() or 0
    return (
        f"must hold dates of one form, such as 2024-01-31, row {row + 1} of {len(text)} has "
        f"{quoted(cell)}"
    )
