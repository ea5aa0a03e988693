"""Columns of text: marks of gaps, numbers in text, categories. Importing this imports polars."""

from collections.abc import Collection

import polars as pl

from regcli.config.problems import composed
from regcli.data.columns.gaps import gap_sentence
from regcli.data.columns.truths import WRITTEN_OUT

_LOOKED_AT_FIRST = 100
"""Cells that usually tell whether a column is numbers, before all of it is tried."""


def is_text(series: pl.Series) -> bool:
    """Whether a column holds text, categories included."""
    return series.dtype in (pl.String, pl.Categorical, pl.Enum)


def text_of(series: pl.Series) -> pl.Series:
    """Values as text; whole numbers without a decimal point, whatever their type.

    A column of whole numbers is one of floats as soon as it has a gap: 7.0 is the category 7.
    """
    if series.dtype.is_decimal():
        series = series.cast(pl.Float64)
    if not series.dtype.is_float():
        return series.cast(pl.String)
    known = series.fill_nan(None)
    whole = known.cast(pl.Int64, strict=False)
    is_whole = (whole == known).fill_null(False)
    return whole.cast(pl.String).zip_with(is_whole, known.cast(pl.String)).alias(series.name)


def is_gap(series: pl.Series, marks: Collection[str]) -> pl.Series:
    """Which cells of a column hold nothing: null, NaN, or text that is a mark of a gap.

    Args:
        marks: folded to lower case.
    """
    missing = series.is_null()
    if series.dtype.is_float():
        return missing | series.is_nan().fill_null(True)
    if not is_text(series):
        return missing
    # Each text is looked at once, however many rows have it; mostly there is no mark at all.
    text = series.cast(pl.String)
    different = text.unique()
    marked = different.filter(different.str.strip_chars().str.to_lowercase().is_in([*marks]))
    return missing if marked.is_empty() else missing | text.is_in(marked.implode()).fill_null(True)


def without_marks(cells: pl.Series, marks: Collection[str]) -> pl.Series:
    """Text with nothing in place of the marks of gaps, which are folded to lower case."""
    marked = is_gap(cells, marks)
    return cells.set(marked, None) if marked.any() else cells


def fault_of_gaps(cells: pl.Series, text: pl.Series, advice: str = "") -> str | None:
    """The first gap of a column, as a predicate; None where there is none.

    Args:
        cells: as they are in the file; text: without marks of gaps.
        advice: what else can be done about gaps.
    """
    missing = text.is_null()
    count = int(missing.sum())
    if count == 0:
        return None
    row = missing.arg_max() or 0
    return gap_sentence(row, count, len(text), mark=cells[row] or "", advice=advice)


def as_numbers(text: pl.Series) -> pl.Series | None:
    """Text with only numbers as numbers, text with only true and false as booleans.

    Gaps aside; None where it is anything else.
    """
    for kind in (pl.Int64, pl.Float64):
        if _all_are(text.head(_LOOKED_AT_FIRST), kind) and _all_are(text, kind):
            return text.cast(kind)
    truths = text.str.to_lowercase().replace_strict(
        WRITTEN_OUT, default=None, return_dtype=pl.Boolean
    )
    return truths if truths.null_count() == text.null_count() else None


def _all_are(text: pl.Series, kind: type[pl.DataType]) -> bool:
    return text.cast(kind, strict=False).null_count() == text.null_count()


def one_form(text: pl.Series) -> pl.Series:
    """Text of which values that differ in their Unicode form only are one."""
    spelt = text.unique().drop_nulls().to_list()
    forms = {value: composed(value) for value in spelt if not value.isascii()}
    return text.replace(forms) if any(value != form for value, form in forms.items()) else text


def codes_of(text: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    """The number of each row's value, null for gaps, and the different values in order."""
    text = one_form(text)
    categories = sorted(text.unique().drop_nulls().to_list())
    return text.cast(pl.Enum(categories)).to_physical(), tuple(categories)
