"""Whether a column of text is a category, or holds quantities that nobody could compute with.

A column of text becomes one 0/1 input for each different value. That is right for colours, sizes
and codes, and a silent disaster for amounts, dates and numbers with a few words among them: so text
that looks like those is refused, with the first such cell.

What looks like a quantity follows from the whole column. `$5` is always one. `12A` may be a seat,
`<18` a group of ages, `1st` a class: they are categories unless the column's other cells say
otherwise. And the more a column's numbers look like measurements (fractions, many different
values), the fewer of them it takes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from regcli.config.dialect_keys import THOUSANDS_WORDS
from regcli.data.columns.gaps import gap_sentence
from regcli.data.columns.moments import read_moment
from regcli.data.columns.numerals import is_other_notation, is_plain, read_numeral
from regcli.data.wording import quoted

_WORDS = """
none nil missing unknown unavailable undefined undetermined invalid empty blank error
. .. ... - -- --- _ * ** nd n.d. n.d na. n.a. n.a tbd tba
"""
_DASHES = ("\N{EN DASH}", "\N{EM DASH}")
_TWO_WORDS = ("not available", "not applicable", "not known", "not reported", "no data", "no value")
GAP_WORDS = frozenset([*_WORDS.split(), *_DASHES, *_TWO_WORDS])
"""Cells that mean a missing value among numbers."""

_RANGE = re.compile("\\d+\\s?(?:-|\N{EN DASH}|to)\\s?\\d+")

_FEW_WORDS = 3
"""Different words among numbers that may each mean a gap."""
_MANY = 12
"""A category of numbers has few of them; more different ones are a quantity."""
_FEW_WITH_A_UNIT = 5
_SAME_UNIT = 0.9
_MOST = 0.5
MANY_ROWS = 0.1
"""The share of a column that makes it one of measurements, where some of its cells look so."""


@dataclass(frozen=True)
class Cell:
    """One distinct value of a column: its text, how often it occurs, its first row from 0.

    The text is never a mark of a gap, and has no spaces around it.
    """

    text: str
    rows: int
    first: int


class _Kind(Enum):
    NUMBER = auto()
    DECORATED = auto()
    BOUND = auto()
    WITH_UNIT = auto()
    OTHER_NOTATION = auto()
    MOMENT = auto()
    GAP = auto()
    WORD = auto()


@dataclass(frozen=True)
class _Read:
    """A cell and what it was read as; `what` says it in words."""

    cell: Cell
    kind: _Kind
    what: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Cells:
    """The different values of a column of text, without gaps.

    Attributes:
        values: each value, or as many of them as are checked.
        rows: rows of the column, gaps included.
        is_target: whether the column is the target, which gets other advice.
        are_all: whether `values` are all values.
    """

    values: Sequence[Cell]
    rows: int
    is_target: bool = False
    are_all: bool = True

    def share(self, reads: Sequence["_Read"]) -> str:
        """How many of the column's rows hold some of its values."""
        bound = "" if self.are_all else "at least "
        return f"{bound}{_rows(reads)} of {self.rows} rows"


@dataclass(frozen=True)
class TextFault:
    """Why a column of text cannot be used as a category.

    Attributes:
        sentence: the rule, what the column holds, and what to do, as a predicate.
        held: the first cell that is no category, in short.
        mend: what makes the column readable, in short.
    """

    sentence: str
    held: str
    mend: str


def fault_of_text(cells: Cells) -> str | None:
    """Why a column of text cannot be used as a category, as a predicate; None where it can."""
    found = find_text_fault(cells)
    return None if found is None else found.sentence


def find_text_fault(cells: Cells) -> TextFault | None:
    """Why a column of text cannot be used as a category; None where it can."""
    reads = _decided([_read(cell) for cell in cells.values])
    by_kind = {kind: [read for read in reads if read.kind is kind] for kind in _Kind}
    moments, plain, decorated = (
        by_kind[kind] for kind in (_Kind.MOMENT, _Kind.NUMBER, _Kind.DECORATED)
    )
    gaps, words = by_kind[_Kind.GAP], by_kind[_Kind.WORD]
    filled = _rows(reads) - _rows(gaps)
    if _fills(moments, filled, measured=True):
        return _about_moments(moments, cells)
    numbers = plain + decorated
    if not numbers or not _fills(numbers, filled, measured=_is_measured(plain, decorated)):
        return None
    if decorated:
        return _about_decorated(decorated, cells)
    if words or moments:
        return _about_words(words + moments, plain, cells)
    if gaps:
        return _about_gaps(gaps, cells)
    return _about_stored_text(plain, cells) if _is_measured(plain, []) else None


