"""Requests to end: one exception for all that come together, at a moment that loses nothing."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from stored_examples import a_run

from regcli import signals as module
from regcli.signals import REQUESTS, Interrupts, held_back, was_asked_to_end
from regcli.store.store import open_store


@pytest.fixture
def interrupts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Interrupts]:
    """Listening ones; the handlers that were there come back after the test."""
    before = {number: signal.getsignal(number) for number in REQUESTS}
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    for number in REQUESTS:  # whatever the tests themselves were started with
        signal.signal(number, signal.SIG_DFL)
    listening = Interrupts()
    listening.listen()
    yield listening
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets what the clock shows."""
    shown = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: shown.now))

    def show(now: float) -> None:
        shown.now = now

    show(1000.0)
    return show


def is_raised(act: Callable[[], object]) -> bool:
    try:
        act()
    except KeyboardInterrupt:
        return True
    return False


def request(number: signal.Signals = signal.SIGINT) -> None:
    signal.raise_signal(number)


@pytest.mark.parametrize("number", REQUESTS)
def test_every_request_to_end_is_answered_alike(
    interrupts: Interrupts, number: signal.Signals
) -> None:
    assert not interrupts.seen
    interrupts.check()
    assert is_raised(lambda: request(number))
    assert interrupts.seen
    assert is_raised(interrupts.check)


def test_requests_that_come_together_raise_once(
    interrupts: Interrupts, clock: Callable[[float], None]
) -> None:
    assert is_raised(request)
    for moment in (1000.0, 1000.1, 1002.9):
        clock(moment)
        assert [is_raised(lambda number=number: request(number)) for number in REQUESTS] == [
            False
        ] * len(REQUESTS)
    clock(1003.0)
    assert is_raised(request)
    assert not is_raised(request)


def test_nothing_is_raised_once_the_answer_has_begun(
    interrupts: Interrupts, clock: Callable[[float], None]
) -> None:
    interrupts.answer()
    for moment in (1000.0, 2000.0):
        clock(moment)
        assert not is_raised(request)
    assert interrupts.seen


def test_a_request_that_a_destructor_loses_is_raised_at_the_next(interrupts: Interrupts) -> None:
    class Loses:
        def __del__(self) -> None:
            request()

    assert not is_raised(lambda: Loses() and None)
    assert interrupts.seen
    assert is_raised(request)


def test_what_this_process_was_started_to_ignore_stays_ignored(interrupts: Interrupts) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    Interrupts().listen()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    interrupts.ignore()
    assert {signal.getsignal(number) for number in REQUESTS} == {signal.SIG_IGN}
    request()


@pytest.mark.parametrize("handler", [signal.SIG_DFL, signal.SIG_IGN, signal.default_int_handler])
def test_who_listened_before_does_so_again_after_a_block(
    interrupts: Interrupts, handler: signal.Handlers
) -> None:
    for number in REQUESTS:
        signal.signal(number, handler)
    hook = sys.unraisablehook
    listens = handler is not signal.SIG_IGN
    with Interrupts().listening() as listening:
        assert is_raised(request) == listens
        assert listening.seen == listens
    assert {signal.getsignal(number) for number in REQUESTS} == {handler}
    assert sys.unraisablehook == hook
    assert not interrupts.seen


def test_a_block_that_is_held_back_comes_to_its_end(interrupts: Interrupts) -> None:
    done = []

    def act() -> None:
        with held_back():
            for number in REQUESTS:
                request(number)
                done.append(number)
            assert not interrupts.seen

    assert is_raised(act)
    assert done == list(REQUESTS)
    assert {signal.getsignal(number) for number in REQUESTS} == {interrupts}


def test_blocks_within_each_other_wait_for_the_outermost(interrupts: Interrupts) -> None:
    done = []

    def act() -> None:
        with held_back():
            with held_back():
                request()
                done.append("inner")
            done.append("outer")

    assert is_raised(act)
    assert done == ["inner", "outer"]


def test_a_block_without_requests_changes_nothing(interrupts: Interrupts) -> None:
    with pytest.raises(ValueError, match="of the block"), held_back():
        raise ValueError("of the block")
    assert {signal.getsignal(number) for number in REQUESTS} == {interrupts}
    assert not interrupts.seen


def test_a_held_request_is_told_at_once_and_breaks_off_when_patience_is_over(
    interrupts: Interrupts, clock: Callable[[float], None]
) -> None:
    told = []

    def act() -> None:
        with held_back(patience=3.0, on_first=lambda: told.append("stop")):
            request()
            request()
            clock(1003.1)
            told.append("further")
            request()
            told.append("never reached")

    assert is_raised(act)
    assert told == ["stop", "further"]
    assert {signal.getsignal(number) for number in REQUESTS} == {interrupts}


def test_other_threads_get_no_requests_and_hold_none_back(interrupts: Interrupts) -> None:
    seen = []

    def act() -> None:
        with held_back():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=act)
    thread.start()
    thread.join()
    assert seen == [interrupts]


def test_python_s_own_handler_is_held_back_too() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    done = []

    def act() -> None:
        with held_back():
            request()
            done.append(True)

    try:
        assert is_raised(act)
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == [True]


def test_a_run_is_stored_whole_before_a_request_is_answered(
    interrupts: Interrupts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bytes = Path.write_bytes

    def interrupted(path: Path, content: bytes) -> int:
        request()
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with open_store(tmp_path) as store:
        files = {"config.yaml": b"whole", "weights.npz": b"whole"}
        assert is_raised(lambda: store.add(a_run("aaaa"), files))
        assert [summary.id for summary in store.summaries()] == ["aaaa"]
        assert store.file("aaaa", "weights.npz").read_bytes() == b"whole"
    assert not (tmp_path / ".pending").exists()


def test_a_request_is_known_though_what_it_raised_became_another_error(
    interrupts: Interrupts,
) -> None:
    """As TensorFlow does with what is raised while it converts values."""
    assert not was_asked_to_end()

    def convert() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt as error:
            raise TypeError("cannot be converted") from error

    with pytest.raises(TypeError):
        convert()
    assert was_asked_to_end()
    assert interrupts.seen
