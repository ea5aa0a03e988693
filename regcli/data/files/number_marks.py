"""The decimal mark and the thousands separator of a file's numbers. Importing this imports polars.

A mark has one meaning in all of a file, and a cell that can be read in one way only must show it:
`1,5` shows a decimal comma and `1.234,50` both marks, while `1,234` is a thousand or a little more
than one. Without such a cell a mark is not taken for anything but what it is in plain CSV.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import polars as pl

from regcli.data.columns.gaps import column_fault, faults_together
from regcli.data.columns.likeness import MANY_ROWS
from regcli.data.columns.text_columns import is_gap
from regcli.data.files.dialect import AskedDialect
from regcli.data.wording import quoted
from regcli.errors import DataError

_SPACES = "\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"
_CLASSES = {" ": f"[ {_SPACES}]", "'": "['\N{RIGHT SINGLE QUOTATION MARK}]"}
"""Characters that one mark stands for, as a regular expression; other marks are themselves."""
_DECIMALS = (".", ",")
_THOUSANDS = (",", ".", "'", " ", "_")
_SHOWN_THOUSANDS = (",", ".", "'", " ")
"""Those that numbers can show; 123_456_789 can be a name as well."""
_LOOKED_AT_FIRST = 1000
"""Cells that usually tell of a column, before all of it is looked at."""
_POWER = r"(?:[eE][+-]?[0-9]+)?"


def _class(mark: str) -> str:
    return _CLASSES.get(mark, re.escape(mark))


def _grouped(mark: str, groups: str) -> str:
    """Digits in threes, as many groups behind the first as a quantifier says; lakhs for a comma."""
    threes = rf"[1-9][0-9]{{0,2}}(?:{_class(mark)}[0-9]{{3}}){groups}"
    return rf"(?:{threes}|[1-9][0-9]?(?:,[0-9][0-9])+,[0-9]{{3}})" if mark == "," else threes


def _cell(body: str) -> str:
    return rf"^[+-]?(?:{body}){_POWER}$"


def _numeral(decimal: str, thousands: str | None) -> str:
    """The numbers of a file with these marks, as a regular expression."""
    whole = r"[0-9]+" if thousands is None else rf"(?:[0-9]+|{_grouped(thousands, '+')})"
    mark = _class(decimal)
    return _cell(rf"{whole}(?:{mark}[0-9]*)?|{mark}[0-9]+")


_ANY = _cell(
    rf"(?:[0-9]+|{'|'.join(_grouped(mark, '+') for mark in _THOUSANDS)})(?:[.,][0-9]*)?|[.,][0-9]+"
)
"""Numbers with any marks."""
_WITH_A_POINT = _cell(r"[0-9]*\.[0-9]+")


def _decimal_for_sure(mark: str) -> str:
    """Numbers in which a mark can only be the decimal one."""
    point = _class(mark)
    others = [_grouped(other, "+") for other in _THOUSANDS if other != mark]
    not_a_group = (
        rf"[0-9]*{point}(?:[0-9]{{1,2}}|[0-9]{{4,}})|(?:0[0-9]*|[0-9]{{4,}}|){point}[0-9]{{3}}"
    )
    return _cell(rf"{not_a_group}|(?:{'|'.join(others)}){point}[0-9]+")


def _thousands_for_sure(mark: str) -> str:
    """Numbers in which a mark can only separate thousands."""
    several = _grouped(mark, "{2,}")
    with_decimals = [
        rf"{_grouped(mark, '+')}{_class(decimal)}[0-9]+" for decimal in _DECIMALS if decimal != mark
    ]
    spaced = rf"|[1-9][0-9]{{0,2}}(?:[{_SPACES}][0-9]{{3}})+" if mark == " " else ""
    swiss = rf"|{_grouped(mark, '+')}" if mark == "'" else ""
    return _cell("|".join([several, *with_decimals]) + spaced + swiss)


@dataclass(frozen=True)
class NumberMarks:
    """The decimal mark and the mark between thousands; None for none.

    Attributes:
        shows_points: whether points are known to be decimal ones, and not only taken for them.
    """

    decimal: str = "."
    thousands: str | None = None
    shows_points: bool = field(default=False, compare=False)

    def plain(self, text: pl.Series, gaps: Collection[str]) -> pl.Series:
        """Text whose numbers are written plainly, where it is numbers but for a few words.

        Args:
            text: cells of a column.
            gaps: cells that hold nothing, in lower case.
        """
        cells = text.str.strip_chars()
        is_numeral = cells.str.contains(_numeral(self.decimal, self.thousands)).fill_null(False)
        meaning_gaps = [mark for mark in gaps if re.fullmatch(_ANY, mark)]
        if meaning_gaps:
            is_numeral &= ~cells.is_in(meaning_gaps).fill_null(False)
        plain = cells
        if self.thousands is not None:
            plain = plain.str.replace_all(_class(self.thousands), "")
        plain = plain.str.replace(self.decimal, ".", literal=True)
        changed = int((is_numeral & (plain != cells)).sum())
        words = len(_without_gaps(cells.filter(~is_numeral), gaps))
        if changed == 0 or (words and changed < MANY_ROWS * (int(is_numeral.sum()) + words)):
            return text
        return plain.zip_with(is_numeral, text).alias(text.name)

    def require_decimal(
        self, text: pl.Series, gaps: Collection[str], path: Path, *, is_input: bool
    ) -> None:
        """Refuse a column of numbers with points where the decimal mark is the comma.

        Args:
            is_input: whether the column can be left out.

        Raises:
            DataError: names the first such cell and its readings.
        """
        cells = text.str.strip_chars()
        if self.decimal == "." or not _has(cells, ".") or not _is_numbers(cells, gaps):
            return
        other = cells.str.contains(_WITH_A_POINT)
        other &= ~cells.str.contains(_numeral(self.decimal, self.thousands))
        if not other.any():
            return
        row = other.arg_max() or 0
        cell = str(cells[row])
        group = re.fullmatch(_cell(_grouped(".", "+")), cell)
        advice = (
            f"; if that is {cell.replace('.', '')}, write dataset.thousands: '.'"
            if group and self.thousands is None
            else ""
        )
        fault = (
            "must have the decimal comma that other numbers of the file have, row "
            f"{row + 1} of {len(text)} has {quoted(cell)}{advice}; else write "
            f"{quoted(cell.replace('.', ','))}"
        )
        fault += ", or leave the column out with dataset.drop" if is_input else ""
        raise DataError(column_fault(path, text.name, fault))


PLAIN = NumberMarks()


def _is_numbers(cells: pl.Series, gaps: Collection[str]) -> bool:
    """Whether a column is numbers with any marks, gaps aside.

    Its first cells usually tell, before all of it is looked at.
    """
    return all(
        _without_gaps(part.filter(~part.str.contains(_ANY)), gaps).is_empty()
        for part in (cells.head(_LOOKED_AT_FIRST), cells)
    )


def _without_gaps(cells: pl.Series, gaps: Collection[str]) -> pl.Series:
    return cells.filter(~is_gap(cells, gaps))


def _has(cells: pl.Series, mark: str) -> bool:
    return bool(cells.str.contains(mark, literal=True).any())


def seems_marked(columns: Iterable[pl.Series], gaps: Collection[str]) -> bool:
    """Whether some column of text is numbers, but not all of them plain ones."""
    for column in columns:
        cells = column.str.strip_chars()
        if _is_numbers(cells, gaps):
            marked = cells.filter(~cells.str.contains(_numeral(".", None)))
            if not _without_gaps(marked, gaps).is_empty():
                return True
    return False


@dataclass(frozen=True)
class ShownMarks:
    """What cells of a file show that can be read in one way only.

    Attributes:
        decimals: marks that can only be decimal ones there.
        thousands: marks that can only separate thousands there.
    """

    decimals: frozenset[str] = frozenset()
    thousands: frozenset[str] = frozenset()

    @classmethod
    def of(cls, columns: Iterable[pl.Series], gaps: Collection[str]) -> Self:
        """Those of columns of text, of which the ones that are no numbers are passed over."""
        decimals: set[str] = set()
        thousands: set[str] = set()
        for column in columns:
            cells = column.str.strip_chars()
            if _is_numbers(cells, gaps):
                there = [m for m in _SHOWN_THOUSANDS if m in _CLASSES or _has(cells, m)]
                decimals |= {
                    m for m in there if m in _DECIMALS and _shows(cells, _decimal_for_sure(m))
                }
                thousands |= {m for m in there if _shows(cells, _thousands_for_sure(m))}
        return cls(frozenset(decimals), frozenset(thousands))

    def decided(self, asked: AskedDialect) -> NumberMarks:
        """The marks of all numbers: those of plain numbers where cells disagree.

        Args:
            asked: what the config says; only decimal and thousands are heeded.
        """
        decimal, separator = asked.decimal, asked.thousands
        if decimal is None and separator == ".":
            decimal = ","
        if decimal is None:
            # Where points separate thousands, the decimal mark must be the other one.
            points = separator is None and self.thousands == {"."}
            shown = self.decimals == {","} and "," not in {*self.thousands, separator}
            decimal = "," if shown or (points and not self.decimals) else "."
        if separator is None and len(self.thousands) == 1 and not self.decimals & self.thousands:
            (only,) = self.thousands
            separator = None if only == decimal else only
        shows_points = decimal == "." and "." in {asked.decimal, *self.decimals}
        return NumberMarks(decimal, separator, shows_points)


def require_plain_points(
    columns: Iterable[pl.Series], gaps: Collection[str], path: Path, *, is_new: bool = False
) -> None:
    """Refuse columns whose points can all separate thousands, as in 1.234.

    Args:
        is_new: whether the file is one of rows to predict, for which no config can be written.

    Raises:
        DataError: a line for each column, with both readings.
    """
    faults = []
    for column in columns:
        cells = column.str.strip_chars()
        if not _has(cells, "."):
            continue
        found = cells.str.contains(_cell(_grouped(".", "{1}")))
        if found.any() and _is_numbers(cells, gaps):
            row = found.arg_max() or 0
            cell = str(cells[row])
            point, whole = f"{float(cell):g}", cell.replace(".", "")
            advice = (
                f"that is {point} or {whole}; write the file as the training data is written"
                if is_new
                else f"write dataset.decimal: '.' if that is {point}, dataset.thousands: '.' if "
                f"it is {whole}"
            )
            fault = (
                f"must hold numbers that can be read in one way, row {row + 1} of {len(cells)} "
                f"has {quoted(cell)}; {advice}"
            )
            faults.append(column_fault(path, column.name, fault))
    if faults:
        raise DataError(*faults_together(faults, path))


def _shows(cells: pl.Series, pattern: str) -> bool:
    return any(part.str.contains(pattern).any() for part in (cells.head(_LOOKED_AT_FIRST), cells))
