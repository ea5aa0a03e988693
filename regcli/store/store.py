"""The store of runs: one SQLite database, and one folder of files for each run that has any."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from regcli.errors import StoreError
from regcli.results.records import RunRecord, RunState, SweepRecord
from regcli.signals import held_back
from regcli.store import (
    store_claims,
    store_errors,
    store_prefix,
    store_query,
    store_rows,
    store_sweeps,
)
from regcli.store.store_claims import Claimant
from regcli.store.store_connection import connect, connect_without_journal
from regcli.store.store_errors import Damage, explained
from regcli.store.store_folders import (
    PENDING,
    Staging,
    begin_removal,
    begun_removals,
    clear_abandoned,
    end_removal,
)
from regcli.store.store_query import RunQuery
from regcli.store.store_rows import RunSummary
from regcli.store.store_sweeps import SweepSummary

Files = Mapping[str, bytes]
"""Content of a run's files by their plain names."""

Listed = tuple[RunSummary, tuple[Any, ...]]
"""A run in a list, and the values that were asked for beside."""

NO_FILES: Files = MappingProxyType({})
_FINAL_STATES = frozenset(state.value for state in RunState if state.is_final)
_VARIABLES = 900
"""Values in one statement; old builds of SQLite take 999."""

_COLUMNS = ", ".join(store_rows.COLUMNS)
_INSERT_RUN = (
    f"INSERT INTO runs ({_COLUMNS}, files) "
    f"VALUES ({', '.join('?' * (len(store_rows.COLUMNS) + 1))})"
)
_INSERT_RECORD = "INSERT OR REPLACE INTO records (number, record, checksum) VALUES (?, ?, ?)"
_SELECT_RECORDS = (
    "SELECT id, record, checksum FROM runs LEFT JOIN records USING (number) WHERE id IN"
)
_SUMMARY = f"{_COLUMNS}, (SELECT count(DISTINCT sweep_id) FROM sweep_runs WHERE run_id = runs.id)"
_FROM_RUNS = "FROM runs LEFT JOIN records USING (number)"


def open_store(folder: Path, create: bool = True) -> "Store":
    """Open the store in `folder`, and clear away what killed processes left unfinished there.

    Args:
        folder: where the database and the runs' folders are.
        create: for writing: make what is missing, and refuse a store that can only be read.
            Else for reading, which a read-only disk allows too.

    Raises:
        StoreError: there are no runs to read, or the folder or its database cannot be used.
    """
    with explained(folder):
        connection, writable = connect(folder, create)
    store = Store(folder, connection, writable)
    store.clear_abandoned()
    return store


