"""Repairing a store: what can be made anew is, and what nothing needs goes.

No run whose state is final is removed. What a repair cannot mend stays as it is.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from regcli.config.document import write_yaml
from regcli.errors import StoreError
from regcli.results.records import RunRecord
from regcli.store import store_errors, store_rows
from regcli.store.found_runs import CONFIG, record_from_folder
from regcli.store.leftovers import Leftovers, find_leftovers, remove_checkpoints
from regcli.store.rebuilding import insert_run, rebuild_database, sizes_of
from regcli.store.run_files import DAMAGED, LostFile
from regcli.store.store_connection import connect
from regcli.store.store_errors import DATABASE_NAME, explained
from regcli.store.store_health import StoreHealth, examine
from regcli.store.store_removals import RunRemovals
from regcli.whole_files import replacing

_SELECT = "SELECT record, checksum, files FROM runs JOIN records USING (number) WHERE id = ?"
_INSERT_RECORD = "INSERT OR REPLACE INTO records (number, record, checksum) VALUES (?, ?, ?)"


def repair(folder: Path) -> Iterator[str]:
    """Repair a store; a sentence for each thing that was done, once it is.

    Raises:
        StoreError: it cannot be written to, or is not one that this regcli can repair.
    """
    health = examine(folder)
    if not health.exists:
        return
    if health.reason and not health.is_corrupt:
        raise StoreError(
            f"{folder / DATABASE_NAME} cannot be repaired: {health.reason}. Nothing was changed."
        )
    with explained(folder):
        if health.is_corrupt:
            yield from rebuild_database(folder)
            health = examine(folder)
        connection, writable = connect(folder, create=True)
    with StoreMending(folder, connection, writable) as store:
        yield from store.mend(health)


class StoreMending(RunRemovals):
    """A store in repair."""

    def mend(self, health: StoreHealth) -> Iterator[str]:
        """Do away with what is wrong, except what only its runs' removal would.

        Raises:
            StoreError: the database or the disk fails.
        """
        if health.leftovers.folders:
            yield from self._clear(health.leftovers)
        with self._writing(), self._transaction():
            final = {
                run_id
                for run_id, state in self._connection.execute("SELECT id, state FROM runs")
                if state in store_rows.FINAL_STATES
            }
            left = find_leftovers(self.folder, self._connection, final)
            yield from self._drop_claims(left)
        gone = remove_checkpoints(self.folder, left.checkpoints)
        if gone:
            yield f"removed {_count(gone, 'checkpoint', 'checkpoints')}"
        for lost in health.lost:
            yield from self._settle_file(lost)
        for run_id in health.unknown:
            yield from self._take_in(run_id)
        if not left.in_training:  # who would wait for it, and longer than a writer does
            yield from self._pack(health.sizes.database + health.sizes.journal)

    def _clear(self, before: Leftovers) -> Iterator[str]:
        self.clear_abandoned()
        gone = sum(not folder.exists() for folder in before.folders)
        if gone:
            count = _count(gone, "folder", "folders")
            yield f"cleared away {count} of processes that were killed while storing"

    def _drop_claims(self, left: Leftovers) -> Iterator[str]:
        tokens = [(token,) for token in left.claims]
        self._connection.executemany("DELETE FROM claims WHERE token = ?", tokens)
        if left.stale:
            yield f"removed {_count(left.stale, 'claim', 'claims')} of processes that ended"

    def _settle_file(self, lost: LostFile) -> Iterator[str]:
        """Write a config anew from its record; any other file is marked as not stored."""
        path = self.folder / lost.run_id / lost.name
        with self._writing(), self._transaction():
            row = self._connection.execute(_SELECT, (lost.run_id,)).fetchone()
            sizes = None if row is None else store_rows.file_sizes(row[2])
            if row is None or sizes is None:
                return
            record = store_rows.decode(lost.run_id, row[0], row[1])
            if lost.name == CONFIG and isinstance(record, RunRecord):
                content = write_yaml(record.config).encode("utf-8")
                path.parent.mkdir(exist_ok=True)
                with replacing(path) as unfinished:
                    unfinished.write_bytes(content)
                sizes[lost.name] = len(content)
                deed = f"wrote {path} anew from the record"
            else:
                del sizes[lost.name]
                deed = f"marked {path} as missing: the run {lost.run_id} is one without it"
                if lost.is_there:
                    path.rename(path.with_name(path.name + DAMAGED))
                    deed = f"{deed}; what was there is {path.name}{DAMAGED} now"
            statement = "UPDATE runs SET files = ? WHERE id = ?"
            self._connection.execute(statement, (json.dumps(sizes), lost.run_id))
        yield deed

    def _take_in(self, run_id: str) -> Iterator[str]:
        """Store what a folder says of its run; an empty folder goes."""
        folder = self.folder / run_id
        with self._writing():
            if not any(folder.iterdir()):
                folder.rmdir()
                yield f"removed the empty folder {folder}"
                return
            record = record_from_folder(folder)
            if record is None:
                yield f"left {folder} as it is: it has no {CONFIG} that can be read"
                return
            text = store_rows.encode(record)
            with self._transaction():
                number = insert_run(
                    self._connection, record, sizes_of(self.folder, run_id, {run_id})
                )
                if number is None:  # stored meanwhile
                    return
                row = (number, text, store_rows.checksum(text))
                self._connection.execute(_INSERT_RECORD, row)
        yield f"stored the run {run_id} from its folder, without scores: a sweep trains it again"

    def _pack(self, before: int) -> Iterator[str]:
        """Give back the room that rows have left, and empty the write-ahead log.

        Args:
            before: bytes that both took.
        """
        try:
            with self._lock:
                (unused,) = self._connection.execute("PRAGMA freelist_count").fetchone()
                if unused:
                    self._connection.execute("VACUUM")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            if not (store_errors.is_locked(error) or store_errors.is_no_room(error)):
                raise
            yield f"left the database as large as it is: {error}"
            return
        saved = before - _bytes_of(self.folder)
        if saved > 0:
            yield f"made the database smaller by {saved:,} bytes"


def _bytes_of(folder: Path) -> int:
    """Bytes of the database and its write-ahead log."""
    found = 0
    for ending in ("", "-wal"):
        with suppress(OSError):
            found += (folder / f"{DATABASE_NAME}{ending}").stat().st_size
    return found


def _count(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"
