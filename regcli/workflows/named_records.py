"""The stored runs that several names stand for together."""

from collections.abc import Iterable

from regcli.results.records import RunRecord
from regcli.store.store import Store
from regcli.store.store_prefix import UnknownRunError
from regcli.workflows.stored_sweeps import as_swept, find_sweep


def find_records(names: Iterable[str], store: Store) -> list[RunRecord]:
    """Runs by their ids, and all runs of sweeps by their ids or names; each run once.

    Raises:
        UsageError: a name is of neither, or several ids begin so.
        StoreError: a run cannot be read; the text names it.
    """
    found: dict[str, RunRecord] = {}
    for name in names:
        for record in _named(name, store):
            found.setdefault(record.id, record)
    return list(found.values())


def _named(name: str, store: Store) -> list[RunRecord]:
    try:
        return store.pick([name])
    except UnknownRunError:
        sweep = find_sweep(name, store)
        if sweep is None:
            raise
        return as_swept(sweep, store)
