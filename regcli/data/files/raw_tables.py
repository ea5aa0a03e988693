"""The columns of a file as it has them, before anybody knows what they are for.

Importing this imports polars.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from regcli.config.dataset_section import Dataset
from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.roles import Roles
from regcli.data.files.dialect import AskedDialect
from regcli.data.files.table_files import read_frames


@dataclass(frozen=True)
class RawTable:
    """A file's columns.

    Attributes:
        frame: the columns, of all files one below the other.
        typed: whether the file says what is a number.
        dialect: keys of the `dataset` section that say how the file is written.
        notes: what was found of that, a sentence each.
    """

    frame: pl.DataFrame
    typed: bool
    dialect: Mapping[str, str]
    notes: tuple[str, ...] = ()


def read_raw(
    paths: Sequence[Path], named: Path, target: str = "", asked: Dataset | None = None
) -> RawTable:
    """Every column of files of columns, all of one kind.

    Args:
        named: what they are called together: a path, or a pattern of paths.
        target: the column to predict; empty where it is not chosen yet.
        asked: what a person has said of how the files are written, and of columns to leave out.

    Raises:
        DataError: one cannot be read, or their columns differ.
    """
    roles, rules, marks = Roles(target, None), ColumnRules(), AskedDialect()
    if asked is not None:
        roles = replace(roles, drop=Roles.of(asked).drop)
        rules, marks = ColumnRules.of(asked), AskedDialect.of(asked)
    read = read_frames(paths, roles, rules, marks, named, keeps_nameless=True)
    frame = pl.concat(read.frames, how="vertical_relaxed")
    dialect = {} if read.dialect is None else read.dialect.as_keys()
    return RawTable(frame, read.typed, dialect, read.notes)
