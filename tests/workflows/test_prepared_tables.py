"""Tables with gaps, categories and dates, from the file to stored runs, by both trainers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from listeners import Notes

from regcli.config.load import load_config
from regcli.data.references import Datasets
from regcli.exports.fresh_keras import FreshKeras
from regcli.exports.model_files import export_model
from regcli.exports.stored_model import load_model, require_scores, rows_of_run
from regcli.planning.populations import EngineChoice
from regcli.store.store import Store, open_store
from regcli.store.store_preparations import read_preparation
from regcli.workflows.graph_training import SweepResult
from regcli.workflows.grid_sweep import run_sweep
from regcli.workflows.workspace import Workspace

CONFIG = """\
dataset:
  file: people.csv
  target: left
  test: 0.2
  missing: {default: indicator, size: most_frequent, city: drop}
  types: {size: {ordinal: [S, M, L]}}
  dates: [month, elapsed]
  max_categories: 3
  scale: SCALE
model: {layers: [Dense: {units: 3, activation: tanh}]}
training: {epochs: 3, batch_size: 16}
regularization: {l1: 0.01}
sweep: {folds: 3}
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store beside a table of 90 rows, of which one alone is of the city Oslo."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    cities = ["Rome"] * 40 + ["Bonn"] * 30 + ["Oslo"] + ["Lima"] * 16 + [""] * 3
    lines = ["age,city,size,joined,vip,left"]
    for number, city in enumerate(rng.permutation(cities)):
        age = "" if number % 7 == 0 else f"{rng.normal(40, 9):.1f}"
        day = f"2024-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}"
        size = ["S", "M", "L", "?"][rng.integers(4)]
        lines.append(f"{age},{city},{size},{day},{number % 2 == 0},{rng.integers(2)}")
    Path("people.csv").write_text("\n".join(lines))
    with open_store(tmp_path / "runs") as opened:
        yield opened


def swept(store: Store, scale: str, engine: EngineChoice) -> tuple[SweepResult, Workspace, Notes]:
    Path("c.yaml").write_text(CONFIG.replace("SCALE", scale))
    workspace = Workspace(store, notes := Notes(), "cpu", engine, fresh=True, data=Datasets())
    return run_sweep(load_config("c.yaml"), workspace), workspace, notes


@pytest.mark.slow
def test_folds_of_unlike_categories_train_alike_by_both_trainers(store: Store) -> None:
    one_by_one, _, _ = swept(store, "robust", "keras")
    together, _, notes = swept(store, "robust", "population")
    assert notes.texts == [
        "3 of 90 rows left out for gaps in 'city'",
        "column 'city': the rarest of 4 categories becomes the input city=other",
    ]
    # The fold that holds out the one row of Oslo has no pool, and so another width.
    widths = [len(record.data.columns) for record in together.records if record.data]
    assert sorted(widths) == [9, 10, 10]
    assert sorted(notes.populations) == [1, 2]
    for keras, population in zip(one_by_one.records, together.records, strict=True):
        assert (keras.id, keras.data) == (population.id, population.data)
        for part in ("train", "validation", "test"):
            loss = population.metrics[part]["data_loss"]
            assert loss == pytest.approx(keras.metrics[part]["data_loss"], rel=1e-4)


@pytest.mark.slow
def test_what_was_fitted_is_read_back_and_an_exported_model_takes_its_inputs(
    store: Store, fresh: FreshKeras
) -> None:
    result, _, _ = swept(store, "quantile", "population")
    keys = set()
    for record in result.records:
        splits = rows_of_run(load_model(store, record.id))
        found = read_preparation(store, record)
        assert found == splits.preparation
        assert record.data is not None
        assert record.data.columns == found.inputs
        keys.add(record.data.preparation)
    assert len(keys) == 3
    best = result.records[0].id
    assert export_model(store, best, Path("m.keras")).not_compared == ""
    stored = load_model(store, best)
    splits = rows_of_run(stored)
    rows = {part: rows.x for part, rows in splits.parts() if rows is not None}
    require_scores(stored, splits, fresh.outputs(Path("m.keras"), rows))
