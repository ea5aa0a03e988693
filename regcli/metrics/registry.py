"""Every metric there is, in the order in which tables show them."""

from collections.abc import Mapping
from typing import get_args

from regcli.metrics import (
    accuracy,
    average_precision,
    balanced_accuracy,
    brier,
    ece,
    f1,
    log_loss,
    mae,
    mape,
    precision,
    r2,
    recall,
    rmse,
    roc_auc,
)
from regcli.metrics.metric import Kind, Metric, Watched

METRICS: Mapping[str, Metric] = {
    module.METRIC.key: module.METRIC
    for module in (
        accuracy,
        balanced_accuracy,
        precision,
        recall,
        f1,
        roc_auc,
        average_precision,
        log_loss,
        brier,
        ece,
        r2,
        mae,
        rmse,
        mape,
    )
}
"""By key. A metric is added by its file and its name here."""

WATCHED = tuple(key for key, metric in METRICS.items() if metric.watched is not None)
"""Keys of the metrics that early stopping can watch, of any kind of target."""

DEFAULT_RANKING = "validation.data_loss"
RANKED = (
    DEFAULT_RANKING,
    *(f"validation.{key}" for key, metric in METRICS.items() if not metric.is_diagnostic),
)
"""Results that settings can be ranked by; the first where a config asks for none."""

_OF_KIND: Mapping[Kind, tuple[Metric, ...]] = {
    kind: tuple(metric for metric in METRICS.values() if metric.kind == kind)
    for kind in get_args(Kind)
}
_DEFAULTS = {kind: tuple(own for own in all_ if own.is_default) for kind, all_ in _OF_KIND.items()}
"""Found once, for a sweep asks for them thousands of times."""

MEANINGS: Mapping[str, str] = {
    name: metric.key for metric in METRICS.values() for name in metric.other_names
}
"""The keys that other names stand for: `auc` for `roc_auc`."""


def kind_of(task: str) -> Kind:
    """The kind of target of a task: `binary` and `multiclass` are both classification."""
    return "regression" if task == "regression" else "classification"


def metrics_of(kind: Kind) -> tuple[Metric, ...]:
    """The metrics of a kind of target."""
    return _OF_KIND[kind]


def default_metrics(kind: Kind) -> tuple[Metric, ...]:
    """What is shown where a config asks for nothing; the first is the task's score."""
    return _DEFAULTS[kind]


def watched_forms(kind: Kind) -> Mapping[str, Watched]:
    """The forms in training of the metrics that early stopping can watch, by key."""
    return {metric.key: metric.watched for metric in metrics_of(kind) if metric.watched is not None}
