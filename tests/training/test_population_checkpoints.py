"""A population that is stopped goes on where it was, bit for bit."""

import errno
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
from planned import OneSplit, run_of

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.planning.batches import Batch
from regcli.planning.events import EpochsDone, Event, RunsEnded
from regcli.results.outcomes import Outcome
from regcli.results.records import RunState
from regcli.stacked.layout import Layout
from regcli.stacked.recipe import Arrays, Recipe, Start
from regcli.stacked.shared_traces import SharedTraces
from regcli.training import population_executor, reference
from regcli.training.devices import prepare_device
from regcli.training.executors import Materials
from regcli.training.population import checkpoint, worker
from regcli.training.population.checkpoint import Checkpoints, SavedMember
from regcli.training.population.member_run import MemberRun
from regcli.training.population.trainer import PopulationMember, train_population
from regcli.training.population.worker import PopulationFailedError, Worker
from regcli.training.population_executor import PopulationExecutor

from .examples import a_config, binary_splits

CONFIG: dict[str, Any] = {
    "dataset": {"name": "iris"},
    "model": {
        "layers": [
            {"Dense": {"units": 8, "use_bias": False}},
            "BatchNormalization",
            "ReLU",
            {"Dropout": {"rate": 0.3}},
        ]
    },
    "training": {
        "epochs": 12,
        "batch_size": 16,
        "early_stopping": {"monitor": "validation.accuracy", "patience": 2},
    },
}
NAMES = tuple("abcdefg")
FOLLOWING = {"b": "a", "c": "b", "e": "d", "f": "d", "g": "e"}
LAYOUT = Layout(size=2, threads=2)


OPTIMIZERS = {
    "side by side": {"name": "nadam", "learning_rate": 0.01},
    "in turns": {
        "name": "lamb",
        "learning_rate": 0.01,
        "use_ema": True,
        "gradient_accumulation_steps": 5,
    },
}


@pytest.fixture(scope="module", params=OPTIMIZERS)
def members(request: Any) -> tuple[list[Config], Splits]:
    training = CONFIG["training"] | {"optimizer": OPTIMIZERS[request.param]}
    first = Config.model_validate(CONFIG | {"training": training})
    configs = [
        first.model_copy(
            update={
                "regularization": first.regularization.model_copy(update={"l1": place / 1000}),
                "training": first.training.model_copy(update={"seed": place % 3}),
            }
        )
        for place in range(len(NAMES))
    ]
    return configs, split(load_table(first.dataset, Path()), first.dataset)


def train(
    members: tuple[list[Config], Splits],
    folder: Path | None,
    names: Sequence[str] = NAMES,
    epochs: int | None = None,
    layout: Layout = LAYOUT,
) -> dict[str, Outcome]:
    """Train members by name; stop after a number of members × epochs."""
    configs, splits = members
    chosen = [PopulationMember(name, configs[NAMES.index(name)], splits) for name in names]
    outcomes, done = {}, 0
    population = train_population(chosen, layout, prepare_device("cpu"), folder)
    for event in population:
        if isinstance(event, EpochsDone):
            done += event.count
        else:
            outcomes |= dict(event.outcomes)
        if epochs is not None and done >= epochs:
            population.close()
            break
    return outcomes


