"""A population that is stopped goes on where it was, bit for bit."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from regcli.config.populations import member_scalars
from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.training.devices import prepare_device
from regcli.training.outcome import Outcome
from regcli.training.population import checkpoint, worker
from regcli.training.population.checkpoint import Checkpoints, SavedMember
from regcli.training.population.layout import Layout
from regcli.training.population.trainer import EpochsDone, train_population

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
    chosen = [configs[NAMES.index(name)] for name in names]
    scalars, device = member_scalars(configs[0]), prepare_device("cpu")
    outcomes, done = {}, 0
    population = train_population(
        chosen, [splits] * len(chosen), scalars, layout, device, names, folder
    )
    for event in population:
        if isinstance(event, EpochsDone):
            done += event.count
        else:
            outcomes |= {names[place]: outcome for place, outcome in event.outcomes}
        if epochs is not None and done >= epochs:
            population.close()
            break
    return outcomes


@pytest.mark.slow
def test_a_stopped_population_goes_on_bit_for_bit_in_another_layout(
    members: tuple[list[Config], Splits], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where other programs have taken memory, or where fewer cores are given."""
    undisturbed = train(members, None)
    assert len({outcome.epochs for outcome in undisturbed.values()}) > 1, "some must stop early"
    monkeypatch.setattr(worker, "SECONDS_BETWEEN", 0.0)
    folder = tmp_path / "checkpoints" / "population"
    outcomes: dict[str, Outcome] = {}
    for epochs, layout in ((9, Layout(2, 2)), (12, Layout(4, 1)), (None, Layout(3, 1))):
        left = [name for name in NAMES if name not in outcomes]
        outcomes |= train(members, folder, left, epochs, layout)
        if epochs is not None:
            assert {path.stem for path in folder.iterdir()} & set(NAMES) - set(outcomes)
    assert not (tmp_path / "checkpoints").exists()
    assert sorted(outcomes) == sorted(NAMES)
    for name, expected in undisturbed.items():
        found = outcomes[name]
        assert (found.epochs, found.history) == (expected.epochs, expected.history), name
        assert (found.metrics, found.state) == (expected.metrics, expected.state), name
        assert list(found.weights) == list(expected.weights)
        for variable, numbers in expected.weights.items():
            assert np.array_equal(found.weights[variable], numbers), (name, variable)


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
    checkpoints.drop_all()
    assert not (tmp_path / "new").exists()


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
