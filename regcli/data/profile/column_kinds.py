"""What a column is: number, category, date, or something that no model can learn from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.config.column_keys import SimpleType
from regcli.data.columns.columns import MOST_CATEGORIES, cells_of
from regcli.data.columns.index_columns import fault_of_index
from regcli.data.columns.likeness import TextFault, find_text_fault
from regcli.data.columns.text_columns import text_of
from regcli.data.profile.cell_contents import CellKind, Contents, Gaps
from regcli.data.wording import number_text, quoted

_ID_NAME = re.compile(
    r"(?:^|[\W_])(?:id|uid|uuid|guid|key|ssn|isbn|iata|icao)$|[a-z]I[Dd]$", re.IGNORECASE
)
_CODE_NAME = re.compile(
    r"(?:^|[\W_])(?:id|code|zip|zip ?code|postcode|plz|sku)$|[a-z](?:ID|Id|Code)$", re.IGNORECASE
)
_SCALES: tuple[tuple[str, ...], ...] = (
    ("very low", "low", "medium", "high", "very high"),
    ("very low", "low", "moderate", "high", "very high"),
    ("very bad", "bad", "medium", "good", "very good"),
    ("very poor", "poor", "fair", "good", "very good", "excellent"),
    ("fair", "good", "very good", "premium", "ideal"),
    ("xs", "s", "m", "l", "xl", "xxl"),
    ("small", "medium", "large"),
    ("mild", "moderate", "severe"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("none", "some", "freq"),
    ("never", "occas", "regul", "heavy"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("child", "adult", "senior"),
    ("primary", "secondary", "tertiary"),
)
_STEP = re.compile(r"^[<>≤≥ ]{0,2}(\d+(?:\.\d+)?)")
"""The number that a step of a scale begins with: `2. HS Grad`, `25-34`."""
_LONGEST_STEPS = 12
_LEAST_ROWS = 20
"""Fewer rows tell too little of how often a value repeats."""
_REPEATS = 0.5
"""More different texts than this share of the rows are names or sentences, not categories."""
_WORDS_OF_A_TEXT = 3.0
_MOST_CODES, _LARGEST_CODE = 8, 20
"""Different numbers of a column, and the largest of them, up to which they may be codes."""
_ROWS_OF_A_CODE = 5
_READ = 2000
"""Rows of text that are looked at one by one."""


class ColumnKind(Enum):
    """What a column is; the value is the word that people read."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    DATE = "date"
    ID = "id"
    TEXT = "text"
    CONSTANT = "constant"
    EMPTY = "empty"
    DUPLICATE = "duplicate"
    UNREADABLE = "unreadable"

    @property
    def is_input(self) -> bool:
        """Whether a model can learn from it."""
        return self in (ColumnKind.NUMBER, ColumnKind.BOOLEAN, ColumnKind.CATEGORY, ColumnKind.DATE)


@dataclass(frozen=True)
class ColumnProfile:
    """A column and what it is.

    Attributes:
        kind: what it is.
        values: its values, null where there is a gap; see `Contents`.
        gaps: where those are.
        distinct: number of different values.
        why: why it is no input, or what it copies, as a predicate; empty for inputs.
        words: marks among numbers that count as gaps only where `null_values` names them.
        type: what the config has to say that it is; None where it shows by itself.
        order: its values in their order, where they look like the steps of a scale.
        sentinel: a number that probably means a gap.
        mend: what makes an unreadable column readable; empty where nothing in general does.
        may_be_code: whether its few whole numbers may be names of categories.
        spellings: the first values of a category that differ in upper and lower case alone.
    """

    name: str
    kind: ColumnKind
    values: pl.Series
    gaps: Gaps
    distinct: int
    why: str = ""
    words: tuple[str, ...] = ()
    type: SimpleType | None = None
    order: tuple[str, ...] = ()
    sentinel: float | None = None
    mend: str = ""
    may_be_code: bool = False
    spellings: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.values.dtype == pl.Float64


