"""How far one member has come: its epochs, its history, and whether it has ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.config.schema import Config
from regcli.results.patience import Patience, logged_name
from regcli.results.records import RunState
from regcli.results.stops import Stop
from regcli.stacked.recipe import Arrays, Start


@dataclass
class MemberRun:
    """A member in training.

    Attributes:
        id: that of its run.
        parent: the id of the run that it starts from, if it is one.
        stop: where the path ends that it is a point of, if it is one.
        seconds: its share of the time that its program took.
        best: the weights to restore, where early stopping keeps them.
        state: how it ended; None while it trains.
    """

    id: str
    config: Config
    start: Start
    parent: str | None = None
    stop: Stop | None = None
    epoch: int = 0
    seconds: float = 0.0
    history: dict[str, list[float]] = field(default_factory=dict)
    patience: Patience | None = None
    best: Arrays | None = None
    state: RunState | None = None

    def __post_init__(self) -> None:
        early = self.config.training.early_stopping
        self.patience = None if early is None else Patience(early)

    def take(self, slot: int, logs: Mapping[str, NDArray[np.float32]], seconds: float) -> None:
        """Note one epoch; `state` is set if the member has ended with it."""
        self.epoch += 1
        self.seconds += seconds
        for name, values in logs.items():
            self.history.setdefault(name, []).append(float(values[slot]))
        stopped = False
        if self.patience is not None:
            monitored = logged_name(self.patience.early.monitor)
            stopped = self.patience.take(float(logs[monitored][slot]))
        if not np.isfinite(logs["loss"][slot]):
            self.state = RunState.DIVERGED
        elif stopped or self.epoch == self.config.training.epochs:
            self.state = RunState.FINISHED

    @property
    def improved(self) -> bool:
        """Whether the last epoch was the best so far."""
        return self.patience is not None and self.patience.improved

    def progress(self) -> dict[str, Any]:
        """Everything that `resume` needs, as plain data."""
        patience = self.patience and {"best": self.patience.best, "waited": self.patience.waited}
        return {
            "epoch": self.epoch,
            "seconds": self.seconds,
            "history": self.history,
            "patience": patience,
        }

    def resume(self, progress: Mapping[str, Any], best: Arrays | None) -> None:
        """Go on from where another process was."""
        self.epoch, self.seconds = progress["epoch"], progress["seconds"]
        self.history, self.best = progress["history"], best
        if self.patience is not None and progress["patience"]:
            self.patience.best = progress["patience"]["best"]
            self.patience.waited = progress["patience"]["waited"]
