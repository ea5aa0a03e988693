"""The numbers and settings of a run as other tools take them: one name and one value each."""

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from regcli.config.result_keys import KEYS
from regcli.one_line import printable
from regcli.results.conditions import read_number
from regcli.results.records import RunRecord

EPOCH = "epoch"
"""The group of what is measured after each epoch."""


def name_of(key: str) -> str:
    """The name of a result, as tools group by it: `validation/accuracy`."""
    return printable(key.replace(".", "/"))


def results_of(record: RunRecord) -> dict[str, float]:
    """Results by their keys; what the run does not have, or is not finite, is absent."""
    found = {key: read_number(record, key) for key in KEYS}
    return {key: value for key, value in found.items() if value is not None}


def epochs_of(record: RunRecord) -> list[dict[str, float]]:
    """What `fit` logged after each epoch, by its name; NaN for what was not finite."""
    history = {f"{EPOCH}/{printable(name)}": own for name, own in record.history.items()}
    longest = max(map(len, history.values()), default=0)
    return [
        {name: _number(own[place]) for name, own in history.items() if place < len(own)}
        for place in range(longest)
    ]


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def settings_of(record: RunRecord) -> dict[str, bool | float | str]:
    """Settings by their keys: truths, finite numbers and text; those that are null are absent."""
    settings = record.settings.items()
    return {printable(key): _plain(value) for key, value in settings if value is not None}


def _plain(value: Any) -> bool | float | str:
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, Mapping | list | tuple):
        return printable(json.dumps(value, default=str, ensure_ascii=False))
    return printable(value)


def settings_text(record: RunRecord) -> str:
    """Settings in a short line: `l1=0.001,l2=0,seed=1`; nothing of a run without settings."""
    return ",".join(
        f"{key.rpartition('.')[2]}={value if isinstance(value, bool | str) else f'{value:g}'}"
        for key, value in settings_of(record).items()
    )


def began(record: RunRecord) -> float:
    """When a run began, in seconds since 1970."""
    return ended(record) - record.seconds


def ended(record: RunRecord) -> float:
    """When a run ended, in seconds since 1970; 0 where that cannot be read."""
    try:
        return datetime.fromisoformat(record.created).timestamp()
    except ValueError:
        return 0.0


def after_epoch(record: RunRecord, epoch: int) -> float:
    """When about an epoch ended, counted from 1, in seconds since 1970: all took equally long."""
    return began(record) + record.seconds * epoch / max(record.epochs, epoch, 1)