def column_profile(contents: Contents, *, is_target: bool) -> ColumnProfile:
    """What a column is, seen alone.

    Args:
        contents: its cells.
        is_target: whether it is to be predicted, so that it is used whatever it looks like.
    """
    known = contents.values.drop_nulls()
    distinct = known.n_unique()
    kind, why = _kind_of(contents, known, distinct, is_target=is_target)
    type_ = _type_of(kind, contents)
    is_code = type_ == "category"
    return ColumnProfile(
        contents.name,
        kind,
        text_of(contents.values) if is_code else contents.values,
        contents.gaps,
        distinct,
        why,
        contents.words,
        type_,
        _order(known) if kind is ColumnKind.CATEGORY and not is_code else (),
        contents.sentinel if kind is ColumnKind.NUMBER else None,
        _mend(contents, known) if kind is ColumnKind.UNREADABLE else "",
        kind is ColumnKind.NUMBER and not is_target and _may_be_code(known, distinct),
        _spellings(known) if kind is ColumnKind.CATEGORY and not is_code else (),
    )


def _may_be_code(known: pl.Series, distinct: int) -> bool:
    """Whether numbers are 3 to 8 small whole ones, each in many rows."""
    if not 3 <= distinct <= _MOST_CODES or len(known) < _ROWS_OF_A_CODE * distinct:
        return False
    numbers = known.unique().to_numpy()
    is_small = numbers.min() >= 0 and numbers.max() <= _LARGEST_CODE
    return bool(is_small and (numbers == np.round(numbers)).all())


def _spellings(known: pl.Series) -> tuple[str, ...]:
    """The first texts, in order, that are one when upper and lower case are the same."""
    by_fold: dict[str, list[str]] = {}
    for text in known.unique().sort().to_list():
        by_fold.setdefault(text.casefold(), []).append(text)
    return next((tuple(texts) for texts in by_fold.values() if len(texts) > 1), ())


def _type_of(kind: ColumnKind, contents: Contents) -> SimpleType | None:
    """What the config has to say of a column, because it would be read as something else."""
    if kind is ColumnKind.CATEGORY and contents.held is CellKind.NUMBERS:
        return "category"
    if not contents.is_stored_as_text or not kind.is_input:
        return None
    return "date" if kind is ColumnKind.DATE else "number"


def _kind_of(
    contents: Contents, known: pl.Series, distinct: int, *, is_target: bool
) -> tuple[ColumnKind, str]:
    held, rows = contents.held, len(known)
    if not contents.name and not is_target:
        return ColumnKind.ID, "has no name, as an index has"
    if held is CellKind.NOTHING:
        return ColumnKind.EMPTY, "has no value in any row"
    if held is CellKind.OTHER:
        why = f"holds {contents.values.dtype}, which is no number and no text"
        return ColumnKind.UNREADABLE, contents.fault or why
    if distinct == 1 and not is_target:
        where = "in every row that has a value" if contents.gaps.count else "in every row"
        return ColumnKind.CONSTANT, f"is {_shown(known[0])} {where}"
    if held is CellKind.TRUTHS:
        return ColumnKind.BOOLEAN, ""
    if held is CellKind.NUMBERS:
        return _kind_of_numbers(contents, known, distinct, is_target=is_target)
    if held is CellKind.DATES:
        return ColumnKind.DATE, ""
    if not is_target and (found := _no_category(contents.name, known, distinct, rows)):
        return found
    if not is_target and 2 * rows < len(contents.values) and _is_prose(known):
        return ColumnKind.TEXT, f"is free text in {rows:,} of {len(contents.values):,} rows"
    return ColumnKind.CATEGORY, ""


