"""Columns of a table file as numbers and categories. Importing this module imports polars."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.config.problems import composed
from regcli.data.gaps import GAP_MARKS, column_fault, faults_of_numbers, gap_sentence
from regcli.data.likeness import Cell, Cells, fault_of_text
from regcli.data.targets import AskedTask
from regcli.errors import DataError

MOST_CATEGORIES = 1000
"""A text column with more different values is more likely an id or free text than a category."""

_MOST_READ = 10_000
"""Most different values of a column that are checked one by one."""

_LOOKED_AT_FIRST = 100
"""Cells that usually tell whether a column is numbers, before all of it is tried."""

_INTEGERS = (*(pl.Int8, pl.Int16, pl.Int32, pl.Int64), *(pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64))
_TRUTHS = {"true": True, "false": False}
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
    """One column of a file, without gaps.

    Attributes:
        name: the column's name.
        numbers: (rows,) numbers or booleans of the column's own type; None for text.
        categories: the different texts in order; empty for numbers.
        codes: (rows,) the number of each row's category; None for numbers.
    """

    name: str
    numbers: NDArray[Any] | None = None
    categories: tuple[str, ...] = ()
    codes: NDArray[np.unsignedinteger[Any]] | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs that the column becomes: one, or one for each category."""
        if self.codes is None:
            return (self.name,)
        return tuple(f"{self.name}={category}" for category in self.categories)

    def fill(self, inputs: NDArray[np.float64]) -> None:
        """Write the column's inputs into zeros (rows, len(self.inputs))."""
        if self.codes is not None:
            inputs[np.arange(len(self.codes)), self.codes] = 1.0
        elif self.numbers is not None:
            inputs[:, 0] = self.numbers


def read_feature(
    series: pl.Series, path: Path, *, typed: bool, gaps: Collection[str] = GAP_MARKS
) -> Column:
    """A column to learn from: numbers and booleans as they are, text as a category.

    Args:
        series: the column.
        path: its file, for messages.
        typed: whether the file says what is a number, as Parquet does; where it does not, text of
            only numbers is numbers.
        gaps: cells that hold nothing, in lower case.

    Raises:
        DataError: the column has gaps, is neither number nor category, or has too many categories.
            One line for each fault.
    """
    return _read(series, path, gaps, typed=typed, is_target=False, may_be_anything=False)


def read_labels(
    series: pl.Series,
    path: Path,
    task: AskedTask,
    *,
    typed: bool,
    gaps: Collection[str] = GAP_MARKS,
) -> Column:
    """The column to predict: as `read_feature`, but text may have any number of values.

    With `task: classification` they may look like anything.

    Raises:
        DataError: the column has gaps, or is neither number nor class; a line for each fault.
    """
    may_be_anything = task == "classification"
    return _read(series, path, gaps, typed=typed, is_target=True, may_be_anything=may_be_anything)


def is_text(series: pl.Series) -> bool:
    """Whether a column holds text, categories included."""
    return series.dtype in (pl.String, pl.Categorical, pl.Enum)


def _read(
    series: pl.Series,
    path: Path,
    gaps: Collection[str],
    *,
    typed: bool,
    is_target: bool,
    may_be_anything: bool,
) -> Column:
    if not is_text(series):
        return Column(series.name, _finite(series, path))
    cells = series.cast(pl.String).str.strip_chars()
    text = _without_marks(cells, gaps)
    gap = _fault_of_gaps(cells, text)
    numbers = None if typed else _as_numbers(text)
    if numbers is not None and gap is None:
        return Column(series.name, _finite(numbers, path))
    declared = series.dtype != pl.String or may_be_anything
    other = None if declared or numbers is not None else fault_of_text(_cells(text, is_target))
    if numbers is None and other is None and not is_target:
        other = _fault_of_size(text)
    faults = [column_fault(path, series.name, fault) for fault in (gap, other) if fault]
    if faults:
        raise DataError(*faults)
    return _categories(text)


