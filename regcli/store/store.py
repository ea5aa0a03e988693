"""The store of runs: one SQLite database, and one folder of files for each run that has any.

What is small, such as the weights of a small net, is a blob in the database, beside the record and
written in the same transaction: a folder with a file in it takes ten times as long.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zlib import crc32

from regcli.errors import StoreError
from regcli.results.records import RunRecord, SweepRecord
from regcli.store import store_errors, store_prefix, store_rows, store_sweeps
from regcli.store.store_connection import connect
from regcli.store.store_contents import StoredContents
from regcli.store.store_errors import Damage, explained
from regcli.store.store_folders import Staging
from regcli.store.store_lists import RunLists
from regcli.store.store_removals import RunRemovals
from regcli.store.store_sweeps import SweepSummary
from regcli.store.stored_claims import StoredClaims
from regcli.store.stored_findings import StoredFindings

Files = Mapping[str, bytes]
"""Content of a run's files by their plain names."""

NO_FILES: Files = MappingProxyType({})

Blobs = Mapping[str, Mapping[str, bytes]]
"""What stands beside records in the database: by the id of a run, then by a name of its own."""

NO_BLOBS: Blobs = MappingProxyType({})

Findings = Mapping[str, Mapping[str, Any]]
"""Plain data, by key."""

NO_FINDINGS: Findings = MappingProxyType({})
_COLUMNS = ", ".join(store_rows.COLUMNS)
_INSERT_RUN = (
    f"INSERT INTO runs ({_COLUMNS}, files) "
    f"VALUES ({', '.join('?' * (len(store_rows.COLUMNS) + 1))})"
)
_INSERT_RECORD = "INSERT OR REPLACE INTO records (number, record, checksum) VALUES (?, ?, ?)"
_INSERT_BLOB = "INSERT INTO blobs (number, name, content, checksum) VALUES (?, ?, ?, ?)"
_REPLACE_BLOB = _INSERT_BLOB.replace("INSERT", "INSERT OR REPLACE", 1)
_SELECT_BLOB = (
    "SELECT content, checksum FROM runs JOIN blobs USING (number) WHERE id = ? AND blobs.name = ?"
)
_SELECT_RECORDS = (
    "SELECT id, record, checksum FROM runs LEFT JOIN records USING (number) WHERE id IN"
)


def open_store(folder: Path, create: bool = True, allows_code: bool = False) -> "Store":
    """Open the store in `folder`, and clear away what killed processes left unfinished there.

    Args:
        folder: where the database and the runs' folders are.
        create: for writing: make what is missing, and refuse a store that can only be read.
            Else for reading, which a read-only disk allows too.
        allows_code: whether a person's own code that is stored with runs may be run.

    Raises:
        StoreError: there are no runs to read, or the folder or its database cannot be used.
    """
    with explained(folder):
        connection, writable = connect(folder, create)
    store = Store(folder, connection, writable, allows_code)
    store.clear_abandoned()
    return store