class Store:
    """An open store; a context manager. Threads may share one, processes each open their own.

    Every method raises StoreError where the database or the disk fails, in a sentence that says
    what to do; nothing that was stored before is lost then.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection, writable: bool) -> None:
        self.folder = folder
        self._connection = connection
        self._writable = writable
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; closing twice is fine."""
        with self._lock, explained(self.folder):
            self._connection.close()

    # Runs in

    def add(self, record: RunRecord, files: Files = NO_FILES) -> None:
        """Store a run with its files, whole or not at all; see `add_many`.

        Raises:
            StoreError: it cannot be stored.
        """
        self.add_many([(record, files)])

    def add_many(self, runs: Sequence[tuple[RunRecord, Files]]) -> None:
        """Store runs with their files, all of them or none.

        A run that is stored already is kept as it is where its state is final, and the new one is
        ignored: two processes that train the same member both come to their end. Any other is
        replaced.

        Raises:
            StoreError: they cannot be stored.
        """
        with self._writing():
            final = self._final_ids(record.id for record, _ in runs)
            new = [(record, files) for record, files in runs if record.id not in final]
            if not new:
                return
            values = [store_rows.column_values(record, files) for record, files in new]
            texts = [store_rows.encode(record) for record, _ in new]
            with Staging(self.folder) as staging:
                for label, (_, files) in enumerate(new):
                    staging.write(str(label), files)
                with self._transaction(staging):
                    for label, (record, _) in enumerate(new):
                        self._put(record.id, values[label], texts[label], staging, str(label))

    def _put(
        self, run_id: str, values: tuple[object, ...], text: str, staging: Staging, label: str
    ) -> None:
        old = self._connection.execute(
            "SELECT number, state FROM runs WHERE id = ?", (run_id,)
        ).fetchone()
        number, state = old or (None, None)
        if state in _FINAL_STATES:
            return  # another process was faster
        staging.place(label, run_id, number)
        self._connection.execute("DELETE FROM runs WHERE number = ?", (number,))
        row = self._connection.execute(_INSERT_RUN, values).lastrowid
        self._connection.execute(_INSERT_RECORD, (row, text, store_rows.checksum(text)))

    def _final_ids(self, ids: Iterable[str]) -> set[str]:
        rows = self._select_by_id("SELECT id, state FROM runs WHERE id IN", ids)
        return {run_id for run_id, state in rows if state in _FINAL_STATES}

    # Runs out

    def get(self, run_id: str) -> RunRecord | None:
        """The record of the run with that whole id, or None.

        Raises:
            StoreError: it cannot be read.
        """
        return self.find([run_id]).get(run_id)

    def find(self, ids: Iterable[str]) -> dict[str, RunRecord]:
        """The records of those of the runs that are stored, by id, in the order asked for.

        Raises:
            StoreError: some cannot be read; the text names them.
        """
        found, damaged = self.find_readable(ids)
        if damaged:
            raise StoreError(store_errors.damaged_runs(damaged))
        return found

    def find_readable(self, ids: Iterable[str]) -> tuple[dict[str, RunRecord], list[Damage]]:
        """As `find`, with those that cannot be read apart.

        Raises:
            StoreError: the database cannot be read.
        """
        wanted = list(dict.fromkeys(ids))
        with self._reading():
            rows = self._select_by_id(_SELECT_RECORDS, wanted)
        decoded = {row[0]: store_rows.decode(*row) for row in rows}
        outcomes = [decoded[run_id] for run_id in wanted if run_id in decoded]
        found = {record.id: record for record in outcomes if isinstance(record, RunRecord)}
        return found, [damage for damage in outcomes if isinstance(damage, Damage)]

    def pick(self, prefixes: Iterable[str]) -> list[RunRecord]:
        """The records of the runs that are named, each once; names as `resolve` takes them.

        Raises:
            UsageError: as `resolve`.
            StoreError: one cannot be read; the text names it.
        """
        ids = [self.resolve(prefix) for prefix in prefixes]
        found = self.find(ids)
        for run_id in ids:
            if run_id not in found:  # another process has removed it meanwhile
                raise store_prefix.no_match(run_id, list(found), self.folder)
        return list(found.values())

    def resolve(self, prefix: str) -> str:
        """The whole id of the one run whose id begins with `prefix`.

        Raises:
            UsageError: fewer than four hex digits, or the beginning of no run's id, or of several.
            StoreError: the database cannot be read.
        """
        with self._reading():
            rows = self._connection.execute("SELECT id FROM runs").fetchall()
        ids = [run_id for (run_id,) in rows if store_rows.is_run_id(run_id)]
        if (prefix,) in rows:  # that of a row which regcli did not write can be any text
            return prefix
        prefix = prefix.lower()
        store_prefix.check_prefix(prefix)
        matches = sorted(run_id for run_id in ids if run_id.startswith(prefix))
        if not matches:
            raise store_prefix.no_match(prefix, ids, self.folder)
        return store_prefix.only_match(prefix, matches)

    def summaries(self, last: int | None = None) -> list[RunSummary]:
        """The `last` stored runs, or all of them: newest first, without reading their records.

        Raises:
            StoreError: the database cannot be read, or one of the runs; the text names it.
        """
        summaries, damaged = self.readable_summaries(last)
        if damaged:
            raise StoreError(store_errors.damaged_runs(damaged))
        return summaries

    def readable_summaries(self, last: int | None = None) -> tuple[list[RunSummary], list[Damage]]:
        """As `summaries`, with those of the runs that cannot be read apart.

        Raises:
            StoreError: the database cannot be read.
        """
        found, damaged = self.listed(RunQuery(last=last))
        return [summary for summary, _ in found], damaged

    def listed(self, query: RunQuery) -> tuple[list[Listed], list[Damage]]:
        """The runs of a query, each with the values that it wants; those that cannot be read apart.

        Raises:
            StoreError: the database cannot be read.
        """
        wanted = [store_query.expression(key) for key in query.values]
        where, given = store_query.condition(query)
        order, more = store_query.order(query)
        columns = ", ".join([_SUMMARY, *(sql for sql, _ in wanted)])
        statement = f"SELECT {columns} {_FROM_RUNS} WHERE {where} ORDER BY {order} LIMIT ?"
        last = -1 if query.last is None else query.last
        parameters = [*(value for _, values in wanted for value in values), *given, *more, last]
        with self._reading():
            rows = self._connection.execute(statement, parameters).fetchall()
        width = len(store_rows.COLUMNS) + 1
        found = [(store_rows.summary(row[:width]), row[width:]) for row in rows]
        return (
            [(run, values) for run, values in found if isinstance(run, RunSummary)],
            [run for run, _ in found if isinstance(run, Damage)],
        )

    def count(self, query: RunQuery | None = None) -> int:
        """How many runs are stored; of a query, how many meet it, whatever its `last`.

        Raises:
            StoreError: the database cannot be read.
        """
        where, given = store_query.condition(query or RunQuery())
        tables = _FROM_RUNS if query and query.filters else "FROM runs"
        with self._reading():
            found = self._connection.execute(f"SELECT count(*) {tables} WHERE {where}", given)
            return int(found.fetchone()[0])

    def has_value(self, key: str) -> bool:
        """Whether any stored run has a value of a key, as queries name it.

        Raises:
            StoreError: the database cannot be read.
        """
        sql, given = store_query.expression(key)
        statement = f"SELECT 1 {_FROM_RUNS} WHERE {sql} IS NOT NULL LIMIT 1"
        with self._reading():
            return self._connection.execute(statement, given).fetchone() is not None

    def file(self, run_id: str, name: str) -> Path:
        """Where a run's file is, once it is known to be there and whole.

        Raises:
            StoreError: there is no such run or file, or the file is not as it was stored.
        """
        with self._reading():
            row = self._connection.execute(
                "SELECT files FROM runs WHERE id = ?", (run_id,)
            ).fetchone()
        if row is None:
            raise StoreError(
                f"There is no run {run_id} in {self.folder}; 'regcli runs list' shows the ids."
            )
        sizes = store_rows.file_sizes(row[0])
        path = self.folder / run_id / name
        if sizes is None or not store_rows.is_run_id(run_id):
            raise StoreError(store_errors.changed_file(path, run_id))
        if name not in sizes:
            kept = ", ".join(sorted(sizes)) or "no files"
            raise StoreError(f"The run {run_id} was stored without {name}; it has {kept}.")
        with explained(self.folder):
            if not path.is_file() or path.stat().st_size != sizes[name]:
                raise StoreError(store_errors.changed_file(path, run_id))
        return path

    def remove(self, ids: Iterable[str]) -> None:
        """Remove runs and their folders; sweeps lose them as members; unknown ids are ignored.

        Raises:
            StoreError: a run or its folder cannot be removed.
        """
        with self._writing():
            rows = self._select_by_id("SELECT id, number FROM runs WHERE id IN", ids)
            stored: dict[str, int] = dict(rows)
            try:
                self._remove(stored)
            except (sqlite3.Error, OSError) as error:
                if not store_errors.is_no_room(error):
                    raise
                self._remove_without_room(stored)

    def _remove(self, stored: Mapping[str, int]) -> None:
        with self._transaction():
            self._delete(stored)
        # Only then the folders, of runs that no other process has stored again meanwhile.
        with Staging(self.folder) as staging, self._transaction(staging):
            for run_id in stored:
                if not self._is_stored(run_id):
                    staging.set_aside(run_id)

    def _remove_without_room(self, stored: Mapping[str, int]) -> None:
        """Remove runs from a disk that is full: what they leave makes room for the database."""
        for run_id, number in stored.items():
            begin_removal(self.folder, run_id, number)
        try:
            self._end_removals()
        except sqlite3.Error as error:
            if not store_errors.is_no_room(error):
                raise
            self._connection.close()
            self._connection = connect_without_journal(self.folder)
            with self._transaction():
                self._delete(stored)
            self._end_removals()

    def _end_removals(self) -> None:
        """Take the runs out of the database whose folders are being removed, then the folders."""
        begun = begun_removals(self.folder)
        with self._transaction():
            self._delete({run_id: number for number, run_id in begun})
        for folder in begun.values():
            end_removal(folder)

    def _delete(self, stored: Mapping[str, int]) -> None:
        """Delete runs, by their ids and numbers, and their membership in sweeps."""
        for run_id, number in stored.items():
            row = (run_id, number)
            found = self._connection.execute("DELETE FROM runs WHERE id = ? AND number = ?", row)
            if found.rowcount:
                self._connection.execute("DELETE FROM sweep_runs WHERE run_id = ?", (run_id,))

    # Sweeps

    def add_sweep(self, record: SweepRecord) -> None:
        """Store a sweep, in place of an earlier one with its id.

        Raises:
            StoreError: it cannot be stored.
        """
        with self._writing(), self._transaction():
            store_sweeps.write_sweep(self._connection, record)

    def sweeps(self) -> list[SweepRecord]:
        """Every stored sweep, newest first.

        Raises:
            StoreError: one cannot be read.
        """
        with self._reading():
            return store_sweeps.read_sweeps(self._connection)

    def sweep_summaries(self) -> list[SweepSummary]:
        """Every stored sweep in a line of a list, newest first.

        Raises:
            StoreError: one cannot be read.
        """
        with self._reading():
            return store_sweeps.read_summaries(self._connection)

    def sweep(self, id_or_prefix: str) -> SweepRecord | None:
        """The sweep with that id, or the only one whose id begins so; None where there is none.

        Raises:
            UsageError: several begin so; it lists them.
            StoreError: it cannot be read.
        """
        with self._reading():
            ids = store_sweeps.sweep_ids(self._connection)
            if id_or_prefix not in ids:
                matches = [sweep_id for sweep_id in ids if sweep_id.startswith(id_or_prefix)]
                if len(id_or_prefix) < store_prefix.SHORTEST or not matches:
                    return None
                id_or_prefix = store_prefix.only_match(id_or_prefix, matches)
            return store_sweeps.read_sweep(self._connection, id_or_prefix)

    # Claims

    def claim(self, ids: Sequence[str], by: Claimant) -> set[str]:
        """Claim those of some runs that no living process trains; the ids of those that are had.

        Raises:
            StoreError: they cannot be claimed.
        """
        with self._writing(), self._transaction():
            return store_claims.take(self._connection, ids, by)

    def keep_claims(self, by: Claimant) -> None:
        """Say that a claimant is alive.

        Raises:
            StoreError: it cannot be written.
        """
        with self._writing(), self._transaction():
            store_claims.beat(self._connection, by)

    def release(self, by: Claimant) -> None:
        """Give up every claim of a claimant.

        Raises:
            StoreError: it cannot be written.
        """
        with self._writing(), self._transaction():
            store_claims.release(self._connection, by)

    # Findings

    def recall(self, key: str) -> Any:
        """What `remember` was given under a key, or None: also where that cannot be read.

        Raises:
            StoreError: it cannot be read.
        """
        with self._reading():
            row = self._connection.execute(
                "SELECT finding FROM findings WHERE key = ?", (key,)
            ).fetchone()
        return None if row is None else store_rows.plain_mapping(row[0])

    def remember(self, key: str, finding: Mapping[str, Any]) -> None:
        """Keep plain data under a key, in place of what was there.

        Raises:
            StoreError: it cannot be stored.
        """
        with self._writing(), self._transaction():
            self._connection.execute(
                "INSERT OR REPLACE INTO findings VALUES (?, ?)", (key, json.dumps(finding))
            )

    # Order

    def clear_abandoned(self) -> None:
        """Clear away what killed processes left in the middle of storing runs.

        Nothing is changed where another process is writing: the next opening does it.
        """
        if not self._writable:
            return
        has_pending, begun = (self.folder / PENDING).is_dir(), begun_removals(self.folder)
        if not has_pending and not begun:
            return
        with self._lock, suppress(sqlite3.Error, OSError):  # reading works all the same
            self._connection.execute("PRAGMA busy_timeout = 0")
            try:
                if begun:
                    self._end_removals()
                if has_pending:
                    with self._transaction():
                        clear_abandoned(self.folder, self._is_stored)
            finally:
                patience = int(store_errors.BUSY_SECONDS * 1000)
                self._connection.execute(f"PRAGMA busy_timeout = {patience}")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock, explained(self.folder):
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """For what is done whole or not at all, which no request to end breaks off."""
        if not self._writable:
            raise StoreError(store_errors.not_writable(self.folder))
        with held_back(), self._reading():
            yield

    @contextmanager
    def _transaction(self, staging: Staging | None = None) -> Iterator[None]:
        """Hold the database for writing; after a failure put the folders back as well."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            # Where that fails too, the first failure is the one to tell, and the next opening
            # of the store settles it.
            with suppress(sqlite3.Error, OSError):
                if staging is not None:
                    with self._transaction():
                        staging.settle(self._is_stored)
            raise

    def _is_stored(self, run: int | str) -> bool:
        column = "number" if isinstance(run, int) else "id"
        found = self._connection.execute(f"SELECT 1 FROM runs WHERE {column} = ?", (run,))
        return found.fetchone() is not None

    def _select_by_id(self, start: str, ids: Iterable[str]) -> list[tuple[Any, ...]]:
        """Rows of a statement that ends in `id IN`, in parts that SQLite's limit allows."""
        wanted = list(ids)
        rows: list[tuple[Any, ...]] = []
        for first in range(0, len(wanted), _VARIABLES):
            part = wanted[first : first + _VARIABLES]
            rows += self._connection.execute(f"{start} ({', '.join('?' * len(part))})", part)
        return rows
