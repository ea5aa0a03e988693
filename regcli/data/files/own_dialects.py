"""How a file of rows to predict is written where that is clearly not as its config pins it.

Importing this imports polars.
"""

import codecs
import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from regcli.config.dialect_keys import SEPARATORS
from regcli.config.problems import composed
from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.roles import Roles
from regcli.data.files.csv_files import open_csv
from regcli.data.files.csv_numbers import read_alike, texts_of_numbers
from regcli.data.files.dialect import UTF8, AskedDialect, separator_words
from regcli.data.files.layouts import UnclosedQuoteError, find_layout
from regcli.data.files.number_marks import ShownMarks, require_plain_points
from regcli.data.files.text_files import is_utf8_beyond_ascii, open_text
from regcli.errors import DataError


def own_dialect(
    path: Path, pinned: AskedDialect, known: Sequence[str], roles: Roles, rules: ColumnRules
) -> tuple[AskedDialect, list[str]]:
    """What to ask of a file of text, and a word on each pin that it does not follow.

    Bytes that are UTF-8 beyond ASCII are hardly ever meant as anything else. Another separator
    that shows every column of training, where the pinned one shows none, comes from another
    program, whose numbers may have other marks too.

    Args:
        pinned: what the config says of the training file.
        known: the columns of training.
        roles: what the file's columns are.
        rules: how its columns are read.

    Raises:
        DataError: the file is damaged, or its numbers can be read in two ways.
    """
    try:
        asked, notes = _own_encoding(path, pinned)
        separator = _own_separator(path, asked, known, roles)
    except (OSError, UnicodeError):  # told by what reads the file
        return pinned, []
    if pinned.separator is None or separator is None:
        return asked, notes
    asked = _own_marks(path, replace(asked, separator=separator), roles, rules)
    there, here = separator_words(pinned.separator), separator_words(separator)
    is_pinned = (asked.decimal, asked.thousands) == (pinned.decimal, pinned.thousands)
    marks = "" if is_pinned else "; its numbers are read by the marks that they show"
    return asked, [*notes, f"separated by {here}, not by {there} as in training{marks}"]


def _own_encoding(path: Path, pinned: AskedDialect) -> tuple[AskedDialect, list[str]]:
    encoding = pinned.encoding
    if encoding is None or codecs.lookup(encoding).name in ("utf-8", "utf-8-sig"):
        return pinned, []
    if not is_utf8_beyond_ascii(path):
        return pinned, []
    return replace(pinned, encoding=UTF8), [f"read as {UTF8}, which it is, not as {encoding}"]


def _own_separator(
    path: Path, asked: AskedDialect, known: Sequence[str], roles: Roles
) -> str | None:
    """The one mark that shows every column of training where the pinned one shows none."""
    if asked.separator is None or _shown(path, asked, roles) & {*known}:
        return None
    others = [mark for mark in SEPARATORS.values() if mark != asked.separator]
    fitting = [
        mark for mark in others if {*known} <= _shown(path, replace(asked, separator=mark), roles)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _shown(path: Path, asked: AskedDialect, roles: Roles) -> set[str]:
    """The columns of the header, read as asked; none where it cannot be read so."""
    text = open_text(path, asked.encoding)
    try:
        return set(map(composed, find_layout(text, roles.landmark, asked).names))
    except (DataError, UnclosedQuoteError, csv.Error):
        return set()


def _own_marks(path: Path, asked: AskedDialect, roles: Roles, rules: ColumnRules) -> AskedDialect:
    """The pinned marks of numbers where they show the decimal comma, else none.

    Raises:
        DataError: points may separate thousands as in training, or be decimal ones.
    """
    own = replace(asked, decimal=None, thousands=None)
    if asked.decimal != "," and asked.thousands != ".":
        return own
    file = open_csv(path, roles, asked)
    plain = replace(own, decimal=".")
    (frame,), _ = read_alike([file], roles, rules, plain, file.names)
    columns = texts_of_numbers(frame, roles, rules)
    shown = ShownMarks.of(columns, rules.gap_marks)
    if shown.decided(own).decimal == ",":
        return asked
    if "." not in shown.decimals:
        require_plain_points(columns, rules.gap_marks, path, is_new=True)
    return own
