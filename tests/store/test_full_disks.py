"""A disk without any room: its store is read, and what is removed from it makes room.

A file system of that kind needs an administrator, so what SQLite and the system say there is raised
in their place, at each step where it can be.
"""

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from stored_examples import VERSION_1, a_run, a_sweep

from regcli.errors import StoreError
from regcli.store import store_connection, store_errors, store_folders, store_removals
from regcli.store.store import Store, open_store
from regcli.whole_files import replacing

IDS = ["aaaa", "bbbb", "cccc"]


class Killed(BaseException):
    """Nothing of the process goes on, and nothing is cleaned up by it."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with open_store(tmp_path / "runs") as store:
        store.add_many([(a_run(run_id), {"weights.npz": b"123"}) for run_id in IDS])
        store.add_sweep(a_sweep("5555", tuple(IDS)))
    return tmp_path / "runs"


def full(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = code
    return error


def failing(error: BaseException, times: int = 1) -> Callable[..., object]:
    """Raises an error at the first calls."""
    left = [error] * times

    def fail(original: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object) -> object:
            if left:
                raise left.pop()
            return original(*given)

        return call

    return fail


def stored(folder: Path) -> dict[str, bool]:
    """The ids of the stored runs, and whether each has its file."""
    with open_store(folder, create=False) as store:
        found = store.find(summary.id for summary in store.summaries())
        return {run_id: _has_file(store, run_id) for run_id in sorted(found)}


def _has_file(store: Store, run_id: str) -> bool:
    with suppress(StoreError):
        return store.file(run_id, "weights.npz").read_bytes() == b"123"
    return False


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


@pytest.fixture(params=[sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN])
def no_index(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No room for the index of the journal, which every connection needs at first."""

    def refuse(connection: sqlite3.Connection) -> sqlite3.Connection:
        raise full(request.param)

    with monkeypatch.context() as patch:
        patch.setattr(store_connection, "_open_for_writing", refuse)
        yield


def test_a_store_is_read_without_an_index(folder: Path, no_index: None) -> None:
    assert stored(folder) == dict.fromkeys(IDS, True)
    assert not (folder / "regcli.sqlite-shm").exists()
    with pytest.raises(StoreError):
        open_store(folder)


def test_an_old_store_is_read_without_an_index(tmp_path: Path, no_index: None) -> None:
    with closing(sqlite3.connect(tmp_path / "regcli.sqlite")) as connection:
        connection.executescript(VERSION_1)
    before = (tmp_path / "regcli.sqlite").read_bytes()
    assert list(stored(tmp_path)) == ["3fa9c1d2e0b4"]
    assert (tmp_path / "regcli.sqlite").read_bytes() == before


def test_runs_are_removed_without_an_index(folder: Path, no_index: None) -> None:
    with open_store(folder, create=False) as store:
        store.remove(["aaaa", "cccc"])
        assert store.sweeps()[0].run_ids == ("bbbb",)
    assert stored(folder) == {"bbbb": True}
    assert names(folder) == ["bbbb"]


NO_SPACE = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("place", "name", "error", "times"),
    [
        (Store, "_delete", full(sqlite3.SQLITE_FULL), 1),  # the journal cannot grow
        (Store, "_delete", full(sqlite3.SQLITE_IOERR), 2),  # nor with what the files have left
        (store_folders, "_make_pending", NO_SPACE, 1),  # no folder can be made
    ],
)
def test_what_is_removed_makes_room(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: object,
    name: str,
    error: Exception,
    times: int,
) -> None:
    monkeypatch.setattr(place, name, failing(error, times)(getattr(place, name)))
    with open_store(folder, create=False) as store:
        store.remove(["aaaa", "cccc"])
        assert store.sweeps()[0].run_ids == ("bbbb",)
        assert store._connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store._connection.execute("SELECT count(*) FROM records").fetchone() == (1,)
    assert names(folder) == ["bbbb"]
    monkeypatch.undo()
    assert stored(folder) == {"bbbb": True}
    with open_store(folder) as store:  # and it goes on as before
        store.add(a_run("aaaa"), {"weights.npz": b"123"})
        assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert stored(folder) == {"aaaa": True, "bbbb": True}


