"""The door of this room: from the columns of a file to what the table holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.config.dataset_section import Dataset
from regcli.data.columns.columns import cells_of
from regcli.data.columns.gaps import column_fault, marks_of_gaps
from regcli.data.columns.likeness import fault_of_text
from regcli.data.columns.text_columns import codes_of
from regcli.data.dataset import Target
from regcli.data.profile.cell_contents import read_contents
from regcli.data.profile.column_kinds import ColumnKind, ColumnProfile, column_profile
from regcli.data.profile.findings import Cause, TableFinding, findings_of
from regcli.data.profile.leaks import find_leaks
from regcli.data.profile.seen_rows import find_seen_rows
from regcli.data.profile.target_guess import TargetProfile, guess_target
from regcli.data.profile.twin_columns import mark_twins
from regcli.data.target.targets import AskedTask, read_target, read_text_target
from regcli.data.wording import number_text, quoted
from regcli.errors import DataError

_ROWS_OF_A_CLASS = 2
"""On average at least: about half of the rows may be for validation and testing."""


@dataclass(frozen=True)
class TableProfile:
    """What a table holds.

    Attributes:
        columns: every column, the target among them, in the file's order.
        seen: which rows the first config does not hold out for testing, (rows,): what it decides
            from values, it decides from these.
        findings: what a person should know, the target's first.
    """

    rows: int
    columns: tuple[ColumnProfile, ...]
    target: TargetProfile
    seen: NDArray[np.bool_]
    findings: tuple[TableFinding, ...]

    @property
    def inputs(self) -> tuple[ColumnProfile, ...]:
        """The columns that a model can learn from."""
        name = self.target.column.name
        return tuple(c for c in self.columns if c.kind.is_input and c.name != name)

    @property
    def dropped(self) -> tuple[ColumnProfile, ...]:
        """The columns that no model can learn from as they are."""
        name = self.target.column.name
        return tuple(c for c in self.columns if not c.kind.is_input and c.name != name)

    @property
    def unread(self) -> tuple[ColumnProfile, ...]:
        """Those of the dropped columns that can be made readable."""
        return tuple(column for column in self.dropped if column.mend)

    @property
    def useless(self) -> tuple[ColumnProfile, ...]:
        """The other dropped columns."""
        return tuple(column for column in self.dropped if not column.mend)

    @property
    def leaking(self) -> list[str]:
        """The columns that predict the target too well, by themselves or together."""
        leaks = [finding for finding in self.findings if finding.cause is Cause.LEAK]
        return [name for finding in leaks for name in finding.columns]


def profile_table(
    frame: pl.DataFrame,
    target: str,
    path: Path,
    *,
    typed: bool = False,
    task: AskedTask = None,
    dataset: Dataset | None = None,
) -> TableProfile:
    """What a table holds, and what is wrong with it.

    Args:
        frame: its columns as the file's reader gives them.
        target: the column to predict; it is in the frame.
        path: the file, for messages.
        typed: whether the file says what is a number, as Parquet does.
        task: classification or regression, where a person has said so.
        dataset: the section as far as a person has set it: the marks of gaps, what is done about
            them, and which rows are held out.

    Raises:
        DataError: nothing can be learnt: the target has no two values, is no number and no class,
            or no column is left to learn from.
    """
    dataset = dataset or Dataset(file=str(path), target=target)
    marks = marks_of_gaps(dataset.null_values)
    contents = [read_contents(series, typed=typed, marks=marks) for series in frame.get_columns()]
    alone = [column_profile(held, is_target=held.name == target) for held in contents]
    of_target = next(column for column in alone if column.name == target)
    read = _read_target(of_target, path, task)
    others = iter(mark_twins(_with_one_meaning(alone, of_target)))
    columns = tuple(c if c.name == target else next(others) for c in alone)
    inputs = [c for c in columns if c.kind.is_input and c.name != target]
    if not inputs:
        raise DataError(_nothing_to_learn_from(columns, target, path))
    labels = read.y if read.classes else np.zeros(len(read.y))
    seen = find_seen_rows(inputs, of_target, labels.astype(np.int64), dataset)
    guessed = guess_target(of_target, task, seen)
    _require_few_classes(guessed, path)
    leaks = find_leaks(inputs, guessed)
    shown = [column for column in columns if column.name != target]
    return TableProfile(len(frame), columns, guessed, seen, findings_of(shown, guessed, leaks))


def _with_one_meaning(
    columns: Sequence[ColumnProfile], target: ColumnProfile
) -> list[ColumnProfile]:
    """The columns besides the target, without those in which a word means something else.

    A config names the words that mean gaps for all columns at once, so `none` cannot be a gap among
    the numbers of one column and a category of another.
    """
    others = [column for column in columns if column.name != target.name]
    if not any(column.words for column in columns):
        return others
    others = [_unless_a_gap(column, target) for column in others]
    texts = [c for c in (*others, target) if c.kind.is_input and c.values.dtype == pl.String]
    spelt = {text.lower(): c for c in texts for text in c.values.drop_nulls().unique()}
    return [_unless_a_category(column, spelt) for column in others]


def _unless_a_gap(column: ColumnProfile, target: ColumnProfile) -> ColumnProfile:
    """A column, of no use where a value of it means a gap in the target."""
    if not target.words or not column.kind.is_input or column.values.dtype != pl.String:
        return column
    marks = {word.lower() for word in target.words}
    shared = [text for text in column.values.drop_nulls().unique().sort() if text.lower() in marks]
    if not shared:
        return column
    of_target = f"means a gap in the target {quoted(target.name)}"
    why = f"has the category {quoted(shared[0])}, which {of_target}"
    return replace(column, kind=ColumnKind.UNREADABLE, why=why)


def _unless_a_category(column: ColumnProfile, spelt: Mapping[str, ColumnProfile]) -> ColumnProfile:
    """A column, of no use where a word among its numbers is a value of another column."""
    shared = [word for word in column.words if word.lower() in spelt]
    if not shared or not column.kind.is_input:
        return column
    other = spelt[shared[0].lower()].name
    why = (
        f"has {quoted(shared[0])} among its numbers, which cannot mean a gap because it is a "
        f"value of {quoted(other)}"
    )
    return replace(column, kind=ColumnKind.UNREADABLE, why=why)


def _read_target(target: ColumnProfile, path: Path, task: AskedTask) -> Target:
    """The target of the rows that have one.

    Raises:
        DataError: it cannot be predicted.
    """
    if target.distinct < 2:
        held = "has no value" if not target.distinct else f"all have {_only(target)}"
        fault = f"must have at least 2 different values to be predicted, {held}"
        raise DataError(column_fault(path, target.name, fault))
    if not target.kind.is_input or target.kind is ColumnKind.DATE:
        fault = f"must hold numbers or classes to be predicted, it holds {_what(target)}"
        raise DataError(column_fault(path, target.name, fault))
    known = target.values.drop_nulls()
    place = f"{path}: column {quoted(target.name)}"
    if target.is_number or target.values.dtype == pl.Boolean:
        return read_target(known.to_numpy(), task, place)
    unlike = None if task == "classification" else fault_of_text(cells_of(known, is_target=True))
    if unlike is not None:
        raise DataError(column_fault(path, target.name, unlike))
    codes, categories = codes_of(known)
    return read_text_target(categories, codes.to_numpy(), task, place)


def _require_few_classes(target: TargetProfile, path: Path) -> None:
    rows, classes = sum(target.counts.values()), len(target.counts)
    if rows < _ROWS_OF_A_CLASS * classes:
        fault = (
            f"must have {_ROWS_OF_A_CLASS} rows of each class on average, it has {classes:,} "
            f"different values in {rows:,} rows; name another target, or give rare values one name"
        )
        raise DataError(column_fault(path, target.column.name, fault))


def _only(target: ColumnProfile) -> str:
    value = target.values.drop_nulls()[0]
    return number_text(value) if isinstance(value, float) else quoted(value)


def _what(target: ColumnProfile) -> str:
    return "dates" if target.kind is ColumnKind.DATE else str(target.values.dtype)


def _nothing_to_learn_from(columns: Sequence[ColumnProfile], target: str, path: Path) -> str:
    others = [column for column in columns if column.name != target]
    if not others:
        return f"{path}: must have a column besides the target {quoted(target)} to learn from"
    whys = ", ".join(f"{quoted(column.name)} {column.why}" for column in others[:8])
    return f"{path}: must have a column to learn from besides the target {quoted(target)}: {whys}"
