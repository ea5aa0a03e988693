"""Where paths end while they are trained together, also when their population fails on the way."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import tensorflow as tf
from listeners import Notes
from planned import OneSplit, run_of

from regcli.planning.batches import Batch
from regcli.planning.events import RunsEnded
from regcli.planning.run import Run
from regcli.results.outcomes import Outcome
from regcli.results.records import RunState, Sparsity
from regcli.results.stops import Stop
from regcli.stacked.layout import Layout
from regcli.training import population_executor
from regcli.training.executors import Materials
from regcli.training.fit_executor import FitExecutor
from regcli.training.population.trainer import PopulationMember
from regcli.training.population.worker import PopulationFailedError
from regcli.training.population_executor import PopulationExecutor

from .examples import a_config, number_splits

LEFT = [3, 0, 9, 9, 3, 2, 0, 9]
"""Non-zero weights of two paths of four points each; behind an end they would be seen again."""
TOLD = ["0", "4", "1"]
"""The points that have ended when the population fails: the first path is at its end."""


def outcome(identity: str) -> Outcome:
    sparsity = Sparsity(
        exact=0,
        near=0,
        threshold=0,
        nonzero=LEFT[int(identity)],
        total=9,
        active_inputs=None,
        live_units={},
        layers=(),
    )
    return Outcome(RunState.FINISHED, 1, 0.0, sparsity=sparsity)


def points() -> tuple[Run, ...]:
    config = a_config()
    return tuple(
        replace(run_of(str(n), config, None if n % 4 == 0 else str(n - 1)), stop=Stop())
        for n in range(len(LEFT))
    )


def train(monkeypatch: pytest.MonkeyPatch, cause: Exception, told: Sequence[str] = TOLD) -> Notes:
    """Train the paths in a population that fails once some of its points have ended."""

    def population(given: Sequence[PopulationMember], *_: Any) -> Iterator[RunsEnded]:
        ids = [member.id for member in given]
        if len(ids) == len(LEFT):
            for identity in told:
                yield RunsEnded(((identity, outcome(identity)),), "population")
            raise PopulationFailedError(cause)
        for identity in ids:
            if LEFT[int(identity) - 1] or int(identity) % 4 == 0:
                yield RunsEnded(((identity, outcome(identity)),), "population")

    def alone(_: FitExecutor, run: Run, *__: Any) -> Outcome:
        return outcome(run.id)

    monkeypatch.setattr(population_executor, "train_population", population)
    monkeypatch.setattr(FitExecutor, "_train", alone)
    notes = Notes()
    runs = points()
    batch = Batch("key", runs, len(LEFT), at_once=2, data=(runs[0].data,))
    materials = Materials("cpu", OneSplit(number_splits()))
    PopulationExecutor(materials, Layout(4, 1)).run(batch, notes)
    return notes


FULL = tf.errors.ResourceExhaustedError(None, None, "full")


@pytest.mark.parametrize("cause", [FULL, ValueError("lost")], ids=["memory", "another"])
def test_points_behind_an_end_are_not_brought_back(
    cause: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = train(monkeypatch, cause)
    assert list(notes.outcomes) == [*TOLD, "5", "6"]
    if cause is FULL:
        assert notes.texts == ["out of memory: continuing with 2 members at a time"]
        assert notes.populations == [8, 3]
    else:
        assert notes.texts == ["trained one by one with Keras's fit: ValueError: lost"]


@pytest.mark.parametrize("cause", [FULL, ValueError("lost")], ids=["memory", "another"])
def test_what_fails_once_all_paths_have_ended_has_nothing_left_to_train(
    cause: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = train(monkeypatch, cause, told=["0", "1", "4", "5", "6"])
    assert (list(notes.outcomes), notes.texts) == (["0", "1", "4", "5", "6"], [])
