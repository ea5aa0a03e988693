"""A table whose rows stay in a file. Importing this imports polars."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import overload

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.config.dialect_keys import is_text_file
from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.columns import Column
from regcli.data.columns.roles import Roles
from regcli.data.columns.tables import require_named, to_table, write_values
from regcli.data.dataset import Table
from regcli.data.features import Floats
from regcli.data.files.dialect import AskedDialect
from regcli.data.files.table_files import without_index
from regcli.data.parts.row_parts import require_rows
from regcli.data.scanned.column_files import ColumnFile, open_parquet
from regcli.data.scanned.csv_columns import open_csv_columns
from regcli.data.scanned.row_files import RowFiles
from regcli.data.scanned.scan_choice import memory_of_scanned
from regcli.errors import DataError
from regcli.one_line import printable


def scan_table(
    path: Path, roles: Roles, rules: ColumnRules, asked: AskedDialect, folder: Path
) -> Table:
    """As `files.table_files.load_table_files` of one file, with one column in memory at a time.

    Args:
        folder: of the cache, to which the values of the inputs are written.

    Raises:
        DataError: the file cannot be read or trained on, or asks for all rows at once.
    """
    _require_no_rows_left_out(path, roles, rules)
    files = RowFiles(folder)
    with ExitStack() as until_end:
        if is_text_file(path.name):
            given = open_csv_columns(path, roles, rules, asked, files)
            file = until_end.enter_context(given)
        else:
            file = open_parquet(path, roles, rules)
        require_rows(file.rows, 0, path)
        for key, name in rules.named():
            if name not in roles.drop:
                require_named(file.names, key, name, path)
        names, notes = _without_index(file, path, roles)
        inputs = [name for name in names if _is_input(name, roles, rules)]
        kept = _KeptInFile(file.rows, len(inputs), files, until_end)
        table = to_table(_Columns(file, names), roles, rules, path, typed=file.typed, keep=kept)
        x = kept.named(table.fingerprint)
    notes = (*file.notes, *notes, *table.notes, _of_memory(path, file.rows, folder))
    return replace(table, x=x, notes=notes, dialect=file.dialect or {}, cache=folder)


def _of_memory(path: Path, rows: int, folder: Path) -> str:
    """Where rows are, and what training on them will take."""
    needed, where = memory_of_scanned(rows), printable(str(folder))
    return (
        f"{printable(path.name)}: its rows are read from {where} in blocks, because they take "
        f"more than half of the free memory; about {needed / 1e9:.1f} GB are needed"
    )


def _require_no_rows_left_out(path: Path, roles: Roles, rules: ColumnRules) -> None:
    """Refuse `missing: drop`: which rows are left is known when all columns have been read."""
    if "drop" in (rules.missing, *rules.missing_by_column.values()):
        raise DataError(
            f"{path}: its rows do not fit into memory and are scanned, for which dataset.missing "
            "must not be drop; fill the gaps with mean or indicator, or leave the rows out"
        )


def _is_input(name: str, roles: Roles, rules: ColumnRules) -> bool:
    others = (roles.target, roles.groups, roles.time, roles.weights)
    return name not in others and (rules.columns is None or name in rules.columns)


def _without_index(
    file: ColumnFile, path: Path, roles: Roles
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns without those that are dropped and an index without a name, and a note on it."""
    names = tuple(name for name in file.names if name not in roles.drop)
    if names[:1] != ("",):
        return names, ()
    _, left_out = without_index([pl.DataFrame([file.read("")])], [path])
    return names[1:], (f"{printable(path.name)}: {left_out}",)


class _Columns(Sequence[pl.Series]):
    """The columns of a file, each read when it is asked for."""

    def __init__(self, file: ColumnFile, names: Sequence[str]) -> None:
        self.file, self.names = file, names

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[pl.Series]:
        return map(self.file.read, self.names)

    @overload
    def __getitem__(self, place: int) -> pl.Series: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[pl.Series]: ...
    def __getitem__(self, place: int | slice) -> pl.Series | Sequence[pl.Series]:
        if isinstance(place, slice):
            return _Columns(self.file, self.names[place])
        return self.file.read(self.names[place])


class _KeptInFile:
    """The values of inputs in a file, each column behind the one before; see `KeptColumns`."""

    def __init__(self, rows: int, columns: int, files: RowFiles, until_end: ExitStack) -> None:
        self.files, self.count = files, 0
        self.path, self.whole = files.begin((rows, columns), np.float64, until_end, order="F")

    def column(self, feature: Column) -> Column:
        """Write a column's values to the file."""
        values = self.whole[:, self.count]
        self.count += 1
        write_values(feature, values)
        return Column(feature.name, values, feature.kind)

    @property
    def matrix(self) -> Floats:
        """Every column that was written."""
        return self.whole[:, : self.count]

    def named(self, fingerprint: str) -> NDArray[np.float64]:
        """The file under a name that follows from its content, read-only."""
        return self.files.finish(self.path, self.whole, f"{fingerprint}-columns")
