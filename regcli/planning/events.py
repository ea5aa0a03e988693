"""Events while runs are trained: one stream, from executors and from what stores runs.

Executors report phases, epochs and outcomes; what stores them reports plans and records. A
listener uses the events that it needs and ignores the others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from regcli.planning.run import Run
from regcli.results.outcomes import Outcome
from regcli.results.records import RunRecord

Engine = Literal["population", "keras", "solver"]
"""The trainer that a run went through, as records have it."""


class Phase(StrEnum):
    """What takes its time, by name."""

    LOADING = "loading TensorFlow"
    SEARCHING = "searching for the largest useful l1"
    COMPILING = "compiling"
    TRAINING = "training"


@dataclass(frozen=True)
class PhaseBegun:
    """Something has begun that a person waits for."""

    phase: Phase


@dataclass(frozen=True)
class Planned:
    """The plan is known; reported once, before the first run is trained.

    Attributes:
        runs: how many there are.
        reused: how many of them are stored.
        epochs: runs × epochs that are to be trained at most.
        settings: of every run.
    """

    runs: int
    reused: int
    epochs: int
    settings: Sequence[Mapping[str, Any]] = field(repr=False)


@dataclass(frozen=True)
class Noted:
    """Something that a person should know."""

    text: str


@dataclass(frozen=True)
class PopulationBegun:
    """Members are trained together."""

    members: int


@dataclass(frozen=True)
class RunBegun:
    """A run is trained on its own."""

    run: Run


@dataclass(frozen=True)
class EpochsDone:
    """Members × epochs that were trained since the last such event."""

    count: int


@dataclass(frozen=True)
class RunsEnded:
    """Outcomes of runs, by id; they must be stored before the listener returns."""

    outcomes: tuple[tuple[str, Outcome], ...]
    engine: Engine


@dataclass(frozen=True)
class RunStored:
    """A run has ended and is stored."""

    record: RunRecord


Event = (
    PhaseBegun | Planned | Noted | PopulationBegun | RunBegun | EpochsDone | RunsEnded | RunStored
)
Tell = Callable[[Event], None]
"""Takes an event, in the thread that began the training; a KeyboardInterrupt from it ends that."""
