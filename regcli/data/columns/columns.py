"""Input columns of a table file as typed values with gaps. Importing this module imports polars."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from numpy.typing import NDArray

from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.date_columns import days_of, is_dates, iso_dates
from regcli.data.columns.gaps import OR_MISSING, column_fault, faults_of_numbers
from regcli.data.columns.likeness import Cell, Cells, fault_of_text
from regcli.data.columns.text_columns import (
    as_numbers,
    codes_of,
    fault_of_gaps,
    is_text,
    without_marks,
)
from regcli.data.columns.typed_columns import read_as
from regcli.data.features import NUMBER, Kind
from regcli.errors import DataError

MOST_CATEGORIES = 1000
"""A text column with more different values is more likely an id or free text than a category."""

_MOST_READ = 10_000
"""Most different values of a column that are checked one by one."""

_INTEGERS = (*(pl.Int8, pl.Int16, pl.Int32, pl.Int64), *(pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64))
_KINDS: tuple[tuple[type[pl.DataType] | Any, str], ...] = (
    (pl.Date, "dates"),
    (pl.Datetime, "dates with times"),
    (pl.Time, "times of day"),
    (pl.Duration, "durations"),
    (pl.List, "lists"),
    (pl.Array, "lists"),
    (pl.Struct, "nested columns"),
    (pl.Binary, "bytes"),
)


@dataclass(frozen=True)
class Column:
    """An input column of a file.

    Attributes:
        name: the column's name.
        values: (rows,) numbers, or what stands for something else as `kind` says; NaN where there
            is a gap.
        kind: what the values stand for.
    """

    name: str
    values: NDArray[Any]
    kind: Kind = NUMBER


def read_feature(series: pl.Series, path: Path, rules: ColumnRules, *, typed: bool) -> Column:
    """A column to learn from: numbers and booleans, text as a category, dates where asked for.

    Args:
        series: the column.
        path: its file, for messages.
        rules: what the config says of columns.
        typed: whether the file says what is a number, as Parquet does; where it does not, text of
            only numbers is numbers.

    Raises:
        DataError: the column has gaps that nothing is done about, is neither number, category nor
            date, is not of the type that the rules give it, or has too many categories. One line
            for each fault.
    """
    gap = None
    if is_text(series):
        cells = series.cast(pl.String).str.strip_chars()
        text = without_marks(cells, rules.gap_marks)
        if rules.missing_in(series.name) == "error":
            gap = fault_of_gaps(cells, text, OR_MISSING)
        is_declared = series.dtype != pl.String
        found = _read_text(text, rules, typed=typed, is_declared=is_declared)
    else:
        found = _read_typed(series, rules)
    other = found if isinstance(found, str) else None
    faults = [column_fault(path, series.name, fault) for fault in (gap, other) if fault]
    if not faults and isinstance(found, Column):
        has_gaps = gap is None and rules.missing_in(series.name) != "error"
        faults = faults_of_numbers(
            found.values, (series.name,), path, may_have_gaps=has_gaps, advice=OR_MISSING
        )
    if faults or isinstance(found, str):
        raise DataError(*faults)
    return found


def _read_text(
    text: pl.Series, rules: ColumnRules, *, typed: bool, is_declared: bool
) -> Column | str:
    """A column of text without marks of gaps, or why it cannot be used, as a predicate.

    Args:
        is_declared: whether the file says that it is a category.
    """
    name = text.name
    if (asked := rules.types.get(name)) is not None:
        found = read_as(asked, text)
        fault = found if isinstance(found, str) else None
        if asked.name == "category":
            fault = _fault_of_count(text, rules)
        return fault or Column(name, *found)
    if rules.dates is not None and len(text.drop_nulls()):
        dates = iso_dates(text)
        if dates.null_count() == text.null_count():
            return Column(name, days_of(dates), Kind("date"))
    numbers = None if typed else as_numbers(text)
    if numbers is not None:
        return _number_column(numbers)
    fault = None if is_declared else fault_of_text(cells_of(text, is_target=False))
    fault = fault or _fault_of_size(text, rules)
    if fault is not None:
        return fault
    codes, categories = codes_of(text)
    return Column(name, codes.cast(pl.Float64).to_numpy(), Kind("category", categories))


def _read_typed(series: pl.Series, rules: ColumnRules) -> Column | str:
    """A column of anything but text, or why it cannot be used, as a predicate."""
    if (asked := rules.types.get(series.name)) is not None:
        found = read_as(asked, series)
        return found if isinstance(found, str) else Column(series.name, *found)
    if is_dates(series):
        if rules.dates is not None:
            return Column(series.name, days_of(series), Kind("date"))
        return (
            f"must hold numbers or text, it holds {_held(series)}; use them with dataset.dates, or "
            "leave the column out with dataset.drop"
        )
    return fault_of_type(series) or _number_column(series)


def _number_column(series: pl.Series) -> Column:
    kind = Kind("boolean") if series.dtype == pl.Boolean else NUMBER
    return Column(series.name, numbers_of(series), kind)


def fault_of_type(series: pl.Series) -> str | None:
    """Why a column of anything but text holds no numbers, as a predicate; None where it does."""
    if series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null):
        return None
    return (
        f"must hold numbers or text, it holds {_held(series)}; convert it to numbers, or leave the "
        "column out with dataset.drop"
    )


def _held(series: pl.Series) -> str:
    return next((words for kind, words in _KINDS if series.dtype == kind), str(series.dtype))


def numbers_of(series: pl.Series) -> NDArray[Any]:
    """Numbers or booleans (rows,) of the column's own type; of float64 with NaN for gaps."""
    # Decimals and 128-bit integers have no NumPy type of their own.
    fits = series.dtype == pl.Boolean or series.dtype.is_float() or series.dtype in _INTEGERS
    return (series if fits and not series.has_nulls() else series.cast(pl.Float64)).to_numpy()


def cells_of(text: pl.Series, is_target: bool) -> Cells:
    """The different values of a column and their rows."""
    rows = pl.DataFrame({"text": text}).with_row_index("row").drop_nulls()
    values = rows.group_by("text").agg(pl.len().alias("rows"), pl.col("row").min()).sort("row")
    cells = [Cell(*value) for value in values.head(_MOST_READ).iter_rows()]
    return Cells(cells, len(text), is_target, are_all=len(values) <= _MOST_READ)


def _fault_of_size(text: pl.Series, rules: ColumnRules) -> str | None:
    """Why text is not a category: it has too many values, or none of them repeats."""
    distinct, rows = text.drop_nulls().n_unique(), len(text)
    bounded = distinct <= MOST_CATEGORIES or rules.max_categories is not None
    if bounded and (distinct < rows - text.null_count() or distinct < 2):
        return None
    return (
        f"must be a category with at most {MOST_CATEGORIES} repeated values, it is text with "
        f"{distinct} different values in {rows} rows; leave the column out with dataset.drop"
        + _or_pool(bounded)
    )


def _fault_of_count(text: pl.Series, rules: ColumnRules) -> str | None:
    """Why a column that is a category by the config has too many values."""
    distinct = text.drop_nulls().n_unique()
    if distinct <= MOST_CATEGORIES or rules.max_categories is not None:
        return None
    return (
        f"must have at most {MOST_CATEGORIES} categories, it has {distinct}; leave the column out "
        f"with dataset.drop{_or_pool(False)}"
    )


def _or_pool(is_bounded: bool) -> str:
    return "" if is_bounded else ", or pool rare categories with dataset.max_categories"
