"""Removing stored runs, and with the last run on some data the rows that a cache holds of it."""

from collections.abc import Sequence

from regcli.data.scanned.row_files import RowFiles
from regcli.data.sources import CACHE
from regcli.store.store import Store


def remove_runs(ids: Sequence[str], store: Store) -> None:
    """Remove runs and their folders; rows in the cache that no run is on any more go too.

    Processes that are training keep what they have opened, and write anew what they lack.

    Raises:
        StoreError: as `Store.remove`.
    """
    cache = RowFiles(store.folder / CACHE)
    fingerprints = set()
    if cache.folder.is_dir():
        found, _ = store.find_readable(ids)
        fingerprints = {run.data.fingerprint for run in found.values() if run.data is not None}
    store.remove(ids)
    for fingerprint in fingerprints:
        if not store.has_run_on(fingerprint):
            cache.remove(fingerprint)
