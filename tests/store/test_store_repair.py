"""Damaged stores: what is said of them, what a repair makes of them, and what it leaves alone."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored_examples import VERSION_1, a_run, a_sweep

from regcli.config.load import load_config
from regcli.errors import StoreError
from regcli.results.records import RunRecord, RunState
from regcli.store.leftovers import CHECKPOINTS
from regcli.store.migrations import LATEST
from regcli.store.rebuilding import _free_name
from regcli.store.store import open_store
from regcli.store.store_claims import Claimant
from regcli.store.store_folders import PENDING
from regcli.store.store_health import examine
from regcli.store.store_repair import repair
from regcli.store.store_troubles import troubles
from regcli.store.store_weights import as_stored, read_weights

IDS = [f"{number:012x}" for number in range(0xA000, 0xA000 + 40)]
"""Enough records for their table to have several pages."""

FIRST = IDS[0]
CONFIG = load_config("quickstart").config.resolved()


def weights(seed: int) -> dict[str, Any]:
    return {"dense/kernel": np.random.default_rng(seed).normal(size=(8, 4)).astype(np.float32)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of forty runs, half of them with files and half with blobs, and a sweep of them."""
    folder = tmp_path / "runs"
    with open_store(folder) as store:
        for number, run_id in enumerate(IDS):
            record = a_run(run_id, config=CONFIG, data=None)
            files, blobs = as_stored(record, weights(number), 1 if number % 2 == 0 else 1000)
            store.add(record, files, blobs)
        store.add_sweep(a_sweep("ab12cd34ef56", tuple(IDS)))
    return folder


@contextmanager
def database(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / "regcli.sqlite")) as connection:
        yield connection
        connection.commit()


def said(folder: Path) -> list[tuple[str, str]]:
    """What is wrong, without the place of the store."""
    found = troubles(examine(folder))
    return [(each.grade.value, each.sentence.replace(str(folder), "runs")) for each in found]


def deeds(folder: Path) -> list[str]:
    """What a repair did, but for the room that it gave back."""
    found = [deed.replace(str(folder), "runs") for deed in repair(folder)]
    return [deed for deed in found if not deed.startswith("made the database smaller")]


def stored(folder: Path) -> dict[str, RunRecord]:
    with open_store(folder, create=False) as store:
        return store.find(IDS)


def everything_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def test_a_store_that_is_well(folder: Path) -> None:
    before = everything_in(folder)
    health = examine(folder)
    assert (health.exists, health.version, health.integrity) == (True, LATEST, "ok")
    assert (health.runs, health.sweeps) == (40, 1)
    assert health.sizes.database == len(before["regcli.sqlite"])
    assert health.sizes.files == sum(map(len, before.values())) - health.sizes.database
    assert said(folder) == []
    assert deeds(folder) == []
    assert {**everything_in(folder), "regcli.sqlite": b""} == {**before, "regcli.sqlite": b""}
    assert len(stored(folder)) == 40


def test_no_folder_is_nothing_wrong(tmp_path: Path) -> None:
    health = examine(tmp_path / "runs")
    assert (health.exists, said(tmp_path / "runs")) == (False, [])
    assert deeds(tmp_path / "runs") == []
    assert not (tmp_path / "runs").exists()
    (tmp_path / "empty").mkdir()
    assert not examine(tmp_path / "empty").exists


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("precious")
    with pytest.raises(StoreError, match=r"^A store of runs must be a folder, but .*runs is a"):
        examine(tmp_path / "runs")


# The database itself