def _read(cell: Cell) -> _Read:
    """What one cell is, seen alone."""
    if is_plain(cell.text):
        return _Read(cell, _Kind.NUMBER)
    if cell.text.lower() in GAP_WORDS:
        return _Read(cell, _Kind.GAP)
    if (moment := read_moment(cell.text)) is not None:
        return _Read(cell, _Kind.MOMENT, moment)
    if is_other_notation(cell.text):
        return _Read(cell, _Kind.OTHER_NOTATION, "another notation than digits")
    numeral = read_numeral(cell.text)
    if numeral is None:
        return _Read(cell, _Kind.WORD)
    if numeral.unit:
        return _Read(cell, _Kind.WITH_UNIT, numeral.decoration, numeral.unit.removesuffix("s"))
    return _Read(cell, _Kind.BOUND if numeral.is_bound else _Kind.DECORATED, numeral.decoration)


def _decided(reads: list[_Read]) -> list[_Read]:
    """Use the whole column to decide what a single cell leaves open."""
    has_numbers = any(read.kind in (_Kind.NUMBER, _Kind.DECORATED) for read in reads)
    # 0, 1-10, 11-20, 21+ are groups, the first and last of which have one end.
    has_ranges = any(_RANGE.fullmatch(read.cell.text) for read in reads)
    is_number = {
        _Kind.WITH_UNIT: False,  # decided by unit below
        _Kind.BOUND: (has_numbers and not has_ranges) or _count(reads, _Kind.BOUND) > _MANY,
        _Kind.OTHER_NOTATION: _count(reads, _Kind.OTHER_NOTATION) > _MANY,
    }
    unit = _shared_unit([read for read in reads if read.kind is _Kind.WITH_UNIT])

    def decided(read: _Read) -> _Read:
        if read.kind not in is_number:
            return read
        number = is_number[read.kind] or (read.kind is _Kind.WITH_UNIT and read.unit == unit)
        return replace(read, kind=_Kind.DECORATED if number else _Kind.WORD)

    return [decided(read) for read in reads]


def _shared_unit(reads: Sequence[_Read]) -> str | None:
    """The word after the numbers that nearly all of them share, like `doors`, not as in `12A`."""
    by_unit: Counter[str] = Counter()
    for read in reads:
        by_unit[read.unit] += read.cell.rows
    if not by_unit:
        return None
    unit, rows = by_unit.most_common(1)[0]
    different = sum(read.unit == unit for read in reads)
    enough = different >= _FEW_WITH_A_UNIT and rows >= _SAME_UNIT * _rows(reads)
    return unit if enough else None


def _fills(reads: Sequence[_Read], filled: int, measured: bool) -> bool:
    """Whether cells of a kind are most of a column, or, where they look measured, many of it."""
    rows = _rows(reads)
    return rows > _MOST * filled or (measured and rows >= max(MANY_ROWS * filled, 1))


def _is_measured(plain: Sequence[_Read], decorated: Sequence[_Read]) -> bool:
    """Whether numbers are a quantity rather than names: decorated, broken, or of many values."""
    whole = [read for read in plain if read.cell.text.isdecimal()]
    counted = [read for read in whole if not _is_code(read.cell.text)]
    broken = any(re.search(r"\.\d*[1-9]|[eE]", read.cell.text) for read in plain)
    return bool(decorated) or broken or len(counted) > _MANY or len(plain) - len(whole) > _MANY


def _is_code(digits: str) -> bool:
    """Whether digits are a name, as 007 is."""
    return len(digits) > 1 and digits.startswith("0")


def _count(reads: Iterable[_Read], kind: _Kind) -> int:
    return sum(read.kind is kind for read in reads)


def _rows(reads: Iterable[_Read]) -> int:
    return sum(read.cell.rows for read in reads)


def _first(reads: Iterable[_Read]) -> _Read:
    return min(reads, key=lambda read: read.cell.first)


def _at(read: _Read) -> str:
    return f"row {read.cell.first + 1} with {quoted(read.cell.text)}"


def _otherwise(cells: Cells) -> str:
    """The other possible meaning, and how to choose it."""
    if cells.is_target:
        return "to predict the values as classes, set task: classification"
    return "if they are categories, say so with dataset.types"


