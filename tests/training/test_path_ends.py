"""Where paths end while they are trained together, also when their population fails on the way."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import tensorflow as tf

from regcli.results.records import RunState, Sparsity
from regcli.results.stops import Stop
from regcli.training import session
from regcli.training.outcome import Outcome
from regcli.training.population.layout import Layout
from regcli.training.population.trainer import MembersEnded, PopulationFailed, PopulationMember
from regcli.training.session import Batch, Job, Listener, train_jobs

from .examples import a_config, number_splits

LEFT = [3, 0, 9, 9, 3, 2, 0, 9]
"""Non-zero weights of two paths of four points each; behind an end they would be seen again."""
TOLD = [0, 4, 1]
"""The points that have ended when the population fails: the first path is at its end."""


def outcome(number: int) -> Outcome:
    sparsity = Sparsity(
        exact=0,
        near=0,
        threshold=0,
        nonzero=LEFT[number],
        total=9,
        active_inputs=None,
        live_units={},
        layers=(),
    )
    return Outcome(RunState.FINISHED, 1, 0.0, sparsity=sparsity)


class Told(Listener):
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.members: list[int] = []
        self.numbers: list[int] = []

    def note(self, text: str) -> None:
        self.texts.append(text)

    def population_started(self, members: int) -> None:
        self.members.append(members)

    def ended(self, outcomes: Sequence[tuple[int, Outcome]], engine: str) -> None:
        del engine
        self.numbers += [number for number, _ in outcomes]


def jobs() -> list[Job]:
    config, splits = a_config(), number_splits()
    return [
        Job(str(n), config, splits, weights=dict, after=None if n % 4 == 0 else n - 1, stop=Stop())
        for n in range(len(LEFT))
    ]


def train(monkeypatch: pytest.MonkeyPatch, cause: Exception, told: Sequence[int] = TOLD) -> Told:
    """Train the paths in a population that fails once some of its points have ended."""

    def population(given: Sequence[PopulationMember], *_: Any) -> Iterator[MembersEnded]:
        members = [int(member.name) for member in given]
        if members == list(range(len(LEFT))):
            for number in told:
                yield MembersEnded(((number, outcome(number)),))
            raise PopulationFailed(cause)
        for place, number in enumerate(members):
            origin = given[place].origin
            assert (origin.weights is None) is (origin.after is not None)
            if LEFT[number - 1] or number % 4 == 0:
                yield MembersEnded(((place, outcome(number)),))

    def alone(job: Job, *_: Any) -> Outcome:
        return outcome(int(job.name))

    monkeypatch.setattr(session, "train_population", population)
    monkeypatch.setattr(session, "_train_one", alone)
    listener, numbers = Told(), tuple(range(len(LEFT)))
    train_jobs(jobs(), [Batch(numbers, "key", Layout(4, 1))], "cpu", listener, None)
    return listener


FULL = tf.errors.ResourceExhaustedError(None, None, "full")


@pytest.mark.parametrize("cause", [FULL, ValueError("lost")], ids=["memory", "another"])
def test_points_behind_an_end_are_not_brought_back(
    cause: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = train(monkeypatch, cause)
    assert listener.numbers == [*TOLD, 5, 6]
    if cause is FULL:
        assert listener.texts == ["memory ran out: going on with 2 members at a time"]
        assert listener.members == [8, 3]
    else:
        assert listener.texts == ["trained one by one with Keras's fit: ValueError: lost"]


@pytest.mark.parametrize("cause", [FULL, ValueError("lost")], ids=["memory", "another"])
def test_what_fails_once_all_paths_have_ended_has_nothing_left_to_train(
    cause: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = train(monkeypatch, cause, told=[0, 1, 4, 5, 6])
    assert (listener.numbers, listener.texts) == ([0, 1, 4, 5, 6], [])
