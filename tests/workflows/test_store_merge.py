"""Stores brought together: nothing lost, nothing twice, and what differs is told."""

import sqlite3
from pathlib import Path

import pytest
from stored_examples import a_run, a_sweep

from regcli.results.records import RunRecord, RunState
from regcli.store.store import open_store
from regcli.workflows.store_merge import RUNS_AT_ONCE, Merged, merge_store

ONE, TWO, THREE = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"


def merge(source: Path, target: Path) -> Merged:
    with open_store(source, create=False) as own, open_store(target) as other:
        return merge_store(own, other)


def fill(folder: Path, *records: RunRecord) -> Path:
    with open_store(folder) as store:
        for record in records:
            files = {"weights.npz": f"weights of {record.id}".encode()}
            blobs = {"rows": f"rows of {record.id}".encode()}
            store.add(record, files, blobs, {f"preparation {record.id}": {"of": record.id}})
    return folder


def ids(folder: Path) -> list[str]:
    with open_store(folder, create=False) as store:
        return store.run_ids()


def test_runs_come_with_all_that_belongs_to_them(tmp_path: Path) -> None:
    source, target = fill(tmp_path / "a", a_run(ONE), a_run(TWO)), tmp_path / "all"
    assert merge(source, target) == Merged(source, 2, 0, (), (), 0)
    with open_store(target, create=False) as store, open_store(source, create=False) as own:
        for run_id in (ONE, TWO):
            assert store.get(run_id) == own.get(run_id)
            path = store.file(run_id, "weights.npz")
            assert path.read_text() == f"weights of {run_id}"
            assert store.blob(run_id, "rows") == f"rows of {run_id}".encode()
            assert store.recall(f"preparation {run_id}") == {"of": run_id}


def test_merging_again_changes_nothing(tmp_path: Path) -> None:
    source, target = fill(tmp_path / "a", a_run(ONE), a_run(TWO)), tmp_path / "all"
    with open_store(source) as store:
        store.add_sweep(a_sweep("dddddddddddd", [ONE, TWO]))
    assert merge(source, target).sweeps == 1
    before = sorted(path.relative_to(target) for path in target.rglob("*"))
    assert merge(source, target) == Merged(source, 0, 2, (), (), 0)
    assert sorted(path.relative_to(target) for path in target.rglob("*")) == before
    assert ids(target) == [ONE, TWO]


def test_a_run_with_other_results_is_told_and_stays(tmp_path: Path) -> None:
    other = {"train": {"data_loss": 9.0}, "validation": {}, "test": {}}
    source = fill(tmp_path / "a", a_run(ONE, metrics=other), a_run(TWO))
    target = fill(tmp_path / "all", a_run(ONE))
    assert merge(source, target) == Merged(source, 1, 0, (ONE,), (), 0)
    with open_store(target, create=False) as store:
        assert store.get(ONE) == a_run(ONE)


def test_seconds_and_dates_are_no_results(tmp_path: Path) -> None:
    source = fill(tmp_path / "a", a_run(ONE, seconds=77.0, created="2031-01-01T00:00:00+00:00"))
    target = fill(tmp_path / "all", a_run(ONE))
    assert merge(source, target) == Merged(source, 0, 1, (), (), 0)


@pytest.mark.parametrize(
    ("before", "after", "added"),
    [
        (RunState.INTERRUPTED, RunState.FINISHED, 1),
        (RunState.FAILED, RunState.FINISHED, 1),
        (RunState.FINISHED, RunState.INTERRUPTED, 0),
    ],
)
def test_what_has_ended_takes_the_place_of_what_has_not(
    before: RunState, after: RunState, added: int, tmp_path: Path
) -> None:
    source = fill(tmp_path / "a", a_run(ONE, state=after))
    target = fill(tmp_path / "all", a_run(ONE, state=before))
    assert merge(source, target).added == added
    with open_store(target, create=False) as store:
        found = store.get(ONE)
    assert found is not None
    assert found.state is RunState.FINISHED


def test_a_damaged_run_is_left_out_and_told(tmp_path: Path) -> None:
    source = fill(tmp_path / "a", a_run(ONE), a_run(TWO), a_run(THREE))
    (source / TWO / "weights.npz").write_bytes(b"short")
    with sqlite3.connect(source / "regcli.sqlite") as connection:
        connection.execute(
            "UPDATE records SET record = '{' WHERE number = (SELECT number FROM runs WHERE id = ?)",
            (THREE,),
        )
    connection.close()
    merged = merge(source, tmp_path / "all")
    assert (merged.added, {run_id for run_id, _ in merged.damaged}) == (1, {TWO, THREE})
    assert ids(tmp_path / "all") == [ONE]


def test_many_runs_are_merged_some_at_a_time(tmp_path: Path) -> None:
    count = 2 * RUNS_AT_ONCE + 3
    records = [a_run(f"{number:012x}") for number in range(count)]
    with open_store(tmp_path / "a") as store:
        store.add_many([(record, {}) for record in records])
    assert merge(tmp_path / "a", tmp_path / "all").added == count
    assert ids(tmp_path / "all") == [record.id for record in records]
