"""Tables from files of columns, one or several of the same columns. Importing this imports polars.

What a column is follows from all files together, so that a category that only the test file has is
one of its categories, `1` is text where another file has `x` in that column, and one file can show
what the marks in the numbers of another mean.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from regcli.config.dialect_keys import is_text_file, usual_separator
from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.index_columns import start_of_count
from regcli.data.columns.roles import Roles
from regcli.data.columns.tables import require_named, require_role, to_table
from regcli.data.dataset import Table
from regcli.data.files.csv_files import open_csv, require_names
from regcli.data.files.csv_numbers import read_alike
from regcli.data.files.dialect import AskedDialect, Dialect
from regcli.data.files.excel_files import read_excel
from regcli.data.files.parquet_files import read_parquet
from regcli.data.files.row_lengths import short_rows_note
from regcli.data.parts.row_parts import require_rows
from regcli.data.wording import listed, quoted
from regcli.errors import DataError
from regcli.one_line import printable

_ROW = re.compile(r"\brow \d")


def load_table_files(
    files: Mapping[int, Sequence[Path]],
    roles: Roles,
    rules: ColumnRules,
    asked: AskedDialect,
    named: Path,
) -> Table:
    """The table of a file of columns or of several, with the rows of further files below its own.

    Args:
        files: the table's own files under 0, others by their part as `Origin.files` has it; all of
            one kind.
        roles: which columns are no inputs.
        rules: what the config says of the others.
        asked: what it says of how text files are written.
        named: what the config calls the table's own files: a path, or a pattern of paths.

    Raises:
        DataError: a file cannot be read or trained on, or their columns differ.
    """
    paths = [path for some in files.values() for path in some]
    read = read_frames(paths, roles, rules, asked, named)
    frames = [without_values(frame, rules.gap_marks) for frame in read.frames]
    parts = [part for part, some in files.items() for _ in some]
    for part, some in files.items():
        count = sum(len(frame) for frame, own in zip(frames, parts, strict=True) if own == part)
        require_rows(count, part, some[0] if len(some) == 1 else named)
    table = _joined(frames, paths, parts, roles, rules, named, typed=read.typed)
    dialect = {} if read.dialect is None else read.dialect.kept()
    return replace(table, notes=(*read.notes, *table.notes), dialect=dialect)


@dataclass(frozen=True)
class Frames:
    """The columns of files, as the files have them.

    Attributes:
        frames: one a file, of the same columns in the same order.
        typed: whether the files say what is a number.
        dialect: how the first of them is written; None for files that are not text.
        notes: what was found of that, a sentence each.
    """

    frames: Sequence[pl.DataFrame]
    typed: bool
    dialect: Dialect | None
    notes: tuple[str, ...]


def read_frames(
    paths: Sequence[Path],
    roles: Roles,
    rules: ColumnRules,
    asked: AskedDialect,
    named: Path,
    *,
    keeps_nameless: bool = False,
) -> Frames:
    """The columns of files of one kind, without an index that has no name.

    Rows to predict may lack columns that the rules name.

    Args:
        keeps_nameless: whether a first column without a name may stay where it is no index.

    Raises:
        DataError: a file cannot be read, or their columns differ.
    """
    typed, dialect = not is_text_file(paths[0].name), None
    if typed:
        frames, notes = _typed(paths, roles)
    else:
        frames, notes, dialect = _csv(paths, roles, rules, asked)
    if roles.of_training is None:
        _require_named(frames[0].columns, roles, rules, paths[0])
    frames, left_out = without_index(
        frames, paths, is_training=roles.of_training is None, keeps_nameless=keeps_nameless
    )
    notes += left_out and [f"{printable(named.name)}: {left_out}"]
    return Frames(frames, typed, dialect, tuple(notes))


def _require_named(names: Sequence[str], roles: Roles, rules: ColumnRules, path: Path) -> None:
    """Refuse rules for columns that the file does not have."""
    for key, name in rules.named():
        if name not in roles.drop:
            require_named(names, key, name, path)


def _joined(
    frames: Sequence[pl.DataFrame],
    paths: Sequence[Path],
    parts: Sequence[int],
    roles: Roles,
    rules: ColumnRules,
    named: Path,
    *,
    typed: bool,
) -> Table:
    if len(frames) == 1:
        return to_table(frames[0].get_columns(), roles, rules, paths[0], typed=typed)
    joined = pl.concat(frames, how="vertical_relaxed").get_columns()
    rows = np.repeat(np.array(parts, np.int8), [len(frame) for frame in frames])
    try:
        return to_table(
            joined, roles, rules, named, typed=typed, files=rows if any(parts) else None
        )
    except DataError as error:
        told = {_rule(problem, named): problem for problem in error.problems}
        own: list[str] = []
        for frame, path in zip(frames, paths, strict=True):
            try:
                to_table(frame.get_columns(), roles, rules, path, typed=typed)
            except DataError as found:
                own += [each for each in found.problems if _is_of_a_row(each, path, told)]
        heads = {rule for path in paths for problem in own if (rule := _rule(problem, path))}
        others = [path.name for part, path in zip(parts, paths, strict=True) if part]
        together = " and ".join([str(named), *others])
        rest = [
            together + problem.removeprefix(str(named))
            for rule, problem in told.items()
            if rule not in heads
        ]
        raise DataError(*own, *rest) from None


def _is_of_a_row(problem: str, path: Path, told: Collection[str]) -> bool:
    """Whether a file by itself has a fault of all rows together, and shows in which row it is."""
    return _rule(problem, path) in told and _ROW.search(problem) is not None


def _rule(problem: str, path: Path) -> str:
    """The column and the rule that a problem of a file is about; empty for another file's."""
    mine = problem.startswith(f"{path}: ")
    return problem.removeprefix(f"{path}: ").partition(",")[0] if mine else ""


