"""A run that was trained although it was stored: in what the two differ."""

import math

from regcli.config.result_keys import KEYS
from regcli.results.conditions import metric_of, read_number
from regcli.results.records import RunRecord


def differing(record: RunRecord, stored: RunRecord) -> list[str]:
    """The results in which a run differs from one that was stored before."""
    if stored.state is not record.state:
        return ["state"]
    return [
        key
        for key in KEYS
        if key != "seconds"
        and not _is_newer(key, stored)
        and not _is_near(read_number(record, key), read_number(stored, key))
    ]


def _is_near(one: float | None, other: float | None) -> bool:
    """Whether two numbers are the same up to the rounding in which engines and cores differ."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-7)


def _is_newer(key: str, stored: RunRecord) -> bool:
    """Whether a result is a metric that was not measured yet when a run was stored."""
    if metric_of(key) is None:
        return False
    *after, part, name = key.split(".")
    zeroed = stored.sparsity and stored.sparsity.after_zeroing
    metrics = stored.metrics if not after else zeroed.metrics if zeroed else {}
    return name not in metrics.get(part, {})
