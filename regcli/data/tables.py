"""A person's own table, from the columns of a file. Importing this imports polars."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.config.problems import composed
from regcli.data.columns import Column, read_feature, read_labels
from regcli.data.dataset import Floats, Origin, Table, Target
from regcli.data.free_memory import require_memory
from regcli.data.gaps import column_fault, faults_together
from regcli.data.index_columns import fault_of_index
from regcli.data.roles import Roles, read_groups, read_times, read_weights
from regcli.data.target_gaps import OR_DROP, rows_with_target
from regcli.data.targets import AskedTask, read_target, read_text_target, target_notes
from regcli.data.wording import listed, nearest, quoted
from regcli.errors import DataError
from regcli.one_line import printable

# Some damaged Parquet files make polars panic, which is not an Exception.
UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


def to_table(
    columns: Sequence[pl.Series],
    roles: Roles,
    path: Path,
    *,
    typed: bool,
    files: NDArray[np.int8] | None = None,
) -> Table:
    """The table that a file's columns make.

    Args:
        columns: the file's columns, with names that differ, those that have roles among them.
        path: the file.
        typed: whether the file says what is a number.
        files: which file each row is from, where there are several; see `Origin`.

    Raises:
        DataError: there are too few rows or columns, a value is missing or infinite, or a column is
            neither number nor category; one line for each such column.
    """
    kept, note = rows_with_target(columns, roles.target) if roles.drops_gaps else (None, "")
    if kept is None:
        return _to_table(columns, roles, path, typed, files)
    try:
        own = [series.filter(pl.Series(kept)) for series in columns]
        table = _to_table(own, roles, path, typed, None if files is None else files[kept])
    except DataError as error:
        counted = "; rows are counted without those that have no target"
        raise DataError(*(f"{problem}{counted}" for problem in error.problems)) from None
    return replace(table, notes=(note, *table.notes))


def _to_table(
    columns: Sequence[pl.Series],
    roles: Roles,
    path: Path,
    typed: bool,
    files: NDArray[np.int8] | None,
) -> Table:
    rows = len(columns[0])
    if rows < 2:
        raise DataError(f"{path}: must have at least 2 rows, got {rows}")
    features: list[Column] = []
    labels: list[Column] = []
    faults: list[str] = []
    origin = Origin(files=files)
    weights = None
    for series in columns:
        try:
            if series.name == roles.target:
                labels.append(_labels(series, path, roles.task, typed))
            elif series.name == roles.groups:
                numbers, names = read_groups(series, path)
                origin = replace(origin, groups=numbers, group_names=names)
            elif series.name == roles.time:
                origin = replace(origin, times=read_times(series, path))
            elif series.name == roles.weights:
                weights = read_weights(series, path)
            else:
                features.append(_feature(series, path, typed))
        except DataError as error:
            faults.extend(error.problems)
    if faults:
        raise DataError(*faults_together(faults, path))
    if not features:
        raise DataError(
            f"{path}: must have a column besides the target {quoted(roles.target)} to learn from"
        )
    names = tuple(name for feature in features for name in feature.inputs)
    require_distinct(names, path)
    x = _inputs(features, rows, path)
    target = _target(labels[0], roles.task, path)
    return Table.of(
        printable(path.name),
        x,
        target,
        names,
        origin=origin or None,
        weights=weights,
        notes=target_notes(target, roles.target),
    )


def _labels(series: pl.Series, path: Path, task: AskedTask, typed: bool) -> Column:
    """The target; where it has gaps, which are told first, with what can be done about them."""
    try:
        return read_labels(series, path, task, typed=typed)
    except DataError as error:
        first, *others = error.problems
        has_gaps = rows_with_target([series], series.name)[0] is not None
        raise DataError(f"{first}{OR_DROP if has_gaps else ''}", *others) from None


def _feature(series: pl.Series, path: Path, typed: bool) -> Column:
    index = fault_of_index(series.name, None)
    column = None if index else read_feature(series, path, typed=typed)
    fault = index or (column and fault_of_index(series.name, column.numbers))
    if column is None or fault:
        raise DataError(column_fault(path, series.name, str(fault)))
    return column


def _inputs(features: Sequence[Column], rows: int, path: Path) -> Floats:
    width = sum(len(feature.inputs) for feature in features)
    require_memory(rows * width * np.dtype(np.float64).itemsize, f"{path}: ")
    x = np.zeros((rows, width))
    begin = 0
    for feature in features:
        end = begin + len(feature.inputs)
        feature.fill(x[:, begin:end])
        begin = end
    return x


def _target(labels: Column, task: AskedTask, path: Path) -> Target:
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
    """Refuse a file without a column; suggests a near name, or shows what is there."""
    if name in names:
        return
    advice = nearest(name, names) or f"; it has {listed(names) or 'none'}"
    raise DataError(f"{path}: must have the {role} column {quoted(name)}{advice}")


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
