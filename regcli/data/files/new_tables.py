"""Rows to predict from a file of columns. Importing this imports polars."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.config.dialect_keys import is_text_file
from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.columns import Column, numbers_of
from regcli.data.columns.gaps import column_fault, faults_of_numbers, faults_together, gap_sentence
from regcli.data.columns.index_columns import fault_of_index
from regcli.data.columns.labels import read_labels
from regcli.data.columns.roles import Roles
from regcli.data.columns.text_columns import as_numbers, codes_of, is_text, without_marks
from regcli.data.columns.typed_columns import read_as
from regcli.data.features import NUMBER, Features, Kind
from regcli.data.files.dialect import AskedDialect
from regcli.data.files.own_dialects import own_dialect
from regcli.data.files.table_files import read_frames, without_values
from regcli.data.free_memory import require_memory
from regcli.data.target.known_classes import AS_TRAINED, Truth, class_numbers, truth_of_array
from regcli.data.target.target_gaps import counted_with_target, rows_with_target
from regcli.data.target.targets import AskedTask, class_names
from regcli.data.trained_on import TrainedOn
from regcli.data.wording import listed, nearest, quoted
from regcli.errors import DataError

_TRAIN_AGAIN = "train with dataset.missing set"


_NUMBERS = (pl.Boolean, pl.Null)
"""Types that hold numbers, besides those that polars calls so."""


@dataclass(frozen=True)
class NewTable:
    """Every row of a file.

    Attributes:
        features: the columns of training; NaN where a value is missing.
        is_complete: which rows have no gap that leaves rows out, (rows,).
        has_truth: which rows have a target; all, unless rows without one were left out of
            training, (rows,).
        truth: class numbers or quantities of these; None where they were not asked for.
        notes: of how the file was read.
    """

    features: Features
    is_complete: NDArray[np.bool_]
    has_truth: NDArray[np.bool_]
    truth: Truth | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Reader:
    """How the columns of one file are read."""

    path: Path
    trained: TrainedOn
    rules: ColumnRules
    typed: bool

    def column(self, series: pl.Series) -> Column:
        """A column of training.

        Raises:
            DataError: it holds something else, or has gaps that nothing is done about.
        """
        marked, name = series, series.name
        if is_text(series):
            marked = series.cast(pl.String).str.strip_chars()
            series = without_marks(marked, self.rules.gap_marks)
        found = self._read(series)
        if isinstance(found, str):
            raise DataError(column_fault(self.path, name, found))
        values, kind = found
        faults = faults_of_numbers(values, (name,), self.path, may_have_gaps=True)
        gaps = np.isnan(values)
        if gaps.any() and not self._may_have_gaps(name):
            row = int(gaps.argmax())
            mark = str(marked[row] or "") if is_text(marked) else ""
            fault = gap_sentence(row, int(gaps.sum()), len(gaps), mark, _TRAIN_AGAIN)
            faults.append(column_fault(self.path, name, fault))
        if faults:
            raise DataError(*faults)
        return Column(name, values, kind)

    def _may_have_gaps(self, name: str) -> bool:
        return self.is_strict(name) or self.rules.missing_in(name) != "error"

    def is_strict(self, name: str) -> bool:
        """Whether a gap in a column leaves its row out."""
        return self.rules.missing_in(name) == "drop"

    def _read(self, series: pl.Series) -> tuple[NDArray[np.float64], Kind] | str:
        """The values (rows,) of a column without marks of gaps; why it has none, as a predicate."""
        name = series.name
        asked = self.rules.types.get(name)
        kind = asked or self.trained.preparation.kind(name)
        holds_text = is_text(series) or series.dtype == pl.Null
        if kind.name == "category" and asked is None and self.typed and not holds_text:
            return f"must hold text {AS_TRAINED}, it holds {series.dtype}"
        if kind.name != "number" or asked is not None:
            return read_as(kind, series, AS_TRAINED)
        if is_text(series) and self.typed:
            return f"must hold numbers {AS_TRAINED}, it holds text"
        numbers = as_numbers(series) if is_text(series) else series
        if numbers is None or not (numbers.dtype.is_numeric() or numbers.dtype in _NUMBERS):
            return read_as(NUMBER, series, AS_TRAINED)
        return numbers_of(numbers).astype(np.float64), NUMBER


def read_new_table(path: Path, trained: TrainedOn, *, with_truth: bool) -> NewTable:
    """The rows of a CSV or Parquet file; see `new_rows.read_new_rows`.

    Raises:
        DataError: on any fault.
    """
    rules, known = ColumnRules.of(trained.dataset), trained.preparation.columns
    roles = replace(Roles.of(trained.dataset), target=trained.target, of_training=known[0])
    reader = _Reader(path, trained, rules, typed=not is_text_file(path.name))
    unread = (roles.groups, roles.time, roles.weights, None if with_truth else roles.target)
    of_file = replace(roles, drop=(*roles.drop, *filter(None, unread)))
    full = _full_rules(trained, rules)
    asked, own = AskedDialect.of_new_rows(trained.dataset, trained.dialect), list[str]()
    if is_text_file(path.name):
        asked, own = own_dialect(path, asked, known, of_file, full)
    read = read_frames([path], of_file, full, asked, path)
    frame = without_values(read.frames[0], rules.gap_marks)
    wanted = (*known, roles.target) if with_truth else known
    frame, index = _without_index(frame, {*wanted, *(rules.columns or ())})
    found = (*own, *([index] if index else ()))
    notes = (*read.notes, *(f"{path.name}: {note}" for note in found))
    faults = _faults_of_names(frame.columns, wanted, roles, rules, path)
    if frame.is_empty():
        raise DataError(*(faults or [f"{path}: must have a row to predict"]))
    columns: list[Column] = []
    truth, has_truth = None, np.ones(len(frame), bool)
    for name in wanted:
        try:
            if name == roles.target and name in frame.columns:
                truth, has_truth = _known_truth(frame[name], reader)
            elif name in frame.columns:
                columns.append(reader.column(frame[name]))
        except DataError as error:
            faults.extend(error.problems)
    if faults:
        raise DataError(*faults_together(faults, path))
    require_memory(len(frame) * len(known) * np.dtype(np.float64).itemsize, f"{path}: ")
    x = np.column_stack([column.values for column in columns])
    strict = [place for place, name in enumerate(known) if reader.is_strict(name)]
    kinds = {column.name: column.kind for column in columns if column.kind != NUMBER}
    is_complete = ~np.isnan(x[:, strict]).any(axis=1)
    return NewTable(Features(x, known, kinds), is_complete, has_truth, truth, notes)


def _full_rules(trained: TrainedOn, rules: ColumnRules) -> ColumnRules:
    """Rules by which no column is read as another kind than it had, whatever it looks like here."""
    kinds = {name: trained.preparation.kind(name) for name in trained.preparation.columns}
    own = {name: kind for name, kind in kinds.items() if kind != NUMBER}
    return replace(rules, types={**own, **rules.types})


def _faults_of_names(
    names: Sequence[str], wanted: Sequence[str], roles: Roles, rules: ColumnRules, path: Path
) -> list[str]:
    """What a file lacks, and what it has besides, in one line."""
    apart = {roles.target, roles.groups, roles.time, roles.weights, *roles.drop, *wanted}
    missing = [name for name in wanted if name not in names]
    others = [name for name in names if name not in apart]
    parts = []
    if written := _written_otherwise(missing, others):
        pairs = ", ".join(f"{quoted(there)} for {quoted(name)}" for there, name in written)
        parts.append(f"it has {pairs} (write names as in the training data)")
        paired = {name for pair in written for name in pair}
        missing = [name for name in missing if name not in paired]
        others = [name for name in others if name not in paired]
    more = others if rules.columns is None else []
    if missing:
        hint = nearest(missing[0], more) if len(missing) == 1 else ""
        parts.append(f"it lacks {listed(missing)}{hint}")
    if more and not (missing and parts[-1].endswith("?")):
        parts.append(f"it has {listed(more)} besides; leave out what it has besides")
    return [f"{path}: must have the columns of training, {' and '.join(parts)}"] if parts else []


def _written_otherwise(missing: Sequence[str], others: Sequence[str]) -> list[tuple[str, str]]:
    """Names of a file that are those of training but for case and marks, each with that one."""
    by_fold: dict[str, list[str]] = {}
    for name in others:
        by_fold.setdefault(_folded(name), []).append(name)
    found = [(by_fold.get(_folded(name), []), name) for name in missing]
    return [(there[0], name) for there, name in found if len(there) == 1]


def _folded(name: str) -> str:
    """A name without case and marks: `sepal.length` and `Sepal Length` are one."""
    return re.sub(r"[\W_]+", "", name).casefold() or name


def _without_index(frame: pl.DataFrame, apart: Collection[str | None]) -> tuple[pl.DataFrame, str]:
    """Columns without an index that pandas wrote and training had none of, and a word of that."""
    found = [n for n in frame.columns if n not in apart and fault_of_index(n, None) is not None]
    if not found:
        return frame, ""
    return frame.drop(found), f"left out as an index that pandas wrote: {listed(found)}"


def _known_truth(series: pl.Series, reader: _Reader) -> tuple[Truth, NDArray[np.bool_]]:
    """The target of rows that have one, and which rows these are, (rows,).

    Raises:
        DataError: rows have none that training would not have left out, or it is not as the run
            has it.
    """
    kept = None
    if reader.is_strict(series.name):
        kept, _ = rows_with_target([series], series.name, reader.rules.gap_marks)
    if kept is None:
        return _truth(series, reader), np.ones(len(series), bool)
    if not kept.any():
        return np.zeros(0, np.float32), kept
    try:
        return _truth(series.filter(pl.Series(kept)), reader), kept
    except DataError as error:
        raise DataError(*map(counted_with_target, error.problems)) from None


def _truth(series: pl.Series, reader: _Reader) -> Truth:
    """The target of rows whose truth is known, as the run has it.

    Raises:
        DataError: it has gaps, classes that the run does not know, or no numbers.
    """
    path, classes = reader.path, reader.trained.classes
    task: AskedTask = "classification" if classes else "regression"
    labels = read_labels(series, path, task, reader.rules, typed=reader.typed)
    if not classes:
        if labels.numbers is None:
            fault = f"must hold numbers {AS_TRAINED}, it holds text"
            raise DataError(column_fault(path, series.name, fault))
        return labels.numbers.astype(np.float32)
    place = f"{path}: column {quoted(series.name)}"
    if is_text(series):
        codes, names = codes_of(series.cast(pl.String).str.strip_chars())
        known = [_as_class(name, classes) for name in names]
        return class_numbers(known, codes.to_numpy(), classes, place)
    return truth_of_array(np.asarray(labels.numbers), classes, place)


def _as_class(text: str, classes: Sequence[str]) -> str:
    """The class that a cell names: as it stands, else as the number or the truth that it is."""
    numbers = None if text in classes else as_numbers(pl.Series([text]))
    return text if numbers is None else class_names(numbers.to_numpy())[0]