def test_a_disk_without_room_is_said_to_be_full_however_sqlite_words_it(
    folder: Path, no_index: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def message() -> str:
        with pytest.raises(StoreError) as caught:
            open_store(folder)
        return str(caught.value)

    usage = SimpleNamespace(free=4096)
    monkeypatch.setattr(store_errors.shutil, "disk_usage", lambda path: usage)
    assert message() == (
        f"The disk has no room left for the store {folder}. What was stored before is unchanged; "
        "free some space and try again, or use another folder."
    )


def test_what_has_no_files_is_removed_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(folder) as store:
        store.add(a_run("dddd"), {}, {"weights": b"123"})
        monkeypatch.setattr(store_folders, "_make_pending", failing(NO_SPACE)(lambda parent: None))
        monkeypatch.setattr(Store, "_delete", failing(full(sqlite3.SQLITE_FULL))(Store._delete))
        store.remove(["aaaa", "dddd"])
        assert store.blob("dddd", "weights") is None
    assert stored(folder) == {"bbbb": True, "cccc": True}


@pytest.mark.parametrize("step", ["_discard", "begun_removals", "_delete", "end_removal"])
def test_a_kill_in_between_is_brought_to_its_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whoever opens the store next finds a run that is there, or one that is gone."""
    place = {"_discard": store_folders, "_delete": Store}.get(step, store_removals)
    with open_store(folder, create=False) as store:
        with monkeypatch.context() as patch:
            patch.setattr(Store, "_remove", failing(NO_SPACE)(Store._remove))
            patch.setattr(place, step, failing(Killed())(getattr(place, step)))
            with pytest.raises(Killed):
                store.remove(["bbbb"])
        assert names(folder) == [".removed-2-bbbb", "aaaa", "cccc"]
        assert stored(folder) == {"aaaa": True, "cccc": True}
    assert names(folder) == ["aaaa", "cccc"]
    with open_store(folder) as store:
        assert store.sweeps()[0].run_ids == ("aaaa", "cccc")


def test_a_run_that_was_stored_again_is_not_taken_for_the_one_that_was_removed(
    folder: Path,
) -> None:
    (folder / ".removed-2-aaaa").mkdir()
    (folder / ".removed-x-bbbb").mkdir()
    (folder / ".removed-3-").mkdir()
    (folder / ".removed-9-cccc").symlink_to(folder / "cccc")
    assert stored(folder) == dict.fromkeys(IDS, True)
    assert names(folder) == [".removed-3-", ".removed-x-bbbb", *IDS]


# Files that are written for others


@pytest.mark.parametrize("named", ["not", "alone", "as what a copy writes"])
def test_a_file_that_cannot_be_written_leaves_what_was_there(tmp_path: Path, named: str) -> None:
    output = tmp_path / "runs.csv"
    output.write_text("old")

    def write() -> None:
        with replacing(output) as unfinished:
            unfinished.write_text("half")
            assert unfinished.suffix == ".csv"
            given = {
                "not": (),
                "alone": (str(unfinished),),
                "as what a copy writes": ("/elsewhere", None, str(unfinished)),
            }
            raise OSError(errno.ENOSPC, "No space left on device", *given[named])

    with pytest.raises(OSError, match="No space left") as caught:
        write()
    assert caught.value.filename == str(output)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("runs.csv", "old")]


def test_a_file_takes_its_place_whole_also_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "there.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "folder" / "there.csv")
    with replacing(tmp_path / "link.csv") as unfinished:
        unfinished.write_text("new")
        assert (tmp_path / "link.csv").read_text() == "old"
    assert (tmp_path / "folder" / "there.csv").read_text() == "new"
    assert (tmp_path / "link.csv").is_symlink()
    assert len(list((tmp_path / "folder").iterdir())) == 1


def test_a_file_below_a_file_names_what_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    output = tmp_path / "file" / "new.csv"
    with pytest.raises(NotADirectoryError) as caught, replacing(output) as unfinished:
        unfinished.write_text("new")
    assert caught.value.filename == str(output)


def test_another_files_error_keeps_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, replacing(tmp_path / "new.csv"):
        (tmp_path / "other").read_text()
    assert caught.value.filename == str(tmp_path / "other")
    assert list(tmp_path.iterdir()) == []
