"""Values of runs by key: what a table can have a column of, and be sorted by."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from regcli.config.result_keys import GAP, KEYS
from regcli.report.column_choice import Keys
from regcli.results.conditions import read_number
from regcli.results.model_words import model_words
from regcli.results.records import RunRecord
from regcli.results.settings import SettingSummary

RESULTS = frozenset({*KEYS, GAP})
"""Keys of the numbers that came out of training."""

FACTS: Mapping[str, Callable[[RunRecord], Any]] = {
    "id": lambda record: record.id,
    "name": lambda record: record.name,
    "data": lambda record: None if record.data is None else record.data.source,
    "model": model_words,
    "state": lambda record: record.state.value,
    "engine": lambda record: record.engine,
    "created": lambda record: record.created,
    "message": lambda record: record.message,
    "refit_of": lambda record: record.refit_of,
}
"""What else is known of a run."""

TOGETHER = frozenset({"epochs", "seconds"})
"""Results that are not a mean over a setting's runs."""


def value_of(record: RunRecord, key: str) -> Any:
    """A run's value by any key: a fact, a setting, a result, or a key of its config."""
    if key in FACTS:
        return FACTS[key](record)
    if key in record.settings:
        return record.settings[key]
    return read_number(record, key) if key in RESULTS else _in_config(record.config, key)


def _in_config(config: Any, key: str) -> Any:
    """The value at a dotted key, in which a number is a position of a list; else None."""
    found = config
    for step in key.split("."):
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, list | tuple) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


SEEDS = "seeds"
"""How many runs share a row."""
_EACH = frozenset({"id", "state"})


def summary_value(summary: SettingSummary, key: str) -> Any:
    """A setting's value by any key.

    Results are a `Spread`, seconds a sum, ids and states a tuple with one for each run; of
    everything else, the different values of the runs: as they are where there is one, else a tuple.
    """
    if key in summary.settings:
        return summary.settings[key]
    if key == SEEDS:
        return len(summary.records)
    if key in _EACH:
        return tuple(FACTS[key](record) for record in summary.records)
    if key == "seconds":
        return sum(record.seconds for record in summary.records)
    if key in RESULTS and key not in TOGETHER:
        return summary.spread(key)
    values = [value_of(record, key) for record in summary.records]
    different = [value for place, value in enumerate(values) if value not in values[:place]]
    return different[0] if len(different) == 1 else tuple(different)


def keys_of(configs: Iterable[Mapping[str, Any]], settings: Iterable[str]) -> Keys:
    """Every key that runs of some configs can have a value of."""
    named = dict.fromkeys([*settings, *FACTS, GAP, *KEYS])
    leaves = dict.fromkeys(key for config in configs for key in _leaves(config))
    return Keys(tuple(named), tuple(leaves))


def keys_of_records(records: Sequence[RunRecord], others: Iterable[str] = ()) -> Keys:
    """Every key of which some run can have a value, and the given other keys."""
    settings = [*(key for record in records for key in record.settings), *others]
    return keys_of((record.config for record in records), settings)


def _leaves(value: Any, prefix: str = "") -> Iterator[str]:
    """Dotted keys of plain values in a nested config."""
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, item in items:
        dotted = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(item, Mapping | list | tuple) and item:
            yield from _leaves(item, dotted)
        else:
            yield dotted
