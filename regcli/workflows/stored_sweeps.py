"""Sweeps that are stored: found by name, and their runs as that sweep has them."""

from regcli.planning.variants import value_at
from regcli.results.records import RunRecord, SweepRecord
from regcli.results.shown_metrics import as_asked
from regcli.store.store import Store


def find_sweep(named: str, store: Store) -> SweepRecord | None:
    """A sweep by its id, the beginning of it, or its name, of which the newest; None if none is.

    Raises:
        UsageError: several ids begin so.
        StoreError: the store cannot be read.
    """
    found = store.sweep(named)
    if found is not None:
        return found
    return next((sweep for sweep in store.sweeps() if sweep.name == named), None)


def as_swept(sweep: SweepRecord, store: Store) -> list[RunRecord]:
    """A sweep's runs that are stored, each with every setting that some of them have.

    Another sweep, which varied other keys, may have stored one.

    Raises:
        StoreError: one cannot be read.
    """
    return [
        as_asked(record, sweep.metrics, sweep.select_by)
        for record in with_same_keys(list(store.find(sweep.run_ids).values()))
    ]


def with_same_keys(records: list[RunRecord]) -> list[RunRecord]:
    """Runs that all have the same settings' keys: what one lacks is read from its config."""
    keys = dict.fromkeys(key for record in records for key in record.settings)
    found = []
    for record in records:
        settings = {
            key: record.settings[key] if key in record.settings else value_at(record.config, key)
            for key in keys
        }
        found.append(record.model_copy(update={"settings": settings}))
    return found
