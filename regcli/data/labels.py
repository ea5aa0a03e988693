"""The target column of a file, before its task is known. Importing it imports polars."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.data.column_rules import ColumnRules
from regcli.data.columns import cells_of, fault_of_type, numbers_of
from regcli.data.gaps import column_fault, faults_of_numbers
from regcli.data.likeness import fault_of_text
from regcli.data.targets import AskedTask
from regcli.data.text_columns import as_numbers, codes_of, fault_of_gaps, is_text, without_marks
from regcli.errors import DataError


@dataclass(frozen=True)
class Labels:
    """The target column of a file.

    Attributes:
        name: the column's name.
        numbers: (rows,) numbers or booleans of the column's own type; None for text.
        categories: the different texts in order; empty for numbers.
        codes: (rows,) the number of each row's category; None for numbers.
        gaps: (rows,) which rows have no target and are to be left out; None for none.
    """

    name: str
    numbers: NDArray[Any] | None = None
    categories: tuple[str, ...] = ()
    codes: NDArray[np.unsignedinteger[Any]] | None = None
    gaps: NDArray[np.bool_] | None = None

    def at(self, rows: NDArray[np.bool_]) -> "Labels":
        """Those of some rows."""
        numbers = None if self.numbers is None else self.numbers[rows]
        codes = None if self.codes is None else self.codes[rows]
        if codes is None:
            return Labels(self.name, numbers)
        found, own = np.unique(codes, return_inverse=True)
        return Labels(
            self.name,
            categories=tuple(self.categories[code] for code in found),
            codes=own.astype(np.uint32),
        )


def read_labels(
    series: pl.Series, path: Path, task: AskedTask, rules: ColumnRules, *, typed: bool
) -> Labels:
    """The column to predict: numbers, or text with any number of values.

    With `task: classification` they may look like anything.

    Raises:
        DataError: the column has gaps whose rows are not to be left out, or is neither number nor
            class; a line for each fault.
    """
    may_have_gaps = rules.missing_in(series.name) == "drop"
    if not is_text(series):
        if (fault := fault_of_type(series)) is not None:
            raise DataError(column_fault(path, series.name, fault))
        return _numbers(series, path, may_have_gaps=may_have_gaps)
    cells = series.cast(pl.String).str.strip_chars()
    text = without_marks(cells, rules.gap_marks)
    gap = None if may_have_gaps else fault_of_gaps(cells, text)
    numbers = None if typed else as_numbers(text)
    if numbers is not None and gap is None:
        return _numbers(numbers, path, may_have_gaps=may_have_gaps)
    is_class = series.dtype != pl.String or task == "classification" or numbers is not None
    other = None if is_class else fault_of_text(cells_of(text, is_target=True))
    faults = [column_fault(path, series.name, fault) for fault in (gap, other) if fault]
    if faults:
        raise DataError(*faults)
    codes, categories = codes_of(text)
    gaps = codes.is_null().to_numpy() if codes.has_nulls() else None
    codes = codes.fill_null(0)
    return Labels(series.name, categories=categories, codes=codes.to_numpy(), gaps=gaps)


def _numbers(series: pl.Series, path: Path, *, may_have_gaps: bool) -> Labels:
    gaps = None
    if may_have_gaps:
        series = series.fill_nan(None) if series.dtype.is_float() else series
        gaps = series.is_null().to_numpy() if series.has_nulls() else None
        # Without gaps numbers keep their own type; what stands in their place is left out.
        series = series.fill_null(False if series.dtype == pl.Boolean else 0)
    numbers = numbers_of(series)
    if faults := faults_of_numbers(numbers, (series.name,), path):
        raise DataError(*faults)
    return Labels(series.name, numbers, gaps=gaps)
