"""The target column of a file, before its task is known. Importing it imports polars."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.columns import cells_of, fault_of_type, numbers_of
from regcli.data.columns.gaps import column_fault, faults_of_numbers
from regcli.data.columns.likeness import fault_of_text
from regcli.data.columns.text_columns import (
    as_numbers,
    codes_of,
    fault_of_gaps,
    is_text,
    without_marks,
)
from regcli.data.target.targets import AskedTask
from regcli.errors import DataError


@dataclass(frozen=True)
class Labels:
    """The target column of a file, without gaps.

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
        DataError: the column has gaps, or is neither number nor class; a line for each fault.
    """
    if not is_text(series):
        if (fault := fault_of_type(series)) is not None:
            raise DataError(column_fault(path, series.name, fault))
        return Labels(series.name, _finite(series, path))
    cells = series.cast(pl.String).str.strip_chars()
    text = without_marks(cells, rules.gap_marks)
    gap = fault_of_gaps(cells, text)
    numbers = None if typed else as_numbers(text)
    if numbers is not None and gap is None:
        return Labels(series.name, _finite(numbers, path))
    is_class = series.dtype != pl.String or task == "classification" or numbers is not None
    other = None if is_class else fault_of_text(cells_of(text, is_target=True))
    faults = [column_fault(path, series.name, fault) for fault in (gap, other) if fault]
    if faults:
        raise DataError(*faults)
    codes, categories = codes_of(text)
    return Labels(series.name, categories=categories, codes=codes.to_numpy())


def _finite(series: pl.Series, path: Path) -> NDArray[Any]:
    numbers = numbers_of(series)
    if faults := faults_of_numbers(numbers, (series.name,), path):
        raise DataError(*faults)
    return numbers
