"""CSV files: the header, and cells as text or numbers. Importing this imports polars."""

import codecs
import csv
import io
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from regcli.config.problems import composed
from regcli.data.free_memory import require_memory
from regcli.data.roles import Roles
from regcli.data.tables import UNREADABLE, composed_names, unreadable
from regcli.data.wording import quoted
from regcli.errors import DataError

_HEAD_BYTES = 2**20
_LONGEST_HEADER = 2**24
_SAMPLE_ROWS = 100
_UNCLOSED = ("malformed", 'could not parse `"')
"""What polars says of a quotation mark without its second."""


@dataclass(frozen=True)
class _Header:
    """The first line of a file.

    Attributes:
        names: the column names as the file has them, without spaces around them.
        line_end: what ends the lines: a line feed, with or without a carriage return before it, or
            a carriage return alone.
        row_bytes: the mean length of the rows in the file's beginning.
    """

    names: tuple[str, ...]
    line_end: str
    row_bytes: float


class _UnclosedQuoteError(Exception):
    """A quotation mark without its second: polars warns of rows that it lost."""


def read_csv(path: Path, roles: Roles, as_text: Collection[str] = ()) -> pl.DataFrame:
    """The columns of a CSV file with a header line and commas, under their composed names.

    Args:
        as_text: columns to read as text, whatever they hold.

    Raises:
        DataError: on any fault.
    """
    header = _read_header(path)
    _require_commas([*map(composed, header.names)], roles.target, path)
    _require_names(header.names, path)
    names = composed_names(header.names, roles, path)
    texts = {roles.target, roles.groups, *as_text}
    try:
        frame = _read(path, header, [place for place, name in enumerate(names) if name in texts])
    except _UnclosedQuoteError:
        raise _unclosed(path) from None
    except UNREADABLE as error:
        raise _why_no_csv(path, len(names), error) from None
    frame.columns = names
    return frame


def _read_header(path: Path) -> _Header:
    """The names as the file has them; polars would rename one that appears twice."""
    try:
        text = _beginning(path)
        lines = io.StringIO(text, newline="")
        names = tuple(name.strip() for name in next(csv.reader(lines), []))
    except (csv.Error, OSError, UnicodeError) as error:
        raise unreadable(path, "CSV", error) from None
    if not any(names):
        raise DataError(f"{path}: must begin with a line of column names, its first line is empty")
    line, body = text[: lines.tell()], text[lines.tell() :]
    if line.count('"') % 2:  # which polars would let swallow the rows
        raise _unclosed(path)
    line_end = "\r" if line.endswith("\r") else "\n"
    return _Header(names, line_end, len(body) / max(body.count(line_end), 1))


def _beginning(path: Path) -> str:
    """The first line and what follows it, as far as it is read at once.

    Raises:
        DataError: that is not text, or its first line has no end.
        UnicodeError: it is not UTF-8.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if not _has_line_end(head):
            head += file.read(_LONGEST_HEADER - len(head))
        is_all = not file.read(1)
    if b"\0" in head:
        raise DataError(
            f"{path}: cannot be read as CSV: it is not UTF-8 text, it holds NUL bytes like "
            "UTF-16 and binary files; save it as UTF-8"
        )
    if not is_all and not _has_line_end(head):
        raise DataError(
            f"{path}: must begin with a line of column names, its first line is longer "
            f"than {_LONGEST_HEADER:,} bytes"
        )
    # The last character may be cut in two.
    return codecs.getincrementaldecoder("utf-8-sig")().decode(head, final=is_all)


def _has_line_end(head: bytes) -> bool:
    return b"\n" in head or b"\r" in head


def _read(path: Path, header: _Header, texts: Sequence[int]) -> pl.DataFrame:
    """Every row: columns with only numbers as numbers, other columns and those asked for as text.

    polars reads numbers far faster than it infers types, so each column is tried as numbers if its
    first rows are; where that leaves gaps, its cells are read once more as they are.

    Raises:
        DataError: the rows would not fit into memory.
    """
    first = _polars(path, header, n_rows=_SAMPLE_ROWS, infer_schema_length=0)
    is_number = [_is_number(series) for series in first]
    if len(is_number) != len(header.names):
        raise _UnclosedQuoteError
    for place in texts:
        is_number[place] = False
    _require_memory(path, header, is_number)
    kinds = [pl.Float64 if number else pl.String for number in is_number]
    schema = dict(zip(first.columns, kinds, strict=True))
    frame = _polars(path, header, schema=schema, ignore_errors=True)
    if frame.is_empty() and not first.is_empty():
        raise _UnclosedQuoteError
    doubtful = [series.name for series in frame if series.dtype != pl.String and series.has_nulls()]
    if doubtful:
        as_text = dict.fromkeys(first.columns, pl.String)
        cells = _polars(path, header, schema=as_text, columns=doubtful)
        frame = frame.with_columns(cells.get_columns())
    return _without_empty_end(frame)


def _polars(path: Path, header: _Header, **options: Any) -> pl.DataFrame:
    """What polars reads; a path is a path, even with * or [ in it."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        frame = pl.read_csv(path, glob=False, eol_char=header.line_end, **options)
    if any(words in str(warning.message) for warning in said for words in _UNCLOSED):
        raise _UnclosedQuoteError
    return frame


def _is_number(series: pl.Series) -> bool:
    """Whether the first cells of a column are numbers or empty."""
    return series.cast(pl.Float64, strict=False).null_count() == series.null_count()


def _require_memory(path: Path, header: _Header, is_number: Sequence[bool]) -> None:
    """Numbers take eight bytes and text about its own length, with 16 bytes for each cell."""
    size = path.stat().st_size
    rows = size / max(header.row_bytes, 1)
    texts = len(is_number) - sum(is_number)
    needed = rows * (8 * sum(is_number) + 16 * texts) + size * texts / len(is_number)
    require_memory(needed, f"{path}: ")


def _unclosed(path: Path) -> DataError:
    return DataError(
        f"{path}: cannot be read as CSV: a quotation mark is not closed; write a mark inside a "
        "cell twice, and put the cell in quotation marks"
    )


def _why_no_csv(path: Path, width: int, error: BaseException) -> DataError:
    """The error with the row that is too long, if there is one; polars does not name it."""
    if any(words in str(error) for words in _UNCLOSED):
        return _unclosed(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            lengths = enumerate(map(len, csv.reader(lines)))
            row, length = next(((row, length) for row, length in lengths if length > width))
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


def _without_empty_end(frame: pl.DataFrame) -> pl.DataFrame:
    """Drop empty lines after the last row; polars reads each as a row of gaps."""
    filled = ~frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    last = filled.arg_true().max()
    return frame.head(last + 1 if isinstance(last, int) else 0)


def _require_commas(names: Sequence[str], target: str, path: Path) -> None:
    """Refuse a header that other marks separate, even where a name holds a comma."""
    if target in names:
        return
    marks = {";": "semicolons", "\t": "tabs", "|": "bars"}
    for mark, called in marks.items():
        cells = [cell.strip() for name in names for cell in name.split(mark)]
        if len(cells) > len(names) and (len(names) == 1 or target in cells):
            header = quoted(",".join(names))
            raise DataError(
                f"{path}: columns must be separated by commas, the header has {called}: {header}"
            )


def _require_names(names: Sequence[str], path: Path) -> None:
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
