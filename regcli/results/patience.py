"""Early stopping: under which name what is watched is logged, and when it has not improved."""

from dataclasses import dataclass

from regcli.config.early_stopping import EarlyStopping
from regcli.metrics.registry import METRICS


def logged_name(monitor: str) -> str:
    """The name under which `fit` logs what a config monitors: `val_data_loss`."""
    part, _, metric = monitor.partition(".")
    logged = "loss" if metric == "objective" else metric
    return f"val_{logged}" if part == "validation" else logged


def rises(monitor: str) -> bool:
    """Whether more is better."""
    metric = METRICS.get(monitor.rpartition(".")[-1])
    return metric is not None and metric.higher_is_better


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
