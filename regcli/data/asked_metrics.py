"""Whether a data set has what a config asks to be measured: a positive class, and its metrics.

Those are shown, ranked by, or watched by early stopping.
"""

from collections.abc import Sequence

from regcli.config.problems import did_you_mean
from regcli.config.schema import Config
from regcli.config.task import Task
from regcli.data.dataset import Splits, Table
from regcli.errors import ModelError
from regcli.metrics.registry import METRICS, kind_of


def positive_class(label: str | None, classes: Sequence[str]) -> int:
    """The number of the class that precision, recall and the like are about; 1 unless given.

    Upper and lower case are the same where only one class is called so.

    Args:
        classes: a name for each class number; empty for regression.

    Raises:
        ModelError: there are not two classes, or none has that label.
    """
    if label is None:
        return 1
    path = ("dataset", "positive")
    if len(classes) != 2:
        has = f"has {len(classes)}" if classes else "is continuous"
        raise ModelError(path, f"requires a target of two classes; this one {has}")
    folded = [name.casefold() for name in classes]
    if label not in classes and folded.count(label.casefold()) == 1:
        return folded.index(label.casefold())
    if label not in classes:
        near = did_you_mean(label, classes)
        raise ModelError(
            path, f"must be a class of the target, {' or '.join(classes)}, got '{label}'{near}"
        )
    return classes.index(label)


def require_metrics(config: Config, task: Task) -> None:
    """Check that the metrics which a config shows and ranks by are of the task.

    Raises:
        ModelError: one is of the other task.
    """
    kind = kind_of(task)
    for path, key in config.asked_metrics().items():
        if METRICS[key].kind != kind:
            raise ModelError(path, f"must be a metric for {kind}, got {key}")


def metric_notes(config: Config, table: Table) -> list[str]:
    """Which of the metrics that a config asks for tell little of a table's target, and why."""
    asked = [METRICS[key] for key in dict.fromkeys(config.asked_metrics().values())]
    whys = [(metric.key, metric.caution(table.y)) for metric in asked if metric.caution]
    return [f"{key}: {why}" for key, why in whys if why]


def _without_validation(config: Config) -> str:
    is_trained_on = config.dataset.train_on_validation
    return f"dataset.{'train_on_validation: true' if is_trained_on else 'validation: 0'}"


def require_monitored(config: Config, splits: Splits) -> None:
    """Check that what early stopping watches is there.

    Raises:
        ModelError: there are no validation rows, or the metric is of the other task.
    """
    early = config.training.early_stopping
    if early is None:
        return
    path = ("training", "early_stopping", "monitor")
    part, _, metric = early.monitor.partition(".")
    if part == "validation" and splits.validation is None:
        raise ModelError(
            path,
            f"requires validation rows; got {early.monitor} with {_without_validation(config)}",
        )
    kind = kind_of(splits.table.task)
    if metric in METRICS and METRICS[metric].kind != kind:
        raise ModelError(path, f"must be a metric for {kind}, got {early.monitor}")
