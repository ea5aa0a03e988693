"""Rows of a damaged database that can still be read, page by page, copied into a new one.

A damaged page ends a query. So each table is read from its beginning to the damage, then from its
end, and row by row in between.
"""

import os
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from regcli.store.migrations import LATEST, MIGRATIONS, migrate, version
from regcli.store.store_errors import DATABASE_NAME

_MOST_MISSES = 10_000
"""Rows in a row that cannot be read, after which a table is taken to have ended."""

_MAGIC = b"SQLite format 3\0"
_MOST_LOST = 1000
"""How many times its own length a database may say that it has: beyond, its first page is wrong."""

Row = tuple[Any, ...]


@contextmanager
def readable_copy(folder: Path) -> Iterator[Path]:
    """A folder with the database of a store, filled up where the file was cut off.

    SQLite reads nothing of a file that is shorter than its first page says. What is filled up is a
    copy; a file of its whole length is taken as it is.

    Raises:
        OSError: the copy cannot be written.
    """
    database = folder / DATABASE_NAME
    wanted, found = _length_in_header(database), database.stat().st_size
    if not 0 < found < wanted <= _MOST_LOST * found:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix=".regcli-", dir=folder) as passing:
        copy = Path(shutil.copyfile(database, Path(passing) / DATABASE_NAME))
        journal = database.with_name(f"{DATABASE_NAME}-wal")
        if journal.exists():
            shutil.copyfile(journal, copy.with_name(journal.name))
        os.truncate(copy, wanted)
        yield Path(passing)


def _length_in_header(database: Path) -> int:
    """Bytes that a database should have by its first page (sqlite.org/fileformat2, section 1.3)."""
    with database.open("rb") as file:
        head = file.read(32)
    if not head.startswith(_MAGIC) or len(head) < 32:
        return 0
    page, pages = struct.unpack(">H", head[16:18])[0], struct.unpack(">I", head[28:32])[0]
    return int(pages) * (65536 if page == 1 else int(page))


def salvage(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copy what can be read into an empty database, and bring that to the current version.

    Where not even the version can be read, the new database stays empty of runs.

    Raises:
        sqlite3.Error: the new database cannot be written.
    """
    # A table that is described wrongly stops no other then.
    list(_until_damage(source, "PRAGMA writable_schema = ON"))
    done = _version_of(source)
    for step in MIGRATIONS[:done]:
        step(target)
    target.execute(f"PRAGMA user_version = {done}")
    for table in _tables(target):
        columns = [row[1] for row in target.execute(f"PRAGMA table_info({table})")]
        names = ", ".join(columns)
        places = ", ".join("?" * len(columns))
        for row in _readable_rows(source, table, names):
            with suppress(sqlite3.IntegrityError):  # a damaged row can say anything
                target.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", row)
    target.commit()
    migrate(target)


def lost_blobs(source: sqlite3.Connection, target: sqlite3.Connection) -> dict[str, list[str]]:
    """Ids of runs that are in a new database without a blob that they had, by the blob's name.

    The names of blobs stand in an index as well, which may be whole where they are not.
    """
    found: dict[str, list[str]] = {}
    kept = set(target.execute("SELECT number, name FROM blobs"))
    ids = dict(target.execute("SELECT number, id FROM runs"))
    for number, name in _until_damage(source, "SELECT number, name FROM blobs"):
        if number in ids and (number, name) not in kept:
            found.setdefault(str(name), []).append(ids[number])
    return found


def _version_of(source: sqlite3.Connection) -> int:
    try:
        found = version(source)
    except sqlite3.DatabaseError:
        return 0
    return found if 0 < found <= LATEST else 0


def _tables(target: sqlite3.Connection) -> list[str]:
    """Names of the tables, those that others refer to first."""
    rows = target.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    first = ("runs", "sweeps")
    return sorted((name for (name,) in rows), key=lambda name: (name not in first, name))


def _readable_rows(source: sqlite3.Connection, table: str, names: str) -> Iterator[Row]:
    select = f"SELECT rowid, {names} FROM {table}"
    if not list(_until_damage(source, f"EXPLAIN {select}")):
        return  # there is no such table, or nobody can know of it
    last = 0
    for number, *row in _until_damage(source, f"{select} ORDER BY rowid"):
        last = number
        yield tuple(row)
    back: list[Row] = []
    first = None
    for number, *row in _until_damage(source, f"{select} ORDER BY rowid DESC"):
        if number <= last:
            break
        first = number
        back.append(tuple(row))
    yield from _between(source, select, last, first)
    yield from reversed(back)


def _between(
    source: sqlite3.Connection, select: str, last: int, first: int | None
) -> Iterator[Row]:
    """Rows after `last` and before `first`, asked for one by one."""
    number, misses = last + 1, 0
    while misses < _MOST_MISSES and (first is None or number < first):
        found = list(_until_damage(source, f"{select} WHERE rowid = {number}"))
        misses = 0 if found else misses + 1
        yield from (tuple(row[1:]) for row in found)
        number += 1


def _until_damage(source: sqlite3.Connection, statement: str) -> Iterator[Row]:
    with suppress(sqlite3.DatabaseError):
        yield from source.execute(statement)
