"""An open database and its folder: reading, and changes that happen completely or not at all."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from regcli.errors import StoreFolderError
from regcli.signals import held_back
from regcli.store import store_errors
from regcli.store.store_errors import explained
from regcli.store.store_folders import Staging

_VARIABLES = 900
"""Values in one statement; old builds of SQLite take 999."""


class StoreSession:
    """A context manager. Threads may share one, processes each open their own."""

    def __init__(
        self,
        folder: Path,
        connection: sqlite3.Connection,
        writable: bool,
        allows_code: bool = False,
    ) -> None:
        self.folder, self.allows_code = folder, allows_code
        self._connection = connection
        self._writable = writable
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; closing twice is fine."""
        with self._lock, explained(self.folder):
            self._connection.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock, explained(self.folder):
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """For what is done whole or not at all, which no request to end breaks off."""
        if not self._writable:
            raise StoreFolderError(store_errors.not_writable(self.folder))
        with held_back(), self._reading():
            yield

    @contextmanager
    def _transaction(self, staging: Staging | None = None) -> Iterator[None]:
        """Lock the database for writing; after a failure restore the folders too."""
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
