"""Listeners for the tests of several rooms."""

from regcli.planning.events import (
    EpochsDone,
    Event,
    Noted,
    Phase,
    PhaseBegun,
    Planned,
    PopulationBegun,
    RunBegun,
    RunsEnded,
    RunStored,
)
from regcli.results.outcomes import Outcome
from regcli.results.records import RunRecord


class Notes:
    """A listener that writes down what it is told."""

    def __init__(self) -> None:
        self.plans: list[tuple[int, int]] = []
        self.to_train: list[int] = []
        self.phases: list[Phase] = []
        self.texts: list[str] = []
        self.populations: list[int] = []
        self.started: list[str] = []
        self.epochs = 0
        self.outcomes: dict[str, Outcome] = {}
        self.ended: list[RunRecord] = []

    def __call__(self, event: Event) -> None:
        match event:
            case Planned(runs, reused, epochs, settings):
                assert len(settings) >= runs
                self.plans.append((runs, reused))
                self.to_train.append(epochs)
            case PhaseBegun(phase):
                self.phases.append(phase)
            case Noted(text):
                self.texts.append(text)
            case PopulationBegun(members):
                self.populations.append(members)
            case RunBegun(run):
                self.started.append(run.id)
            case EpochsDone(count):
                self.epochs += count
            case RunsEnded(outcomes):
                self.outcomes |= dict(outcomes)
            case RunStored(record):
                self.ended.append(record)


class Interrupting(Notes):
    """Presses Ctrl-C after a number of epochs."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.left = epochs

    def __call__(self, event: Event) -> None:
        super().__call__(event)
        if isinstance(event, EpochsDone):
            self.left -= event.count
            if self.left <= 0:
                raise KeyboardInterrupt
