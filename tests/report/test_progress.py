"""The live bar of what trains."""

import io

from rich.console import Console

from regcli.report.progress import LiveProgress
from regcli.report.sink import Sink


def test_the_bar_begins_anew_with_every_plan() -> None:
    """A path is followed and then refitted."""
    consoles = [Console(file=io.StringIO(), force_terminal=True) for _ in range(2)]
    with LiveProgress(Sink(*consoles)) as progress:
        (task,) = progress.bar.tasks
        for epochs in (100, 40, 40):
            progress.planned(1, 0, epochs, [{}])
            assert (task.completed, task.total, task.finished) == (0, epochs, False)
            progress.epochs_done(epochs)
            assert task.finished
