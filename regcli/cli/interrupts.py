"""What an interrupt does to a command, and what is said about it.

Nothing heavy is imported here: this also answers a Ctrl-C that comes while the rest is loading.
"""

import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regcli.report.standard_streams import give_up, say
from regcli.signals import Interrupts

if TYPE_CHECKING:
    from regcli.experiments import Observer, PlannedRun
    from regcli.results.records import RunRecord

_NOTHING_KEPT = frozenset({"--help", "-h", "--dry-run"})
"""Options with which a command trains nothing."""


class StopsAtInterrupts:
    """An observer that stops an experiment at its next step where a Ctrl-C was lost."""

    def __init__(self, observer: "Observer", interrupts: Interrupts) -> None:
        self.observer = observer
        self.interrupts = interrupts

    def planned(
        self, runs: int, reused: int, epochs: int, settings: "Sequence[Mapping[str, Any]]"
    ) -> None:
        """Pass it on."""
        self.observer.planned(runs, reused, epochs, settings)

    def note(self, text: str) -> None:
        """Pass it on, unless interrupted."""
        self.interrupts.check()
        self.observer.note(text)

    def population_started(self, members: int) -> None:
        """Pass it on, unless interrupted."""
        self.interrupts.check()
        self.observer.population_started(members)

    def run_started(self, run: "PlannedRun") -> None:
        """Pass it on, unless interrupted."""
        self.interrupts.check()
        self.observer.run_started(run)

    def epochs_done(self, count: int) -> None:
        """Pass it on, unless interrupted."""
        self.interrupts.check()
        self.observer.epochs_done(count)

    def run_ended(self, record: "RunRecord") -> None:
        """Pass it on."""
        self.observer.run_ended(record)


def say_interrupted(arguments: Sequence[str]) -> None:
    """Say on stderr how an interrupted command ended, once all results are written."""
    give_up(sys.stdout)
    say(interrupted_text(arguments))


def interrupted_text(arguments: Sequence[str]) -> str:
    """What to say at the end of an interrupted command, and how to go on where that is possible."""
    if {"sweep", "path"}.isdisjoint(arguments) or not _NOTHING_KEPT.isdisjoint(arguments):
        return "regcli: interrupted"
    command = shlex.join([*_program(sys.argv[0]), *arguments])
    return f"regcli: interrupted; finished runs are kept. Resume with: {command}"


def _program(started: str) -> list[str]:
    """How this program is started again from the same place."""
    if Path(started).name == "__main__.py":
        return [sys.executable, "-m", "regcli"]
    found = shutil.which("regcli")
    on_path = found is not None and Path(found).absolute() == Path(started).absolute()
    return ["regcli"] if on_path else [started]
