"""The columns of a file as it has them, before anybody knows what they are for.

Importing this imports polars.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from regcli.data.csv_files import read_csv
from regcli.data.parquet_files import read_parquet
from regcli.data.regular_files import require_regular_file
from regcli.data.roles import Roles
from regcli.data.tables import UNREADABLE, unreadable
from regcli.data.wording import quoted
from regcli.errors import DataError


@dataclass(frozen=True)
class RawTable:
    """A file's columns.

    Attributes:
        dialect: keys of the `dataset` section that say how the file is written.
        typed: whether the file says what is a number.
        note: what was found out about that, in words; empty where it is plain.
    """

    frame: pl.DataFrame
    dialect: Mapping[str, str]
    typed: bool = False
    note: str = ""


def read_raw(path: Path) -> RawTable:
    """Every column of a CSV or Parquet file.

    Raises:
        DataError: it cannot be read.
    """
    require_regular_file(path)
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".parquet"):
        raise DataError(f"{path}: must end in .csv or .parquet, got {quoted(path.suffix)}")
    try:
        if suffix == ".parquet":
            names = [*pl.read_parquet_schema(path)]
        else:
            names = pl.read_csv(path, n_rows=0, infer_schema_length=0).columns
    except UNREADABLE as error:
        raise unreadable(path, suffix[1:].upper(), error) from None
    roles = Roles(names[0].strip() if names else "", None)
    read = read_parquet if suffix == ".parquet" else read_csv
    return RawTable(read(path, roles), {}, typed=suffix == ".parquet")
