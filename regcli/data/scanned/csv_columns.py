"""Text files written out as columns, without all rows at once. Importing this imports polars."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from regcli.config.dialect_keys import usual_separator
from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.roles import Roles
from regcli.data.files.csv_cells import (
    kinds_of_columns,
    quotes_closed,
    readable,
    text_places,
    way_to_read,
)
from regcli.data.files.csv_files import CsvFile, open_csv, require_names
from regcli.data.files.csv_numbers import OF_DECIMAL_COMMAS, texts_of_numbers
from regcli.data.files.dialect import AskedDialect
from regcli.data.files.number_marks import PLAIN, ShownMarks, seems_marked
from regcli.data.scanned.column_files import ColumnFile
from regcli.data.scanned.row_files import RowFiles
from regcli.errors import DataError
from regcli.one_line import printable

_ROWS_OF_A_GROUP = 2**17
_ROWS_LOOKED_AT = 10_000
"""Rows whose marks of numbers are looked at."""


@contextlib.contextmanager
def open_csv_columns(
    path: Path, roles: Roles, rules: ColumnRules, asked: AskedDialect, files: RowFiles
) -> Iterator[ColumnFile]:
    """The columns of a text file, which are there until the end of the context.

    They are numbers where all of their cells are, else text, as in files that are read whole.

    Raises:
        DataError: it cannot be read, or is packed or written in a way that needs all of it.
    """
    file = open_csv(path, roles, asked)
    if isinstance(file.text.source, bytes):
        raise DataError(
            f"{path}: must be plain text in UTF-8 to be scanned, because its rows do not fit into "
            "memory; unpack it and save it as UTF-8, or write it as Parquet"
        )
    marks = ShownMarks().decided(asked)
    is_open = asked.decimal is None and asked.thousands is None
    if marks != PLAIN or (is_open and file.layout.separator == OF_DECIMAL_COMMAS):
        raise _no_plain_numbers(path)
    with contextlib.ExitStack() as until_end:
        with readable(file):
            stored = _written(file, text_places(file, roles, rules), files, until_end)
        first = _first_rows(stored)
        if is_open and seems_marked(texts_of_numbers(first, roles, rules), rules.gap_marks):
            raise _no_plain_numbers(path)
        dialect = file.dialect(marks)
        words = dialect.described(asked, usual_separator(path.name), file.text.example)
        notes = (f"{printable(path.name)}: {words}",) if words else ()
        yield ColumnFile(
            file.names, stored, _filled_rows(stored), rules, False, notes, dialect.kept()
        )


def _no_plain_numbers(path: Path) -> DataError:
    return DataError(
        f"{path}: must have plain numbers such as 1234.5 to be scanned, because its rows do not "
        "fit into memory; write it as Parquet, or set dataset.decimal: '.' if they are plain"
    )


Stored = Mapping[str, tuple[Path, str]]
"""Where columns are, by composed name: a Parquet file and the name there."""


def _written(
    file: CsvFile, texts: Sequence[int], files: RowFiles, until_end: contextlib.ExitStack
) -> Stored:
    """Write the columns of a text file; those with gaps as text too, which tells what they are."""
    kinds = kinds_of_columns(file, texts)
    own, rest = list(kinds)[: len(file.names)], list(kinds)[len(file.names) :]
    whole = _sink(file, kinds, list(kinds), files, until_end)
    gaps = pl.scan_parquet(whole, glob=False).select(pl.all().null_count(), rows=pl.len())
    counts = gaps.collect(engine="streaming").row(0, named=True)
    if any(counts[name] < counts["rows"] for name in rest):
        require_names(file.layout.names, file.path)
    doubtful = [name for name in own if kinds[name] == pl.Float64 and counts[name]]
    stored = dict.fromkeys(own, whole)
    if doubtful:
        as_text = _sink(file, dict.fromkeys(kinds, pl.String), doubtful, files, until_end)
        stored |= dict.fromkeys(doubtful, as_text)
    return {name: (stored[each], each) for name, each in zip(file.names, own, strict=True)}


def _sink(
    file: CsvFile,
    kinds: Mapping[str, type[pl.DataType]],
    columns: Sequence[str],
    files: RowFiles,
    until_end: contextlib.ExitStack,
) -> Path:
    """Write columns of a text file to a Parquet file, a few rows at a time."""
    path = until_end.enter_context(files.passing("columns.parquet"))
    options: dict[str, Any] = {**way_to_read(file), "schema": kinds, "ignore_errors": True}
    with quotes_closed():
        scanned = pl.scan_csv(file.text.source, **options).select(columns)
        scanned.sink_parquet(path, compression="uncompressed", row_group_size=_ROWS_OF_A_GROUP)
    return path


def _first_rows(stored: Stored) -> pl.DataFrame:
    columns = []
    for name, (path, own) in stored.items():
        part = pl.read_parquet(path, columns=[own], n_rows=_ROWS_LOOKED_AT, glob=False)
        columns.append(part.to_series().alias(name))
    return pl.DataFrame(columns)


def _filled_rows(stored: Stored) -> int:
    """How many rows there are up to the last one that is not empty."""
    last = 0
    for path in {path for path, _ in stored.values()}:
        own = [name for file, name in stored.values() if file == path]
        numbered = pl.scan_parquet(path, glob=False).select(own).with_row_index(" row")
        filled = numbered.filter(~pl.all_horizontal(pl.col(own).is_null()))
        found = filled.select(pl.col(" row").max()).collect(engine="streaming").item()
        last = max(last, 0 if found is None else found + 1)
    return last
