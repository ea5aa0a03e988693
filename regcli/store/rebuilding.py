"""A database made anew from one that is damaged and from the folders of runs.

The new one is complete before it takes the old one's place, which is kept beside it.
"""

import itertools
import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from regcli.errors import StoreError
from regcli.results.records import RunRecord
from regcli.store import store_errors, store_rows
from regcli.store.leftovers import find_leftovers
from regcli.store.migrations import migrate
from regcli.store.run_files import run_folders, sizes_in
from regcli.store.salvage import lost_blobs, readable_copy, salvage
from regcli.store.store_connection import connect_exclusively, connect_to_examine
from regcli.store.store_errors import DATABASE_NAME
from regcli.store.store_health import SECONDS

_NEW = f"{DATABASE_NAME}.rebuilt"
_SHOWN = 10
_BESIDE = ("", "-wal", "-shm")
"""Endings of the files that make a database: itself, its log, and the log's index."""


def rebuild_database(folder: Path) -> Iterator[str]:
    """Make a database of what can be read of the old one; say what was done.

    Raises:
        StoreError: another process uses the store; nothing was changed.
        sqlite3.Error, OSError: the new database cannot be written; the old one is as it was.
    """
    old, new = folder / DATABASE_NAME, folder / _NEW
    if old.exists():
        _require_unused(folder)
    _remove(new)
    try:
        with closing(sqlite3.connect(new)) as target:
            lost = _fill(target, folder)
            runs, sweeps = (
                target.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("runs", "sweeps")
            )
        backup = _keep(old)
        new.replace(old)
    finally:
        _remove(new)
    if backup is not None:
        yield f"kept the damaged database as {backup}"
    yield f"made a new database of what could be read: {runs:,} runs, {sweeps:,} sweeps"
    if lost.runs:
        yield f"left out runs whose records are lost: {_shown(lost.runs)}"
    for name, ids in lost.blobs.items():
        yield f"the {name} of some runs are lost, which are runs without them: {_shown(ids)}"


def _shown(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _SHOWN:,} more" if len(ids) > _SHOWN else ""
    return f"{', '.join(ids[:_SHOWN])}{more}"


def _require_unused(folder: Path) -> None:
    """Refuse to replace a database that another process has open.

    Raises:
        StoreError: one has.
    """
    in_use = False
    try:
        with closing(connect_exclusively(folder)) as connection:
            in_use = find_leftovers(folder, connection, ()).in_training > 0
    except sqlite3.Error as error:  # else nobody else can use it either
        in_use = store_errors.is_locked(error)
    except OSError:
        return
    if in_use:
        raise StoreError(
            f"{folder / DATABASE_NAME} is in use by another process, and has to be made anew. "
            "Nothing was changed; wait for the process or end it, then try again."
        )


@dataclass(frozen=True)
class _Lost:
    """What is left out of a new database.

    Attributes:
        runs: ids of those whose records are lost.
        blobs: ids of runs that have lost what stood beside their records, by its name.
    """

    runs: Sequence[str]
    blobs: Mapping[str, Sequence[str]]


def _fill(target: sqlite3.Connection, folder: Path) -> _Lost:
    """Salvage the old database; give records that have lost their rows new ones.

    Raises:
        sqlite3.Error: the new database cannot be written.
    """
    source = None
    with ExitStack() as until_end:
        if (folder / DATABASE_NAME).exists():
            whole = until_end.enter_context(readable_copy(folder))
            with suppress(sqlite3.Error):  # nothing of it can be read
                source = until_end.enter_context(closing(connect_to_examine(whole, SECONDS)))
        if source is not None:
            salvage(source, target)
        migrate(target)
        target.isolation_level = None
        lost = _settle(target, folder)
        return _Lost(lost, {} if source is None else lost_blobs(source, target))


def _settle(target: sqlite3.Connection, folder: Path) -> list[str]:
    """Make rows and records belong together; ids of the runs that are left out."""
    folders = set(run_folders(folder))
    lone = (
        "SELECT number, record, checksum FROM records WHERE number NOT IN (SELECT number FROM runs)"
    )
    for number, text, checksum in target.execute(lone).fetchall():
        _add_row(target, folder, folders, number, text, checksum)
    lost = _lost_runs(target)
    target.executemany("DELETE FROM runs WHERE number = ?", [(number,) for number, _ in lost])
    for table in ("records", "blobs"):
        target.execute(f"DELETE FROM {table} WHERE number NOT IN (SELECT number FROM runs)")
    return [run_id for _, run_id in lost]


def _lost_runs(target: sqlite3.Connection) -> list[tuple[int, str]]:
    """Numbers and ids of runs whose records cannot be read: every command would stumble on them."""
    rows = target.execute(
        "SELECT number, id, record, checksum FROM runs LEFT JOIN records USING (number)"
    )
    return [
        (number, str(run_id))
        for number, run_id, text, checksum in rows
        if not isinstance(store_rows.decode(str(run_id), text, checksum), RunRecord)
    ]


def _add_row(
    target: sqlite3.Connection,
    folder: Path,
    folders: set[str],
    number: int,
    text: object,
    checksum: object,
) -> None:
    """The row of the table `runs` that belongs to a record, where the record is whole."""
    with suppress(ValueError, TypeError, AttributeError):
        record = RunRecord.model_validate_json(str(text))
        if not isinstance(store_rows.decode(record.id, text, checksum), RunRecord):
            return
        insert_run(target, record, sizes_of(folder, record.id, folders), number)


def sizes_of(folder: Path, run_id: str, folders: set[str]) -> str:
    """What the table `runs` has of a run's files, from those that are there."""
    return json.dumps(dict(sizes_in(folder / run_id)) if run_id in folders else {})


def insert_run(
    connection: sqlite3.Connection, record: RunRecord, sizes: str, number: int | None = None
) -> int | None:
    """Write the row of a run; its number, None where the run has a row already."""
    values = store_rows.column_values(record, {})[:-1]
    names = ", ".join(("number", *store_rows.COLUMNS, "files"))
    places = ", ".join("?" * (len(store_rows.COLUMNS) + 2))
    statement = f"INSERT OR IGNORE INTO runs ({names}) VALUES ({places})"
    done = connection.execute(statement, (number, *values, sizes))
    return done.lastrowid if done.rowcount else None


def _keep(old: Path) -> Path | None:
    """Keep a database under a name that says when as well; None without one.

    Its write-ahead log goes from beside it, or SQLite would take it for that of the new one. A
    process that is killed here leaves the old database where it is.
    """
    if not old.exists():
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    backup = _free_name(old.with_name(f"{old.name}.damaged-{stamp}"))
    for ending in _BESIDE[:2]:
        path = old.with_name(f"{old.name}{ending}")
        if path.exists() and (not ending or path.stat().st_size):
            _link(path, backup.with_name(f"{backup.name}{ending}"))
    for ending in _BESIDE[1:]:
        old.with_name(f"{old.name}{ending}").unlink(missing_ok=True)
    return backup


def _free_name(path: Path) -> Path:
    """A name that no file has: a repair in the same second may have kept a database already."""
    others = (path.with_name(f"{path.name}-{number}") for number in itertools.count(2))
    return next(name for name in itertools.chain([path], others) if not name.exists())


def _link(path: Path, other: Path) -> None:
    """Give a file a second name; a copy where the file system has no links."""
    try:
        other.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, other)


def _remove(database: Path) -> None:
    for ending in _BESIDE:
        database.with_name(f"{database.name}{ending}").unlink(missing_ok=True)
