"""Files of text: the header, and cells as text or numbers. Importing this imports polars."""

import csv
import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl

from regcli.data.dialect import AskedDialect, Dialect
from regcli.data.free_memory import require_memory
from regcli.data.gaps import faults_together
from regcli.data.layouts import Layout, UnclosedQuoteError, find_layout
from regcli.data.number_marks import (
    PLAIN,
    NumberMarks,
    ShownMarks,
    require_plain_points,
    seems_marked,
)
from regcli.data.roles import Roles
from regcli.data.tables import UNREADABLE, composed_names, unreadable
from regcli.data.text_files import TextFile, open_text
from regcli.errors import DataError

_SAMPLE_ROWS = 100
_OF_DECIMAL_COMMAS = ";"
"""The separator of programs that write decimal commas: beside it 1.234 may be a thousand."""
_UNCLOSED = ("malformed", 'could not parse `"')
"""What polars says of a quotation mark without its second."""


@dataclass(frozen=True)
class CsvFile:
    """A file of text that is ready to be read.

    Attributes:
        text: the file.
        layout: where its columns are.
        names: the names of its columns, composed; that of the first may be empty. Behind them may
            be columns without a name, which must be empty.
    """

    text: TextFile
    layout: Layout
    names: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The file's path."""
        return self.text.path

    def dialect(self, marks: NumberMarks) -> Dialect:
        """How the file is written, with the marks of its numbers."""
        layout = self.layout
        return Dialect(
            layout.separator, marks.decimal, marks.thousands, self.text.encoding, layout.comment
        )


def sniff(path: Path, roles: Roles, asked: AskedDialect) -> Dialect:
    """How a file of text is written.

    Args:
        roles: what its columns are; the header must have the target among them.
        asked: what the config says.

    Raises:
        DataError: the file cannot be read, or not in one way only.
    """
    file = open_csv(path, roles, asked)
    return file.dialect(marks_of([file], [read_csv(file, roles)], roles, asked))


def read(path: Path, roles: Roles, dialect: Dialect) -> pl.DataFrame:
    """The columns of a file of text that is written in a dialect, under their composed names.

    Raises:
        DataError: on any fault.
    """
    file = open_csv(path, roles, dialect.asked())
    return read_csv(file, roles, NumberMarks(dialect.decimal, dialect.thousands))


def open_csv(path: Path, roles: Roles, asked: AskedDialect) -> CsvFile:
    """A file of text with its header.

    Raises:
        DataError: on any fault that shows before the rows are read.
    """
    try:
        text = open_text(path, asked.encoding)
        layout = find_layout(text, roles.target, asked)
    except UnclosedQuoteError:
        raise _unclosed(path) from None
    except (csv.Error, OSError, UnicodeError) as error:
        raise unreadable(path, "CSV", error) from None
    width = max((place for place, name in enumerate(layout.names, 1) if name), default=0)
    names = layout.names[:width]
    if not all(names[1:]):  # of the first its values tell whether it is an index
        require_names(layout.names, path)
    return CsvFile(text, layout, tuple(composed_names(names, roles, path)))


def read_csv(
    file: CsvFile, roles: Roles, marks: NumberMarks = PLAIN, as_text: Collection[str] = ()
) -> pl.DataFrame:
    """The columns of a file of text, under their composed names.

    Args:
        marks: those of its numbers, which become plain ones: numbers where a column is read as
            such, else text that shows them plainly.
        as_text: columns to read as text, whatever they hold.

    Raises:
        DataError: on any fault.
    """
    # polars would read 1.234 as a little more than one beside decimal commas, without a word.
    every = file.names if marks.decimal != "." else ()
    texts = {roles.target, roles.groups, *as_text, *every}
    try:
        frame = _read(file, [place for place, name in enumerate(file.names) if name in texts])
    except UnclosedQuoteError:
        raise _unclosed(file.path) from None
    except UNREADABLE as error:
        raise _why_no_csv(file, error) from None
    names, rest = frame.columns[: len(file.names)], frame.columns[len(file.names) :]
    if any(frame[name].null_count() < len(frame) for name in rest):
        require_names(file.layout.names, file.path)
    frame = frame.select(pl.col(name) for name in names)
    frame.columns = list(file.names)
    return frame if marks == PLAIN else _with_plain_numbers(frame, marks, roles, file.path)


def marks_of(
    files: Sequence[CsvFile],
    frames: Sequence[pl.DataFrame],
    roles: Roles,
    asked: AskedDialect,
) -> NumberMarks:
    """The marks of the numbers in files that belong together.

    Args:
        frames: the files as they are read with plain numbers.
        asked: what the config says; what it leaves open follows from the numbers.
    """
    gaps = roles.gap_marks
    may_mean_thousands = asked.decimal is None and any(
        file.layout.separator == _OF_DECIMAL_COMMAS for file in files
    )
    if not may_mean_thousands and not any(
        seems_marked(_texts(frame, roles), gaps) for frame in frames
    ):
        return ShownMarks().decided(asked)
    whole = [_texts(read_csv(file, roles, as_text=file.names), roles) for file in files]
    shown = ShownMarks.of(chain.from_iterable(whole), gaps)
    marks = shown.decided(asked)
    if may_mean_thousands and marks.decimal == "." and "." not in shown.decimals:
        for file, columns in zip(files, whole, strict=True):
            require_plain_points(columns, gaps, file.path)
    return marks


