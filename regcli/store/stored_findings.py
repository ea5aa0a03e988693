"""What was found out once at some cost, such as the largest useful strength, by key."""

import json
from collections.abc import Mapping
from typing import Any

from regcli.store import store_rows
from regcli.store.store_session import StoreSession


class StoredFindings(StoreSession):
    """Plain data that a store keeps beside its runs."""

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
