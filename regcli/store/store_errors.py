"""Errors of a store, in sentences: the rule, the place, what to do next."""

import errno
import os
import shlex
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from regcli.errors import StoreError, StoreFolderError

DATABASE_NAME = "regcli.sqlite"
BUSY_SECONDS = 30.0
"""How long a writer waits for another one."""

_SHOWN = 10
_ELSEWHERE = "use another folder"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_ROOM = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
"""SQLite's codes if the database, or a file next to it, cannot grow."""
_LEAST_ROOM = 128 * 1024
"""Bytes; the index of a journal alone takes 32 KiB."""
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_UNREADABLE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


@dataclass(frozen=True)
class Damage:
    """A stored run that cannot be read.

    Attributes:
        run_id: as the database has it, which can be anything.
        sentence: what is wrong, and what to do.
    """

    run_id: str
    sentence: str


def is_no_room(error: BaseException) -> bool:
    """Whether a failure can be that of a disk that is full."""
    if isinstance(error, sqlite3.Error):
        return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in _NO_ROOM
    return isinstance(error, OSError) and error.errno in _FULL


def is_locked(error: sqlite3.Error) -> bool:
    """Whether a failure is that another process has locked the database."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in _LOCKED


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
        if code is None:  # Python's module was called wrongly: a mistake in this program
            raise
        # SQLite keeps the kind of an error in the low byte, and its details above.
        raise _database_error(folder, code & 0xFF, str(error)) from error
    except OSError as error:
        raise StoreFolderError(_file_sentence(folder, error)) from error


def _database_error(folder: Path, code: int, text: str) -> StoreError:
    if code in _LOCKED:
        return StoreError(
            f"{folder / DATABASE_NAME} is locked: another process has been writing to it for more "
            f"than {BUSY_SECONDS:g} seconds. Nothing was changed; wait for it or end it, then try "
            "again."
        )
    return StoreFolderError(_database_sentence(folder, code, text))


def _database_sentence(folder: Path, code: int, text: str) -> str:
    if code == sqlite3.SQLITE_FULL or (code in _NO_ROOM and not _has_room(folder)):
        return disk_full(folder)
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return not_writable(folder)
    if code in _UNREADABLE:
        return no_store_of_runs(folder, text)
    return (
        f"{folder / DATABASE_NAME} cannot be used ({text}). Nothing was changed; check the folder "
        f"and its disk, or {_ELSEWHERE}."
    )


def _has_room(folder: Path) -> bool:
    """Whether the disk has room for a journal and its index, whose lack SQLite can word oddly."""
    try:
        return shutil.disk_usage(folder).free >= _LEAST_ROOM
    except OSError:
        return True


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
    return f"A store of runs must be a folder, but {blocker} is a file; {_ELSEWHERE}."


def no_store(folder: Path) -> str:
    """The sentence for reading where nothing was ever stored."""
    return f"There are no runs in {folder} yet; train some with 'regcli sweep', or {_ELSEWHERE}."


def no_store_of_runs(folder: Path, reason: str) -> str:
    """The sentence for a file that is not a database of regcli."""
    return (
        f"{folder / DATABASE_NAME} cannot be read as a store of runs ({reason}). Nothing was "
        f"changed; move it away to start an empty store there, or {_ELSEWHERE}."
    )


def special_file(path: Path) -> str:
    """The sentence for a pipe, a device or the like where a store keeps a file."""
    return f"{path} must be a plain file. Nothing was changed; remove it, or {_ELSEWHERE}."


def linked_folder(path: Path) -> str:
    """The sentence for a link where the store moves and removes files."""
    return (
        f"{path} must be a folder of the store, but is a link to another place. Nothing was "
        f"changed; remove the link, or {_ELSEWHERE}."
    )


def changed_file(path: Path, run_id: str) -> str:
    """The sentence for a run's file that is not as it was stored."""
    return (
        f"{path} is missing or was changed after it was stored; remove the run with "
        f"'regcli runs rm {run_id}', then train it again."
    )


def changed_blob(name: str, run_id: str) -> str:
    """The sentence for what stands beside a run's record and is not as it was stored."""
    return (
        f"The {name} of the stored run {run_id} were changed after they were stored; remove the "
        f"run with 'regcli runs rm {run_id}', then train it again."
    )


def damaged_runs(damaged: Sequence[Damage]) -> str:
    """The sentence for runs that cannot be read; what is wrong with it where it is one."""
    if len(damaged) == 1:
        return damaged[0].sentence
    shown = [damage.run_id for damage in damaged[:_SHOWN]]
    more = f" and {len(damaged) - _SHOWN:,} more" if len(damaged) > _SHOWN else ""
    # An id that regcli did not write can be anything, also what ends a line or begins an option.
    names = [name if name.isalnum() else repr(name) for name in shown]
    removable = [shlex.quote(name) for name in shown if name.isprintable()]
    if not all(name.isalnum() for name in shown):
        removable.insert(0, "--")
    return (
        f"{len(damaged):,} stored runs cannot be read: {' '.join(names)}{more}. Remove them with "
        f"'regcli runs rm {' '.join(removable)}', then train them again."
    )


def newer_version(folder: Path, found: int, known: int) -> str:
    """The sentence for a database that a later regcli wrote."""
    return (
        f"{folder / DATABASE_NAME} was written by a newer regcli: it has version {found}, and this "
        f"regcli supports versions up to {known}. Nothing was changed; update regcli, or "
        f"{_ELSEWHERE}."
    )
