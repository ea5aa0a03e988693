"""Which runs have their predictions kept, and what these are."""

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from listeners import Notes
from numpy.testing import assert_allclose

from regcli.config.load import LoadedConfig, load_config
from regcli.results.records import RunRecord
from regcli.results.settings import by_setting
from regcli.store.store import Store, open_store
from regcli.store.store_predictions import read_predictions
from regcli.store.store_row_values import read_row_values
from regcli.workflows.graph_training import SweepResult
from regcli.workflows.grid_sweep import run_single, run_sweep
from regcli.workflows.prediction_keeping import keep_predictions_of_named
from regcli.workflows.sweep_verdict import judge_sweep
from regcli.workflows.workspace import Workspace

DENSE = "[{Dense: {units: 4, activation: tanh}}]"
NORMALIZED = "[BatchNormalization, {Dense: {units: 4}}]"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "runs") as opened:
        yield opened


def config(tmp_path: Path, text: str, layers: str = DENSE) -> LoadedConfig:
    path = tmp_path / "c.yaml"
    path.write_text(
        f"name: tiny\nmodel: {{layers: {layers}}}\ntraining: {{epochs: 2, batch_size: 32}}\n{text}"
    )
    return load_config(str(path))


def swept(
    loaded: LoadedConfig, store: Store, notes: Notes | None = None
) -> tuple[SweepResult, list[RunRecord]]:
    """A sweep with its verdict, and the runs that have predictions."""
    workspace = Workspace(store, notes or Notes(), "cpu", "population")
    result = run_sweep(loaded, workspace)
    keep_predictions_of_named(result, judge_sweep(loaded, result, store), workspace)
    return result, [r for r in result.records if read_predictions(store, r.id) is not None]


@pytest.mark.parametrize("layers", [DENSE, NORMALIZED])
def test_they_agree_with_the_scores_of_the_run(layers: str, tmp_path: Path, store: Store) -> None:
    loaded = config(tmp_path, "dataset: {name: iris}\nsweep: {l1: '0,1', seeds: 2}\n", layers)
    _, kept = swept(loaded, store)
    assert kept
    for run in kept:
        own, rows = read_predictions(store, run.id), read_row_values(store, run.id)
        assert own is not None
        assert rows is not None
        assert (own.part, own.of, len(own)) == ("validation", 30, 30)
        right = own.truth == own.predicted
        assert right.tolist() == (rows["validation"]["accuracy"] == 1).tolist()
        assert own.scores is not None
        assert own.sure is not None
        losses = -np.log(own.scores[own.truth, np.arange(30)])
        assert_allclose(losses, rows["validation"]["log_loss"], rtol=1e-4, atol=1e-5)
        assert_allclose(own.sure, own.scores.max(axis=0), rtol=1e-6)


def test_those_of_the_named_settings_have_each_row_once(tmp_path: Path, store: Store) -> None:
    text = "dataset: {name: iris}\nsweep: {l1: '0,0.001,1,10', seeds: 2, folds: 3}\n"
    loaded = config(tmp_path, text)
    result, kept = swept(loaded, store)
    verdict = judge_sweep(loaded, result, store)
    assert verdict is not None
    places = {verdict.use, verdict.best, verdict.reference} - {None}
    assert 1 <= len(places) < 4
    for place, setting in enumerate(by_setting(result.records)):
        own = [run for run in setting.records if run in kept]
        assert len(own) == (3 if place in places else 0)
        assert {run.settings["seed"] for run in own} <= {0}


def test_a_quantity_is_kept_in_its_own_unit(tmp_path: Path, store: Store) -> None:
    target = "{name: diabetes, target: {scale: standard}}"
    loaded = config(tmp_path, f"dataset: {target}\nsweep: {{l1: '0,1'}}\n")
    _, kept = swept(loaded, store)
    own, rows = read_predictions(store, kept[0].id), read_row_values(store, kept[0].id)
    assert own is not None
    assert rows is not None
    assert own.truth.min() > 20  # as in the file
    errors = np.abs(own.truth - own.predicted)
    assert_allclose(errors, rows["validation"]["mae"], rtol=1e-4, atol=1e-3)


def test_stored_runs_without_any_get_theirs(tmp_path: Path, store: Store) -> None:
    """Such as those of a store of an earlier version; nothing is trained for that."""
    loaded = config(tmp_path, "dataset: {name: iris}\nsweep: {l1: '0,1'}\n")
    first, kept = swept(loaded, store)
    with sqlite3.connect(tmp_path / "runs" / "regcli.sqlite") as database:
        database.execute("DELETE FROM blobs WHERE name = 'predictions'")
    assert [r for r in first.records if read_predictions(store, r.id)] == []
    again, kept_again = swept(loaded, store)
    assert again.reused == 2
    assert [run.id for run in kept_again] == [run.id for run in kept]
    assert store.find(run.id for run in first.records) == {r.id: r for r in again.records}


def test_damaged_ones_are_made_again(tmp_path: Path, store: Store) -> None:
    loaded = config(tmp_path, "dataset: {name: iris}\nsweep: {l1: '0,1'}\n")
    _, kept = swept(loaded, store)
    with sqlite3.connect(tmp_path / "runs" / "regcli.sqlite") as database:
        database.execute("UPDATE blobs SET content = x'00' WHERE name = 'predictions'")
    assert [run.id for run in swept(loaded, store)[1]] == [run.id for run in kept]


def test_one_run_has_them_and_rows_of_the_test_where_there_are_no_others(
    tmp_path: Path, store: Store
) -> None:
    loaded = config(tmp_path, "dataset: {name: iris, train_on_validation: true}\n")
    done = run_single(loaded, Workspace(store, Notes(), "cpu", "keras"))
    own = read_predictions(store, done.record.id)
    assert own is not None
    assert (own.part, len(own)) == ("test", 30)


def test_a_failure_costs_the_pictures_alone(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError("no room")

    place = sys.modules["regcli.workflows.prediction_keeping"]
    monkeypatch.setattr(place, "dense_stack", fail)
    notes = Notes()
    loaded = config(tmp_path, "dataset: {name: iris}\nsweep: {l1: '0,1'}\n")
    result, kept = swept(loaded, store, notes)
    assert (len(result.records), kept) == (2, [])
    assert notes.texts[-1:] == [
        "a page of these runs has no confusion matrix, curves or residuals: no room"
    ]
