"""Files of text: the header, and cells as text or numbers. Importing this imports polars."""

import csv
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl

from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.gaps import faults_together
from regcli.data.columns.roles import Roles
from regcli.data.columns.tables import UNREADABLE, composed_names, unreadable
from regcli.data.files.dialect import AskedDialect, Dialect
from regcli.data.files.layouts import TextLayout, UnclosedQuoteError, find_layout
from regcli.data.files.number_marks import (
    PLAIN,
    NumberMarks,
    ShownMarks,
    require_plain_points,
    seems_marked,
)
from regcli.data.files.row_lengths import row_lengths
from regcli.data.files.text_files import TextFile, open_text
from regcli.data.free_memory import require_memory
from regcli.errors import DataError

_SAMPLE_ROWS = 100
OF_DECIMAL_COMMAS = ";"
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
    layout: TextLayout
    names: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The file's path."""
        return self.text.path

    def dialect(self, marks: NumberMarks) -> Dialect:
        """How the file is written, with the marks of its numbers."""
        layout = self.layout
        return Dialect(
            layout.separator,
            marks.decimal,
            marks.thousands,
            self.text.encoding,
            layout.comment,
            marks.shows_points,
        )


def sniff(path: Path, roles: Roles, rules: ColumnRules, asked: AskedDialect) -> Dialect:
    """How a file of text is written.

    Args:
        roles: what its columns are; the header must have the target among them.
        rules: what the config says of the inputs.
        asked: what it says of how the file is written.

    Raises:
        DataError: the file cannot be read, or not in one way only.
    """
    file = open_csv(path, roles, asked)
    return file.dialect(read_alike([file], roles, rules, asked)[1])


def read(path: Path, roles: Roles, rules: ColumnRules, dialect: Dialect) -> pl.DataFrame:
    """The columns of a file of text that is written in a dialect, under their composed names.

    Raises:
        DataError: on any fault.
    """
    asked = dialect.asked()
    (frame,), _ = read_alike([open_csv(path, roles, asked)], roles, rules, asked)
    return frame


def open_csv(path: Path, roles: Roles, asked: AskedDialect) -> CsvFile:
    """A file of text with its header.

    Raises:
        DataError: on any fault that shows before the rows are read.
    """
    try:
        text = open_text(path, asked.encoding)
        layout = find_layout(text, roles.landmark, asked)
    except UnclosedQuoteError:
        raise _unclosed(path) from None
    except (csv.Error, OSError, UnicodeError) as error:
        raise unreadable(path, "CSV", error) from None
    width = max((place for place, name in enumerate(layout.names, 1) if name), default=0)
    names = layout.names[:width]
    if not all(names[1:]):  # of the first its values tell whether it is an index
        require_names(layout.names, path)
    return CsvFile(text, layout, tuple(composed_names(names, roles, path)))


def read_alike(
    files: Sequence[CsvFile],
    roles: Roles,
    rules: ColumnRules,
    asked: AskedDialect,
    as_text: Collection[str] = (),
) -> tuple[list[pl.DataFrame], NumberMarks]:
    """The columns of files that belong together, under their composed names; and their marks.

    Numbers are numbers where a column is read as such, else text that shows them plainly.

    Args:
        asked: what the config says of the marks of numbers; what it leaves open follows from the
            numbers of all files.
        as_text: columns to read as text, whatever they hold.

    Raises:
        DataError: on any fault.
    """
    gaps = rules.gap_marks
    plain = [_read_plain(file, roles, rules, as_text) for file in files]
    marks = ShownMarks().decided(asked)
    is_open = asked.decimal is None and asked.thousands is None
    may_mean_thousands = is_open and any(
        file.layout.separator == OF_DECIMAL_COMMAS for file in files
    )
    if marks == PLAIN and not (
        may_mean_thousands
        or any(seems_marked(texts_of_numbers(frame, roles, rules), gaps) for frame in plain)
    ):
        return plain, marks
    # polars would read 1.234 as a little more than one beside decimal commas, without a word.
    whole = [_read_plain(file, roles, rules, file.names) for file in files]
    columns = [texts_of_numbers(frame, roles, rules) for frame in whole]
    shown = ShownMarks.of(chain.from_iterable(columns), gaps)
    marks = shown.decided(asked)
    if may_mean_thousands and marks.decimal == "." and "." not in shown.decimals:
        for file, texts in zip(files, columns, strict=True):
            require_plain_points(texts, gaps, file.path)
    if marks == PLAIN:
        return plain, marks
    kept = {roles.target, *as_text}
    for place, (file, texts) in enumerate(zip(files, columns, strict=True)):
        numbers = _with_plain_numbers(texts, roles, marks, gaps, file.path)
        whole[place] = whole[place].with_columns(
            each if each.name in kept else _as_numbers(each) for each in numbers
        )
    return whole, marks


def _read_plain(
    file: CsvFile, roles: Roles, rules: ColumnRules, as_text: Collection[str]
) -> pl.DataFrame:
    """The columns of one file, with plain numbers as numbers."""
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
        raise _unclosed(file.path) from None
    except UNREADABLE as error:
        raise _why_no_csv(file, error) from None


def texts_of_numbers(frame: pl.DataFrame, roles: Roles, rules: ColumnRules) -> list[pl.Series]:
    """Columns of text that may be numbers."""
    named = _numbers_with_roles(roles)
    apart = {roles.groups, *roles.drop}
    return [
        series
        for series in frame
        if series.dtype == pl.String
        and series.name not in apart
        and (series.name in named or rules.may_be_numbers(series.name))
    ]


def _numbers_with_roles(roles: Roles) -> Collection[str | None]:
    """Columns besides the inputs that may hold numbers."""
    return {roles.target, roles.time, roles.weights}


def _with_plain_numbers(
    columns: Sequence[pl.Series],
    roles: Roles,
    marks: NumberMarks,
    gaps: Collection[str],
    path: Path,
) -> list[pl.Series]:
    needed = _numbers_with_roles(roles)
    faults: list[str] = []
    for series in columns:
        try:
            marks.require_decimal(series, gaps, path, is_input=series.name not in needed)
        except DataError as error:
            faults.extend(error.problems)
    if faults:
        raise DataError(*faults_together(faults, path))
    return [marks.plain(series, gaps) for series in columns]


def _as_numbers(text: pl.Series) -> pl.Series:
    """Numbers where a column is only that, as it would be with plain ones."""
    numbers = text.cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == text.null_count() else text


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


def require_names(names: Sequence[str], path: Path) -> None:
    """Refuse columns without a name."""
    nameless = [str(number) for number, name in enumerate(names, 1) if not name]
    if nameless:
        which = (
            f"column {nameless[0]} has none"
            if len(nameless) == 1
            else f"columns {', '.join(nameless[:24])} have none"
        )
        way = "write the file with index=False"
        if nameless == ["1"]:
            way += ", or leave it out with dataset.drop: ['']"
        raise DataError(
            f"{path}: every column must have a name, {which}; if it is an index that pandas "
            f"wrote, {way}"
        )
