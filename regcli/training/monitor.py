"""Early stopping: what is watched, under which name it is logged, and when it has not improved."""

from dataclasses import dataclass

from regcli.config.schema import EarlyStopping
from regcli.data.dataset import Splits
from regcli.errors import ModelError
from regcli.metrics.registry import METRICS, kind_of


def logged_name(monitor: str) -> str:
    """The name under which `fit` logs what a config monitors: `val_data_loss`."""
    part, _, metric = monitor.partition(".")
    logged = "loss" if metric == "objective" else metric
    return f"val_{logged}" if part == "validation" else logged


def rises(monitor: str) -> bool:
    """Whether more is better."""
    metric = METRICS.get(monitor.rpartition(".")[-1])
    return metric is not None and metric.higher_is_better


def check_monitor(early: EarlyStopping | None, splits: Splits) -> None:
    """Refuse to watch what the data does not give.

    Raises:
        ModelError: there are no validation rows, or the metric is of another task.
    """
    if early is None:
        return
    path = ("training", "early_stopping", "monitor")
    part, _, metric = early.monitor.partition(".")
    if part == "validation" and splits.validation is None:
        raise ModelError(
            path, f"requires validation rows; got {early.monitor} with dataset.validation: 0"
        )
    kind = kind_of(splits.table.task)
    if metric in METRICS and METRICS[metric].kind != kind:
        raise ModelError(path, f"must be a metric for {kind}, got {early.monitor}")


@dataclass
class Patience:
    """Keras's rule for one member: stop after `patience` epochs without a better value."""

    early: EarlyStopping
    best: float | None = None
    waited: int = 0
    improved: bool = False

    def take(self, value: float) -> bool:
        """Note an epoch's value; True once patience has run out."""
        sign = -1.0 if rises(self.early.monitor) else 1.0
        limit = self.best
        self.improved = value == value and (
            limit is None or sign * value < sign * limit - self.early.min_delta
        )
        self.waited = 0 if self.improved else self.waited + 1
        if self.improved:
            self.best = value
        return self.waited >= self.early.patience