def garbage_page(folder: Path) -> None:
    """Overwrite a page of the table of records."""
    path = folder / "regcli.sqlite"
    content = bytearray(path.read_bytes())
    place = content.index(IDS[20].encode(), len(content) // 2) // 4096 * 4096
    content[place : place + 4096] = b"\xa7" * 4096
    path.write_bytes(content)


def cut_off(folder: Path) -> None:
    """Lose the last quarter of the database."""
    path = folder / "regcli.sqlite"
    os.truncate(path, path.stat().st_size * 3 // 4)


@pytest.mark.parametrize("damage", [garbage_page, cut_off])
def test_a_database_with_lost_pages_is_made_anew_of_the_others(
    damage: Callable[[Path], None], folder: Path
) -> None:
    damage(folder)
    before = everything_in(folder)
    ((grade, sentence),) = said(folder)
    assert grade == "broken"
    assert sentence.startswith("runs/regcli.sqlite cannot be used: ")
    assert damage is garbage_page or sentence.endswith("database disk image is malformed")
    done = deeds(folder)
    (backup,) = folder.glob("regcli.sqlite.damaged-????????-??????")
    assert done[0] == f"kept the damaged database as runs/{backup.name}"
    assert backup.read_bytes() == before["regcli.sqlite"]
    found = stored(folder)
    # Those with files all come back, if only from their folders; most others are whole.
    assert set(found) >= set(IDS[::2])
    whole = {run_id for run_id, run in found.items() if run.state is RunState.FINISHED}
    assert len(whole) >= 10
    assert {run_id: found[run_id] for run_id in whole} == {
        run_id: a_run(run_id, config=CONFIG, data=None) for run_id in whole
    }
    with open_store(folder) as store:
        for number in range(0, 40, 2):
            assert np.array_equal(
                read_weights(store, IDS[number])["dense/kernel"], weights(number)["dense/kernel"]
            )
    assert examine(folder).integrity == "ok"
    assert not any(each.is_mendable for each in troubles(examine(folder)))
    files = {name: content for name, content in before.items() if "/" in name}
    assert files.items() <= everything_in(folder).items()


def no_database(path: Path) -> None:
    path.write_bytes(b"precious" * 4096)


def no_header(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(bytes(100) + content[100:])


@pytest.mark.parametrize("damage", [no_database, no_header, Path.unlink])
def test_a_database_that_is_gone_is_made_anew_of_the_folders(
    damage: Callable[[Path], None], folder: Path
) -> None:
    damage(folder / "regcli.sqlite")
    reason = "it is missing" if damage is Path.unlink else "file is not a database"
    assert said(folder) == [("broken", f"runs/regcli.sqlite cannot be used: {reason}")]
    done = deeds(folder)
    kept = [] if damage is Path.unlink else done[:1]
    assert done == [
        *kept,
        "made a new database of what could be read: 0 runs, 0 sweeps",
        *(
            f"stored the run {run_id} from its folder, without scores: a sweep trains it again"
            for run_id in IDS[::2]
        ),
    ]
    found = stored(folder)
    assert list(found) == IDS[::2]
    record = found[FIRST]
    assert (record.state, record.config) == (RunState.INTERRUPTED, CONFIG)
    assert record.settings == {"l1": 0.0, "l2": 0.0, "seed": 0, "fold": None, "method": "penalty"}
    assert record.message == (
        "its record was lost: made anew from its folder, without scores; a sweep trains it again"
    )
    with open_store(folder) as store:
        assert np.array_equal(
            read_weights(store, FIRST)["dense/kernel"], weights(0)["dense/kernel"]
        )
        store.add(a_run(FIRST, config=CONFIG))  # as a sweep does that trains it again
        again = store.get(FIRST)
    assert again is not None
    assert again.state is RunState.FINISHED
    assert said(folder) == []


def test_a_table_that_is_described_wrongly_stops_no_other(folder: Path) -> None:
    with database(folder) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = 'nonsense' WHERE name = 'claims'")
    assert said(folder) == [
        ("broken", "runs/regcli.sqlite cannot be used: malformed database schema (claims)")
    ]
    assert deeds(folder)[1:] == ["made a new database of what could be read: 40 runs, 1 sweeps"]
    assert stored(folder) == {run: a_run(run, config=CONFIG, data=None) for run in IDS}
    assert said(folder) == []


def test_a_table_that_is_gone(folder: Path) -> None:
    with database(folder) as connection:
        connection.execute("DROP TABLE runs")
    assert said(folder) == [("broken", "runs/regcli.sqlite cannot be used: no such table: runs")]
    assert deeds(folder)[1] == "made a new database of what could be read: 40 runs, 1 sweeps"
    assert stored(folder) == {run: a_run(run, config=CONFIG, data=None) for run in IDS}
    assert said(folder) == []


def test_blobs_on_a_lost_page_are_told(folder: Path) -> None:
    large = {"rows": os.urandom(20_000)}
    with open_store(folder) as store:
        store.add(a_run("beef01", config=CONFIG), blobs=large)
    path = folder / "regcli.sqlite"
    content = bytearray(path.read_bytes())
    place = content.index(large["rows"][9_000:9_100]) // 4096 * 4096
    content[place : place + 4096] = b"\xa7" * 4096
    path.write_bytes(content)
    assert deeds(folder)[1:] == [
        "made a new database of what could be read: 41 runs, 1 sweeps",
        "the rows of some runs are lost, which are runs without them: beef01",
    ]
    with open_store(folder) as store:
        assert store.get("beef01") == a_run("beef01", config=CONFIG)
        assert store.blob("beef01", "rows") is None
    assert said(folder) == []


REPAIRING = """
import os, signal, sys
from pathlib import Path
from regcli.store import rebuilding
from regcli.store.store_repair import repair

def kill(*given):
    os.kill(os.getpid(), signal.SIGKILL)

owner, name = {"Path": Path, "rebuilding": rebuilding}[sys.argv[2]], sys.argv[3]
setattr(owner, name, kill)
list(repair(Path(sys.argv[1])))
"""


@pytest.mark.parametrize(
    "moment", [("rebuilding", "migrate"), ("rebuilding", "_keep"), ("Path", "replace")], ids=str
)
def test_a_repair_that_is_killed_can_be_done_again(moment: tuple[str, str], folder: Path) -> None:
    with database(folder) as connection:
        connection.execute("DROP TABLE runs")
    before = everything_in(folder)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", REPAIRING, folder, *moment], env=environment)
    assert killed.returncode == -9
    assert before.items() <= everything_in(folder).items()
    assert said(folder) == [("broken", "runs/regcli.sqlite cannot be used: no such table: runs")]
    assert deeds(folder)[1] == "made a new database of what could be read: 40 runs, 1 sweeps"
    assert stored(folder) == {run: a_run(run, config=CONFIG, data=None) for run in IDS}
    assert not (folder / "regcli.sqlite.rebuilt").exists()


def test_databases_that_are_kept_in_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "regcli.sqlite.damaged-1"
    for name in ("", "-2", "-3"):
        free = _free_name(path)
        assert free.name == f"{path.name}{name}"
        free.touch()


def test_a_journal_of_the_old_database_is_not_taken_for_one_of_the_new(folder: Path) -> None:
    """A process that is killed leaves its last commits in the journal alone."""
    source = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("DROP TABLE runs")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", source, folder / "regcli.sqlite"], check=True)
    assert (folder / "regcli.sqlite-wal").stat().st_size > 0
    assert deeds(folder)[1] == "made a new database of what could be read: 40 runs, 1 sweeps"
    assert stored(folder) == {run: a_run(run, config=CONFIG, data=None) for run in IDS}
    assert said(folder) == []


# What is not repaired


def test_a_database_of_a_newer_regcli_is_left_alone(folder: Path) -> None:
    with database(folder) as connection:
        connection.execute("PRAGMA user_version = 999")
    before = everything_in(folder)
    reason = "a newer regcli wrote it: version 999"
    assert said(folder) == [("broken", f"runs/regcli.sqlite cannot be used: {reason}")]
    with pytest.raises(StoreError) as refused:
        deeds(folder)
    assert str(refused.value) == (
        f"{folder}/regcli.sqlite cannot be repaired: {reason}. Nothing was changed."
    )
    assert everything_in(folder) == before


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with database(tmp_path) as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
    assert said(tmp_path) == [
        ("broken", "runs/regcli.sqlite cannot be used: another program made it")
    ]
    with pytest.raises(StoreError, match="cannot be repaired: another program made it"):
        deeds(tmp_path)


def test_a_locked_database_is_said_to_be_locked(folder: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("regcli.store.store_health.SECONDS", 0.05)
    with database(folder) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        assert said(folder) == [
            ("broken", "runs/regcli.sqlite cannot be used: another process has locked it")
        ]
        with pytest.raises(StoreError, match=r"another process has locked it\. Nothing was"):
            deeds(folder)


def test_a_damaged_database_in_use_is_not_replaced(folder: Path) -> None:
    with database(folder) as other:
        other.execute("SELECT count(*) FROM runs").fetchall()  # holds a lock while it is open
        garbage_page(folder)
        before = everything_in(folder)
        with pytest.raises(StoreError) as refused:
            deeds(folder)
        assert everything_in(folder) == before
    assert str(refused.value) == (
        f"{folder}/regcli.sqlite is in use by another process, and has to be made anew. Nothing "
        "was changed; wait for the process or end it, then try again."
    )


def test_an_old_version_is_noted_and_not_changed(tmp_path: Path) -> None:
    with database(tmp_path) as connection:
        connection.executescript(VERSION_1)
    assert said(tmp_path) == [
        (
            "note",
            "runs/regcli.sqlite has version 1; the next command on this store brings it to "
            f"version {LATEST}",
        )
    ]
    assert examine(tmp_path).runs == 1
    assert examine(tmp_path).version == 1
    assert deeds(tmp_path) == []
    assert (examine(tmp_path).version, said(tmp_path)) == (LATEST, [])


def test_changed_records_are_said_and_kept(folder: Path) -> None:
    with database(folder) as connection:
        connection.execute(
            "UPDATE records SET record = replace(record, '0.97', '0.98') WHERE number <= 2"
        )
    sentence = (
        f"2 stored runs cannot be read: {IDS[0]} {IDS[1]}. Remove them with 'regcli runs rm "
        f"{IDS[0]} {IDS[1]}', then train them again."
    )
    assert said(folder) == [("broken", sentence)]
    assert deeds(folder) == []
    assert said(folder) == [("broken", sentence)]


def test_changed_blobs_are_said_and_kept(folder: Path) -> None:
    with database(folder) as connection:
        connection.execute("UPDATE blobs SET content = x'00' WHERE number = 2")
    sentence = (
        f"the weights of 1 run were changed after they were stored: {IDS[1]}; remove them with "
        f"'regcli runs rm {IDS[1]}', then train them again"
    )
    assert said(folder) == [("broken", sentence)]
    assert deeds(folder) == []
    assert said(folder) == [("broken", sentence)]


# Files of runs


def test_lost_files_are_written_anew_or_marked(folder: Path) -> None:
    config = (folder / IDS[2] / "config.yaml").read_bytes()
    (folder / IDS[0] / "weights.npz").unlink()
    (folder / IDS[2] / "config.yaml").unlink()
    os.truncate(folder / IDS[4] / "weights.npz", 100)
    whole = folder / IDS[6] / "weights.npz"
    whole.write_bytes(bytes(whole.stat().st_size))  # as a power cut leaves it
    (grade, sentence) = said(folder)[0]
    assert (grade, sentence) == (
        "broken",
        f"2 files missing: {IDS[0]}/weights.npz, {IDS[2]}/config.yaml; 2 files changed: "
        f"{IDS[4]}/weights.npz, {IDS[6]}/weights.npz",
    )
    marked = "marked runs/{0}/weights.npz as missing: the run {0} is one without it"
    aside = "; what was there is weights.npz.damaged now"
    assert deeds(folder) == [
        marked.format(IDS[0]),
        f"wrote runs/{IDS[2]}/config.yaml anew from the record",
        marked.format(IDS[4]) + aside,
        marked.format(IDS[6]) + aside,
    ]
    assert (folder / IDS[2] / "config.yaml").read_bytes() == config
    assert (folder / IDS[4] / "weights.npz.damaged").stat().st_size == 100
    assert said(folder) == []
    assert stored(folder) == {run: a_run(run, config=CONFIG, data=None) for run in IDS}
    with open_store(folder) as store, pytest.raises(StoreError) as refused:
        store.file(IDS[4], "weights.npz")
    assert str(refused.value) == (
        f"The run {IDS[4]} was stored without weights.npz; it has config.yaml."
    )


def test_folders_without_a_record(folder: Path) -> None:
    with database(folder) as connection:
        connection.execute("DELETE FROM records WHERE number = 1")
        connection.execute("DELETE FROM runs WHERE number = 1")
    (folder / "cafe01").mkdir()
    (folder / "cafe02").mkdir()
    (folder / "cafe02" / "thesis.txt").write_text("precious")
    assert said(folder) == [
        ("broken", f"3 folders of runs have no record: {FIRST}, cafe01, cafe02")
    ]
    left = "left runs/cafe02 as it is: it has no config.yaml that can be read"
    assert deeds(folder) == [
        f"stored the run {FIRST} from its folder, without scores: a sweep trains it again",
        "removed the empty folder runs/cafe01",
        left,
    ]
    assert (folder / "cafe02" / "thesis.txt").read_text() == "precious"
    assert stored(folder)[FIRST].state is RunState.INTERRUPTED
    assert said(folder) == [("broken", "1 folder of a run has no record: cafe02")]
    assert deeds(folder) == [left]


def test_room_that_is_not_used_is_given_back(folder: Path) -> None:
    with open_store(folder) as store:
        store.remove(IDS[5:])
    before = (folder / "regcli.sqlite").stat().st_size
    with open_store(folder) as store:  # a process that trains is not made to wait
        store.claim(["beef01"], Claimant.here("a"))
        assert list(repair(folder)) == []
        store.release(Claimant.here("a"))
    (deed,) = repair(folder)
    after = (folder / "regcli.sqlite").stat().st_size
    assert after < 0.6 * before
    assert deed == f"made the database smaller by {before - after:,} bytes"
    assert set(stored(folder)) == set(IDS[:5])


# What killed processes leave

STORING = """
import os, signal, sys
from pathlib import Path
from stored_examples import a_run
from regcli.store import store_folders
from regcli.store.store import open_store
from regcli.store.store_claims import Claimant

store = open_store(Path(sys.argv[1]))
store.claim(["beef01", "beef02"], Claimant.here("a"))
store_folders.Staging.place = lambda *given: os.kill(os.getpid(), signal.SIGKILL)
store.add(a_run("beef01"), {"config.yaml": b"name: beef"})
"""


def test_what_a_killed_process_leaves(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", STORING, folder], env=environment)
    assert killed.returncode == -9
    states = folder / CHECKPOINTS / "0123"
    states.mkdir(parents=True)
    (states / f"{FIRST}.npz").write_bytes(b"of a run that is stored")
    (states / "beef01.npz").write_bytes(b"of a run that is not")
    (states / "beef02.999999999").write_bytes(b"cut off")
    assert said(folder) == [
        ("left over", "2 runs are claimed by processes that ended"),
        ("left over", "1 folder of processes that were killed while storing"),
        ("left over", "2 checkpoints of runs that are stored, or cut off"),
    ]
    before = everything_in(folder)
    assert deeds(folder) == [
        "cleared away 1 folder of processes that were killed while storing",
        "removed 2 claims of processes that ended",
        "removed 2 checkpoints",
    ]
    assert said(folder) == []
    assert not (folder / PENDING).exists()
    assert (states / "beef01.npz").read_bytes() == b"of a run that is not"
    assert len(stored(folder)) == 40
    assert len(everything_in(folder)) == len(before) - 4  # with the folder's lock and file


def test_a_living_process_keeps_what_it_has(folder: Path) -> None:
    with open_store(folder) as store:
        store.claim(["beef01"], Claimant.here("a"))
        assert examine(folder).leftovers.in_training == 1
        assert said(folder) == []
        assert deeds(folder) == []
        assert store.claim(["beef01"], Claimant.here("b")) == set()


def test_a_writer_is_no_hindrance_to_looking(folder: Path) -> None:
    with open_store(folder) as store, store._transaction():
        store._connection.execute("DELETE FROM findings")
        assert said(folder) == []
