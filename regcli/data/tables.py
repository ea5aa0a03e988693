"""A person's own table, from a polars frame or a Parquet file. Importing this imports polars."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.config.problems import did_you_mean
from regcli.data.columns import is_text, read_feature, read_numbers, require_text
from regcli.data.dataset import Table
from regcli.data.gaps import require_finite
from regcli.data.targets import AskedTask, read_target
from regcli.errors import DataError

_NAMES_SHOWN = 8

# Some damaged Parquet files make polars panic, which is no Exception.
UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


def load_parquet(path: Path, target: str, task: AskedTask) -> Table:
    """The table of a Parquet file; raises DataError on any fault."""
    try:
        frame = pl.read_parquet(path, glob=False)
    except UNREADABLE as error:
        raise unreadable(path, "Parquet", error) from None
    require_target(frame.columns, target, path)
    return to_table(frame.get_columns(), target, task, path)


def to_table(columns: Sequence[pl.Series], target: str, task: AskedTask, path: Path) -> Table:
    """The table that a file's columns make, with `target` among them.

    Raises:
        DataError: there are too few rows or columns, a value is missing or infinite, or a column is
            neither number nor text; names the column.
    """
    rows = len(columns[0])
    if rows < 2:
        raise DataError(f"{path}: must have at least 2 rows, got {rows}")
    features = [read_feature(series, path) for series in columns if series.name != target]
    if not features:
        raise DataError(f"{path}: must have a column besides the target {target!r} to learn from")
    names = tuple(name for feature in features for name in feature.names)
    require_distinct(names, path)
    x = np.concatenate([feature.values for feature in features], axis=1)
    require_finite(x, names, path)
    (labels,) = (series for series in columns if series.name == target)
    values = _target_values(labels, path)
    return Table.of(path.name, x, read_target(values, task, f"{path}: column {target!r}"), names)


def _target_values(series: pl.Series, path: Path) -> NDArray[Any]:
    if is_text(series):
        return require_text(series, path).to_numpy()
    values = read_numbers(series, path)
    require_finite(values, (series.name,), path)
    return values


def require_distinct(names: Sequence[str], path: Path) -> None:
    """Refuse two columns of the same name, whether the file's own or made from its text."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(f"{path}: column names must differ, {twice[0]!r} appears more than once")


def require_target(names: Sequence[str], target: str, path: Path) -> None:
    """Refuse a file without the target column; suggests a near name, or shows what is there."""
    if target in names:
        return
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise DataError(f"{path}: columns must be separated by commas, the header is {names[0]!r}")
    more = ", …" if len(names) > _NAMES_SHOWN else ""
    there = f"; it has {', '.join(map(repr, names[:_NAMES_SHOWN])) or 'none'}{more}"
    advice = did_you_mean(target, names) or there
    raise DataError(f"{path}: must have the target column {target!r}{advice}")


def unreadable(path: Path, kind: str, error: BaseException) -> DataError:
    """Why a file cannot be read, in one line: polars goes on to advise on its own arguments."""
    reason = str(error).strip().partition("\n")[0]
    if isinstance(error, pl.exceptions.PanicException):
        reason = "the file is damaged"
    if isinstance(error, UnicodeError):
        reason = "it is not UTF-8 text"
    return DataError(f"{path}: cannot be read as {kind}: {textwrap.shorten(reason, 200)}")
