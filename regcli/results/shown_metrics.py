"""What configs ask to show: the metrics of tables, and the result that ranks settings."""

from collections.abc import Sequence

from regcli.metrics.metric import Metric
from regcli.metrics.registry import METRICS, RANKED, default_metrics, kind_of
from regcli.results.records import RunRecord


def shown_metrics(records: Sequence[RunRecord]) -> tuple[Metric, ...]:
    """The metrics that the configs of some runs ask for, each once, in their order.

    A run whose config asks for none that is known has its task's own: accuracy, or R² and mean
    absolute error.
    """
    found: dict[str, Metric] = {}
    for record in records:
        found |= {metric.key: metric for metric in _asked_of(record)}
    return tuple(found.values())


def _asked_of(record: RunRecord) -> Sequence[Metric]:
    given = record.config.get("metrics")
    asked = [METRICS.get(str(key)) for key in given] if isinstance(given, list | tuple) else []
    if known := [metric for metric in asked if metric is not None]:
        return known
    if record.data is not None:
        return default_metrics(kind_of(record.data.task))
    measured = {key for scores in record.metrics.values() for key in scores}
    return [metric for metric in METRICS.values() if metric.is_default and metric.key in measured]


def asked_ranking(records: Sequence[RunRecord]) -> str | None:
    """The dotted key of the result that all configs ask to rank by; None where they differ."""
    asked = {str(record.config.get("select_by")) for record in records}
    key = asked.pop() if len(asked) == 1 else None
    return key if key in RANKED else None


def as_asked(record: RunRecord, metrics: Sequence[str] | None, select_by: str | None) -> RunRecord:
    """A stored run as a config shows it that asks for other metrics than the one it is of."""
    kept = {
        key: value for key, value in record.config.items() if key not in {"metrics", "select_by"}
    }
    asked = {"metrics": metrics and list(metrics), "select_by": select_by}
    given = {key: value for key, value in asked.items() if value is not None}
    return record.model_copy(update={"config": {**kept, **given}})
