"""Sweeps that are stored: found by name, and their runs as that sweep has them."""

from collections.abc import Collection, Sequence

from regcli.config.document import value_at
from regcli.results.records import RunRecord, SweepRecord
from regcli.results.settings import VARIANT
from regcli.results.shown_metrics import as_asked
from regcli.store.store import Store

_PATH = ", path along "
"""Between the name of a config and the strength that varies, in the name of a path."""


def path_name(config_name: str, along: str) -> str:
    """The name of the sweep that a path is stored as."""
    return f"{config_name}{_PATH}{along}"


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


def find_path(config_name: str, store: Store) -> SweepRecord | None:
    """The newest path of a config of that name; None if there is none.

    Raises:
        StoreError: the store cannot be read.
    """
    return next((sweep for sweep in store.sweeps() if _is_path_of(config_name, sweep)), None)


def find_sweep_or_path(named: str, store: Store, *, path_first: bool = False) -> SweepRecord | None:
    """A sweep as `find_sweep` finds it, or the newest path of a config of that name.

    Args:
        path_first: where both have that name, take the path; an id means what it is the id of.

    Raises:
        UsageError, StoreError: as `find_sweep`.
    """
    if path_first:
        return store.sweep(named) or find_path(named, store) or find_sweep(named, store)
    return find_sweep(named, store) or find_path(named, store)


def _is_path_of(config_name: str, sweep: SweepRecord) -> bool:
    """Whether a sweep is a path of a config of that name, not the refits of its points."""
    beginning, separator, along = sweep.name.rpartition(_PATH)
    return bool(separator) and beginning == config_name and "," not in along


def as_swept(sweep: SweepRecord, store: Store) -> list[RunRecord]:
    """A sweep's runs that are stored, each with every setting that some of them have.

    Another sweep, which varied other keys, may have stored one.

    Raises:
        StoreError: one cannot be read.
    """
    stored = store.find(sweep.run_ids)
    names = dict(zip(sweep.run_ids, sweep.variants, strict=False))
    records = with_same_keys(list(stored.values()), sweep.keys)
    found = []
    for record in records:
        own = {VARIANT: names[record.id]} if record.id in names else {}
        varied = record.model_copy(update={"settings": {**record.settings, **own}})
        found.append(as_asked(varied, sweep.metrics, sweep.select_by))
    return found


def with_same_keys(records: Sequence[RunRecord], known: Collection[str] = ()) -> list[RunRecord]:
    """Runs that all have the same settings' keys: what one lacks is read from its config.

    Args:
        known: keys that they have even where no record has them: another command that did not
            vary them may have stored all of the runs.
    """
    keys = dict.fromkeys([*known, *(key for record in records for key in record.settings)])
    found = []
    for record in records:
        settings = {
            key: record.settings[key] if key in record.settings else value_at(record.config, key)
            for key in keys
        }
        found.append(record.model_copy(update={"settings": settings}))
    return found
