"""How a store is: what it holds, and what is wrong with it. Nothing is changed.

Every page of the database, every record and blob, and the size of every file is looked at.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from regcli.errors import StoreFolderError
from regcli.results.records import RunRecord
from regcli.store import store_errors, store_rows
from regcli.store.leftovers import Leftovers, find_leftovers
from regcli.store.migrations import LATEST, version, why_foreign
from regcli.store.run_files import LostFile, lost_files, run_folders, sizes_in
from regcli.store.store_connection import as_current_copy, connect_to_examine
from regcli.store.store_errors import DATABASE_NAME, Damage, explained

SECONDS = 5.0
"""How long to wait for a process that has locked the database."""

_SELECT_RUNS = """
    SELECT id, record, checksum, files, state FROM runs LEFT JOIN records USING (number)
"""
_SELECT_BLOBS = "SELECT id, blobs.name, content, checksum FROM blobs JOIN runs USING (number)"


@dataclass(frozen=True)
class StoreSizes:
    """Bytes on the disk: of the database, its write-ahead log, and the files of runs."""

    database: int = 0
    journal: int = 0
    files: int = 0


@dataclass(frozen=True)
class StoreHealth:
    """What a store holds, and what is wrong with it.

    Attributes:
        exists: whether anything was ever stored there.
        version: of the database; None where that cannot be read.
        runs, sweeps: how many there are; None where the database cannot be read.
        is_corrupt: whether the database itself is damaged or gone, so that it has to be made anew.
        reason: why the database cannot be used at all; empty where it can.
        damaged: runs whose records cannot be read.
        lost: files of runs that are not as they were stored.
        blobs: runs and names of what stands beside their records and is not as it was stored.
        unknown: folders of runs that have no record.
        integrity: what SQLite says of its pages: `ok`, or its first complaints.
    """

    folder: Path
    exists: bool
    sizes: StoreSizes = StoreSizes()
    version: int | None = None
    runs: int | None = None
    sweeps: int | None = None
    is_corrupt: bool = False
    reason: str = ""
    integrity: str = ""
    damaged: tuple[Damage, ...] = ()
    lost: tuple[LostFile, ...] = ()
    blobs: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    leftovers: Leftovers = field(default_factory=lambda: Leftovers({}, (), (), 0))


def examine(folder: Path) -> StoreHealth:
    """Look at everything in a store.

    Raises:
        StoreError: the folder itself cannot be read.
    """
    with explained(folder):
        if folder.exists() and not folder.is_dir():
            raise StoreFolderError(store_errors.not_a_folder(folder))
        if not folder.exists():
            return StoreHealth(folder, exists=False)
        folders = run_folders(folder)
        sizes = _sizes(folder, folders)
        if not (folder / DATABASE_NAME).exists():
            reason = "it is missing" if folders else ""
            is_lost = bool(folders)
            return StoreHealth(folder, is_lost, sizes, is_corrupt=is_lost, reason=reason)
    try:
        with closing(connect_to_examine(folder, SECONDS)) as connection:
            return _examined(folder, connection, folders, sizes)
    except sqlite3.Error as error:
        return _unusable(folder, error, sizes)


def _sizes(folder: Path, folders: list[str]) -> StoreSizes:
    database, journal = folder / DATABASE_NAME, folder / f"{DATABASE_NAME}-wal"
    return StoreSizes(
        database.stat().st_size if database.exists() else 0,
        journal.stat().st_size if journal.exists() else 0,
        sum(sum(sizes_in(folder / run_id).values()) for run_id in folders),
    )


def _unusable(folder: Path, error: sqlite3.Error, sizes: StoreSizes) -> StoreHealth:
    """The health of a database of which nothing can be read."""
    is_locked = store_errors.is_locked(error)
    reason = "another process has locked it" if is_locked else str(error)
    return StoreHealth(folder, True, sizes, is_corrupt=not is_locked, reason=reason)


def _examined(
    folder: Path, connection: sqlite3.Connection, folders: list[str], sizes: StoreSizes
) -> StoreHealth:
    found = version(connection)
    foreign = why_foreign(connection)
    if found > LATEST or (foreign and found <= 0):
        reason = foreign or f"a newer regcli wrote it: version {found}"
        return StoreHealth(folder, True, sizes, found, reason=reason)
    integrity = _integrity(connection)
    if integrity != "ok" or foreign:
        reason = foreign or f"its pages are damaged: {integrity}"
        return StoreHealth(
            folder, True, sizes, found, is_corrupt=True, reason=reason, integrity=integrity
        )
    current = connection if found == LATEST else as_current_copy(connection)
    with closing(current):
        return _contents(folder, current, found, folders, sizes)


def _integrity(connection: sqlite3.Connection) -> str:
    """`ok`, or the first things that SQLite finds wrong with its pages."""
    try:
        rows = connection.execute("PRAGMA integrity_check(3)").fetchall()
    except sqlite3.DatabaseError as error:
        if store_errors.is_locked(error):
            raise
        return str(error)
    return " ".join("; ".join(str(row[0]) for row in rows).split())


def _contents(
    folder: Path,
    connection: sqlite3.Connection,
    found: int,
    folders: list[str],
    sizes: StoreSizes,
) -> StoreHealth:
    """The health of a database that is whole: its rows, and the files beside it."""
    ids, final = set[str](), set[str]()
    damaged: list[Damage] = []
    lost: list[LostFile] = []
    for run_id, text, checksum, files, state in connection.execute(_SELECT_RUNS):
        ids.add(run_id)
        if state in store_rows.FINAL_STATES:
            final.add(run_id)
        record = store_rows.decode(str(run_id), text, checksum)
        if not isinstance(record, RunRecord):
            damaged.append(record)
        lost += lost_files(folder, run_id, files)
    (sweeps,) = connection.execute("SELECT count(*) FROM sweeps").fetchone()
    return StoreHealth(
        folder,
        True,
        sizes,
        found,
        len(ids),
        sweeps,
        integrity="ok",
        damaged=tuple(damaged),
        lost=tuple(lost),
        blobs=tuple(_changed_blobs(connection)),
        unknown=tuple(run_id for run_id in folders if run_id not in ids),
        leftovers=find_leftovers(folder, connection, final),
    )


def _changed_blobs(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    for run_id, name, content, checksum in connection.execute(_SELECT_BLOBS):
        if not isinstance(content, bytes) or crc32(content) != checksum:
            yield str(run_id), str(name)
