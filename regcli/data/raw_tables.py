"""The columns of a file as it has them, before anybody knows what they are for.

Importing this imports polars.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from regcli.config.dialect_keys import TABLE_ENDINGS, is_text_file, usual_separator
from regcli.config.problems import composed
from regcli.data.column_rules import ColumnRules
from regcli.data.csv_files import CsvFile, open_csv, read_alike
from regcli.data.dialect import AskedDialect
from regcli.data.excel_files import read_excel
from regcli.data.parquet_files import read_parquet
from regcli.data.regular_files import require_regular_file
from regcli.data.roles import Roles
from regcli.data.table_files import without_index
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
    dialect: Mapping[str, str] = field(default_factory=dict)
    typed: bool = False
    note: str = ""


def read_raw(path: Path, target: str | None = None) -> RawTable:
    """Every column of a file of text, an Excel file or a Parquet file.

    Args:
        target: the column to predict, if it is chosen, which tells how a text file is separated.

    Raises:
        DataError: it cannot be read, or a text file not in one way only.
    """
    require_regular_file(path)
    if not path.name.lower().endswith(TABLE_ENDINGS):
        raise DataError(
            f"{path}: must end in .csv, .tsv, .txt, .parquet or .xlsx, got {quoted(path.suffix)}"
        )
    if is_text_file(path.name):
        raw = _read_text(path, composed(target or ""))
    else:
        read = read_excel if path.suffix.lower() == ".xlsx" else read_parquet
        raw = RawTable(read(path, _OF_NO_TARGET), typed=True)
    (frame,), left_out = without_index([raw.frame], [path])
    note = ", ".join(filter(None, (raw.note, left_out)))
    return RawTable(frame, raw.dialect, raw.typed, note)


_OF_NO_TARGET = Roles("", None)


def _read_text(path: Path, target: str) -> RawTable:
    asked = AskedDialect()
    file = _opened(path, target, asked)
    (frame,), marks = read_alike([file], _OF_NO_TARGET, ColumnRules(), asked)
    dialect = file.dialect(marks)
    note = dialect.described(asked, usual_separator(path.name), file.text.example)
    return RawTable(frame, dialect.as_keys(), note=note)


def _opened(path: Path, target: str, asked: AskedDialect) -> CsvFile:
    """The file with its header; one without the target is read too, so that its names are known."""
    try:
        return open_csv(path, Roles(target, None), asked)
    except DataError:
        if not target:
            raise
    return open_csv(path, _OF_NO_TARGET, asked)
