"""What made a run's inputs is kept once for all runs that share it, and read back as it was."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored_examples import a_run

from regcli.data.columns.column_rules import ColumnRules
from regcli.data.features import Features, Kind
from regcli.data.preparing.preparation import Preparation, fit
from regcli.data.preparing.training_ranges import TrainingRanges, fit_ranges
from regcli.errors import StoreError
from regcli.results.records import DataSummary, RunRecord
from regcli.store.store import Store, open_store
from regcli.store.store_preparations import as_findings, read_preparation, read_ranges

FEATURES = Features(
    np.array([[1.0, 0, 0.1], [np.nan, 1, 0.2], [2, 2, 1 / 3]]),
    ("age", "city", "share"),
    {"city": Kind("category", ("Bonn", "Oslo", "Rome"))},
)
FITTED = fit(FEATURES, np.arange(3), ColumnRules(missing="indicator"), "quantile")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "runs") as opened:
        yield opened


def run_with(
    run_id: str, preparation: Preparation, ranges: TrainingRanges | None = None, **dataset: Any
) -> RunRecord:
    noise = tuple(f"noise_{number}" for number in range(dataset.get("noise_features", 0)))
    data = DataSummary(
        source="t.csv",
        fingerprint="f",
        task="regression",
        rows={"train": 3},
        input_shape=(len(preparation.inputs) + len(noise),),
        columns=preparation.inputs + noise,
        preparation=preparation.key,
        ranges=ranges and ranges.key,
    )
    return a_run(run_id, data=data, config={"dataset": dataset})


def findings(store: Store) -> int:
    with closing(sqlite3.connect(store.folder / "regcli.sqlite")) as connection:
        (count,) = connection.execute("SELECT count(*) FROM findings").fetchone()
    return int(count)


def test_it_is_read_back_equal_and_kept_once(store: Store) -> None:
    for run_id in ("aaaa", "bbbb"):
        store.add(run_with(run_id, FITTED), findings=as_findings(FITTED))
        record = store.get(run_id)
        assert record is not None
        found = read_preparation(store, record)
        assert found == FITTED
        np.testing.assert_array_equal(found.apply(FEATURES), FITTED.apply(FEATURES))
    assert findings(store) == 1


@pytest.mark.parametrize("noise", [0, 2])
def test_the_identity_is_not_kept(store: Store, noise: int) -> None:
    """A run of before there was any other has no key in its record: it is the same one."""
    identity = Preparation(("a", "b"))
    assert as_findings(identity) == {}
    record = run_with("aaaa", identity, noise_features=noise)
    assert read_preparation(store, record) == identity
    older = record.model_dump(mode="json")
    del older["data"]["preparation"]
    assert read_preparation(store, RunRecord.model_validate(older)) == identity


@pytest.mark.parametrize(
    "plain", [None, {}, {"version": 99}, FITTED.as_plain() | {"columns": ["age", "city", "x"]}]
)
def test_what_was_changed_is_told(store: Store, plain: dict[str, Any] | None) -> None:
    if plain is not None:
        store.remember(f"preparation {FITTED.key}", plain)
    with pytest.raises(StoreError) as refused:
        read_preparation(store, run_with("aaaa", FITTED))
    assert str(refused.value) == (
        "The preparation of the stored run aaaa is missing or was changed after it was stored; "
        "remove the run with 'regcli runs rm aaaa', then train it again."
    )


RANGES = fit_ranges(FEATURES, np.arange(3))


def test_ranges_are_read_back_and_are_not_needed(store: Store) -> None:
    store.add(run_with("aaaa", FITTED, RANGES), findings=as_findings(FITTED, RANGES))
    record = store.get("aaaa")
    assert record is not None
    assert read_ranges(store, record) == RANGES
    assert RANGES is not None
    store.remember(f"ranges {RANGES.key}", {"version": 99})
    assert read_ranges(store, record) is None
    older = record.model_dump(mode="json")
    del older["data"]["ranges"]
    assert read_ranges(store, RunRecord.model_validate(older)) is None


def test_they_go_with_the_last_run_that_needs_them(store: Store) -> None:
    other = fit(FEATURES, np.arange(2), ColumnRules(missing="indicator"), "quantile")
    for run_id, preparation in {"aaaa": FITTED, "bbbb": FITTED, "cccc": other}.items():
        run = run_with(run_id, preparation, RANGES)
        store.add(run, findings=as_findings(preparation, RANGES))
    store.remember("largest l1 of some config", {"strength": 1.0})
    assert findings(store) == 4
    store.remove(["aaaa", "cccc"])
    assert findings(store) == 3
    record = store.get("bbbb")
    assert record is not None
    assert read_preparation(store, record) == FITTED
    store.remove(["bbbb"])
    assert findings(store) == 1  # of what no run is named by


def test_a_damaged_record_is_no_hindrance(store: Store) -> None:
    for run_id in ("aaaa", "bbbb"):
        store.add(run_with(run_id, FITTED), findings=as_findings(FITTED))
    with closing(sqlite3.connect(store.folder / "regcli.sqlite")) as connection, connection:
        connection.execute("UPDATE records SET record = '{' WHERE number = 1")
    store.remove(["aaaa"])
    assert findings(store) == 1
    store.remove(["bbbb"])
    assert findings(store) == 0


def test_a_removed_record_that_is_damaged_leaves_nothing_behind(store: Store) -> None:
    for run_id in ("aaaa", "bbbb"):
        store.add(run_with(run_id, FITTED), findings=as_findings(FITTED))
    with closing(sqlite3.connect(store.folder / "regcli.sqlite")) as connection, connection:
        connection.execute("UPDATE records SET record = substr(record, 1, length(record) - 1)")
    store.remove(["aaaa"])
    assert findings(store) == 1  # the other one names it, and may be mended
    store.remove(["bbbb"])
    assert findings(store) == 0