def _texts(frame: pl.DataFrame, roles: Roles) -> list[pl.Series]:
    """Columns of text that may be numbers."""
    apart = {roles.groups, *roles.drop}
    return [series for series in frame if series.dtype == pl.String and series.name not in apart]


def _with_plain_numbers(
    frame: pl.DataFrame, marks: NumberMarks, roles: Roles, path: Path
) -> pl.DataFrame:
    faults: list[str] = []
    columns: list[pl.Series] = []
    for series in _texts(frame, roles):
        try:
            marks.require_decimal(series, roles.gap_marks, path)
        except DataError as error:
            faults.extend(error.problems)
        columns.append(marks.plain(series, roles.gap_marks))
    if faults:
        raise DataError(*faults_together(faults, path))
    return frame.with_columns(columns)


def _read(file: CsvFile, texts: Sequence[int]) -> pl.DataFrame:
    """Every row: columns with only numbers as numbers, other columns and those asked for as text.

    polars reads numbers far faster than it infers types, so each column is tried as numbers if its
    first rows are; where that leaves gaps, its cells are read once more as they are.

    Raises:
        DataError: the rows would not fit into memory.
    """
    first = _polars(file, n_rows=_SAMPLE_ROWS, infer_schema_length=0)
    is_number = [_is_number(series) for series in first]
    if len(is_number) != len(file.layout.names):
        raise UnclosedQuoteError
    for place in texts:
        is_number[place] = False
    _require_memory(file, is_number)
    kinds = [pl.Float64 if number else pl.String for number in is_number]
    schema = dict(zip(first.columns, kinds, strict=True))
    frame = _polars(file, schema=schema, ignore_errors=True)
    if frame.is_empty() and not first.is_empty():
        raise UnclosedQuoteError
    doubtful = [series.name for series in frame if series.dtype != pl.String and series.has_nulls()]
    if doubtful:
        as_text = dict.fromkeys(first.columns, pl.String)
        cells = _polars(file, schema=as_text, columns=doubtful)
        frame = frame.with_columns(cells.get_columns())
    return _without_empty_end(frame)


def _polars(file: CsvFile, **options: Any) -> pl.DataFrame:
    """What polars reads; a path is a path, even with * or [ in it."""
    layout = file.layout
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        frame = pl.read_csv(
            file.text.source,
            glob=False,
            separator=layout.separator,
            eol_char=layout.line_end,
            comment_prefix=layout.comment,
            skip_rows=layout.skipped,
            **options,
        )
    if any(words in str(warning.message) for warning in said for words in _UNCLOSED):
        raise UnclosedQuoteError
    return frame


def _is_number(series: pl.Series) -> bool:
    """Whether the first cells of a column are numbers or empty."""
    return series.cast(pl.Float64, strict=False).null_count() == series.null_count()


def _require_memory(file: CsvFile, is_number: Sequence[bool]) -> None:
    """Numbers take eight bytes and text about its own length, with 16 bytes for each cell."""
    rows = file.text.size / max(file.layout.row_bytes, 1)
    texts = len(is_number) - sum(is_number)
    needed = rows * (8 * sum(is_number) + 16 * texts) + file.text.size * texts / len(is_number)
    require_memory(needed, f"{file.path}: ")


def _unclosed(path: Path) -> DataError:
    return DataError(
        f"{path}: cannot be read as CSV: a quotation mark is not closed; write a mark inside a "
        "cell twice, and put the cell in quotation marks"
    )


def _why_no_csv(file: CsvFile, error: BaseException) -> DataError:
    """The error with the row that is too long, if there is one; polars does not name it."""
    path, width = file.path, len(file.layout.names)
    if any(words in str(error) for words in _UNCLOSED):
        return _unclosed(path)
    try:
        row, length = next(
            (row, length) for row, length in enumerate(_lengths(file)) if length > width
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
    return DataError(
        f"{path}: every row must have {width} cells like the header, row {row} has {length}"
    )


def _lengths(file: CsvFile) -> Iterator[int]:
    """The number of cells of the header and of each row."""
    lines = islice(file.text.lines(), file.layout.skipped, None)
    comment = file.layout.comment
    rows = (line for line in lines if comment is None or not line.startswith(comment))
    return map(len, csv.reader(rows, delimiter=file.layout.separator))


def _without_empty_end(frame: pl.DataFrame) -> pl.DataFrame:
    """Drop empty lines after the last row; polars reads each as a row of gaps."""
    filled = ~frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    last = filled.arg_true().max()
    return frame.head(last + 1 if isinstance(last, int) else 0)


def require_names(names: Sequence[str], path: Path) -> None:
    """Refuse columns without a name."""
    nameless = [str(number) for number, name in enumerate(names, 1) if not name]
    if nameless:
        which = (
            f"column {nameless[0]} has none"
            if len(nameless) == 1
            else f"columns {', '.join(nameless[:24])} have none"
        )
        raise DataError(
            f"{path}: every column must have a name, {which}; if it is an index that "
            "pandas wrote, write the file with index=False"
        )
