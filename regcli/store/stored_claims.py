"""Who trains which runs, so that no two processes train the same one."""

from collections.abc import Sequence

from regcli.store import store_claims
from regcli.store.store_claims import Claimant
from regcli.store.store_session import StoreSession


class StoredClaims(StoreSession):
    """The claims that a store keeps of runs in training."""

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
