"""Columns of results: what each is called, and how many of its digits a person needs."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from regcli.metrics.registry import METRICS
from regcli.one_line import shortened
from regcli.report.contents import ALWAYS, Column, Format
from regcli.report.figures import (
    COUNT,
    LOSS,
    NOTHING,
    PERCENT,
    SHARE,
    NumberStyle,
    figure,
    seconds_text,
)
from regcli.report.run_values import FACTS, RESULTS

_SHORT_ID = 8
"""Digits of a run's id that tables show; any four that are its own name it."""
_SHORT_TEXT = 24
_PARTS = {"train": "train", "validation": "val", "test": "test"}

_LOSSES: Mapping[str, str] = {
    "data_loss": "loss",
    "weighted_data_loss": "weighted loss",
    "penalty": "penalty",
    "objective": "objective",
}
_LONGEST_LABEL = 12
"""Letters of a metric's label that do not make its column wider than its numbers."""
_FORMATS = {"share": SHARE, "number": LOSS}
_MEASURES: Mapping[str, tuple[str, str | None, NumberStyle]] = {
    "exact": ("exact\nzeros", None, PERCENT),
    "near": ("near\nzeros", None, PERCENT),
    "nonzero": ("non-zero\nweights", "non-\nzero", COUNT),
    "total": ("kernel\nweights", None, COUNT),
    "gzip_bytes": ("gzip\nbytes", None, COUNT),
    "norm": ("norm of\nweights", None, LOSS),
    "largest": ("largest\nweight", None, LOSS),
    "active_inputs": ("active\ninputs", None, COUNT),
    "active_noise": ("active\nnoise", None, COUNT),
    "live_units": ("live\nunits", None, COUNT),
    "precision": ("input\nprecision", None, SHARE),
    "recall": ("input\nrecall", None, SHARE),
    "f1": ("input\nF1", None, SHARE),
}


def metric_style(name: str) -> NumberStyle:
    """How the numbers of a loss or metric are shown."""
    return _FORMATS[METRICS[name].format] if name in METRICS else LOSS


def metric_label(name: str, is_short: bool = False) -> str:
    """What a loss or metric is called."""
    if name not in METRICS:
        return _LOSSES.get(name, name)
    metric = METRICS[name]
    return metric.short if is_short or len(metric.label) > _LONGEST_LABEL else metric.label


def score_label(key: str) -> str:
    """What a sentence calls the result that settings are compared by."""
    name = key.rpartition(".")[-1]
    return "loss" if name == "data_loss" else metric_label(name)


def result_style(key: str) -> NumberStyle:
    """How the numbers of a result are shown."""
    name = key.rpartition(".")[2]
    if key == "epochs":
        return COUNT
    is_metric = key.removeprefix("after_zeroing.").partition(".")[0] in _PARTS
    return metric_style(name) if is_metric or name not in _MEASURES else _MEASURES[name][2]


def result_format(key: str) -> Format:
    """How values of a result are shown, single or as a mean with its deviation."""
    if key == "seconds":
        return _seconds
    return _epochs if key == "epochs" else partial(figure, style=result_style(key))


def result_column(key: str, priority: int = ALWAYS) -> Column:
    """The column of a result."""
    label, short = _labels(key)
    return Column(key, label, result_format(key), priority, short_label=short)


def _labels(key: str) -> tuple[str, str | None]:
    head, _, name = key.rpartition(".")
    if key == "train.objective":
        return "objective", None  # there is one: it is what was minimised
    if head in _PARTS:
        label, short = metric_label(name), metric_label(name, is_short=True)
        return f"{head}\n{label}", f"{_PARTS[head]}\n{short}"
    if head == "sparsity":
        return _MEASURES[name][:2]
    if head:
        part = head.removeprefix("after_zeroing").removeprefix(".")
        what = f"{part} {metric_label(name)}" if part else _MEASURES[name][0].replace("\n", " ")
        return f"pruned\n{what}", None
    return {"seconds": "time"}.get(key, key), None


def fact_column(key: str, priority: int = ALWAYS) -> Column:
    """The column of what else is known of a run."""
    if key == "id":
        return Column("id", "run", _ids, priority, justify="left", short_format=_first_id)
    if key == "state":
        return Column("state", "state", _states, priority, justify="left")
    return Column(
        key,
        key.replace("_", " "),
        _texts,
        priority,
        justify="left",
        short_format=lambda value: shortened(_texts(value), _SHORT_TEXT),
    )


def column_of(key: str, setting: Callable[[str], Column]) -> Column:
    """The column of any key; `setting` makes that of a setting or of a key of the config."""
    if key in FACTS:
        return fact_column(key)
    return result_column(key) if key in RESULTS else setting(key)


def _seconds(value: float | None) -> str:
    return NOTHING if value is None else seconds_text(value)


def _epochs(value: Any) -> str:
    """`50`, or `20–50` of runs that ended at different ones."""
    if isinstance(value, tuple):
        return f"{min(value)}–{max(value)}"
    return NOTHING if value is None else f"{value}"


def _ids(value: Any) -> str:
    """The beginning of an id, and how many more runs share the row."""
    ids = value if isinstance(value, tuple) else (value,)
    more = f" +{len(ids) - 1}" if len(ids) > 1 else ""
    return f"{ids[0][:_SHORT_ID]}{more}"


def _first_id(value: Any) -> str:
    return str(value[0] if isinstance(value, tuple) else value)[:_SHORT_ID]


def _states(value: Any) -> str:
    """The state of a run; of several runs how many are in which."""
    states = value if isinstance(value, tuple) else (value,)
    if len(states) == 1:
        return f"{states[0]}"
    return ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))


def _texts(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
