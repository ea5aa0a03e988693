"""Several processes on one store, and processes that are killed at any moment.

The killed processes are children of a fork server, which starts one in milliseconds.
"""

import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from stored_examples import a_run, a_sweep

from regcli.store import store_errors, store_folders, store_removals
from regcli.store.store import Files, Store, open_store

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills with POSIX signals")


@pytest.fixture(scope="module")
def processes() -> Iterator[ForkServerContext]:
    context = get_context("forkserver")
    context.set_forkserver_preload(["regcli.store.store"])
    return context


def files_of(run_id: str, state: str) -> Files:
    """Files that show which run they belong to, and in which state it was stored."""
    text = f"{run_id} {state}".encode()
    return {"config.yaml": text, "weights.npz": text * 100}


def blobs_of(run_id: str, state: str) -> Files:
    """What stands beside the record, likewise."""
    return {"weights": f"weights of {run_id} {state}".encode() * 100}


def assert_whole(store: Store) -> dict[str, str]:
    """Every run is whole, and nothing unfinished is left; returns the states by id."""
    states = {summary.id: summary.state.value for summary in store.summaries()}
    for run_id, state in states.items():
        for name, content in files_of(run_id, state).items():
            assert store.file(run_id, name).read_bytes() == content
        for name, content in blobs_of(run_id, state).items():
            assert store.blob(run_id, name) == content
    assert not (store.folder / ".pending").exists()
    with closing(sqlite3.connect(store.folder / "regcli.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for table in ("records", "blobs"):
            count = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert count == (len(states),)
    return states


# Many at once


def _add_fifty(folder: Path, worker: int) -> None:
    for ten in range(5):
        with open_store(folder) as store:
            for number in range(ten * 10, ten * 10 + 10):
                # Every tenth run is one that all of them add.
                run_id = f"{worker if number % 10 else 255:02x}{number:04x}"
                store.add(a_run(run_id), files_of(run_id, "finished"), blobs_of(run_id, "finished"))


def test_eight_processes_add_while_another_lists(
    tmp_path: Path, processes: ForkServerContext
) -> None:
    folder = tmp_path / "runs"  # not there yet: they also race to create it
    writers = [processes.Process(target=_add_fifty, args=(folder, n)) for n in range(8)]
    for writer in writers:
        writer.start()
    seen = [0]
    while any(writer.is_alive() for writer in writers):
        if (folder / "regcli.sqlite").exists():
            with open_store(folder, create=False) as store:
                seen.append(len(store.summaries()))
        time.sleep(0.005)
    assert [writer.exitcode for writer in writers] == [0] * 8
    assert seen == sorted(seen)
    with open_store(folder) as store:
        assert len(assert_whole(store)) == 8 * 45 + 5


# Killed at a random moment


def _store_until_killed(folder: Path, start: int, stored: Path) -> None:
    with open_store(folder) as store, stored.open("a", buffering=1) as log:
        for number in range(start, start + 100_000, 4):
            ids = [f"{number + offset:06x}" for offset in range(4)]
            for state in ("failed", "finished"):
                store.add_many(
                    [(a_run(run_id, state), files_of(run_id, state)) for run_id in ids],
                    {run_id: blobs_of(run_id, state) for run_id in ids},
                )
                log.writelines(f"{run_id} {state}\n" for run_id in ids)


def test_a_kill_at_any_moment_loses_nothing_stored(
    tmp_path: Path, processes: ForkServerContext
) -> None:
    folder, stored = tmp_path / "runs", tmp_path / "stored.txt"
    chance = random.Random(0)
    for start in range(0, 15 * 100_000, 100_000):
        writer = processes.Process(target=_store_until_killed, args=(folder, start, stored))
        writer.start()
        before = stored.stat().st_size if stored.exists() else 0
        while not stored.exists() or stored.stat().st_size == before:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.04))
        writer.kill()
        writer.join()
        assert writer.exitcode == -signal.SIGKILL
        expected = dict(line.split() for line in stored.read_text().splitlines())
        with open_store(folder) as store:
            states = assert_whole(store)
        for run_id, state in expected.items():
            assert states[run_id] in {state, "finished"}


# Killed at every step


