"""Two sweeps on one store: no run is trained twice."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from listeners import Notes
from planned import OneSplit, run_of

from regcli.config.schema import Config
from regcli.data.references import Datasets
from regcli.planning.batches import Batch
from regcli.planning.events import RunsEnded, Tell
from regcli.planning.graph import RunGraph
from regcli.planning.run import Run
from regcli.results.outcomes import Outcome
from regcli.results.records import RunState
from regcli.results.stops import Stop
from regcli.store.store import Store, open_store
from regcli.store.store_claims import Claimant
from regcli.workflows import shared_training
from regcli.workflows.claims import Claims
from regcli.workflows.keeper import Keeper
from regcli.workflows.shared_training import train_shared
from regcli.workflows.workspace import Workspace

CONFIG = Config.model_validate({"dataset": {"name": "iris"}, "training": {"epochs": 1}})
IRIS = OneSplit(Datasets().split(CONFIG.dataset, Path()))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "runs") as opened:
        yield opened


class Trains:
    """An executor without a model: every run ends at once."""

    def __init__(self, state: RunState = RunState.FINISHED) -> None:
        self.state = state
        self.trained: list[str] = []

    def run(self, batch: Batch, tell: Tell) -> None:
        for run in batch.runs:
            self.trained.append(run.id)
            tell(RunsEnded(((run.id, Outcome(self.state, 1, 0.0)),), "keras"))


class Taking:
    """What one process does of a training that others take part in."""

    def __init__(self, store: Store, runs: list[Run], state: RunState = RunState.FINISHED) -> None:
        self.store, self.notes, self.executor = store, Notes(), Trains(state)
        workspace = Workspace(store, self.notes, data=IRIS)
        self.keeper = Keeper(RunGraph.of(runs), {}, workspace, "/CPU:0")
        self.batch = Batch("key", tuple(runs), len(runs), at_once=len(runs), data=())

    def train(self) -> list[str]:
        with Claims(self.store) as claims:
            train_shared([(self.executor, self.batch)], self.keeper, claims)
        return self.executor.trained


def points(*ids: str, stop: Stop | None = None) -> list[Run]:
    parents = (None, *ids)
    return [
        replace(run_of(identity, CONFIG, parent), stop=stop)
        for identity, parent in zip(ids, parents, strict=False)
    ]


def apart(*ids: str) -> list[Run]:
    return [run_of(identity, CONFIG) for identity in ids]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Do something in another process's place while this one waits, once."""

    def set_up(act: Callable[[], object]) -> None:
        acts = [act]

        def sleep(seconds: float) -> None:
            assert seconds > 0
            acts.pop()()

        monkeypatch.setattr(shared_training.time, "sleep", sleep)

    return set_up


Meanwhile = Callable[[Callable[[], object]], None]
OTHER = Claimant.here("another sweep")


def test_what_another_sweep_trains_is_waited_for(store: Store, meanwhile: Meanwhile) -> None:
    store.claim(["aaaa", "bbbb"], OTHER)
    ours = Taking(store, apart("aaaa", "bbbb", "cccc"))
    theirs = Taking(store, apart("aaaa", "bbbb"))

    def end() -> None:
        theirs.executor.run(theirs.batch, theirs.keeper)

    meanwhile(end)
    assert ours.train() == ["cccc"]
    assert ours.notes.texts == [
        "2 runs are being trained by another process; waiting for its results"
    ]
    assert [record.id for record in ours.notes.ended] == ["cccc", "aaaa", "bbbb"]
    assert set(ours.keeper.known) == {"aaaa", "bbbb", "cccc"}


@pytest.mark.parametrize("state", [None, RunState.FAILED, RunState.INTERRUPTED])
def test_what_another_sweep_leaves_undone_is_trained_here(
    state: RunState | None, store: Store, meanwhile: Meanwhile
) -> None:
    store.claim(["aaaa"], OTHER)
    theirs = Taking(store, apart("aaaa"), state or RunState.FINISHED)

    def leave() -> None:
        if state is not None:
            theirs.executor.run(theirs.batch, theirs.keeper)
        store.release(OTHER)

    meanwhile(leave)
    ours = Taking(store, apart("aaaa"))
    assert ours.train() == ["aaaa"]
    assert ours.keeper.known["aaaa"].state is RunState.FINISHED


def test_a_point_waits_for_the_one_before_it(store: Store, meanwhile: Meanwhile) -> None:
    store.claim(["aaaa"], OTHER)
    theirs = Taking(store, points("aaaa"))
    meanwhile(lambda: theirs.executor.run(theirs.batch, theirs.keeper))
    ours = Taking(store, points("aaaa", "bbbb", "cccc"))
    assert ours.train() == ["bbbb", "cccc"]


def test_points_behind_an_end_are_not_waited_for(store: Store, meanwhile: Meanwhile) -> None:
    """The other sweep's point has diverged."""
    path = points("aaaa", "bbbb", "cccc", stop=Stop())
    store.claim(["aaaa", "bbbb", "cccc"], OTHER)
    theirs = Taking(store, path[:1], RunState.DIVERGED)
    meanwhile(lambda: theirs.executor.run(theirs.batch, theirs.keeper))
    ours = Taking(store, path)
    assert ours.train() == []
    assert list(ours.keeper.known) == ["aaaa"]


def test_claims_are_given_up_at_the_end(store: Store) -> None:
    Taking(store, apart("aaaa", "bbbb")).train()
    assert store.claim(["aaaa", "bbbb"], OTHER) == {"aaaa", "bbbb"}


@pytest.mark.slow
def test_two_sweeps_at_a_time_train_every_run_once(tmp_path: Path) -> None:
    """Real processes, overlapping grids; each shows all of its own runs."""
    (tmp_path / "c.yaml").write_text(
        "dataset: {name: iris}\nmodel: {layers: []}\ntraining: {epochs: 3}\n"
    )
    grids = ("0,0.1,0.2,0.3", "0.2,0.3,0.4,0.5")
    command = [sys.executable, "-m", "regcli", "sweep", "c.yaml", "--json", "--engine", "keras"]
    sweeps = [
        subprocess.Popen(
            [*command, "--l2", grid], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for grid in grids
    ]
    ended = [sweep.communicate(timeout=240) for sweep in sweeps]
    assert [sweep.returncode for sweep in sweeps] == [0, 0], ended
    runs = [{run["id"]: run for run in json.loads(out)["runs"]} for out, _ in ended]
    assert [len(found) for found in runs] == [4, 4]
    shared = runs[0].keys() & runs[1].keys()
    assert len(shared) == 2
    assert all(runs[0][identity] == runs[1][identity] for identity in shared)
