"""From an empty database, and from each released version, to the current one."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from stored_examples import VERSION_1, a_run, a_sweep

from regcli.errors import StoreError
from regcli.store import migrations
from regcli.store.migrations import LATEST, create_runs, create_sweeps, migrate, version
from regcli.store.store import open_store


@pytest.fixture
def old(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "regcli.sqlite")) as connection:
        connection.executescript(VERSION_1)
    return tmp_path


def test_an_old_store_is_brought_up_to_date_with_its_runs(old: Path) -> None:
    with open_store(old, create=False) as store:
        (summary,) = store.summaries()
        assert (summary.id, summary.l2, summary.sweeps) == ("3fa9c1d2e0b4", 0.01, 0)
        record = store.get("3fa9c1d2e0b4")
        assert record is not None
        assert record.seconds == 0.1
        store.add_sweep(a_sweep("5555", ("3fa9c1d2e0b4",)))
        store.add(a_run("bbbb"), {"config.yaml": b""})
        assert [run.id for run in store.summaries()] == ["bbbb", "3fa9c1d2e0b4"]
    with closing(sqlite3.connect(old / "regcli.sqlite")) as connection:
        assert version(connection) == LATEST
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_every_version_leads_to_the_same_tables(old: Path, tmp_path: Path) -> None:
    with open_store(tmp_path / "new"), open_store(old):
        pass
    assert _tables(old) == _tables(tmp_path / "new")


def _tables(folder: Path) -> list[tuple[str, list[tuple[object, ...]]]]:
    with closing(sqlite3.connect(folder / "regcli.sqlite")) as connection:
        names = connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
        return [
            (name, connection.execute(f"PRAGMA table_xinfo({name})").fetchall())
            for (name,) in names
        ]


def test_a_step_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half (id)")
        raise RuntimeError("in the middle")

    monkeypatch.setattr(migrations, "MIGRATIONS", (create_runs, broken))
    with closing(sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)) as connection:
        with pytest.raises(RuntimeError):
            migrate(connection)
        assert version(connection) == 1
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'half'")
        assert tables.fetchall() == []


def test_a_newer_store_is_left_alone(old: Path) -> None:
    database = old / "regcli.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = database.read_bytes()
    for create in (True, False):
        with pytest.raises(StoreError) as caught:
            open_store(old, create)
        assert str(caught.value) == (
            f"{database} was written by a newer regcli: it has version 99, and this regcli "
            f"supports versions up to {LATEST}. Nothing was changed; update regcli, or use "
            "another folder."
        )
    assert database.read_bytes() == before


def test_findings_come_to_stores_that_had_none(old: Path) -> None:
    """The version before had runs and sweeps."""
    with closing(sqlite3.connect(old / "regcli.sqlite")) as connection:
        create_sweeps(connection)
        connection.execute("PRAGMA user_version = 2")
        connection.commit()
    with open_store(old, create=False) as store:
        assert store.recall("largest") is None
        store.remember("largest", {"strength": 0.25})
        assert store.recall("largest") == {"strength": 0.25}
        assert store.get("3fa9c1d2e0b4") is not None
    with closing(sqlite3.connect(old / "regcli.sqlite")) as connection:
        assert version(connection) == LATEST


def test_refitted_runs_of_an_old_store_are_linked(old: Path) -> None:
    training = '{"training": {"start_from": "77b0e2a1c9d8", "keep_zeros": true}}'
    with closing(sqlite3.connect(old / "regcli.sqlite")) as connection:
        connection.execute(
            "UPDATE records SET record = json_set(record, '$.config', json(?))", (training,)
        )
        connection.commit()
    with open_store(old, create=False) as store:
        (summary,) = store.summaries()
        assert summary.refit_of == "77b0e2a1c9d8"


def test_runs_of_an_old_store_get_data_model_and_score(old: Path) -> None:
    run = a_run("3fa9c1d2e0b4")
    with closing(sqlite3.connect(old / "regcli.sqlite")) as connection:
        connection.execute("UPDATE records SET record = ?", (run.model_dump_json(),))
        connection.execute(
            "INSERT INTO runs SELECT 8, 'bbbb', name, state, created, epochs, seconds, l1, l2, "
            "seed, fold, method, data_loss, accuracy, r2, exact_sparsity, files FROM runs"
        )
        connection.execute("INSERT INTO records VALUES (8, '{')")  # damaged, and says so elsewhere
        connection.commit()
    with open_store(old, create=False) as store:
        found = {run.id: (run.model, run.score, run.score_name) for run in store.summaries()}
    assert found == {
        "3fa9c1d2e0b4": ("64-10", 0.97, "accuracy"),
        "bbbb": (None, None, None),
    }
