"""Ctrl-C and other requests to end: noticed at once, answered once, delayed where that helps.

Nothing heavy is imported here: this also answers a Ctrl-C that comes while the rest is loading.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], object]

REQUESTS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Signals that ask a process to end: Ctrl-C, a batch system or `kill`, a terminal that closes."""
PATIENCE = 3.0
"""Seconds that a block may take to finish before another request interrupts it."""


class Interrupts:
    """Raises one KeyboardInterrupt for all requests that come together, and remembers it.

    A second one would break off what cleans up after the first. Code that is hit may turn the
    exception into another one, or lose it: Python ignores what is raised in a destructor. So a
    request that comes `PATIENCE` later raises again, until the answer has begun.

    Attributes:
        seen: whether there was any request.
    """

    def __init__(self) -> None:
        self.seen = False
        self._quiet_until = 0.0
        self._is_answered = False

    def listen(self, requests: Collection[int] = REQUESTS) -> None:
        """Handle the requests, except those that this process was started to ignore."""
        for number in requests:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self)
        sys.unraisablehook = self._unraisable

    @contextmanager
    def listening(self, requests: Collection[int] = REQUESTS) -> Iterator["Interrupts"]:
        """Take over the requests for a block; then whoever had them before has them again."""
        handlers = {number: signal.getsignal(number) for number in requests}
        hook = sys.unraisablehook
        try:
            self.listen(requests)
            yield self
        finally:
            sys.unraisablehook = hook
            for number, handler in handlers.items():
                if handler is not None:  # as it is where it was not Python that set it
                    signal.signal(number, handler)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Be the signals' handler."""
        self.seen = True
        now = time.monotonic()
        if now < self._quiet_until or self._is_answered:
            return
        self._quiet_until = now + PATIENCE
        raise KeyboardInterrupt

    def check(self) -> None:
        """Raise again what was lost.

        Raises:
            KeyboardInterrupt: there was a request before.
        """
        if self.seen:
            raise KeyboardInterrupt

    def answer(self) -> None:
        """Raise nothing any more: what is to be said and done at the end begins."""
        self._is_answered = True

    def ignore(self) -> None:
        """Ignore all requests for good.

        Python's own shutdown would give them their defaults again, which kill; it leaves alone
        what is ignored.
        """
        for number in REQUESTS:
            signal.signal(number, signal.SIG_IGN)

    def _unraisable(self, lost: "sys.UnraisableHookArgs") -> None:
        # Raised in a destructor, a request would be shown as a traceback. What objects raise that
        # it has left half made says nothing either.
        if issubclass(lost.exc_type, KeyboardInterrupt):
            self._quiet_until = 0.0
        elif not self.seen:
            sys.__unraisablehook__(lost)


def was_asked_to_end() -> bool:
    """Whether a request has come, though what it raised may have become another exception."""
    handler = signal.getsignal(signal.SIGINT)
    return isinstance(handler, Interrupts) and handler.seen


class Held:
    """Delays requests until a block has finished.

    Attributes:
        first: the number of the first of them; None where there was none.
    """

    def __init__(self, patience: float | None, on_first: Callable[[], object] | None) -> None:
        self.first: int | None = None
        self.handlers: dict[int, Handler] = {}
        self._patience, self._on_first = patience, on_first
        self._since = 0.0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Be the signals' handler."""
        if self.first is None:
            self.first, self._since = number, time.monotonic()
            if self._on_first is not None:
                self._on_first()
        elif self._patience is not None and time.monotonic() - self._since > self._patience:
            self.handlers[number](number, frame)

    def release(self) -> None:
        """Put the handlers back that were there before."""
        _put_back(list(self.handlers.items()))


def _put_back(handlers: list[tuple[int, Handler]]) -> None:
    if handlers:
        number, handler = handlers.pop()
        try:
            signal.signal(number, handler)
        finally:  # what has its handler again may raise at once
            _put_back(handlers)


@contextmanager
def held_back(
    patience: float | None = None, on_first: Callable[[], object] | None = None
) -> Iterator[None]:
    """Answer requests to end when the block has finished.

    Only the main thread gets any; in other threads this does nothing.

    Args:
        patience: seconds after which a further request is answered at once; None for never.
        on_first: called at the first request, between any two steps of the block.

    Raises:
        KeyboardInterrupt: after the block, or whatever the installed handlers raise.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held = Held(patience, on_first)
    try:
        for number in REQUESTS:
            handler = signal.getsignal(number)
            if callable(handler):
                held.handlers[number] = handler
                signal.signal(number, held)
        yield
    finally:
        try:
            held.release()
        finally:
            if held.first is not None:
                signal.raise_signal(held.first)
