"""Runs whole, with all that belongs to them, for another store to take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from regcli.errors import StoreError
from regcli.results.records import RunRecord
from regcli.store import store_errors, store_rows
from regcli.store.store_session import StoreSession


@dataclass(frozen=True)
class WholeRun:
    """A run as a store has it.

    Attributes:
        files, blobs: contents by name.
    """

    record: RunRecord
    files: Mapping[str, bytes]
    blobs: Mapping[str, bytes]


class StoredContents(StoreSession):
    """What a store holds of its runs."""

    def run_ids(self) -> list[str]:
        """The ids of all runs, in the order in which they were stored.

        Raises:
            StoreError: the database cannot be read.
        """
        with self._reading():
            rows = self._connection.execute("SELECT id FROM runs ORDER BY number").fetchall()
        return [run_id for (run_id,) in rows if store_rows.is_run_id(run_id)]

    def whole_run(self, record: RunRecord) -> WholeRun:
        """A stored run with its files and blobs.

        Raises:
            StoreError: one of them is not as it was stored.
        """
        with self._reading():
            row = self._connection.execute(
                "SELECT number, files FROM runs WHERE id = ?", (record.id,)
            ).fetchone()
            number, files = (None, "") if row is None else row
            rows = self._connection.execute(
                "SELECT name, content, checksum FROM blobs WHERE number = ?", (number,)
            ).fetchall()
        blobs = {}
        for name, content, checksum in rows:
            if not isinstance(content, bytes) or crc32(content) != checksum:
                raise StoreError(store_errors.changed_blob(name, record.id))
            blobs[name] = content
        sizes = store_rows.file_sizes(files) or {}
        contents = {name: self._content(record.id, name, size) for name, size in sizes.items()}
        return WholeRun(record, contents, blobs)

    def _content(self, run_id: str, name: str, size: int) -> bytes:
        path = self.folder / run_id / name
        try:
            content = path.read_bytes()
        except OSError:
            content = b""
        if len(content) != size:
            raise StoreError(store_errors.changed_file(path, run_id))
        return content

    def findings(self) -> dict[str, Any]:
        """All plain data that is kept beside runs, by key; what cannot be read is left out.

        Raises:
            StoreError: the database cannot be read.
        """
        with self._reading():
            rows = self._connection.execute("SELECT key, finding FROM findings").fetchall()
        found = {key: store_rows.plain_mapping(text) for key, text in rows}
        return {key: finding for key, finding in found.items() if finding is not None}