def _kind_of_numbers(
    contents: Contents, known: pl.Series, distinct: int, *, is_target: bool
) -> tuple[ColumnKind, str]:
    numbers = known.to_numpy()
    with np.errstate(over="ignore"):
        if not np.isfinite(numbers.astype(np.float32)).all():
            return ColumnKind.UNREADABLE, "holds numbers beyond 3.4e38"
    whole = bool((numbers == np.round(numbers)).all())
    if whole and distinct == 2 and numbers.min() == 0.0 and numbers.max() == 1.0:
        return ColumnKind.BOOLEAN, ""
    if is_target or not whole:
        return ColumnKind.NUMBER, ""
    if distinct == len(contents.values) and (why := _why_id(contents.name, numbers)):
        return ColumnKind.ID, why
    if contents.has_leading_zeros or _CODE_NAME.search(contents.name):
        rows = len(numbers)
        if rows >= _LEAST_ROWS and distinct > _REPEATS * rows:
            why = f"is a code of {distinct:,} different values in {rows:,} rows"
            return ColumnKind.ID, why
        return ColumnKind.CATEGORY, ""
    return ColumnKind.NUMBER, ""


def _why_id(name: str, numbers: NDArray[np.float64]) -> str | None:
    """Why whole numbers that all differ name the rows, as a predicate; None where they do not."""
    if fault_of_index(name, numbers):
        return "has a name and values like row numbers"
    if len(numbers) < _LEAST_ROWS:
        return None
    if numbers[0] in (0.0, 1.0) and (np.diff(numbers) == 1.0).all():
        return f"counts the rows, from {numbers[0]:g} to {numbers[-1]:g}"
    return "is called an id, and no value repeats" if _ID_NAME.search(name) else None


def _no_category(
    name: str, known: pl.Series, distinct: int, rows: int
) -> tuple[ColumnKind, str] | None:
    """Why text is no category, as a kind and a predicate; None where it is one."""
    if (fault_of_index(name, None)) is not None:
        return ColumnKind.ID, "is an index"
    if (fault := _text_fault(known)) is not None:
        return ColumnKind.UNREADABLE, f"is not read as it is: {fault.held}"
    many = distinct > MOST_CATEGORIES or (rows >= _LEAST_ROWS and distinct > _REPEATS * rows)
    if not many and distinct < rows:
        return None
    count = f"{distinct:,} different values in {rows:,} rows"
    if not _is_prose(known) and (distinct == rows or _ID_NAME.search(name)):
        return ColumnKind.ID, f"names its rows: {count}"
    return ColumnKind.TEXT, f"is free text: {count}"


def _text_fault(known: pl.Series) -> TextFault | None:
    return find_text_fault(cells_of(known.head(_READ), is_target=False))


def _mend(contents: Contents, known: pl.Series) -> str:
    """What makes a column of text readable; in a file with types no key can do that."""
    if contents.held is not CellKind.TEXT or (fault := _text_fault(known)) is None:
        return ""
    is_key = fault.mend.startswith("dataset.")
    return "write numbers as numbers" if contents.is_typed and is_key else fault.mend


def _is_prose(known: pl.Series) -> bool:
    words = known.head(_READ).str.count_matches(r"\S+").mean()
    return isinstance(words, float) and words >= _WORDS_OF_A_TEXT


def _order(known: pl.Series) -> tuple[str, ...]:
    """The different texts in their order, where they are steps of a scale that is known."""
    different = known.unique().to_list()
    if not 3 <= len(different) <= _LONGEST_STEPS:
        return ()
    folded = {text.casefold(): text for text in different}
    for scale in _SCALES:
        if set(folded) <= set(scale) and len(folded) == len(different):
            return tuple(folded[step] for step in scale if step in folded)
    return _numbered(different)


def _numbered(different: Sequence[str]) -> tuple[str, ...]:
    """Texts that each begin with a number of their own, by that number: `25-34`, `2. HS Grad`."""
    found = {text: _STEP.match(text) for text in different}
    numbers = {text: float(match.group(1)) for text, match in found.items() if match}
    if len(set(numbers.values())) < len(different):
        return ()
    return tuple(sorted(different, key=numbers.__getitem__))


def _shown(value: object) -> str:
    return number_text(value) if isinstance(value, float) else quoted(value)
