"""Where the columns of a text file are: its header, what separates them, and what is no row.

With the target's name exactly one separator can be meant, whatever the names themselves hold: the
one that has the target among the columns of the header. Before a target is chosen it is the one
that makes as many cells of each row as of the header.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from regcli.config.dialect_keys import SEPARATORS, usual_separator
from regcli.config.problems import composed
from regcli.data.columns.numerals import is_plain
from regcli.data.files.dialect import COMMENT, AskedDialect, separator_words
from regcli.data.files.text_files import TextFile
from regcli.data.wording import quoted
from regcli.errors import DataError

_SEPARATORS = tuple(SEPARATORS.values())
_ROWS = 100
"""Rows that show whether a separator makes as many cells as there are names."""
_HINT = re.compile(r"sep=([,;|\t])(?=[\r\n])", re.IGNORECASE)
"""The line by which Excel is told the separator."""


class UnclosedQuoteError(Exception):
    """A quotation mark without its second."""


@dataclass(frozen=True)
class TextLayout:
    """The first line of a file, and how it is read.

    Attributes:
        names: the column names as the file has them, without spaces around them.
        separator: the mark between columns.
        line_end: what ends the lines: a line feed, with or without a carriage return before it, or
            a carriage return alone.
        comment: what comment lines begin with; None where there are none.
        skipped: lines before the header that are neither comments nor data.
        row_bytes: the mean length of the rows in the file's beginning.
    """

    names: tuple[str, ...]
    separator: str
    line_end: str
    comment: str | None
    skipped: int
    row_bytes: float


@dataclass(frozen=True)
class _Reading:
    """One way to read the header: its names, its own text, and the text behind it."""

    names: tuple[str, ...]
    line: str
    body: str

    def fits(self, target: str, separator: str) -> bool:
        """Whether this can be the header: it has the target, or names for all cells of rows."""
        if target:
            return len(self.names) > 1 and target in map(composed, self.names)
        width, rows = len(self.names), _rows(self.body, separator)
        is_named = not any(map(is_plain, self.names))
        return width > 1 and is_named and all(len(row) == width for row in rows)

    def is_only(self, target: str, separator: str) -> bool:
        """Whether the target is the only column."""
        rows = _rows(self.body, separator)
        return [*map(composed, self.names)] == [target] and all(len(row) == 1 for row in rows)


def find_layout(file: TextFile, target: str, asked: AskedDialect) -> TextLayout:
    """The header of a text file, and the one way to read it.

    Args:
        target: the column that must be in the header, in composed form; empty where it is not
            chosen yet.
        asked: what the config says; only separator and comment are heeded.

    Raises:
        DataError: there is no header, or it can be read in two ways.
        UnclosedQuoteError: a quotation mark in the header has no second.
        csv.Error: its first line cannot be read.
    """
    text, skipped = file.head, 0
    if hint := _HINT.match(text):
        text, skipped = _without_lines(text, 1), 1
        asked = replace(asked, separator=asked.separator or hint[1])
    comment = asked.comment or _comment(text, skipped, target, asked, file)
    if comment is not None:
        text = _without_lines(text, _leading(text, comment))
    separator = asked.separator or _separator(text, target, file.path)
    header = _read(text, separator)
    if not any(header.names):
        raise DataError(
            f"{file.path}: must begin with a line of column names, its first line is empty"
        )
    if header.line.count('"') % 2:  # which polars would let swallow the rows
        raise UnclosedQuoteError
    line_end = "\r" if header.line.endswith("\r") else "\n"
    row_bytes = len(header.body) / max(header.body.count(line_end), 1)
    layout = TextLayout(header.names, separator, line_end, comment, skipped, row_bytes)
    _require_rows_like_the_header(layout, header.body, file)
    return layout


def _read(text: str, separator: str) -> _Reading:
    lines = io.StringIO(text, newline="")
    names = tuple(name.strip() for name in next(csv.reader(lines, delimiter=separator), []))
    end = lines.tell()
    return _Reading(names, text[:end], text[end:])


def _separator(text: str, target: str, path: Path) -> str:
    """The separator with which this can be the header, else the one that splits it most.

    A file of one column has one that its cells do not hold: of rows to predict that may be a comma.

    Raises:
        DataError: more than one can be meant.
    """
    readings = {separator: _read_or_nothing(text, separator) for separator in _SEPARATORS}
    fitting = [mark for mark, reading in readings.items() if reading.fits(target, mark)]
    if len(fitting) > 1:
        marks = " or ".join(map(separator_words, fitting))
        raise DataError(
            f"{path}: must be separated by one mark, header and rows can be read with {marks}; "
            "write dataset.separator"
        )
    usual = usual_separator(path.name)

    def rank(mark: str) -> tuple[int, bool, bool]:
        return len(readings[mark].names), readings[mark].is_only(target, mark), mark == usual

    return fitting[0] if fitting else max(readings, key=rank)


def _read_or_nothing(text: str, separator: str) -> _Reading:
    """A reading without names where a separator makes cells that are too long to be any."""
    try:
        return _read(text, separator)
    except csv.Error:
        return _Reading((), "", text)


def _leading(text: str, comment: str) -> int:
    """How many lines at the beginning are comments."""
    count = 0
    for line in io.StringIO(text, newline=None):
        if not line.startswith(comment):
            break
        count += 1
    return count


def _without_lines(text: str, count: int) -> str:
    lines = io.StringIO(text, newline="")
    for _ in range(count):
        lines.readline()
    return text[lines.tell() :]


def _comment(
    text: str, skipped: int, target: str, asked: AskedDialect, file: TextFile
) -> str | None:
    """`#` where the file begins with such lines and they are no header.

    Args:
        text: the file's beginning, behind the lines that are skipped.

    Raises:
        DataError: a first line that begins so can be the header too, or later lines begin so,
            which can be rows.
    """
    leading = _leading(text, COMMENT)
    if leading == 0:
        return None
    separators = _SEPARATORS if asked.separator is None else (asked.separator,)

    def is_headed(text: str) -> bool:
        return any(_read_or_nothing(text, mark).fits(target, mark) for mark in separators)

    rest = _without_lines(text, leading)
    if not is_headed(rest):
        return None
    if is_headed(text):
        first, second = (quoted(part.splitlines()[0]) for part in (text, rest))
        raise DataError(
            f"{file.path}: must have one header, it can be {first} or, if that is a comment, "
            f"{second}; write dataset.comment: '{COMMENT}', or remove the # of the first line"
        )
    _require_no_more_comments(file, skipped + leading)
    return COMMENT


def _require_no_more_comments(file: TextFile, leading: int) -> None:
    for number, line in enumerate(file.lines(), 1):
        if number > leading and line.startswith(COMMENT):
            raise DataError(
                f"{file.path}: must have all its comments before the header, or dataset.comment: "
                f"'{COMMENT}'; line {number} can be a comment or a row: {quoted(line.strip())}"
            )


def _require_rows_like_the_header(layout: TextLayout, body: str, file: TextFile) -> None:
    """Refuse rows of which not one has a cell for every name.

    polars would fill them up with gaps.
    """
    width = len(layout.names)
    lengths = [len(row) for row in _rows(body, layout.separator)]
    if not lengths or max(lengths) >= width:
        return
    for other in _SEPARATORS:
        if all(len(row) == width for row in _rows(body, other)):
            raise DataError(
                f"{file.path}: header and rows must be separated by the same mark, the header "
                f"has {separator_words(layout.separator)}, the rows have {separator_words(other)}"
            )
    raise DataError(
        f"{file.path}: every row must have {width} cells like the header, row 1 has {lengths[0]}"
    )


def _rows(body: str, separator: str) -> Sequence[list[str]]:
    """The first rows that are not empty."""
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator)
    rows = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) == _ROWS:
                break
    except csv.Error:  # told by what reads the rows
        return []
    return rows
