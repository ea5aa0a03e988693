"""A listener that ends training where a request to end was lost."""

from regcli.planning.events import Event, PhaseBegun, Planned, RunsEnded, RunStored, Tell
from regcli.signals import Interrupts


class StopsAtInterrupts:
    """A listener that stops training at its next step if a Ctrl-C was lost.

    Events of finished runs, and those before the first step, are still passed on.
    """

    def __init__(self, tell: Tell, interrupts: Interrupts) -> None:
        self.tell = tell
        self.interrupts = interrupts

    def __call__(self, event: Event) -> None:
        """Pass it on, unless interrupted."""
        if not isinstance(event, PhaseBegun | Planned | RunsEnded | RunStored):
            self.interrupts.check()
        self.tell(event)
