"""The rows of files of text, by polars: plain numbers as numbers, other cells as text."""

import csv
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import polars as pl

from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.roles import Roles
from regcli.data.columns.tables import UNREADABLE, unreadable
from regcli.data.files.csv_files import CsvFile, require_names, unclosed
from regcli.data.files.layouts import UnclosedQuoteError
from regcli.data.files.row_lengths import row_lengths
from regcli.data.free_memory import require_memory
from regcli.errors import DataError

_SAMPLE_ROWS = 100
_UNCLOSED = ("malformed", 'could not parse `"')
"""What polars says of a quotation mark without its second."""


def read_rows(
    file: CsvFile, roles: Roles, rules: ColumnRules, as_text: Collection[str]
) -> pl.DataFrame:
    """The columns of one file under their composed names, with plain numbers as numbers.

    Args:
        as_text: columns to read as text, whatever they hold.

    Raises:
        DataError: on any fault.
    """
    with readable(file):
        frame = _read(file, text_places(file, roles, rules, as_text))
        # Of rows to predict each is answered, also one of nothing but separators.
        least = 0 if roles.of_training is None else _rows_with_cells(file, frame)
        frame = frame.head(max(_filled_rows(frame), least))
    names, rest = frame.columns[: len(file.names)], frame.columns[len(file.names) :]
    if any(frame[name].null_count() < len(frame) for name in rest):
        require_names(file.layout.names, file.path)
    frame = frame.select(pl.col(name) for name in names)
    frame.columns = list(file.names)
    return frame


def text_places(
    file: CsvFile, roles: Roles, rules: ColumnRules, as_text: Collection[str] = ()
) -> list[int]:
    """Places of the columns that are read as text, whatever they hold."""
    # 01 is another category than 1, and stays one only as it stands in the file.
    others = [name for name in file.names if not rules.may_be_numbers(name)]
    texts = {roles.target, roles.groups, *others, *as_text}
    return [place for place, name in enumerate(file.names) if name in texts]


@contextmanager
def readable(file: CsvFile) -> Iterator[None]:
    """Say why a file cannot be read where polars fails in the body.

    Raises:
        DataError: it cannot.
    """
    try:
        yield
    except UnclosedQuoteError:
        raise unclosed(file.path) from None
    except UNREADABLE as error:
        raise _why_no_csv(file, error) from None


def _read(file: CsvFile, texts: Sequence[int]) -> pl.DataFrame:
    """Every row and empty line: columns of numbers as numbers, others and those asked for as text.

    polars reads numbers far faster than it infers types, so each column is tried as numbers if its
    first rows are; where that leaves gaps, its cells are read once more as they are.

    Raises:
        DataError: the rows would not fit into memory.
    """
    schema = kinds_of_columns(file, texts)
    _require_memory(file, [kind == pl.Float64 for kind in schema.values()])
    frame = _polars(file, schema=schema, ignore_errors=True)
    if frame.is_empty() and not _polars(file, n_rows=1, infer_schema_length=0).is_empty():
        raise UnclosedQuoteError
    doubtful = [series.name for series in frame if series.dtype != pl.String and series.has_nulls()]
    if doubtful:
        as_text = dict.fromkeys(schema, pl.String)
        cells = _polars(file, schema=as_text, columns=doubtful)
        frame = frame.with_columns(cells.get_columns())
    return frame


def kinds_of_columns(file: CsvFile, texts: Sequence[int]) -> dict[str, type[pl.DataType]]:
    """What polars is to read columns as: numbers where the first rows are, else text.

    Args:
        texts: places of columns that are text.

    Returns:
        By the names that polars gives the columns, in their order.

    Raises:
        UnclosedQuoteError: the rows are not as wide as the header.
    """
    first = _polars(file, n_rows=_SAMPLE_ROWS, infer_schema_length=0)
    if len(first.columns) != len(file.layout.names):
        raise UnclosedQuoteError
    return {
        series.name: pl.Float64 if place not in texts and _is_number(series) else pl.String
        for place, series in enumerate(first)
    }


def _polars(file: CsvFile, **options: Any) -> pl.DataFrame:
    """What polars reads."""
    with quotes_closed():
        return pl.read_csv(file.text.source, **way_to_read(file), **options)


def way_to_read(file: CsvFile) -> dict[str, Any]:
    """Polars's options for a file; a path is a path, even with * or [ in it."""
    layout = file.layout
    return {
        "glob": False,
        "separator": layout.separator,
        "eol_char": layout.line_end,
        "comment_prefix": layout.comment,
        "skip_rows": layout.skipped,
    }


@contextmanager
def quotes_closed() -> Iterator[None]:
    """Have polars's warning of a quotation mark without its second be an error.

    Raises:
        UnclosedQuoteError: there is one.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield
    if any(words in str(warning.message) for warning in said for words in _UNCLOSED):
        raise UnclosedQuoteError


def _is_number(series: pl.Series) -> bool:
    """Whether the first cells of a column are numbers or empty."""
    return series.cast(pl.Float64, strict=False).null_count() == series.null_count()


def _require_memory(file: CsvFile, is_number: Sequence[bool]) -> None:
    """Numbers take eight bytes and text about its own length, with 16 bytes for each cell."""
    rows = file.text.size / max(file.layout.row_bytes, 1)
    texts = len(is_number) - sum(is_number)
    needed = rows * (8 * sum(is_number) + 16 * texts) + file.text.size * texts / len(is_number)
    require_memory(needed, f"{file.path}: ")


def _why_no_csv(file: CsvFile, error: BaseException) -> DataError:
    """The error with the row that is too long, if there is one; polars does not name it."""
    path, width = file.path, len(file.layout.names)
    if any(words in str(error) for words in _UNCLOSED):
        return unclosed(path)
    try:
        row, length = next(
            (row, length)
            for row, length in enumerate(row_lengths(file.text, file.layout))
            if length > width
        )
    except StopIteration:
        if "more fields" in str(error) or isinstance(error, pl.exceptions.SchemaError):
            return DataError(
                f"{path}: cannot be read as CSV: its line endings differ; end every line with a "
                "line feed"
            )
        return unreadable(path, "CSV", error)
    except (csv.Error, OSError, UnicodeError):
        return unreadable(path, "CSV", error)
    cells = "1 cell" if width == 1 else f"{width} cells"
    return DataError(f"{path}: every row must have {cells} like the header, row {row} has {length}")


def _filled_rows(frame: pl.DataFrame) -> int:
    """Rows up to the last that has a value; polars reads each empty line as a row of gaps."""
    filled = ~frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    last = filled.arg_true().max()
    return last + 1 if isinstance(last, int) else 0


def _rows_with_cells(file: CsvFile, frame: pl.DataFrame) -> int:
    """Rows up to the last that is no empty line, though its cells may be empty."""
    if _filled_rows(frame) == len(frame):
        return len(frame)
    lengths = islice(row_lengths(file.text, file.layout), 1, len(frame) + 1)
    return max((row for row, length in enumerate(lengths, 1) if length > 1), default=0)
