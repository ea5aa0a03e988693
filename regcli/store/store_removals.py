"""Removing stored runs, also from a disk that is full, and what killed processes left half done."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import MappingProxyType

from regcli.store import store_errors
from regcli.store.store_connection import connect_without_journal
from regcli.store.store_folders import (
    PENDING,
    Staging,
    begin_removal,
    begun_removals,
    clear_abandoned,
    end_removal,
)
from regcli.store.store_session import StoreSession

PREPARATION, RANGES, OWN_MODEL = "preparation", "ranges", "model"
"""Findings that records name, by what stands before their key; the first two in their data."""
_SELECT_NAMED = f"""
    SELECT CASE WHEN json_valid(record) THEN json_extract(record, '$.data.{PREPARATION}') END,
        CASE WHEN json_valid(record) THEN json_extract(record, '$.data.{RANGES}') END,
        CASE WHEN json_valid(record) THEN json_extract(record, '$.config.model.fingerprint') END,
        json_valid(record)
    FROM runs JOIN records USING (number) WHERE id IN"""
"""Findings that the records of runs name, and whether the records can be read."""
_SELECT_FINDINGS = f"""
    SELECT key FROM findings
    WHERE key GLOB '{PREPARATION} *' OR key GLOB '{RANGES} *' OR key GLOB '{OWN_MODEL} *'
"""
_SELECT_NAMING = "SELECT 1 FROM records WHERE instr(record, ?)"
_DELETE_FINDING = f"DELETE FROM findings WHERE key = ? AND NOT EXISTS ({_SELECT_NAMING})"
"""By its key and the text with which records name it: they are not parsed, as there are many."""

NO_RUNS: Mapping[str, int] = MappingProxyType({})


class RunRemovals(StoreSession):
    """How runs leave a store."""

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

    def has_run_on(self, fingerprint: str) -> bool:
        """Whether a stored run names the data of a fingerprint; a damaged record counts too.

        Raises:
            StoreError: the database cannot be read.
        """
        text = json.dumps(fingerprint)
        with self._reading():
            found = self._connection.execute(_SELECT_NAMING, (text,)).fetchone()
        return found is not None

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
            self._end_removals(stored)
        except sqlite3.Error as error:
            if not store_errors.is_no_room(error):
                raise
            self._connection.close()
            self._connection = connect_without_journal(self.folder)
            with self._transaction():
                self._delete(stored)
            self._end_removals()

    def _end_removals(self, others: Mapping[str, int] = NO_RUNS) -> None:
        """Take the runs out of the database whose folders are being removed, then the folders.

        Args:
            others: runs that go too, whether they have folders or not.
        """
        begun = begun_removals(self.folder)
        with self._transaction():
            self._delete({**others, **{run_id: number for number, run_id in begun}})
        for folder in begun.values():
            end_removal(folder)

    def _delete(self, stored: Mapping[str, int]) -> None:
        """Delete runs, by their ids and numbers, and their membership in sweeps.

        What was fitted on the columns of a split goes with the last run that needs it.
        """
        candidates = self._named_by(stored)
        for run_id, number in stored.items():
            row = (run_id, number)
            found = self._connection.execute("DELETE FROM runs WHERE id = ? AND number = ?", row)
            if found.rowcount:
                self._connection.execute("DELETE FROM sweep_runs WHERE run_id = ?", (run_id,))
        texts = [(key, json.dumps(key.partition(" ")[2])) for key in sorted(candidates)]
        self._connection.executemany(_DELETE_FINDING, texts)

    def _named_by(self, ids: Iterable[str]) -> set[str]:
        """Keys of findings that the records of runs name: of all, where one cannot be read."""
        named = self._select_by_id(_SELECT_NAMED, ids)
        if not all(is_valid for *_, is_valid in named):
            return {key for (key,) in self._connection.execute(_SELECT_FINDINGS)}
        kinds = (PREPARATION, RANGES, OWN_MODEL)
        return {
            f"{kind} {key}" for row in named for kind, key in zip(kinds, row, strict=False) if key
        }

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