def _replace_until_killed(folder: Path, step: int) -> None:
    rename, steps = Path.rename, iter(range(1000))

    def rename_or_die(path: Path, target: Path) -> Path:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return rename(path, target)

    Path.rename = rename_or_die  # type: ignore[method-assign]
    with open_store(folder) as store:
        ids = ("aaaa", "bbbb", "cccc")
        batch = [(a_run(run_id), files_of(run_id, "finished")) for run_id in ids]
        store.add_many(batch, {run_id: blobs_of(run_id, "finished") for run_id in ids})


@pytest.mark.parametrize("step", range(6))
def test_a_kill_between_two_renames_brings_the_old_runs_back(
    tmp_path: Path, processes: ForkServerContext, step: int
) -> None:
    with open_store(tmp_path) as store:
        for run_id in ("aaaa", "bbbb"):
            store.add(
                a_run(run_id, "failed"), files_of(run_id, "failed"), blobs_of(run_id, "failed")
            )
        store.add_sweep(a_sweep("5555", ("aaaa", "bbbb")))
    writer = processes.Process(target=_replace_until_killed, args=(tmp_path, step))
    writer.start()
    writer.join()
    # Two runs with what they set aside, and three with what they put in place: five steps.
    killed = step < 5
    assert writer.exitcode == (-signal.SIGKILL if killed else 0)
    assert (tmp_path / ".pending").exists() == killed
    with open_store(tmp_path, create=False) as store:
        states = assert_whole(store)
        expected = {"aaaa": "failed", "bbbb": "failed"}
        assert states == (
            expected if killed else dict.fromkeys(["aaaa", "bbbb", "cccc"], "finished")
        )
        assert store.sweeps()[0].run_ids == ("aaaa", "bbbb")
        store.add(a_run("cccc"), files_of("cccc", "finished"), blobs_of("cccc", "finished"))
        assert_whole(store)


def test_the_unfinished_work_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        write_bytes = Path.write_bytes

        def open_another_meanwhile(path: Path, content: bytes) -> int:
            with open_store(tmp_path):
                pass
            return write_bytes(path, content)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "write_bytes", open_another_meanwhile)
            store.add(a_run("aaaa"), files_of("aaaa", "finished"), blobs_of("aaaa", "finished"))
        assert assert_whole(store) == {"aaaa": "finished"}


def test_what_is_being_cleared_away_is_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / ".pending" / "1-left"
    left.mkdir(parents=True)
    (left / "lock").touch()
    rmtree, seen = shutil.rmtree, []

    def try_to_take_it(path: Path, ignore_errors: bool) -> None:
        lock = store_folders._take_over(path)
        seen.append((path, lock))
        rmtree(path, ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", try_to_take_it)
    open_store(tmp_path).close()
    assert seen == [(left, None)]
    assert not (tmp_path / ".pending").exists()


def test_opening_does_not_wait_for_a_writer_to_clear_away(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store._connection.execute("BEGIN IMMEDIATE")
        (tmp_path / ".pending" / "1-left").mkdir(parents=True)
        start = time.perf_counter()
        open_store(tmp_path, create=False).close()
        assert time.perf_counter() - start < store_errors.BUSY_SECONDS / 2
        store._connection.execute("ROLLBACK")
    assert (tmp_path / ".pending").exists()
    open_store(tmp_path, create=False).close()
    assert not (tmp_path / ".pending").exists()


def test_a_run_that_is_stored_again_during_its_removal_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add_then_stage(folder: Path) -> store_folders.Staging:
        monkeypatch.undo()
        with open_store(folder) as other:
            other.add(a_run("aaaa"), files_of("aaaa", "finished"), blobs_of("aaaa", "finished"))
        return store_folders.Staging(folder)

    with open_store(tmp_path) as store:
        for run_id in ("aaaa", "bbbb"):
            store.add(a_run(run_id), files_of(run_id, "finished"), blobs_of(run_id, "finished"))
        monkeypatch.setattr(store_removals, "Staging", add_then_stage)
        store.remove(["aaaa", "bbbb"])
        assert assert_whole(store) == {"aaaa": "finished"}
        assert not (tmp_path / "bbbb").exists()