def _csv(
    paths: Sequence[Path], roles: Roles, rules: ColumnRules, asked: AskedDialect
) -> tuple[list[pl.DataFrame], list[str], Dialect]:
    """The columns of files of text, what was found of how they are written, and the first's."""
    files = [open_csv(path, roles, asked) for path in paths]
    read, marks = read_alike(files, roles, rules, asked)
    short = [
        f"{printable(file.path.name)}: {note}"
        for file, frame in zip(files, read, strict=True)
        if (note := short_rows_note(file.text, file.layout, frame))
    ]
    frames = _as_first(read, paths, roles)
    kinds = [frame.schema for frame in frames]
    texts = {name for name in frames[0].columns if len({kind[name] for kind in kinds}) > 1}
    if texts:
        frames = _as_first(read_alike(files, roles, rules, asked, texts)[0], paths, roles)
    found: dict[str, list[str]] = {}
    for file in files:
        usual = usual_separator(file.path.name)
        words = file.dialect(marks).described(asked, usual, file.text.example)
        if words:
            found.setdefault(words, []).append(printable(file.path.name))
    notes = [f"{', '.join(names)}: {words}" for words, names in found.items()]
    return frames, [*notes, *short], files[0].dialect(marks)


def without_index(
    frames: list[pl.DataFrame],
    paths: Sequence[Path],
    *,
    is_training: bool = True,
    keeps_nameless: bool = False,
) -> tuple[list[pl.DataFrame], str]:
    """Frames without a first column that has no name and counts the rows, and a word of that.

    The files count on, or each begins anew. Of rows to predict it may hold anything: these may be
    a few of an index, and what has no name was no input of training.

    Raises:
        DataError: the column holds something else.
    """
    names = frames[0].columns
    if "" not in names:
        return frames, ""
    without = [frame.drop("") for frame in frames]
    if names[0] == "" and not is_training:
        return without, "first column left out, it has no name"
    counts = [frame[""].cast(pl.Float64, strict=False).to_numpy() for frame in frames]
    start = start_of_count(np.concatenate(counts))
    if start is None:
        (start, *others) = {start_of_count(count) for count in counts}
        start = None if others else start
    if start is None and names[0] == "" and keeps_nameless:
        return frames, ""
    if start is None or names[0] != "":
        require_names(names, paths[0])
    return without, f"first column left out, it has no name and counts the rows from {start}"


def without_values(frame: pl.DataFrame, gaps: Collection[str]) -> pl.DataFrame:
    """Columns of numbers with gaps in place of numbers that mean one, such as -999."""
    numbers = pl.Series([*gaps], dtype=pl.String).cast(pl.Float64, strict=False).drop_nulls()
    numbers = numbers.filter(numbers.is_finite())
    if numbers.is_empty():
        return frame
    columns = pl.selectors.numeric()
    is_value = columns.cast(pl.Float64).is_in(numbers.implode())
    return frame.with_columns(pl.when(~is_value).then(columns))


def _typed(paths: Sequence[Path], roles: Roles) -> tuple[list[pl.DataFrame], list[str]]:
    """The columns of files that say what is a number."""
    read = read_excel if paths[0].suffix.lower() == ".xlsx" else read_parquet
    frames = _as_first([read(path, roles) for path in paths], paths, roles)
    for name in frames[0].columns if len(frames) > 1 else ():
        first = frames[0][name]
        for frame, path in zip(frames, paths, strict=True):
            if _kind(frame[name]) != _kind(first):
                raise DataError(
                    f"{path}: column {quoted(name)} must hold what it holds in "
                    f"{paths[0].name}: {first.dtype} there, {frame[name].dtype} here"
                )
    return [_without_categories(frame) for frame in frames] if len(frames) > 1 else frames, []


def _kind(series: pl.Series) -> object:
    """Equal for columns that can be joined: all numbers are one kind, all text is one."""
    if series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null):
        return "numbers"
    return "text" if series.dtype in (pl.String, pl.Categorical, pl.Enum) else series.dtype


def _without_categories(frame: pl.DataFrame) -> pl.DataFrame:
    """Categories as text: those of several files have numbers of their own."""
    return frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))


def _as_first(
    frames: Sequence[pl.DataFrame], paths: Sequence[Path], roles: Roles
) -> list[pl.DataFrame]:
    """Frames without what is dropped, with the columns of the first in its order.

    Rows to predict may lack what is dropped.

    Raises:
        DataError: one lacks columns, or has others.
    """
    for name in roles.drop if roles.of_training is None else ():
        require_role(frames[0].columns, "dropped", name, paths[0])
    kept = [frame.drop(roles.drop, strict=False) for frame in frames]
    names = kept[0].columns
    for frame, path in zip(kept, paths, strict=True):
        missing = [name for name in names if name not in frame.columns]
        more = [name for name in frame.columns if name not in names]
        if missing or more:
            lacks = [f"it lacks {listed(missing)}"] if missing else []
            has = [f"it has {listed(more)} besides"] if more else []
            raise DataError(
                f"{path}: must have the columns of {paths[0].name}, " + " and ".join(lacks + has)
            )
    return [frame.select(names) for frame in kept]
