"""What was fitted on a table's columns, once for all runs that share it."""

from collections.abc import Mapping
from typing import Any

from regcli.data.preparing.preparation import Preparation
from regcli.data.preparing.training_ranges import TrainingRanges
from regcli.errors import StoreError
from regcli.results.records import DataSummary, RunRecord
from regcli.store.store import Store
from regcli.store.store_removals import PREPARATION, RANGES


def as_findings(
    preparation: Preparation, ranges: TrainingRanges | None = None
) -> dict[str, Mapping[str, Any]]:
    """What runs on a split are stored with, each under a key that their records name.

    There is nothing of the identity, nor of ranges that are not known.
    """
    found: dict[str, Mapping[str, Any]] = {}
    if preparation.key is not None:
        found[f"{PREPARATION} {preparation.key}"] = preparation.as_plain()
    if ranges is not None:
        found[f"{RANGES} {ranges.key}"] = ranges.as_plain()
    return found


def read_ranges(store: Store, record: RunRecord) -> TrainingRanges | None:
    """What the columns of a run's training rows span; None where that was not kept, or is damaged.

    Predictions do not depend on it.

    Raises:
        StoreError: the store cannot be read.
    """
    key = record.data and record.data.ranges
    plain = key and store.recall(f"{RANGES} {key}")
    try:
        return TrainingRanges.from_plain(plain) if plain else None
    except ValueError:
        return None


def read_preparation(store: Store, record: RunRecord) -> Preparation:
    """What made the inputs of a stored run; the identity for runs of before there was any other.

    Raises:
        StoreError: the run has no data, or the preparation is not as it was stored.
    """
    data = record.data
    if data is None:
        raise StoreError(f"run {record.id}: has no data")
    if data.preparation is None:
        return Preparation(_columns(record, data))
    plain = store.recall(f"{PREPARATION} {data.preparation}")
    try:
        found = None if plain is None else Preparation.from_plain(plain)
    except ValueError:
        found = None
    if found is None or found.key != data.preparation:
        raise StoreError(
            f"The preparation of the stored run {record.id} is missing or was changed after it was "
            f"stored; remove the run with 'regcli runs rm {record.id}', then train it again."
        )
    return found


def _columns(record: RunRecord, data: DataSummary) -> tuple[str, ...]:
    """The columns without those that were added as noise."""
    noise = record.config.get("dataset", {}).get("noise_features", 0)
    return data.columns[: len(data.columns) - noise]
