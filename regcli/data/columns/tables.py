"""A person's own table, from the columns of a file. Importing this imports polars."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.config.problems import composed
from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.columns import Column, read_feature
from regcli.data.columns.gaps import column_fault, faults_together
from regcli.data.columns.index_columns import fault_of_index
from regcli.data.columns.labels import Labels, read_labels
from regcli.data.columns.roles import Roles, read_groups, read_times, read_weights
from regcli.data.dataset import Origin, Table, Target
from regcli.data.features import NUMBER, Floats
from regcli.data.free_memory import require_memory
from regcli.data.preparing.steps.categories import OTHER
from regcli.data.target.target_gaps import counted_with_target, or_drop, rows_with_target
from regcli.data.target.targets import AskedTask, read_target, read_text_target, target_notes
from regcli.data.wording import listed, nearest, quoted
from regcli.errors import DataError
from regcli.one_line import printable

# Some damaged Parquet files make polars panic, which is not an Exception.
UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


Columns = Sequence[pl.Series]
"""A file's columns, which may be read when they are asked for."""


class KeptColumns(Protocol):
    """Where the values of input columns are put, so that not all of them are in memory."""

    def column(self, feature: Column) -> Column:
        """A column whose values are kept there; it comes after those before."""

    @property
    def matrix(self) -> Floats:
        """The values of all columns, (rows, columns)."""


def to_table(
    columns: Columns,
    roles: Roles,
    rules: ColumnRules,
    path: Path,
    *,
    typed: bool,
    files: NDArray[np.int8] | None = None,
    keep: "KeptColumns | None" = None,
) -> Table:
    """The table that a file's columns make.

    Args:
        columns: the file's columns, with names that differ, those that have roles among them.
        rules: what the config says of the others.
        path: the file.
        typed: whether the file says what is a number.
        files: which file each row is from, where there are several; see `Origin`.
        keep: where the values of inputs are put, one column after the other; None for memory.

    Raises:
        DataError: there are too few columns, a value is missing or infinite, or a column is
            neither number, category nor date; one line for each such column.
    """
    drops = rules.missing_in(roles.target) == "drop"
    kept, note = rows_with_target(columns, roles.target, rules.gap_marks) if drops else (None, "")
    if kept is None:
        return _Reading(roles, rules, path, typed, keep).table(columns, files)
    try:
        own = [series.filter(pl.Series(kept)) for series in columns]
        part = None if files is None else files[kept]
        table = _Reading(roles, rules, path, typed).table(own, part)
    except DataError as error:
        raise DataError(*map(counted_with_target, error.problems)) from None
    return replace(table, notes=(note, *table.notes))


@dataclass(frozen=True)
class _Columns:
    """The columns of a table by what they are for, each (rows,)."""

    features: Sequence[Column]
    labels: Labels
    origin: Origin
    weights: NDArray[np.float32] | None

    def at(self, kept: NDArray[np.bool_]) -> "_Columns":
        """Those of some rows; features stay, which are a matrix by then."""
        weights = None if self.weights is None else self.weights[kept]
        return _Columns(self.features, self.labels.at(kept), self.origin.at(kept), weights)


@dataclass(frozen=True)
class _Reading:
    """How the columns of a table are read; the fields are those of `to_table`."""

    roles: Roles
    rules: ColumnRules
    path: Path
    typed: bool
    keep: KeptColumns | None = None

    def table(self, columns: Columns, files: NDArray[np.int8] | None) -> Table:
        """As `to_table`, of rows that have a target."""
        rules, path, roles = self.rules, self.path, self.roles
        read = self._by_role(columns, files)
        features = read.features
        names = [name for each in features for name in _possible_inputs(each, rules)]
        require_distinct(names, path)
        x = _matrix(features, path) if self.keep is None else self.keep.matrix
        kept, notes = _complete(features, x, rules, path)
        if kept is not None:
            x, read = x[kept], read.at(kept)
        target = _target(read.labels, roles.task, path)
        return Table.of(
            printable(path.name),
            x,
            target,
            tuple(feature.name for feature in features),
            origin=read.origin or None,
            weights=read.weights,
            kinds={each.name: each.kind for each in features if each.kind != NUMBER},
            notes=(*notes, *target_notes(target, roles.target)),
        )

    def _by_role(self, columns: Columns, files: NDArray[np.int8] | None) -> _Columns:
        """Every column by its role.

        Raises:
            DataError: as `to_table`; the faults of all columns together.
        """
        roles, path, marks = self.roles, self.path, self.rules.gap_marks
        features: list[Column] = []
        labels: list[Labels] = []
        faults: list[str] = []
        origin, weights = Origin(files=files), None
        for series in columns:
            try:
                if series.name == roles.target:
                    labels.append(self._labels(series))
                elif series.name == roles.groups:
                    numbers, names = read_groups(series, path, marks)
                    origin = replace(origin, groups=numbers, group_names=names)
                elif series.name == roles.time:
                    origin = replace(origin, times=read_times(series, path, marks))
                elif series.name == roles.weights:
                    weights = read_weights(series, path, marks)
                elif self.rules.columns is None or series.name in self.rules.columns:
                    feature = self._feature(series)
                    features.append(feature if self.keep is None else self.keep.column(feature))
            except DataError as error:
                faults.extend(error.problems)
        if faults:
            raise DataError(*faults_together(faults, path))
        if not features:
            raise DataError(
                f"{path}: must have a column besides the target {quoted(roles.target)} to learn "
                "from"
            )
        return _Columns(features, labels[0], origin, weights)

    def _labels(self, series: pl.Series) -> Labels:
        """The target; where it has gaps, which are told first, with what can be done about them."""
        rules = self.rules
        try:
            return read_labels(series, self.path, self.roles.task, rules, typed=self.typed)
        except DataError as error:
            first, *others = error.problems
            has_gaps = rows_with_target([series], series.name, rules.gap_marks)[0] is not None
            advice = or_drop(series.name) if has_gaps else ""
            raise DataError(f"{first}{advice}", *others) from None

    def _feature(self, series: pl.Series) -> Column:
        """An input; an index that a program wrote is refused."""
        index = fault_of_index(series.name, None)
        column = None if index else read_feature(series, self.path, self.rules, typed=self.typed)
        numbers = None if column is None or column.kind.name == "category" else column.values
        fault = index or fault_of_index(series.name, numbers)
        if column is None or fault:
            raise DataError(column_fault(self.path, series.name, str(fault)))
        return column


