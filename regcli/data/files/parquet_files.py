"""Parquet files. Importing this imports polars."""

from pathlib import Path

import polars as pl

from regcli.data.columns.roles import Roles
from regcli.data.columns.tables import UNREADABLE, composed_names, unreadable
from regcli.data.files.parquet_footer import read_footer
from regcli.data.free_memory import require_memory
from regcli.stderr import stderr_held_back


def read_parquet(path: Path, roles: Roles) -> pl.DataFrame:
    """The columns of a Parquet file, under their composed names; raises DataError on any fault."""
    try:
        footer = read_footer(path)
    except OSError as error:
        raise unreadable(path, "Parquet", error) from None
    if footer is not None:
        require_memory(footer.bytes_in_memory, f"{path}: ")
    # polars' threads write of their panic to stderr themselves; what they say is in the fault.
    with stderr_held_back():
        frame = _read(path)
    if not isinstance(frame, pl.DataFrame):
        raise unreadable(path, "Parquet", frame)
    frame.columns = composed_names(frame.columns, roles, path)
    return frame


def _read(path: Path) -> pl.DataFrame | BaseException:
    """The columns, or why they cannot be read."""
    try:
        return pl.read_parquet(path, glob=False)
    except UNREADABLE as error:
        return error
