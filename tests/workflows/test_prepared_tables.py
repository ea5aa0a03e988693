"""Tables with gaps, categories and dates, from the file to stored runs, by both trainers."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from listeners import Notes
from people import write_people

from regcli.config.load import load_config
from regcli.exports.stored_model import load_model, rows_of_run
from regcli.planning.populations import EngineChoice
from regcli.store.store import Store, open_store
from regcli.store.store_preparations import read_preparation
from regcli.workflows.graph_training import SweepResult
from regcli.workflows.grid_sweep import run_sweep
from regcli.workflows.workspace import Workspace

CONFIG = """\
dataset:
  file: {file}
  target: left
  test: 0.2
  missing: {{default: indicator, size: most_frequent, city: drop}}
  types: {{size: {{ordinal: [S, M, L]}}}}
  dates: [month, elapsed]
  max_categories: 3
  scale: quantile
model: {{layers: [Dense: {{units: 3, activation: tanh}}]}}
training: {{epochs: 3, batch_size: 16}}
regularization: {{l1: 0.01}}
sweep: {{folds: 3}}
"""


@dataclass(frozen=True)
class Trained:
    """The same folds, trained one by one and together."""

    store: Store
    one_by_one: SweepResult
    together: SweepResult
    notes: Notes


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    """Three folds of 90 rows, of which one alone is of the city Oslo."""
    folder = tmp_path_factory.mktemp("people")
    write_people(folder / "people.csv", "left", lambda rng: [rng.integers(2)])
    (folder / "c.yaml").write_text(CONFIG.format(file=folder / "people.csv"))
    loaded = load_config(str(folder / "c.yaml"))
    with open_store(folder / "runs") as store:

        def swept(engine: EngineChoice, notes: Notes) -> SweepResult:
            return run_sweep(loaded, Workspace(store, notes, "cpu", engine, fresh=True))

        notes = Notes()
        yield Trained(store, swept("keras", Notes()), swept("population", notes), notes)


@pytest.mark.slow
def test_folds_of_unlike_categories_train_alike_by_both_trainers(trained: Trained) -> None:
    notes = trained.notes
    assert notes.texts == [
        "3 of 90 rows left out for gaps in 'city'",
        "column 'city': the rarest of 4 categories becomes the input city=other",
    ]
    # The fold that holds out the one row of Oslo has no pool, and so another width.
    records = trained.together.records
    assert sorted(len(record.data.columns) for record in records if record.data) == [9, 10, 10]
    assert sorted(notes.populations) == [1, 2]
    for keras, population in zip(trained.one_by_one.records, records, strict=True):
        assert (keras.id, keras.data) == (population.id, population.data)
        for part in ("train", "validation", "test"):
            loss = population.metrics[part]["data_loss"]
            assert loss == pytest.approx(keras.metrics[part]["data_loss"], rel=1e-4)


@pytest.mark.slow
def test_what_was_fitted_is_read_back(trained: Trained) -> None:
    store, keys = trained.store, set()
    for record in trained.together.records:
        found = read_preparation(store, record)
        assert found == rows_of_run(load_model(store, record.id)).preparation
        assert record.data is not None
        assert record.data.columns == found.inputs
        keys.add(record.data.preparation)
    assert len(keys) == 3
