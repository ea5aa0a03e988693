"""A run's numbers by their dotted keys, such as `validation.accuracy`."""

import math

from regcli.config.result_keys import GAP, PARTS
from regcli.metrics.metric import Metric
from regcli.metrics.registry import METRICS
from regcli.results.records import AfterZeroing, RunRecord, Sparsity


def read_number(record: RunRecord, key: str) -> float | None:
    """A run's number by its dotted key; None where there is none or it is not finite.

    For live units it is their sum over the layers.
    """
    head, _, name = key.partition(".")
    if key == GAP:
        value = _gap(record)
    elif head == "sparsity":
        value = _measure(record.sparsity, name)
    elif head == "after_zeroing":
        value = _measure(record.sparsity and record.sparsity.after_zeroing, name)
    elif name:
        value = record.metrics.get(head, {}).get(name)
    else:
        value = getattr(record, head)
    return value if value is not None and math.isfinite(value) else None


def metric_of(key: str) -> Metric | None:
    """The metric that a result is of some rows; None for losses, zeros and the like."""
    where, _, name = key.rpartition(".")
    return METRICS.get(name) if where.removeprefix("after_zeroing.") in PARTS else None


def _gap(record: RunRecord) -> float | None:
    train, validation = (read_number(record, f"{part}.data_loss") for part in PARTS[:2])
    return None if train is None or validation is None else validation - train


def _measure(measures: Sparsity | AfterZeroing | None, name: str) -> float | None:
    part, _, metric = name.partition(".")
    if metric:
        metrics = measures.metrics if isinstance(measures, AfterZeroing) else {}
        return metrics.get(part, {}).get(metric)
    if name == "live_units":
        return sum(measures.live_units.values()) if measures and measures.live_units else None
    found: float | None = getattr(measures, name, None)
    return found
