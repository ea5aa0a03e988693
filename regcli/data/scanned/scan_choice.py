"""Whether a file is scanned: whether its rows, and what is made of them, fit into memory."""

from pathlib import Path

from regcli.config.dialect_keys import is_text_file
from regcli.data import free_memory
from regcli.data.columns.roles import Roles
from regcli.data.files.csv_files import open_csv
from regcli.data.files.dialect import AskedDialect
from regcli.data.files.parquet_footer import read_footer

_BYTES_OF_A_CELL = 40
"""What a cell takes in memory until it is trained on: as the file has it, as a number of the table,
as inputs, and as a tensor."""
_BYTES_OF_A_TEXT_CELL = 2
"""The least that a cell takes in a text file, its comma included."""
_BYTES_OF_A_SCANNED_ROW = 150
"""What a row takes however many columns it has: its target, its place in a part and in an epoch,
and what becomes of its output while it is scored; and one column of the file at a time."""
_BYTES_OF_PROGRAMS = 5e8
"""TensorFlow and its programs, blocks of rows, and what polars reads ahead."""
_SHARE = 0.5
"""Of free memory: what a table may take that is read whole."""


def is_scanned(path: Path, roles: Roles, asked: AskedDialect) -> bool:
    """Whether a file would take more than half of the free memory if it were read whole.

    Packed text is never scanned, and text in another encoding than UTF-8: it is unpacked in memory.

    Raises:
        DataError: the beginning of the file cannot be read.
    """
    there = free_memory.available()
    if there is None:
        return False
    most = there * _SHARE / _BYTES_OF_A_CELL
    try:
        if is_text_file(path.name):
            fits = path.stat().st_size / _BYTES_OF_A_TEXT_CELL <= most
            return not fits and _cells_of_text(path, roles, asked) > most
        footer = read_footer(path)
    except OSError:  # which reading it says
        return False
    return footer is not None and footer.rows * footer.leaves > most


def memory_of_scanned(rows: int) -> float:
    """About how many bytes training on scanned rows takes at its peak, everything included."""
    return rows * _BYTES_OF_A_SCANNED_ROW + _BYTES_OF_PROGRAMS


def _cells_of_text(path: Path, roles: Roles, asked: AskedDialect) -> float:
    file = open_csv(path, roles, asked)
    if isinstance(file.text.source, bytes):
        return 0
    return file.text.size / max(file.layout.row_bytes, 1) * len(file.names)
