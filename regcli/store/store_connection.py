"""Opening the database of a store: for writing, for reading, and where the disk is read-only."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from regcli.errors import StoreFolderError
from regcli.store import store_errors
from regcli.store.migrations import LATEST, migrate, version, why_foreign
from regcli.store.store_errors import DATABASE_NAME


def connect(folder: Path, create: bool) -> tuple[sqlite3.Connection, bool]:
    """Open the database in `folder`, brought to the current version.

    Args:
        folder: the store.
        create: make what is missing; the store must then be writable.

    Returns:
        The connection, in autocommit mode, and whether it may write.

    Raises:
        StoreFolderError: the folder or its database cannot be used; the text says why.
        sqlite3.Error, OSError: the same, for `store_errors.explained` to put into words.
    """
    _check_place(folder, create)
    database = folder / DATABASE_NAME
    if _is_writable(folder, database):
        try:
            return _opened(_connect(database.resolve().as_uri()), folder, _open_for_writing), True
        except sqlite3.OperationalError as error:
            if create or not store_errors.is_no_room(error):
                raise
            return _open_without_room(database, folder)
    if create:
        raise StoreFolderError(store_errors.not_writable(folder))
    return _opened(_open_for_reading(database), folder, as_current_copy), False


def _opened(
    connection: sqlite3.Connection,
    folder: Path,
    prepare: Callable[[sqlite3.Connection], sqlite3.Connection],
) -> sqlite3.Connection:
    try:
        _refuse_others(connection, folder)
        return prepare(connection)
    except BaseException:
        connection.close()
        raise


def connect_to_examine(folder: Path, seconds: float) -> sqlite3.Connection:
    """Open the database as it is, whatever is wrong with it; nothing is written, nor migrated.

    Args:
        seconds: how long to wait for a process that has locked it.

    Raises:
        StoreFolderError: what is in its place is no plain file.
        sqlite3.Error, OSError: it cannot be opened.
    """
    _check_place(folder, create=False)
    database = folder / DATABASE_NAME
    connection = _connect(f"{database.resolve().as_uri()}?mode=ro", seconds)
    try:
        version(connection)
    except sqlite3.OperationalError as error:
        connection.close()
        if store_errors.is_locked(error):
            raise
        return _copy_of_files(database)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_exclusively(folder: Path) -> sqlite3.Connection:
    """Open the database as it is and lock it, so that no other process can use it.

    Raises:
        StoreFolderError: what is in its place is no plain file, or there is nothing.
        sqlite3.Error: another process has it open, or it cannot be read.
    """
    _check_place(folder, create=False)
    connection = _connect((folder / DATABASE_NAME).resolve().as_uri(), 0.0)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_without_journal(folder: Path) -> sqlite3.Connection:
    """Open the database of a full disk for the transaction that makes room: it needs none itself.

    What it would take back is kept in memory, so a process that is killed in the instant of its
    end leaves a half of it. No other connection may be open.

    Raises:
        sqlite3.Error: the database cannot be used so.
    """
    connection = _connect((folder / DATABASE_NAME).resolve().as_uri())
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = MEMORY")
    return connection


def _check_place(folder: Path, create: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise StoreFolderError(store_errors.not_a_folder(folder))
    if create:
        folder.mkdir(parents=True, exist_ok=True)
    elif not (folder / DATABASE_NAME).exists():
        raise StoreFolderError(store_errors.no_store(folder))
    for name in (DATABASE_NAME, f"{DATABASE_NAME}-wal", f"{DATABASE_NAME}-shm"):
        path = folder / name
        # SQLite refuses a folder as a database, but reads a pipe or a device without end.
        if path.exists() and not path.is_file() and not path.is_dir():
            raise StoreFolderError(store_errors.special_file(path))


def _is_writable(folder: Path, database: Path) -> bool:
    # Asked rather than tried: a trial write would make a reader wait for the writer before it.
    return os.access(folder, os.W_OK | os.X_OK) and (
        not database.exists() or os.access(database, os.W_OK)
    )


def _connect(database_uri: str, seconds: float = store_errors.BUSY_SECONDS) -> sqlite3.Connection:
    connection = sqlite3.connect(
        database_uri,
        timeout=seconds,
        isolation_level=None,
        check_same_thread=False,
        uri=True,
    )
    # Text that is not UTF-8 was damaged; what it belongs to says so.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _refuse_others(connection: sqlite3.Connection, folder: Path) -> None:
    found = version(connection)
    if found > LATEST:
        raise StoreFolderError(store_errors.newer_version(folder, found, LATEST))
    reason = why_foreign(connection)
    if reason is not None:
        raise StoreFolderError(store_errors.no_store_of_runs(folder, reason))


def _open_for_writing(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.execute("PRAGMA journal_mode = WAL")
    # In WAL mode a killed process loses nothing either way; NORMAL saves a wait for the disk at
    # every commit, and a power cut may then cost the last commits but never the database.
    connection.execute("PRAGMA synchronous = NORMAL")
    migrate(connection)
    return connection


def _open_without_room(database: Path, folder: Path) -> tuple[sqlite3.Connection, bool]:
    """Open a database on a disk without room for the index of its journal, which memory takes.

    While it is open no other process can use it.
    """
    connection = _connect(database.resolve().as_uri())
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    opened = _opened(connection, folder, as_current_copy)
    return opened, opened is connection


def _open_for_reading(database: Path) -> sqlite3.Connection:
    try:
        connection = _connect(f"{database.resolve().as_uri()}?mode=ro")
        version(connection)
    except sqlite3.OperationalError:
        # A database in WAL mode needs two files next to it, which cannot be made here.
        return _copy_of_files(database)
    return connection


def _copy_of_files(database: Path) -> sqlite3.Connection:
    with tempfile.TemporaryDirectory(prefix="regcli-") as folder:
        copy = Path(shutil.copyfile(database, Path(folder) / database.name))
        journal = database.with_name(f"{database.name}-wal")
        if journal.exists():  # what a killed writer left holds committed runs too
            shutil.copyfile(journal, copy.with_name(journal.name))
        with closing(_connect(copy.as_uri())) as connection:
            return _copy_in_memory(connection)


def _copy_in_memory(connection: sqlite3.Connection) -> sqlite3.Connection:
    copy = _connect("file::memory:")
    connection.backup(copy)
    return copy


def as_current_copy(connection: sqlite3.Connection) -> sqlite3.Connection:
    """The database as it is or, where it is of an older version, a current copy in memory."""
    if version(connection) == LATEST:
        return connection
    with closing(connection):
        copy = _copy_in_memory(connection)
    migrate(copy)
    return copy