def _about_moments(moments: Sequence[_Read], cells: Cells) -> TextFault:
    first = _first(moments)
    held = f"{cells.share(moments)} hold {first.what}, the first of them {_at(first)}"
    if first.what == "dates" and not cells.is_target:
        advice = (
            "set its type to date or category in dataset.types, or leave the column out with "
            "dataset.drop"
        )
    else:
        advice = (
            "convert them to numbers, such as days since a date, or leave the column out with "
            f"dataset.drop; {_otherwise(cells)}"
        )
    sentence = f"must hold numbers or categories, {held}; {advice}"
    mend = "convert them to numbers, such as days since a date"
    return TextFault(sentence, _in_short(first, first.what), mend)


def _about_decorated(decorated: Sequence[_Read], cells: Cells) -> TextFault:
    first = _first(decorated)
    sentence = (
        f"must hold plain numbers such as 1234.5, {cells.share(decorated)} hold another form, "
        f"the first of them {_at(first)} ({first.what}); {_key_for(first)}write only the numbers, "
        f"or leave the column out with dataset.drop; {_otherwise(cells)}"
    )
    return TextFault(sentence, _in_short(first, first.what), _reading(first))


def _in_short(read: _Read, what: str) -> str:
    return f"row {read.cell.first + 1} has {quoted(read.cell.text)} ({what})"


def _reading(read: _Read) -> str:
    """The key that makes a number readable, with what it makes of it; else what to write."""
    text = read.cell.text
    thousand, fraction = text.replace(",", ""), text.replace(",", ".")
    either = f", dataset.decimal: ',' as {fraction}" if text.count(",") == 1 else ""
    readings = {
        "a comma inside": f"dataset.thousands: ',' would read it as {thousand}{either}",
        "a decimal comma": f"dataset.decimal: ',' would read it as {fraction}",
        "a thousands separator": _with_thousands(text),
        "underscores": _with_thousands(text),
    }
    return readings.get(read.what, "write only the numbers")


def _with_thousands(text: str) -> str:
    """The key for the one mark besides digits, a sign and a point."""
    mark, *others = dict.fromkeys(re.findall(r"[^\d.+-]", text)) or [""]
    if others or mark not in THOUSANDS_WORDS:
        return "dataset.thousands with that mark would read it"
    return f"dataset.thousands: {quoted(mark)} would read it as {text.replace(mark, '')}"


def _key_for(read: _Read) -> str:
    """The key that says what the marks in a number mean, with each of the readings."""
    thousand, fraction = read.cell.text.replace(",", ""), read.cell.text.replace(",", ".")
    keys = {
        "a comma inside": f"dataset.thousands: ',' if that is {thousand}, dataset.decimal: ',' if "
        f"it is {fraction}",
        "a decimal comma": "dataset.decimal: ','",
        "a thousands separator": "dataset.thousands with that mark",
        "underscores": "dataset.thousands: '_'",
    }
    key = keys.get(read.what)
    return f"for a CSV file write {key}; else " if key else ""


def _about_words(words: Sequence[_Read], plain: Sequence[_Read], cells: Cells) -> TextFault:
    if _rows(words) <= _rows(plain):
        held = f"{cells.share(words)} hold no number, the first of them {_at(_first(words))}"
    else:
        held = f"{cells.share(plain)} hold numbers, the first of them {_at(_first(plain))}"
    sentence = (
        f"must be all numbers or all text, {held}; write a number in every row, or leave the other "
        f"rows out; {_otherwise(cells)}"
    )
    first = _first(words)
    return TextFault(sentence, _in_short(first, "no number"), _as_gaps(words))


def _as_gaps(words: Sequence[_Read]) -> str:
    """What to do about a few words among numbers; or about many."""
    texts = list(dict.fromkeys(read.cell.text for read in words))
    if len(texts) > _FEW_WORDS:
        return "write a number in every row"
    named = " and ".join(map(quoted, texts))
    means = "it means" if len(texts) == 1 else "they mean"
    return f"if {means} a gap, add {named} to dataset.null_values"


def _about_gaps(gaps: Sequence[_Read], cells: Cells) -> TextFault:
    first = _first(gaps)
    advice = "" if cells.is_target else "name such cells in dataset.null_values"
    sentence = gap_sentence(first.cell.first, _rows(gaps), cells.rows, first.cell.text, advice)
    held = _in_short(first, "no number")
    return TextFault(f"{sentence}; {_otherwise(cells)}", held, _as_gaps(gaps))


def _about_stored_text(plain: Sequence[_Read], cells: Cells) -> TextFault:
    sentence = (
        f"must hold numbers as numbers, {cells.share(plain)} hold them as text, the first of them "
        f"{_at(_first(plain))}; convert the column; {_otherwise(cells)}"
    )
    return TextFault(sentence, _in_short(_first(plain), "text"), "convert the column")
