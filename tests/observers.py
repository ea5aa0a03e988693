"""Observers of experiments for the tests of several rooms."""

from collections.abc import Mapping, Sequence
from typing import Any

from regcli.experiments import PlannedRun
from regcli.results.records import RunRecord


class Notes:
    """An observer that writes down what it is told."""

    def __init__(self) -> None:
        self.plans: list[tuple[int, int]] = []
        self.to_train: list[int] = []
        self.texts: list[str] = []
        self.populations: list[int] = []
        self.started: list[str] = []
        self.epochs = 0
        self.ended: list[RunRecord] = []

    def planned(
        self, runs: int, reused: int, epochs: int, settings: Sequence[Mapping[str, Any]]
    ) -> None:
        assert len(settings) >= runs
        self.plans.append((runs, reused))
        self.to_train.append(epochs)

    def note(self, text: str) -> None:
        self.texts.append(text)

    def population_started(self, members: int) -> None:
        self.populations.append(members)

    def run_started(self, run: PlannedRun) -> None:
        self.started.append(run.id)

    def epochs_done(self, count: int) -> None:
        self.epochs += count

    def run_ended(self, record: RunRecord) -> None:
        self.ended.append(record)


class Interrupting(Notes):
    """Presses Ctrl-C after a number of epochs."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.left = epochs

    def epochs_done(self, count: int) -> None:
        super().epochs_done(count)
        self.left -= count
        if self.left <= 0:
            raise KeyboardInterrupt
