"""Whether a data set has what a config asks to be measured: a positive class, and its metrics."""

from collections.abc import Sequence

from regcli.config.problems import did_you_mean
from regcli.config.schema import Config
from regcli.config.task import Task
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
