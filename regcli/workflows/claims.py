"""Claims on runs in training, kept alive while they are needed."""

import threading
import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from regcli.errors import StoreError
from regcli.store.store import Store
from regcli.store.store_claims import Claimant

SECONDS_BETWEEN = 15.0
"""How often a claimant says that it is alive."""


class Claims:
    """The runs that this process trains, for other processes of the same store to see.

    A context manager; its end gives all of them up. Where a claim cannot be written, as on a full
    disk, training continues: the worst is that a run is trained twice.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.claimant = Claimant.here(uuid.uuid4().hex)
        self._taken = False
        self._ended = threading.Event()
        self._heart = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self._heart.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._ended.set()
        self._heart.join()
        if self._taken:
            with suppress(StoreError):
                self.store.release(self.claimant)

    def take(self, ids: Sequence[str]) -> set[str]:
        """The ids of those of some runs that are this process's to train."""
        self._taken = True
        try:
            return self.store.claim(ids, self.claimant)
        except StoreError:
            return set(ids)

    def _beat(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN):
            if self._taken:
                with suppress(StoreError):
                    self.store.keep_claims(self.claimant)
