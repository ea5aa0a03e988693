"""A store that cannot be opened, read or written says so in a sentence, and loses nothing.

Permissions do not bind root, so the tests of read-only stores run in a process that gives up
root's powers over files first; as any other user they run as they are. A full disk is played by
the limits that really are in SQLite (pages) and in the kernel (a file's size).
"""

import ctypes
import os
import resource
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import pytest
from stored_examples import VERSION_1, a_run, a_sweep

from regcli.errors import StoreError
from regcli.store import store_errors
from regcli.store.store import Store, open_store

Answer = TypeVar("Answer")
FULL = (
    "The disk has no room left for the store {folder}. What was stored before is unchanged; free "
    "some space and try again, or use another folder."
)
READ_ONLY = (
    "The store {folder} cannot be written to: it is read-only for this user. Nothing was changed; "
    "use another folder."
)


def message(act: Callable[[], object]) -> str:
    with pytest.raises(StoreError) as caught:
        act()
    return str(caught.value)


# Places that hold no store


def test_reading_where_nothing_was_stored(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "runs"):
        assert message(lambda folder=folder: open_store(folder, create=False)) == (
            f"There are no runs in {folder} yet; train some with 'regcli sweep', or use another "
            "folder."
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("create", [True, False])
def test_a_file_in_place_of_the_folder(tmp_path: Path, create: bool) -> None:
    file = tmp_path / "runs"
    file.write_text("precious")
    sentence = f"A store of runs must be a folder, but {file} is a file; use another folder."
    assert message(lambda: open_store(file, create)) == sentence
    if create:
        assert message(lambda: open_store(file / "deeper" / "still")) == sentence
    assert file.read_text() == "precious"


def test_a_file_in_place_of_the_pending_folder(tmp_path: Path) -> None:
    (tmp_path / ".pending").write_text("")
    with open_store(tmp_path) as store:
        assert message(lambda: store.add(a_run("aaaa"), {"weights.npz": b""})) == (
            f"A store of runs must be a folder, but {tmp_path / '.pending'} is a file; use "
            "another folder."
        )


def test_a_folder_in_place_of_the_database(tmp_path: Path) -> None:
    (tmp_path / "regcli.sqlite").mkdir()
    assert message(lambda: open_store(tmp_path)) == (
        f"{tmp_path / 'regcli.sqlite'} cannot be used (unable to open database file). Nothing was "
        f"changed; check the folder and its disk, or use another folder."
    )


# Damage


@pytest.mark.parametrize("create", [True, False])
def test_a_file_that_is_no_database(tmp_path: Path, create: bool) -> None:
    database = tmp_path / "regcli.sqlite"
    database.write_bytes(b"These are my notes, not a database. " * 200)
    before = database.read_bytes()
    assert message(lambda: open_store(tmp_path, create)) == (
        f"{database} cannot be read as a store of runs (file is not a database). Nothing was "
        f"changed; move it away to start an empty store there, or use another folder."
    )
    assert database.read_bytes() == before


def test_a_database_with_damaged_pages(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.add_many([(a_run(f"{number:04x}"), {}) for number in range(500)])
    database = tmp_path / "regcli.sqlite"
    whole = database.read_bytes()
    database.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    with open_store(tmp_path, create=False) as store:
        assert message(store.summaries) == (
            f"{database} cannot be read as a store of runs (database disk image is malformed). "
            "Nothing was changed; move it away to start an empty store there, or use another "
            "folder."
        )


def test_another_programs_database(tmp_path: Path) -> None:
    database = tmp_path / "regcli.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE songs (name)")
        connection.execute("PRAGMA user_version = 2")
    assert message(lambda: open_store(tmp_path)) == (
        f"{database} cannot be read as a store of runs (no such table: runs). Nothing was "
        f"changed; move it away to start an empty store there, or use another folder."
    )


# Locked


def test_a_writer_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_errors, "BUSY_SECONDS", 0.1)
    with open_store(tmp_path) as store, open_store(tmp_path) as other:
        store.add(a_run("aaaa"))
        other._connection.execute("BEGIN IMMEDIATE")
        assert message(lambda: store.add(a_run("bbbb"), {"config.yaml": b""})) == (
            f"{tmp_path / 'regcli.sqlite'} is locked: another process has been writing to it for "
            f"more than 0.1 seconds. Nothing was changed; wait for it or end it, then try again."
        )
        assert [summary.id for summary in store.summaries()] == ["aaaa"]
        with open_store(tmp_path, create=False) as reader:
            assert reader.count() == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["regcli.sqlite"]


