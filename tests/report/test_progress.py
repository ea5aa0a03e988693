"""The live bar of what trains."""

import io

from planned import run_of
from rich.console import Console

from regcli.config.schema import Config
from regcli.planning.events import (
    EpochsDone,
    Noted,
    Phase,
    PhaseBegun,
    Planned,
    PopulationBegun,
    RunBegun,
)
from regcli.report.progress import LiveProgress
from regcli.report.sink import Sink


def live() -> LiveProgress:
    consoles = [Console(file=io.StringIO(), force_terminal=True, width=100) for _ in range(2)]
    return LiveProgress(Sink(*consoles))


def test_the_bar_begins_anew_with_every_plan() -> None:
    """A path is followed and then refitted."""
    with live() as progress:
        (task,) = progress.bar.tasks
        for epochs in (100, 40, 40):
            progress(Planned(1, 0, epochs, [{}]))
            assert (task.completed, task.total, task.finished) == (0, epochs, False)
            progress(EpochsDone(epochs))
            assert task.finished


def test_what_takes_its_time_is_named() -> None:
    run = run_of("a", Config.model_validate({"dataset": {"name": "iris"}}), l1=0.1, seed=0)
    with live() as progress:
        (task,) = progress.bar.tasks
        shown = []
        for event in (
            PhaseBegun(Phase.SEARCHING),
            Noted("largest useful l1 0.5, by formula"),
            Planned(3, 1, 120, [{}]),
            PhaseBegun(Phase.LOADING),
            PopulationBegun(2),
            PhaseBegun(Phase.COMPILING),
            PhaseBegun(Phase.TRAINING),
            RunBegun(run),
        ):
            progress(event)
            shown.append(task.description)
        assert progress.bar.live.is_started
    assert list(dict.fromkeys(shown)) == [
        "searching for the largest useful l1",
        "loading TensorFlow",
        "[1/2] 2 runs together, compiling",
        "[1/2] 2 runs together",
        "[1/2] l1 0.1, seed 0",
    ]
