"""CSV files: the header, and what the cells of a column mean. Importing this imports polars."""

import csv
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from regcli.data.columns import is_text
from regcli.data.dataset import Table
from regcli.data.tables import UNREADABLE, require_distinct, require_target, to_table, unreadable
from regcli.data.targets import AskedTask
from regcli.errors import DataError

_GAP_MARKS = ("?", "-", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "missing")


def load_csv(path: Path, target: str, task: AskedTask) -> Table:
    """The table of a CSV file with a header line and commas; raises DataError on any fault."""
    names = _header(path)
    require_target(names, target, path)
    _require_names(names, path)
    try:
        # Types follow from all rows rather than the first hundred, and dates are recognized, since
        # as text they would train as categories. A path is a path, even with * or [ in it.
        frame = pl.read_csv(path, infer_schema_length=None, try_parse_dates=True, glob=False)
        frame.columns = list(names)
    except UNREADABLE as error:
        raise _why_no_csv(path, len(names), error) from None
    frame = _without_empty_end(frame)
    return to_table([_settle_text(series, path) for series in frame], target, task, path)


def _header(path: Path) -> tuple[str, ...]:
    """The names as the file has them; polars would rename one that appears twice."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header = next(csv.reader(lines), [])
    except (csv.Error, OSError, UnicodeError) as error:
        raise unreadable(path, "CSV", error) from None
    if not header:
        raise DataError(f"{path}: must begin with a line of column names, its first line is empty")
    return tuple(name.strip() for name in header)


def _why_no_csv(path: Path, width: int, error: BaseException) -> DataError:
    """The row that is too long, where that is why; polars does not say which."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            lengths = enumerate(map(len, csv.reader(lines)))
            row, length = next(((row, length) for row, length in lengths if length > width))
    except (csv.Error, OSError, UnicodeError, StopIteration):
        return unreadable(path, "CSV", error)
    return DataError(
        f"{path}: every row must have as many cells as the header, {width}, row {row} has {length}"
    )


def _without_empty_end(frame: pl.DataFrame) -> pl.DataFrame:
    """Drop empty lines after the last row; polars reads each as a row of gaps."""
    filled = ~frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    last = filled.arg_true().max()
    return frame.head(last + 1 if isinstance(last, int) else 0)


def _require_names(names: Sequence[str], path: Path) -> None:
    if "" in names:
        raise DataError(
            f"{path}: every column must have a name, column {names.index('') + 1} has none; if it "
            "is an index that pandas wrote, write the file with index=False"
        )
    require_distinct(names, path)


def _settle_text(series: pl.Series, path: Path) -> pl.Series:
    """A text column of a CSV file as what it means.

    One `NA` or one space after a comma makes a whole column of numbers read as text, which would
    then train as hundreds of categories. So a column of nothing but numbers and empty cells is
    numbers; any other is text without the spaces around it.

    Raises:
        DataError: what stands beside the numbers are marks of gaps, or a tenth of the rows at most;
            names the first such row.
    """
    if not is_text(series):
        return series
    text = series.fill_null("").str.strip_chars()
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.null_count() == len(numbers):
        return text
    strange = numbers.is_null() & (text != "")
    if not strange.any():
        return numbers
    marks_only = text.filter(strange).str.to_lowercase().is_in(_GAP_MARKS).all()
    if not marks_only and strange.sum() * 10 > len(strange):
        return text
    row = strange.arg_max() or 0
    raise DataError(
        f"{path}: column {series.name!r} must be all numbers or all text, it is numbers but for "
        f"{strange.sum()} of {len(strange)} rows, the first of them row {row + 1} with "
        f"{text[row]!r}"
    )
