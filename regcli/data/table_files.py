"""Tables from files of columns, one or several of the same columns. Importing this imports polars.

What a column is follows from all files together, so that a category that only the test file has is
one of its categories, and `1` is text where another file has `x` in that column.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from regcli.data.column_rules import ColumnRules
from regcli.data.csv_files import read_csv
from regcli.data.dataset import Table
from regcli.data.parquet_files import read_parquet
from regcli.data.roles import Roles
from regcli.data.row_parts import require_rows
from regcli.data.tables import require_named, require_role, to_table
from regcli.data.wording import listed, quoted
from regcli.errors import DataError


def load_table_files(files: Mapping[int, Path], roles: Roles, rules: ColumnRules) -> Table:
    """The table of a CSV or Parquet file, with the rows of further files below its own.

    Args:
        files: the table's own file under 0, others by their part as `Origin.files` has it; all of
            one kind.
        roles: which columns are no inputs.
        rules: what the config says of the others.

    Raises:
        DataError: a file cannot be read or trained on, or their columns differ.
    """
    path, typed = files[0], files[0].suffix.lower() == ".parquet"
    frames = _parquet(files, roles) if typed else _csv(files, roles, rules)
    _require_named(frames[0].columns, roles, rules, path)
    for frame, part, own in zip(frames, files, files.values(), strict=True):
        require_rows(len(frame), part, own)
    if len(frames) == 1:
        return to_table(frames[0].get_columns(), roles, rules, path, typed=typed)
    joined = pl.concat(frames, how="vertical_relaxed").get_columns()
    parts = np.repeat(np.array([*files], np.int8), [len(frame) for frame in frames])
    try:
        return to_table(joined, roles, rules, path, typed=typed, files=parts)
    except DataError as error:
        faults = {_rule(problem, path) for problem in error.problems}
        for frame, own in zip(frames, files.values(), strict=True):
            alone = _faults(frame, own, roles, rules, typed)
            if found := [problem for problem in alone if _rule(problem, own) in faults]:
                # A file of few rows has other faults alone, as text that never repeats.
                raise DataError(*found) from None
        together = " and ".join([str(path), *(own.name for own in [*files.values()][1:])])
        raise DataError(
            *(together + problem.removeprefix(str(path)) for problem in error.problems)
        ) from None


def _faults(
    frame: pl.DataFrame, path: Path, roles: Roles, rules: ColumnRules, typed: bool
) -> Sequence[str]:
    """What is wrong with the rows of one file alone."""
    try:
        to_table(frame.get_columns(), roles, rules, path, typed=typed)
    except DataError as error:
        return error.problems
    return ()


def _rule(problem: str, path: Path) -> str:
    """The column that a problem is about, and the rule that it breaks, without what breaks it."""
    return problem.removeprefix(f"{path}: ").partition(", ")[0]


def _require_named(names: Sequence[str], roles: Roles, rules: ColumnRules, path: Path) -> None:
    """Refuse rules for columns that the file does not have."""
    for key, name in rules.named():
        if name not in roles.drop:
            require_named(names, key, name, path)


def _csv(files: Mapping[int, Path], roles: Roles, rules: ColumnRules) -> list[pl.DataFrame]:
    # 01 is another category than 1, and stays one only as it stands in the file.
    asked = {name for name, kind in rules.types.items() if kind.name != "number"}
    frames = _as_first([read_csv(path, roles, asked) for path in files.values()], files, roles)
    kinds = [frame.schema for frame in frames]
    texts = {name for name in frames[0].columns if len({kind[name] for kind in kinds}) > 1}
    if not texts:
        return frames
    return _as_first([read_csv(path, roles, texts) for path in files.values()], files, roles)


def _parquet(files: Mapping[int, Path], roles: Roles) -> list[pl.DataFrame]:
    frames = _as_first([read_parquet(path, roles) for path in files.values()], files, roles)
    for name in frames[0].columns if len(frames) > 1 else ():
        first = frames[0][name]
        for frame, path in zip(frames, files.values(), strict=True):
            if _kind(frame[name]) != _kind(first):
                raise DataError(
                    f"{path}: column {quoted(name)} must hold what it holds in "
                    f"{files[0].name}: {first.dtype} there, {frame[name].dtype} here"
                )
    return [_without_categories(frame) for frame in frames] if len(frames) > 1 else frames


def _kind(series: pl.Series) -> object:
    """Equal for columns that can be joined: all numbers are one kind, all text is one."""
    if series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null):
        return "numbers"
    return "text" if series.dtype in (pl.String, pl.Categorical, pl.Enum) else series.dtype


def _without_categories(frame: pl.DataFrame) -> pl.DataFrame:
    """Categories as text: those of several files have numbers of their own."""
    return frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))


def _as_first(
    frames: Sequence[pl.DataFrame], files: Mapping[int, Path], roles: Roles
) -> list[pl.DataFrame]:
    """Frames without what is dropped, with the columns of the first in its order.

    Raises:
        DataError: one lacks columns, or has others.
    """
    for name in roles.drop:
        require_role(frames[0].columns, "dropped", name, files[0])
    kept = [frame.drop(roles.drop, strict=False) for frame in frames]
    names = kept[0].columns
    for frame, path in zip(kept, files.values(), strict=True):
        missing = [name for name in names if name not in frame.columns]
        more = [name for name in frame.columns if name not in names]
        if missing or more:
            lacks = [f"it lacks {listed(missing)}"] if missing else []
            has = [f"it has {listed(more)} besides"] if more else []
            raise DataError(
                f"{path}: must have the columns of {files[0].name}, " + " and ".join(lacks + has)
            )
    return [frame.select(names) for frame in kept]
