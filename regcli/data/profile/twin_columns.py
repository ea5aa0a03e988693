"""Columns that say what another says: the same values, in other words or in another unit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.data.profile.column_kinds import ColumnKind, ColumnProfile
from regcli.data.wording import quoted

_EQUAL = 1e-9
"""What rounding may change, in standard deviations."""
_KEY_STEP = 1e-6
_NEARLY_EQUAL = 1e-6
"""What rounding may change where mean and deviation are those of a sample."""
_SAMPLE = 2_000
"""Rows by which twins are sought; whether they are some, all rows tell."""
_FEW = 50
"""Different numbers up to which a column of them is compared with categories too."""
_LEAST_ROWS = 8
"""In fewer rows columns agree by chance."""


@dataclass(frozen=True)
class _Form:
    """A column in a form in which twins are equal: in all rows, and in any of them by themselves.

    Attributes:
        is_line: whether it is numbers up to a linear function, else values up to their names.
        sample: some of its rows in that form, (sampled rows,).
        key: about equal for twins.
    """

    profile: ColumnProfile
    is_line: bool
    sample: NDArray[np.float64]
    key: int

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """Every row in that form, (rows,)."""
        return _in_form(self.profile.values, self.is_line)


def mark_twins(profiles: Sequence[ColumnProfile]) -> list[ColumnProfile]:
    """Profiles in which each input that copies an earlier one is a duplicate.

    Numbers are the same up to a linear function, categories up to their names.
    """
    rows = len(profiles[0].values) if profiles else 0
    if rows < _LEAST_ROWS:
        return list(profiles)
    sample = np.linspace(0, rows - 1, min(rows, _SAMPLE)).astype(np.int64)
    # Twins have the same product with any vector, so one number finds them.
    probe = np.random.default_rng(0).standard_normal(len(sample)) / np.sqrt(len(sample))
    seen: dict[tuple[bool, int], list[_Form]] = {}
    marked = []
    for profile in profiles:
        forms = list(_forms(profile, sample, probe))
        twin = next((form for form in forms if _twin(form, seen)), None)
        if twin is None:
            for form in forms:
                seen.setdefault((form.is_line, form.key), []).append(form)
            marked.append(profile)
        else:
            marked.append(replace(profile, kind=ColumnKind.DUPLICATE, why=_why(twin, seen)))
    return marked


def _forms(
    profile: ColumnProfile, sample: NDArray[np.int64], probe: NDArray[np.float64]
) -> Iterator[_Form]:
    is_number = profile.kind is ColumnKind.NUMBER
    ways = [True] if is_number else []
    if profile.kind.is_input and (not is_number or profile.distinct <= _FEW):
        ways.append(False)
    for is_line in ways:
        numbers = _in_form(profile.values.gather(sample), is_line)
        yield _Form(profile, is_line, numbers, round(float(numbers @ probe) / _KEY_STEP))


def _in_form(values: pl.Series, is_line: bool) -> NDArray[np.float64]:
    """Standardized numbers of one sign; or the numbers of values, counted as they appear."""
    return _standard(values) if is_line else by_appearance(values)


def _twin(form: _Form, seen: dict[tuple[bool, int], list[_Form]]) -> ColumnProfile | None:
    for key in (form.key - 1, form.key, form.key + 1):
        for other in seen.get((form.is_line, key), ()):
            if _agree(form, other):
                return other.profile
    return None


def _agree(form: _Form, other: _Form) -> bool:
    both_numbers = form.profile.kind is other.profile.kind is ColumnKind.NUMBER
    if both_numbers and not form.is_line:
        return False  # numbers in another order say something else
    if not np.allclose(form.sample, other.sample, rtol=0.0, atol=_NEARLY_EQUAL):
        return False
    if (form.profile.values.is_null() != other.profile.values.is_null()).any():
        return False
    return bool(np.allclose(form.numbers, other.numbers, rtol=0.0, atol=_EQUAL))


def _why(form: _Form, seen: dict[tuple[bool, int], list[_Form]]) -> str:
    other = _twin(form, seen)
    assert other is not None
    is_equal = form.profile.values.equals(other.values)
    if form.is_line and not is_equal:
        return f"is a linear function of {quoted(other.name)}"
    return f"says the same as {quoted(other.name)} in every row"


def by_appearance(values: pl.Series) -> NDArray[np.float64]:
    """The number of each row's value in the order in which values first appear, (rows,)."""
    texts = values.cast(pl.String).fill_null("\0")
    order = texts.unique(maintain_order=True)
    codes = pl.Series(range(len(order)), dtype=pl.Float64)
    numbers: NDArray[np.float64] = texts.replace_strict(order, codes).to_numpy()
    return numbers.copy()  # polars lends its own memory, which must not be written to


def _standard(values: pl.Series) -> NDArray[np.float64]:
    """Numbers with mean 0 and deviation 1, the first that differs from the mean positive."""
    numbers = values.to_numpy().astype(np.float64)
    known = numbers[~np.isnan(numbers)]
    if not len(known):  # of a sample
        return np.zeros(len(numbers))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        standard = (numbers - known.mean()) / known.std()
    standard[~np.isfinite(standard)] = 0.0
    first = standard[np.abs(standard) > _EQUAL][:1]
    found: NDArray[np.float64] = standard * (np.sign(first[0]) if first.size else 1.0)
    return found