def _possible_inputs(column: Column, rules: ColumnRules) -> Sequence[str]:
    """Names that the inputs of a column may have, whatever rows are trained on."""
    name, kind = column.name, column.kind
    marked = [f"{name} missing"] if rules.missing_in(name) == "indicator" else []
    if kind.name == "category":
        pool = [] if rules.max_categories is None else [OTHER]
        return [*(f"{name}={value}" for value in dict.fromkeys([*kind.values, *pool])), *marked]
    if kind.name == "date":
        return [*(f"{name} {part}" for part in rules.date_parts), *marked]
    return [name, *marked]


def _matrix(features: Sequence[Column], path: Path) -> Floats:
    rows = len(features[0].values)
    require_memory(rows * len(features) * np.dtype(np.float64).itemsize, f"{path}: ")
    x = np.empty((rows, len(features)))
    for place, feature in enumerate(features):
        write_values(feature, x[:, place])
    return x


def write_values(feature: Column, values: NDArray[np.float64]) -> None:
    """Write a column's values into a place for them, (rows,)."""
    values[:] = feature.values
    # One NaN of many, so that tables with the same gaps have the same bytes.
    values[np.isnan(values)] = np.nan


def _complete(
    features: Sequence[Column], x: Floats, rules: ColumnRules, path: Path
) -> tuple[NDArray[np.bool_] | None, tuple[str, ...]]:
    """Which rows have a value where gaps leave rows out, None for all; and the note on it."""
    strict = [place for place, each in enumerate(features) if rules.missing_in(each.name) == "drop"]
    gaps = np.isnan(x[:, strict])
    kept = np.asarray(~gaps.any(axis=1))
    left = int(kept.sum())
    if left == len(x):
        return None, ()
    if left < 2:
        raise DataError(
            f"{path}: must have at least 2 rows without gaps for missing: drop, got {left}"
        )
    names = [features[strict[place]].name for place in np.flatnonzero(gaps.any(axis=0))]
    where = f"gaps in {listed(names)}"
    return kept, (f"{len(x) - left} of {len(x)} rows left out for {where}",)


def _target(labels: Labels, task: AskedTask, path: Path) -> Target:
    place = f"{path}: column {quoted(labels.name)}"
    if labels.codes is not None:
        return read_text_target(labels.categories, labels.codes, task, place)
    return read_target(np.asarray(labels.numbers), task, place)


def composed_names(names: Sequence[str], roles: Roles, path: Path) -> list[str]:
    """The names of a file's columns, in one Unicode form.

    Raises:
        DataError: two names are equal, or a column that has a role is not among them.
    """
    given = [composed(name) for name in names]
    for role, name in roles.named():
        require_role(given, role, name, path)
    require_distinct(given, path, names)
    return given


def require_distinct(names: Sequence[str], path: Path, spelt: Sequence[str] = ()) -> None:
    """Refuse two columns of the same name, whether the file's own or made from its text.

    Args:
        names: the names.
        path: the file.
        spelt: the names as the file has them, where `names` are in another Unicode form.
    """
    twice = [name for name, count in Counter(names).items() if count > 1]
    if not twice:
        return
    forms = {form for form in spelt if composed(form) == twice[0]}
    if len(forms) > 1:
        both = " and ".join(map(ascii, sorted(forms)))
        raise DataError(
            f"{path}: column names must differ in more than their Unicode form, {both} "
            "both are " + quoted(twice[0])
        )
    more = f" (so do {listed(twice[1:])})" if len(twice) > 1 else ""
    raise DataError(
        f"{path}: column names must differ, {quoted(twice[0])} appears more than once{more}"
    )


def require_role(names: Sequence[str], role: str, name: str, path: Path) -> None:
    """Refuse a file without a column that has a role."""
    _require(names, name, f"the {role} column {quoted(name)}", path)


def require_named(names: Sequence[str], key: str, name: str, path: Path) -> None:
    """Refuse a file without a column that a key of the config names."""
    _require(names, name, f"the column {quoted(name)} of dataset.{key}", path)


def _require(names: Sequence[str], name: str, what: str, path: Path) -> None:
    """Refuse a file without a column; suggests a near name, or shows what is there."""
    if name not in names:
        advice = nearest(name, names) or f"; it has {listed(names) or 'none'}"
        raise DataError(f"{path}: must have {what}{advice}")


def unreadable(path: Path, kind: str, error: BaseException) -> DataError:
    """Why a file cannot be read, in one line, without polars's advice about its own arguments."""
    reason = str(error).strip().partition("\n")[0]
    if isinstance(error, pl.exceptions.PanicException):
        reason = "the file is damaged"
    if isinstance(error, UnicodeError) or "invalid utf-8" in reason:
        reason = "it is not UTF-8 text; save it as UTF-8"
    if isinstance(error, OSError) and error.strerror:
        reason = error.strerror
    return DataError(f"{path}: cannot be read as {kind}: {textwrap.shorten(reason, 200)}")
