"""Ctrl-C: how it is noticed, and what is said about it.

Nothing heavy is imported here: this also answers a Ctrl-C that comes while the rest is loading.
"""

import shlex
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regcli.experiments import Observer, PlannedRun
    from regcli.results.records import RunRecord


class Interrupts:
    """Raises KeyboardInterrupt at Ctrl-C, and remembers it.

    Code that it hits may turn it into another exception, or lose it: Python ignores what is raised
    in a destructor.
    """

    def __init__(self) -> None:
        self.seen = False

    def listen(self) -> None:
        """Take over Ctrl-C, unless whoever started this process has switched it off."""
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self)
            sys.unraisablehook = _show_unless_interrupt

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Be the signal's handler."""
        self.seen = True
        raise KeyboardInterrupt

    def check(self) -> None:
        """Raise again what was lost.

        Raises:
            KeyboardInterrupt: if Ctrl-C was pressed before.
        """
        if self.seen:
            raise KeyboardInterrupt


def _show_unless_interrupt(lost: "sys.UnraisableHookArgs") -> None:
    # Raised in a destructor, a Ctrl-C would be shown as a traceback; `check` raises it again.
    if not issubclass(lost.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(lost)


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
        """Pass it on."""
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


def interrupted_text(arguments: Sequence[str]) -> str:
    """What to say at the end of an interrupted command, and how to go on where that is possible."""
    if {"sweep", "path"}.isdisjoint(arguments):
        return "regcli: interrupted"
    command = shlex.join([*_program(sys.argv[0]), *arguments])
    return f"regcli: interrupted; finished runs are kept. Go on: {command}"


def _program(started: str) -> list[str]:
    """How this program is started again from the same place."""
    if Path(started).name == "__main__.py":
        return [sys.executable, "-m", "regcli"]
    found = shutil.which("regcli")
    on_path = found is not None and Path(found).absolute() == Path(started).absolute()
    return ["regcli"] if on_path else [started]
