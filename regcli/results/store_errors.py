"""What can go wrong with a store, in sentences: the rule, the place, what to do next."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regcli.errors import StoreError

DATABASE_NAME = "regcli.sqlite"
BUSY_SECONDS = 30.0
"""How long a writer waits for another one."""

_ELSEWHERE = "name another store with --runs DIR"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_UNREADABLE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn what SQLite and the file system report about the store in `folder` into a StoreError.

    Raises:
        StoreError: instead of any OSError, and of any sqlite3.Error that is not a mistake of ours.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:  # raised by Python's module about how it was called: a mistake of ours
            raise
        # SQLite keeps the kind of an error in the low byte, and its details above.
        raise StoreError(_database_sentence(folder, code & 0xFF, str(error))) from error
    except OSError as error:
        raise StoreError(_file_sentence(folder, error)) from error


def _database_sentence(folder: Path, code: int, text: str) -> str:
    database = folder / DATABASE_NAME
    if code in _LOCKED:
        return (
            f"{database} is locked: another process has been writing to it for more than "
            f"{BUSY_SECONDS:g} seconds. Nothing was changed; wait for it or end it, then try again."
        )
    if code == sqlite3.SQLITE_FULL:
        return disk_full(folder)
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return not_writable(folder)
    if code in _UNREADABLE:
        return (
            f"{database} cannot be read as a store of runs ({text}). Nothing was changed; move it "
            f"away to begin an empty store there, or {_ELSEWHERE}."
        )
    return (
        f"{database} cannot be used ({text}). Nothing was changed; check the folder and its disk, "
        f"or {_ELSEWHERE}."
    )


def _file_sentence(folder: Path, error: OSError) -> str:
    if error.errno in _FULL:
        return disk_full(folder)
    if error.errno in _FORBIDDEN:
        return not_writable(folder)
    if error.errno in {errno.ENOTDIR, errno.EEXIST}:
        return not_a_folder(Path(error.filename or folder))
    reason = os.strerror(error.errno) if error.errno else str(error)
    return (
        f"The store {folder} cannot be used ({reason}). What was stored before is unchanged; check "
        f"the folder and its disk, or {_ELSEWHERE}."
    )


def disk_full(folder: Path) -> str:
    """The sentence for a write that found no room."""
    return (
        f"The disk has no room left for the store {folder}. What was stored before is unchanged; "
        f"free some space and try again, or {_ELSEWHERE}."
    )


def not_writable(folder: Path) -> str:
    """The sentence for a write to a store that can only be read."""
    return (
        f"The store {folder} cannot be written to: it is read-only for this user. Nothing was "
        f"changed; {_ELSEWHERE}."
    )


def not_a_folder(path: Path) -> str:
    """The sentence for a path that is a file, or is below one, and should be a folder."""
    blocker = next((part for part in (path, *path.parents) if part.is_file()), path)
    return f"A store of runs is a folder, but {blocker} is a file; {_ELSEWHERE}."


def no_store(folder: Path) -> str:
    """The sentence for reading where nothing was ever stored."""
    return f"There are no runs in {folder} yet; train some with 'regcli sweep', or {_ELSEWHERE}."


def newer_version(folder: Path, found: int, known: int) -> str:
    """The sentence for a database that a later regcli wrote."""
    return (
        f"{folder / DATABASE_NAME} was written by a newer regcli: it has version {found}, and this "
        f"regcli knows versions up to {known}. Nothing was changed; update regcli, or {_ELSEWHERE}."
    )