class Store(RunLists, RunRemovals, StoredClaims, StoredContents, StoredFindings):
    """An open store; a context manager. Threads may share one, processes each open their own.

    Every method raises StoreError where the database or the disk fails, in a sentence that says
    what to do; nothing that was stored before is lost then.
    """

    # Runs in

    def add(
        self,
        record: RunRecord,
        files: Files = NO_FILES,
        blobs: Mapping[str, bytes] = NO_FILES,
        findings: Findings = NO_FINDINGS,
    ) -> None:
        """Store a run with its files, blobs and findings, whole or not at all; see `add_many`.

        Raises:
            StoreError: it cannot be stored.
        """
        self.add_many([(record, files)], {record.id: blobs}, findings=findings)

    def add_many(
        self,
        runs: Sequence[tuple[RunRecord, Files]],
        blobs: Blobs = NO_BLOBS,
        replace: bool = False,
        findings: Findings = NO_FINDINGS,
    ) -> None:
        """Store runs with their files and blobs, all of them or none.

        A run that is stored already is kept as it is where its state is final, and the new one is
        ignored: two processes that train the same member both come to their end. Any other is
        replaced.

        Args:
            blobs: of those of the runs that have any.
            replace: whether a run whose state is final is replaced too, by one that ended well or
                diverged.
            findings: plain data that records name, by key; what is there is kept. It is stored in
                the same transaction, so that nothing takes it for what no run needs any more.

        Raises:
            StoreError: they cannot be stored.
        """
        with self._writing():
            replaced = {record.id for record, _ in runs if replace and record.state.is_final}
            final = self._final_ids(record.id for record, _ in runs) - replaced
            new = [(record, files) for record, files in runs if record.id not in final]
            if not new:
                return
            rows = [_Row.of(record, files, blobs.get(record.id, NO_FILES)) for record, files in new]
            with Staging(self.folder) as staging:
                for label, (_, files) in enumerate(new):
                    staging.write(str(label), files)
                with self._transaction(staging):
                    self._put(rows, staging, replaced)
                    self._connection.executemany(
                        "INSERT OR IGNORE INTO findings VALUES (?, ?)",
                        [(key, json.dumps(finding)) for key, finding in findings.items()],
                    )

    def _put(self, rows: Sequence["_Row"], staging: Staging, replaced: Collection[str]) -> None:
        """Put rows into the database and their files in place, but for runs that are final there.

        Args:
            rows: in the order in which their files were written.
            replaced: ids of the runs that are put there nevertheless.
        """
        select = "SELECT id, number, state FROM runs WHERE id IN"
        stored = {
            run_id: (number, state)
            for run_id, number, state in self._select_by_id(select, {row.run_id for row in rows})
        }
        put: dict[int | None, _Row] = {}
        for label, row in enumerate(rows):
            number, state = stored.get(row.run_id, (None, None))
            if state in store_rows.FINAL_STATES and row.run_id not in replaced:
                continue  # another process was faster
            staging.place(str(label), row.run_id, number)
            if number is not None:
                self._connection.execute("DELETE FROM runs WHERE number = ?", (number,))
                put.pop(number, None)  # one that is named twice
            number = self._connection.execute(_INSERT_RUN, row.values).lastrowid
            stored[row.run_id] = (number, row.state)
            put[number] = row
        self._connection.executemany(
            _INSERT_RECORD,
            [(number, row.text, store_rows.checksum(row.text)) for number, row in put.items()],
        )
        self._connection.executemany(
            _INSERT_BLOB,
            [
                (number, name, content, crc32(content))
                for number, row in put.items()
                for name, content in row.blobs.items()
            ],
        )

    def add_blobs(self, blobs: Blobs) -> None:
        """Put blobs beside records that are stored, in place of those of the same names.

        What is of a run that is not stored, or not any more, is left out.

        Raises:
            StoreError: they cannot be stored.
        """
        if not blobs:
            return
        with self._writing(), self._transaction():
            rows = self._select_by_id("SELECT id, number FROM runs WHERE id IN", blobs)
            self._connection.executemany(
                _REPLACE_BLOB,
                [
                    (number, name, content, crc32(content))
                    for run_id, number in rows
                    for name, content in blobs[run_id].items()
                ],
            )

    def _final_ids(self, ids: Iterable[str]) -> set[str]:
        rows = self._select_by_id("SELECT id, state FROM runs WHERE id IN", ids)
        return {run_id for run_id, state in rows if state in store_rows.FINAL_STATES}

    # Runs out

    def get(self, run_id: str) -> RunRecord | None:
        """The record of the run with that whole id, or None.

        Raises:
            StoreError: it cannot be read.
        """
        return self.find([run_id]).get(run_id)

    def find(self, ids: Iterable[str]) -> dict[str, RunRecord]:
        """The records of those of the runs that are stored, by id, in the requested order.

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

    def was_stored_with(self, run_id: str, name: str) -> bool:
        """Whether a run was stored with a file, whether or not that is still whole.

        Raises:
            StoreError: the database cannot be read.
        """
        row = self._files_of(run_id)
        return row is not None and name in (store_rows.file_sizes(row[0]) or {})

    def file(self, run_id: str, name: str) -> Path:
        """Where a run's file is, once it is known to be there and whole.

        Raises:
            StoreError: there is no such run or file, or the file is not as it was stored.
        """
        row = self._files_of(run_id)
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

    def _files_of(self, run_id: str) -> tuple[Any] | None:
        """The row of a run that names its files; None where there is no such run."""
        with self._reading():
            found: tuple[Any] | None = self._connection.execute(
                "SELECT files FROM runs WHERE id = ?", (run_id,)
            ).fetchone()
        return found

    def blob(self, run_id: str, name: str) -> bytes | None:
        """What stands beside a run's record under a name; None where nothing does.

        Raises:
            StoreError: it is not as it was stored.
        """
        with self._reading():
            row = self._connection.execute(_SELECT_BLOB, (run_id, name)).fetchone()
        if row is None:
            return None
        content, checksum = row
        if not isinstance(content, bytes) or crc32(content) != checksum:
            raise StoreError(store_errors.changed_blob(name, run_id))
        return content

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


@dataclass(frozen=True)
class _Row:
    """What the database takes of a run."""

    run_id: str
    state: str
    values: tuple[object, ...]
    text: str
    blobs: Mapping[str, bytes]

    @classmethod
    def of(cls, record: RunRecord, files: Files, blobs: Mapping[str, bytes]) -> "_Row":
        values = store_rows.column_values(record, files)
        return cls(record.id, record.state.value, values, store_rows.encode(record), blobs)
