"""An earlier sweep by its name: in the store, or a JSON document beside it."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from regcli.config.document import parse_path
from regcli.config.problems import Path as ConfigPath
from regcli.errors import UsageError
from regcli.results.gate.earlier import Earlier, of_document, of_sweep, read_document
from regcli.results.records import RunRecord, SweepRecord
from regcli.results.settings import by_setting
from regcli.results.shown_metrics import as_asked
from regcli.results.verdict.judgement import judge
from regcli.store.store import Store
from regcli.store.store_row_values import read_row_values

MAX_BYTES = 2_000_000_000
"""Of a document: a sweep of 100,000 runs has a quarter of that."""


def find_earlier(named: str, store: Store, margin: float) -> Earlier:
    """The setting to use of an earlier sweep.

    Args:
        named: a JSON file, or a sweep's id, the beginning of it, or its name (the newest).
        margin: of the verdict on a stored sweep.

    Raises:
        UsageError: there is no such sweep, or nothing says which of its settings to use.
        StoreError: the store cannot be read.
    """
    rows_of = partial(read_row_values, store)
    path = Path(named)
    if path.is_file() or path.suffix == ".json":
        records, use = read_document(_text(path), named)
        stored = store.find(record.id for record in records)
        return of_document(named, records, use, stored, rows_of)
    sweep = store.sweep(named) or _newest(named, store)
    if sweep is None:
        raise UsageError(f"{named}: there is no such file, and no sweep of this id or name")
    settings = by_setting(_as_swept(sweep, store))
    return of_sweep(named, settings, judge(settings, rows_of, margin), rows_of)


def _newest(name: str, store: Store) -> SweepRecord | None:
    return next((sweep for sweep in store.sweeps() if sweep.name == name), None)


def _as_swept(sweep: SweepRecord, store: Store) -> list[RunRecord]:
    """A sweep's runs, each with every setting that some have: another sweep may have stored it."""
    records = list(store.find(sweep.run_ids).values())
    keys = dict.fromkeys(key for record in records for key in record.settings)
    found = []
    for record in records:
        settings = {
            key: record.settings.get(key, _value(record.config, parse_path(key))) for key in keys
        }
        asked = as_asked(record, sweep.metrics, sweep.select_by)
        found.append(asked.model_copy(update={"settings": settings}))
    return found


def _value(data: Any, path: ConfigPath) -> Any:
    for step in path:
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: must be UTF-8 text") from None