@pytest.mark.slow
def test_a_stopped_population_goes_on_bit_for_bit_in_another_layout(
    members: tuple[list[Config], Splits], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where other programs have taken memory, or where fewer cores are given."""
    undisturbed = train(members, None, layout=Layout(len(NAMES), 1))
    assert len({outcome.epochs for outcome in undisturbed.values()}) > 1, "some must stop early"
    monkeypatch.setattr(worker, "SECONDS_BETWEEN", 0.0)
    folder = tmp_path / "checkpoints" / "population"
    outcomes: dict[str, Outcome] = {}
    for epochs, layout in ((9, Layout(2, 2)), (None, Layout(3, 1))):
        left = [name for name in NAMES if name not in outcomes]
        outcomes |= train(members, folder, left, epochs, layout)
        if epochs is not None:
            assert {path.stem for path in folder.iterdir()} & set(NAMES) - set(outcomes)
    assert not list(folder.iterdir())
    assert sorted(outcomes) == sorted(NAMES)
    for name, expected in undisturbed.items():
        found = outcomes[name]
        assert (found.epochs, found.history) == (expected.epochs, expected.history), name
        assert (found.metrics, found.state) == (expected.metrics, expected.state), name
        assert list(found.weights) == list(expected.weights)
        for variable, numbers in expected.weights.items():
            assert np.array_equal(found.weights[variable], numbers), (name, variable)


class Counting:
    """A program that trains nothing, without compiling: a member's state counts its epochs."""

    def __init__(self, recipe: Recipe, size: int, traces: SharedTraces) -> None:
        del recipe, traces
        self.epochs = np.zeros(size)

    def place(self, starts: Mapping[int, Start]) -> None:
        self.epochs[list(starts)] = 0

    def read_states(self, slots: Iterable[int]) -> dict[int, Arrays]:
        return {slot: [self.epochs[slot]] for slot in slots}

    def write_states(self, states: Mapping[int, Arrays]) -> None:
        for slot, (epochs,) in states.items():
            self.epochs[slot] = epochs

    def train_epoch(self, order: Any) -> dict[str, Any]:
        del order
        self.epochs += 1
        return {"loss": self.epochs.copy()}

    def read(self) -> Arrays:
        return [self.epochs]

    read_ends = read

    def unstack(self, stacked: Arrays, slot: int) -> Arrays:
        return [part[slot] for part in stacked]


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Populations of `Counting` programs that save their members after every epoch."""

    def outcomes(program: Any, ended: Sequence[tuple[MemberRun, Arrays]]) -> Any:
        del program
        return tuple(
            (run.id, Outcome(RunState.FINISHED, run.epoch, 0.0, history=run.history))
            for run, _ in ended
        )

    monkeypatch.setattr(worker, "EpochProgram", Counting)
    monkeypatch.setattr(worker, "make_outcomes", outcomes)
    monkeypatch.setattr(worker, "SECONDS_BETWEEN", -1.0)


def wait_for_the_workers() -> None:
    for thread in threading.enumerate():
        if isinstance(thread, Worker):
            thread.join()


def test_what_is_saved_of_a_member_is_kept_until_its_outcome_is_stored(
    counting: None, tmp_path: Path
) -> None:
    config, splits = a_config(training={"epochs": 3}), binary_splits()
    members = [PopulationMember(name, config, splits) for name in NAMES[:4]]
    population = train_population(members, LAYOUT, "/CPU:0", tmp_path)
    stored: set[str] = set()
    for event in population:
        wait_for_the_workers()  # all have ended, and told so
        if isinstance(event, RunsEnded):
            break
    population.close()  # as where the store cannot be written
    assert {path.stem for path in tmp_path.iterdir()} == set(NAMES[:4])
    for event in train_population(members, LAYOUT, "/CPU:0", tmp_path):
        assert stored.isdisjoint(path.stem for path in tmp_path.iterdir())
        if isinstance(event, RunsEnded):
            for name, outcome in event.outcomes:
                assert outcome.history["loss"] == [1, 2, 3]
                stored.add(name)
    assert stored == set(NAMES[:4])
    assert not list(tmp_path.iterdir())


def test_every_point_of_a_path_is_trained_whichever_was_saved(
    counting: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a → b → c and d → e, f, e was saved, and d's outcome was not stored; g starts from e."""
    monkeypatch.setattr(worker, "started_from", lambda start, *_: start)
    checkpoints = Checkpoints(tmp_path)
    progress = {"epoch": 2, "seconds": 0.0, "history": {"loss": [1.0, 2.0]}, "patience": None}
    checkpoints.save("e", SavedMember([np.array(2.0)], progress, None))
    config, splits = a_config(training={"epochs": 3}), binary_splits()
    members = [PopulationMember(name, config, splits, FOLLOWING.get(name)) for name in NAMES]
    trained = []
    for event in train_population(members, LAYOUT, "/CPU:0", tmp_path):
        if isinstance(event, RunsEnded):
            for name, outcome in event.outcomes:
                trained.append(name)
                assert outcome.history["loss"] == [1, 2, 3]
    assert sorted(trained) == list(NAMES)
    for name, before in FOLLOWING.items():
        assert trained.index(before) < trained.index(name)


RUN = run_of("a", a_config())
BATCH = Batch("key", (RUN,), members=1, at_once=1, data=(RUN.data,))


def ignore(event: Event) -> None:
    del event


def executor(checkpoints: Path | None = None) -> PopulationExecutor:
    data = OneSplit(binary_splits())
    return PopulationExecutor(Materials("/CPU:0", data, checkpoints=checkpoints), Layout(1, 1))


def test_nothing_stays_on_disk_of_a_population_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Iterator[Any]:
        Checkpoints(tmp_path / "checkpoints" / "key").save("a", SavedMember([], {}, None))
        yield EpochsDone(1)
        raise PopulationFailedError(ValueError("lost"))

    monkeypatch.setattr(population_executor, "train_population", fail)
    monkeypatch.setattr(reference, "train", lambda *_: Outcome(RunState.FINISHED, 1, 0.0))
    executor(tmp_path / "checkpoints").run(BATCH, ignore)
    assert not (tmp_path / "checkpoints").exists()


def test_a_population_has_stopped_before_an_interrupt_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Even if something else, like a traceback, still holds it."""

    def interrupt(event: Event) -> None:
        if isinstance(event, EpochsDone):
            raise KeyboardInterrupt

    population = (EpochsDone(1) for _ in range(9))
    monkeypatch.setattr(population_executor, "train_population", lambda *_: population)
    with pytest.raises(KeyboardInterrupt):
        executor().run(BATCH, interrupt)
    assert list(population) == []


def test_a_checkpoint_reads_back_as_it_was_written(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "new" / "population")
    assert checkpoints.load("a") is None
    best = [np.array([[0.1, np.nan]], np.float32)]
    progress = {"epoch": 3, "history": {"loss": [0.1, 1 / 3]}, "patience": None}
    state = [np.arange(6, dtype=np.int32).reshape(2, 3), np.float32([1e-45])]
    checkpoints.save("a", SavedMember(state, progress, best))
    checkpoints.save("b", SavedMember(state[:1], progress, None))
    found = checkpoints.load("a")
    assert found is not None
    assert all(map(np.array_equal, found.state, state))
    assert [array.dtype for array in found.state] == [np.int32, np.float32]
    assert found.progress == progress
    assert found.best is not None
    assert np.array_equal(found.best[0], best[0], equal_nan=True)
    other = checkpoints.load("b")
    assert other is not None
    assert (len(other.state), other.best) == (1, None)
    checkpoints.drop("a")
    assert checkpoints.load("a") is None
    checkpoints.drop_all("ab")
    assert not (tmp_path / "new").exists()


def test_training_goes_on_where_nothing_can_be_saved(
    counting: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(stream: IO[bytes], *_: Any) -> None:
        stream.write(b"PK")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint.np, "savez", full)
    members = [PopulationMember("a", a_config(), binary_splits())]
    events = list(train_population(members, Layout(1, 1), "/CPU:0", tmp_path))
    assert sum(isinstance(event, RunsEnded) for event in events) == 1
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_of_another_keras_is_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Checkpoints(tmp_path).save("a", SavedMember([np.zeros(2)], {}, None))
    monkeypatch.setattr(checkpoint, "_WRITER", "regcli 0.1.0, keras 2.15.0")
    assert Checkpoints(tmp_path).load("a") is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"no archive at all"])
def test_a_checkpoint_that_cannot_be_read_is_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    assert Checkpoints(tmp_path).load("a") is None


@pytest.mark.parametrize(("failures", "is_read"), [(1, True), (4, True), (99, False)])
def test_a_state_is_read_again_where_python_fails(
    failures: int, is_read: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, calls = checkpoint._read, iter(range(failures))

    def failing(arrays: Sequence[Any]) -> SavedMember | None:
        if next(calls, None) is not None:
            raise SystemError("AST constructor recursion depth mismatch (before=36, after=35)")
        return read(arrays)

    monkeypatch.setattr(checkpoint, "_read", failing)
    Checkpoints(tmp_path).save("a", SavedMember([np.arange(3.0)], {"epochs": 2}, None))
    found = Checkpoints(tmp_path).load("a")
    assert (found is not None) == is_read
    if found is not None:
        assert (found.state[0].tolist(), found.progress) == ([0.0, 1.0, 2.0], {"epochs": 2})