# No room


def test_a_full_disk_under_the_database(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.add(a_run("aaaa"), {"config.yaml": b"first"})
        store.add(a_run("bbbb", "failed"), {"config.yaml": b"second"})
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        more = [(a_run(f"{number:04x}"), {"config.yaml": b"third"}) for number in range(50)]
        more.insert(0, (a_run("bbbb"), {"config.yaml": b"better"}))
        assert message(lambda: store.add_many(more)) == FULL.format(folder=tmp_path)
        assert store.count() == 2
        assert store.file("bbbb", "config.yaml").read_bytes() == b"second"
        assert _folders(tmp_path) == ["aaaa", "bbbb"]
        store._connection.execute("PRAGMA max_page_count = 100000")
        store.add_many(more)
        assert store.count() == 52
        assert store.file("bbbb", "config.yaml").read_bytes() == b"better"


def _folders(store: Path) -> list[str]:
    return sorted(path.name for path in store.iterdir() if path.is_dir())


def test_a_full_disk_under_the_files(tmp_path: Path, powerless: ProcessPoolExecutor) -> None:
    with open_store(tmp_path) as store:
        store.add(a_run("aaaa"), {"config.yaml": b"first"})
    sentence = powerless.submit(_add_more_than_fits, tmp_path).result()
    assert sentence == FULL.format(folder=tmp_path)
    with open_store(tmp_path) as store:
        assert [summary.id for summary in store.summaries()] == ["aaaa"]
        assert _folders(tmp_path) == ["aaaa"]


def _add_more_than_fits(folder: Path) -> str:
    with open_store(folder) as store, _file_size_limit(200_000):
        files = {"config.yaml": b"small", "weights.npz": bytes(300_000)}
        return message(lambda: store.add_many([(a_run("bbbb"), {}), (a_run("cccc"), files)]))


@contextmanager
def _file_size_limit(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# Folders that cannot be renamed


def test_a_failure_in_the_middle_puts_every_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ["aaaa", "bbbb", "cccc"]
    with open_store(tmp_path) as store:
        store.add_many([(a_run(run_id, "failed"), {"log.txt": b"old"}) for run_id in ids])
        rename = Path.rename

        def fail_at_the_last(path: Path, target: Path) -> Path:
            if target == tmp_path / "cccc" and path.name == "2":
                raise OSError(5, "Input/output error", str(path))
            return rename(path, target)

        monkeypatch.setattr(Path, "rename", fail_at_the_last)
        batch = [(a_run(run_id), {"log.txt": b"new"}) for run_id in ids]
        assert message(lambda: store.add_many(batch)) == (
            f"The store {tmp_path} cannot be used (Input/output error). What was stored before is "
            f"unchanged; check the folder and its disk, or use another folder."
        )
        for run_id in ids:
            assert store.file(run_id, "log.txt").read_bytes() == b"old"
        assert {summary.state for summary in store.summaries()} == {"failed"}
        assert _folders(tmp_path) == ids


# Read-only


@pytest.fixture(scope="module")
def powerless() -> Iterator[ProcessPoolExecutor]:
    """A process that permissions bind, even where the tests run as root."""
    context = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_give_up_powers) as pool:
        yield pool


def _give_up_powers() -> None:
    if os.geteuid() == 0 and sys.platform == "linux":
        version_3_this_process = (ctypes.c_uint32 * 2)(0x20080522, 0)
        no_capabilities = (ctypes.c_uint32 * 6)()
        ctypes.CDLL(None).capset(version_3_this_process, no_capabilities)


@pytest.fixture
def in_read_only(
    powerless: ProcessPoolExecutor,
) -> Iterator[Callable[[Callable[[Path], Answer], Path], Answer]]:
    """Calls a function with a store that cannot be written to."""
    locked: list[Path] = []

    def call(function: Callable[[Path], Answer], folder: Path) -> Answer:
        locked.append(folder)
        for path in (*folder.iterdir(), folder):
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
        if powerless.submit(os.access, folder, os.W_OK).result():
            pytest.skip("permissions do not bind here")
        return powerless.submit(function, folder).result()

    yield call
    for folder in locked:
        folder.chmod(0o755)


InReadOnly = Callable[[Callable[[Path], Answer], Path], Answer]


def _read(folder: Path) -> tuple[list[str], int, bytes]:
    with open_store(folder, create=False) as store:
        return (
            [summary.id for summary in store.summaries()],
            len(store.sweeps()),
            store.file("aaaa", "config.yaml").read_bytes(),
        )


def _write(folder: Path) -> list[str]:
    with open_store(folder, create=False) as store:
        return [
            message(lambda: open_store(folder)),
            message(lambda: store.add(a_run("bbbb"))),
            message(lambda: store.remove(["aaaa"])),
            message(lambda: store.add_sweep(a_sweep("6666", ()))),
        ]


def _a_store(folder: Path) -> Store:
    store = open_store(folder)
    store.add(a_run("aaaa"), {"config.yaml": b"first"})
    store.add_sweep(a_sweep("5555", ("aaaa",)))
    return store


def test_a_read_only_store_can_be_read(tmp_path: Path, in_read_only: InReadOnly) -> None:
    _a_store(tmp_path).close()
    assert in_read_only(_read, tmp_path) == (["aaaa"], 1, b"first")
    assert in_read_only(_write, tmp_path) == [READ_ONLY.format(folder=tmp_path)] * 4


def test_a_read_only_store_is_read_while_another_user_writes(
    tmp_path: Path, in_read_only: InReadOnly
) -> None:
    with _a_store(tmp_path):
        assert in_read_only(_read, tmp_path) == (["aaaa"], 1, b"first")


def test_a_read_only_copy_of_a_store_in_use_is_read_to_the_last_run(
    tmp_path: Path, in_read_only: InReadOnly
) -> None:
    copy = tmp_path / "copy"
    with _a_store(tmp_path / "runs") as store:
        shutil.copytree(store.folder, copy, ignore=shutil.ignore_patterns("*-shm"))
    assert (copy / "regcli.sqlite-wal").stat().st_size > 0
    assert in_read_only(_read, copy) == (["aaaa"], 1, b"first")
    assert in_read_only(_write, copy) == [READ_ONLY.format(folder=copy)] * 4


def test_a_read_only_store_of_an_older_version_can_be_read(
    tmp_path: Path, in_read_only: InReadOnly
) -> None:
    with closing(sqlite3.connect(tmp_path / "regcli.sqlite")) as connection:
        connection.executescript(VERSION_1)
    before = (tmp_path / "regcli.sqlite").read_bytes()
    assert in_read_only(_ids, tmp_path) == ["3fa9c1d2e0b4"]
    assert (tmp_path / "regcli.sqlite").read_bytes() == before


def _ids(folder: Path) -> list[str]:
    with open_store(folder, create=False) as store:
        assert store.sweeps() == []
        return [summary.id for summary in store.summaries()]


def test_a_store_cannot_begin_in_a_read_only_folder(
    tmp_path: Path, in_read_only: InReadOnly
) -> None:
    for folder in (tmp_path, tmp_path / "runs"):
        sentence = in_read_only(_refused, tmp_path)
        assert sentence[folder.name] == READ_ONLY.format(folder=folder)


def _refused(parent: Path) -> dict[str, str]:
    folders = (parent, parent / "runs")
    return {folder.name: message(lambda folder=folder: open_store(folder)) for folder in folders}
