"""Files of columns that are read a column at a time. Importing this imports polars."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.roles import Roles
from regcli.data.columns.tables import UNREADABLE, composed_names, unreadable
from regcli.data.files.table_files import without_values
from regcli.stderr import stderr_held_back


@dataclass(frozen=True)
class ColumnFile:
    """A file whose columns can be read one by one, in its own order.

    Attributes:
        names: of the columns, composed.
        stored: where each is: a Parquet file, and its name there.
        rows: how many there are, without empty lines at the end.
        rules: what the config says of columns.
        typed: whether the file says what is a number.
        notes, dialect: as `Table` has them.
    """

    names: tuple[str, ...]
    stored: Mapping[str, tuple[Path, str]]
    rows: int
    rules: ColumnRules
    typed: bool
    notes: tuple[str, ...] = ()
    dialect: Mapping[str, str] | None = None

    def read(self, name: str) -> pl.Series:
        """One column.

        Raises:
            DataError: the file is damaged.
        """
        path, own = self.stored[name]
        with stderr_held_back():
            try:
                frame = pl.read_parquet(path, columns=[own], n_rows=self.rows, glob=False)
            except UNREADABLE as error:
                raise unreadable(path, "Parquet", error) from None
        return without_values(frame.rename({own: name}), self.rules.gap_marks).to_series()


def open_parquet(path: Path, roles: Roles, rules: ColumnRules) -> ColumnFile:
    """A Parquet file.

    Raises:
        DataError: it cannot be read, or lacks a column that has a role.
    """
    with stderr_held_back():
        try:
            lazy = pl.scan_parquet(path, glob=False)
            own = lazy.collect_schema().names()
            rows = lazy.select(pl.len()).collect().item()
        except UNREADABLE as error:
            raise unreadable(path, "Parquet", error) from None
    names = composed_names(own, roles, path)
    stored = {name: (path, each) for name, each in zip(names, own, strict=True)}
    return ColumnFile(tuple(names), stored, rows, rules, typed=True)
