"""In what runs differ: config keys and results, as rows of values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regcli.config.result_keys import KEYS
from regcli.results.conditions import metric_of, read_number
from regcli.results.records import RunRecord
from regcli.results.shown_metrics import shown_metrics


@dataclass(frozen=True)
class Difference:
    """A dotted key and its value in each run; None where a run does not have it."""

    key: str
    values: tuple[Any, ...]
    is_result: bool


def differences(records: Sequence[RunRecord]) -> tuple[Difference, ...]:
    """Every config key, then every result, that is not the same in all runs.

    Of the metrics those that the runs' configs ask for. No two runs take the same time, so that
    says nothing.
    """
    shown = {None, *shown_metrics(records)}
    keys = [key for key in KEYS if metric_of(key) in shown and key != "seconds"]
    flat = [dict(_flatten(record.own_config)) | _start(record) for record in records]
    named = list(dict.fromkeys(key for config in flat for key in config))
    configs = (Difference(key, tuple(c.get(key) for c in flat), False) for key in named)
    fingerprints = tuple(record.data.fingerprint if record.data else None for record in records)
    states = Difference("state", tuple(record.state.value for record in records), True)
    results = (Difference(key, tuple(read_number(r, key) for r in records), True) for key in keys)
    found = [*configs, Difference("data", fingerprints, False), states, *results]
    return tuple(row for row in found if any(value != row.values[0] for value in row.values))


def _start(record: RunRecord) -> dict[str, Any]:
    """What a run started from, in addition to its config."""
    return {"parent": record.parent, "keep_zeros": record.keep_zeros or None}


def _flatten(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and plain values of nested data."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _flatten(item, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(value, list | tuple) and value:
        for position, item in enumerate(value):
            yield from _flatten(item, f"{prefix}.{position}")
    else:
        yield prefix, value
