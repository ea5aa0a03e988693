"""Conditions on results, such as `validation.accuracy<0.9`, that make a command fail."""

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from regcli.config.problems import unknown
from regcli.errors import UsageError
from regcli.metrics.metric import Metric
from regcli.metrics.registry import METRICS
from regcli.results.records import AfterZeroing, RunRecord, Sparsity

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_FORM = re.compile(r"\s*([a-z_.0-9]+)\s*(<=|>=|==|!=|<|>)\s*(\S+)\s*")
_PARTS = ("train", "validation", "test")
_WITHOUT_PENALTY = ("data_loss", "weighted_data_loss", *METRICS)
_SCORES = ("data_loss", "weighted_data_loss", "penalty", "objective", *METRICS)
_LEFT = ("active_inputs", "live_units", "precision", "recall", "f1", "active_noise")
_SPARSITY = ("exact", "near", "nonzero", "total", "gzip_bytes", "norm", "largest", *_LEFT)
KEYS = (
    *(f"{part}.{score}" for part in _PARTS for score in _SCORES),
    *(f"sparsity.{measure}" for measure in _SPARSITY),
    *(f"after_zeroing.{part}.{score}" for part in _PARTS for score in _WITHOUT_PENALTY),
    *(f"after_zeroing.{measure}" for measure in ("nonzero", *_LEFT)),
    "epochs",
    "seconds",
)
GAP = "gap"
"""Validation loss − train loss: how much better a run does on the rows it was trained on.

It follows from two others, so records, exports and comparisons leave it out unless requested.
"""


@dataclass(frozen=True)
class Condition:
    """A comparison that a run can meet. Its text is the condition without spaces."""

    key: str
    comparison: str
    bound: float

    def __str__(self) -> str:
        return f"{self.key}{self.comparison}{_plain(self.bound)}"

    def holds(self, record: RunRecord) -> bool:
        """Whether a run meets the condition; a number that is not there meets every condition."""
        value = read_number(record, self.key)
        return value is None or _OPERATORS[self.comparison](value, self.bound)

    def explain(self, record: RunRecord) -> str:
        """Which run met the condition, with its number."""
        value = read_number(record, self.key)
        shown = "missing" if value is None else _plain(value)
        return f"run {record.id}: {self.key} is {shown}"


def _plain(number: float) -> str:
    """All digits, so that a number is shown on the correct side of its bound."""
    return repr(number).removesuffix(".0")


def parse_condition(text: str) -> Condition:
    """Read `KEY OPERATOR NUMBER`.

    Raises:
        UsageError: for another form, an unknown key, or a bound that is not a finite number.
    """
    matched = _FORM.fullmatch(text)
    if matched is None:
        raise UsageError(
            "must be a key, one of < <= > >= == !=, and a number, "
            f"like 'validation.accuracy<0.9', got '{text}'"
        )
    key, comparison, number = matched.groups()
    if key not in KEYS and key != GAP:
        head, dot, _ = key.rpartition(".")
        beside = [other for other in KEYS if dot and other.rpartition(".")[0] == head]
        message = unknown("result", key, beside or (*KEYS, GAP))
        known = "" if ";" in message else "; use a key of a result, like validation.accuracy"
        raise UsageError(message + known)
    try:
        bound = float(number)
    except ValueError:
        bound = math.nan
    if not math.isfinite(bound):
        raise UsageError(f"must compare {key} with a finite number, got '{number}'")
    return Condition(key, comparison, bound)


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
    return METRICS.get(name) if where.removeprefix("after_zeroing.") in _PARTS else None


def _gap(record: RunRecord) -> float | None:
    train, validation = (read_number(record, f"{part}.data_loss") for part in _PARTS[:2])
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


def failures(
    records: Sequence[RunRecord], conditions: Sequence[Condition]
) -> list[tuple[Condition, RunRecord]]:
    """Every condition with each run that meets it."""
    return [
        (condition, record)
        for condition in conditions
        for record in records
        if condition.holds(record)
    ]
