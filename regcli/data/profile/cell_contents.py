"""What the cells of one column hold, before it is decided what the column is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np
import polars as pl

from regcli.data.columns.date_columns import is_dates, read_dates
from regcli.data.columns.gaps import GAP_MARKS
from regcli.data.columns.likeness import GAP_WORDS
from regcli.data.columns.moments import read_moment
from regcli.data.columns.text_columns import is_text, without_marks
from regcli.data.columns.truths import TRUTH_PAIRS

SHOWN_ROWS = 3
"""First rows that are named."""
_LOOKED_AT = 200
"""Different texts that tell whether a column holds dates."""
_SENTINELS = (-9.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0, 99999.0)
_FAR = 1.0
"""How far a mark of gaps lies from the other numbers at least, in widths of those."""


class CellKind(Enum):
    """What the cells of a column are, gaps aside."""

    NOTHING = "nothing"
    NUMBERS = "numbers"
    TRUTHS = "truths"
    DATES = "dates"
    TEXT = "text"
    OTHER = "other"


@dataclass(frozen=True)
class Gaps:
    """The cells of a column that hold no value.

    Attributes:
        rows: numbers of the first of them, from 1.
        marks: how often each text stands for a gap, as it is written; empty cells are left out.
    """

    count: int = 0
    rows: tuple[int, ...] = ()
    marks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Contents:
    """The cells of a column.

    Attributes:
        values: Float64 for numbers, Boolean or String for truths, Date or Datetime for dates,
            String for text; null where there is a gap.
        words: marks among numbers that count as gaps only where `null_values` names them.
        has_leading_zeros: whether numbers are written like 007.
        sentinel: a number that probably means a gap, such as -999; None where there is none.
        is_stored_as_text: whether a type has to say that these are numbers, or dates.
        is_typed: whether the file says what is a number, as Parquet does.
        fault: why it cannot be used, as a predicate, where the cells are of no known form.
    """

    name: str
    held: CellKind
    values: pl.Series
    gaps: Gaps
    words: tuple[str, ...] = ()
    has_leading_zeros: bool = False
    sentinel: float | None = None
    is_stored_as_text: bool = False
    fault: str = ""
    is_typed: bool = False


def read_contents(
    series: pl.Series, *, typed: bool = False, marks: Collection[str] = GAP_MARKS
) -> Contents:
    """What a column of a file holds: numbers written as text are numbers, marks of gaps are gaps.

    Args:
        series: the column, as the file's reader gives it.
        typed: whether the file says what is a number, as Parquet does.
        marks: cells that mean a gap, folded to lower case.
    """
    if is_text(series):
        return _read_text(series.cast(pl.String), typed, marks)
    dtype = series.dtype
    gaps = _gaps_at(series.is_null()) if series.has_nulls() else Gaps()
    if dtype == pl.Null or gaps.count == len(series):
        return Contents(series.name, CellKind.NOTHING, series.cast(pl.String), gaps)
    if dtype == pl.Boolean:
        return Contents(series.name, CellKind.TRUTHS, series, gaps)
    if dtype.is_numeric():
        return _numbers(series.cast(pl.Float64), gaps)
    if is_dates(series):
        return Contents(series.name, CellKind.DATES, series, gaps)
    return Contents(series.name, CellKind.OTHER, series, gaps)


def _numbers(values: pl.Series, gaps: Gaps) -> Contents:
    known = values.fill_nan(None) if np.isnan(values.to_numpy()).sum() > gaps.count else values
    if known.null_count() != gaps.count:
        gaps = _gaps_at(known.is_null())
    if gaps.count == len(values):
        return Contents(values.name, CellKind.NOTHING, known.cast(pl.String), gaps)
    return Contents(values.name, CellKind.NUMBERS, known, gaps, sentinel=_sentinel(known))


def _read_text(series: pl.Series, typed: bool, marks: Collection[str]) -> Contents:
    cells = series.str.strip_chars()
    text = without_marks(cells, marks)
    gaps = _gaps_at(text.is_null(), cells)
    if gaps.count == len(text):
        return Contents(series.name, CellKind.NOTHING, text, gaps)
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.null_count() == gaps.count:
        found = _numbers(numbers, gaps)
        coded = bool(text.str.contains(r"^0\d+$").any())
        sentinel = None if coded else found.sentinel
        return replace(
            found, gaps=gaps, has_leading_zeros=coded, sentinel=sentinel, is_stored_as_text=typed
        )
    if words := _words_among(numbers, text):
        known = numbers.fill_nan(None)
        told = _gaps_at(known.is_null(), cells)
        return Contents(series.name, CellKind.NUMBERS, known, told, words, is_stored_as_text=typed)
    held = _held_by(text)
    if held is CellKind.DATES:
        dates = read_dates(text)
        if isinstance(dates, str):
            return Contents(series.name, CellKind.OTHER, text, gaps, fault=dates)
        return Contents(series.name, held, dates, gaps, is_stored_as_text=True)
    return Contents(series.name, held, text, gaps, is_typed=typed)


def _words_among(numbers: pl.Series, text: pl.Series) -> tuple[str, ...]:
    """The different words of a column whose other cells are numbers, if each may mean a gap."""
    words = text.filter(numbers.is_null() & text.is_not_null()).unique().sort()
    is_few = len(words) <= SHOWN_ROWS and numbers.null_count() < len(numbers)
    may_be_gaps = is_few and all(word.lower() in GAP_WORDS for word in words)
    return tuple(words) if may_be_gaps else ()


def _held_by(text: pl.Series) -> CellKind:
    different = text.drop_nulls().unique(maintain_order=True)
    if len(different) <= 2 and any(
        set(different.str.to_lowercase()) == set(pair) for pair in TRUTH_PAIRS
    ):
        return CellKind.TRUTHS
    looked_at = different.head(_LOOKED_AT)
    return (
        CellKind.DATES if all(read_moment(cell) == "dates" for cell in looked_at) else CellKind.TEXT
    )


def _gaps_at(is_gap: pl.Series, cells: pl.Series | None = None) -> Gaps:
    rows = is_gap.arg_true()
    if rows.is_empty():
        return Gaps()
    marks: dict[str, int] = {}
    if cells is not None:
        counted = cells.gather(rows).drop_nulls().value_counts(sort=True)
        marks = {mark: count for mark, count in counted.iter_rows() if mark}
    return Gaps(len(rows), tuple(row + 1 for row in rows.head(SHOWN_ROWS).to_list()), marks)


def _sentinel(values: pl.Series) -> float | None:
    """A number such as -999 that stands apart from all others, and more than once."""
    numbers = values.to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    for bound in (numbers.min(initial=0.0), numbers.max(initial=0.0)):
        if bound not in _SENTINELS:
            continue
        others = numbers[numbers != bound]
        if len(others) < 2 or len(numbers) - len(others) < 2:
            continue
        width = others.max() - others.min()
        if width > 0 and np.abs(others - bound).min() > _FAR * width:
            return float(bound)
    return None