def _without_marks(cells: pl.Series, gaps: Collection[str]) -> pl.Series:
    """Text with nothing in place of the marks of gaps."""
    marked = cells.str.to_lowercase().is_in([*gaps])
    return cells.set(marked, None) if marked.any() else cells


def _fault_of_gaps(cells: pl.Series, text: pl.Series) -> str | None:
    missing = text.is_null()
    count = int(missing.sum())
    if count == 0:
        return None
    row = missing.arg_max() or 0
    return gap_sentence(row, count, len(text), mark=cells[row] or "")


def _fault_of_size(text: pl.Series) -> str | None:
    """Why text is not a category: it has too many values, or none of them repeats."""
    distinct, rows = text.drop_nulls().n_unique(), len(text)
    if distinct <= MOST_CATEGORIES and distinct < rows:
        return None
    return (
        f"must be a category with at most {MOST_CATEGORIES} repeated values, it is text with "
        f"{distinct} different values in {rows} rows; leave the column out with dataset.drop"
    )


def _as_numbers(text: pl.Series) -> pl.Series | None:
    """Text with only numbers as numbers, text with only true and false as booleans.

    Gaps aside; None where it is anything else.
    """
    for kind in (pl.Int64, pl.Float64):
        if _all_are(text.head(_LOOKED_AT_FIRST), kind) and _all_are(text, kind):
            return text.cast(kind)
    truths = text.str.to_lowercase().replace_strict(_TRUTHS, default=None, return_dtype=pl.Boolean)
    return truths if truths.null_count() == text.null_count() else None


def _all_are(text: pl.Series, kind: type[pl.DataType]) -> bool:
    return text.cast(kind, strict=False).null_count() == text.null_count()


def _finite(series: pl.Series, path: Path) -> NDArray[Any]:
    """Numbers or booleans (rows,) of the column's own type, without gaps and infinities.

    Raises:
        DataError: there is a gap or an infinity, or the column is neither number nor boolean.
    """
    numbers = _numbers(series, path)
    if faults := faults_of_numbers(numbers, (series.name,), path):
        raise DataError(*faults)
    return numbers


def _numbers(series: pl.Series, path: Path) -> NDArray[Any]:
    is_number = series.dtype.is_numeric() or series.dtype == pl.Boolean
    if series.dtype == pl.Null or (series.has_nulls() and is_number):
        return series.cast(pl.Float64).to_numpy()
    if not is_number:
        held = next((words for kind, words in _KINDS if series.dtype == kind), str(series.dtype))
        raise DataError(
            column_fault(
                path,
                series.name,
                f"must hold numbers or text, it holds {held}; convert it to numbers, or leave the "
                "column out with dataset.drop",
            )
        )
    # Decimals and 128-bit integers have no NumPy type of their own.
    fits = series.dtype == pl.Boolean or series.dtype.is_float() or series.dtype in _INTEGERS
    return (series if fits else series.cast(pl.Float64)).to_numpy()


def _cells(text: pl.Series, is_target: bool) -> Cells:
    """The different values of a column and their rows."""
    rows = pl.DataFrame({"text": text}).with_row_index("row").drop_nulls()
    values = rows.group_by("text").agg(pl.len().alias("rows"), pl.col("row").min()).sort("row")
    cells = [Cell(*value) for value in values.head(_MOST_READ).iter_rows()]
    return Cells(cells, len(text), is_target, are_all=len(values) <= _MOST_READ)


def _categories(text: pl.Series) -> Column:
    """A column of categories: those that differ in their Unicode form only are one."""
    spelt = text.unique().to_list()
    forms = {value: composed(value) for value in spelt if not value.isascii()}
    if any(value != form for value, form in forms.items()):
        text = text.replace(forms)
        spelt = text.unique().to_list()
    categories = sorted(spelt)
    codes = text.cast(pl.Enum(categories)).to_physical().to_numpy()
    return Column(text.name, categories=tuple(categories), codes=codes)
