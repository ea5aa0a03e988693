"""A store that cannot be used: one clear line, exit code 2, and nothing is lost."""

import ctypes
import hashlib
import resource
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from regcli.store.store import open_store
from regcli.store.store_weights import read_weights

from . import processes
from .conftest import SMOKE
from .in_process import document, problem, refusal

COMMANDS = {
    "list": ("runs", "list"),
    "sweep": SMOKE,
    "train": ("train", "smoke", "--epochs", "1"),
    "dry run": (*SMOKE, "--dry-run"),
}
_OVERRIDE_PERMISSIONS, _READ_ANYTHING = 1, 2


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_corrupt_store(command: str, lab: Path) -> None:
    database = lab / "runs" / "regcli.sqlite"
    database.write_bytes(b"precious" * 4096)
    assert problem(*COMMANDS[command], cwd=lab) == (
        "regcli: runs/regcli.sqlite cannot be read as a store of runs (file is not a database). "
        "Nothing was changed; move it away to start an empty store there, or use another folder "
        "(--runs DIR)."
    )
    assert database.read_bytes() == b"precious" * 4096


@pytest.mark.parametrize("command", COMMANDS)
def test_a_store_of_a_newer_regcli(command: str, lab: Path) -> None:
    database = lab / "runs" / "regcli.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        (known,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("PRAGMA user_version = 999")
    before = digest(database)
    assert problem(*COMMANDS[command], cwd=lab) == (
        "regcli: runs/regcli.sqlite was written by a newer regcli: it has version 999, and this "
        f"regcli supports versions up to {known}. Nothing was changed; update regcli, or use "
        "another folder (--runs DIR)."
    )
    assert digest(database) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_in_place_of_the_folder(command: str, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("precious")
    assert problem(*COMMANDS[command], cwd=tmp_path) == (
        "regcli: A store of runs must be a folder, but runs is a file; use another folder "
        "(--runs DIR)."
    )
    assert (tmp_path / "runs").read_text() == "precious"


def without_powers(*numbers: int) -> Callable[[], None]:
    """Give up root's powers over files, for the process to be started (no others have them)."""

    def give_up() -> None:
        # capset(2), version 3: two sets of 32 capabilities, kept as they are but for `numbers`.
        libc = ctypes.CDLL(None)
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        data = (ctypes.c_uint32 * 6)()
        libc.capget(header, data)
        for number in numbers:
            for kind in range(3):
                data[kind] &= ~(1 << number)
            libc.prctl(24, number, 0, 0, 0)  # PR_CAPBSET_DROP: else they are back after exec
        libc.capset(header, data)

    return give_up


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
def test_a_read_only_store(lab: Path) -> None:
    for path in (lab / "runs", *(lab / "runs").iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    bound = without_powers(_OVERRIDE_PERMISSIONS, _READ_ANYTHING)
    wider = ("sweep", "smoke", "--epochs", "2", "--l1", "5")
    assert refusal(processes.regcli(*wider, cwd=lab, preexec_fn=bound)) == (
        "regcli: The store runs cannot be written to: it is read-only for this user. "
        "Nothing was changed; use another folder (--runs DIR)."
    )
    for reading in (("runs", "list"), (*SMOKE, "--dry-run")):
        assert processes.regcli(*reading, cwd=lab, preexec_fn=bound).returncode == 0
    for path in (lab / "runs", *(lab / "runs").iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert len(document("runs", "list", "--json", cwd=lab)["runs"]) == 8


# A file that may not grow is what SQLite calls an I/O error.
FULL = (
    "regcli: runs/regcli.sqlite cannot be used (disk I/O error). Nothing was changed; check the "
    "folder and its disk, or use another folder (--runs DIR)."
)


def limited(size: int) -> Callable[[], None]:
    """No file of the process to be started may grow beyond a size."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_disk_that_is_full_from_the_beginning(tmp_path: Path) -> None:
    refused = processes.regcli(*SMOKE, cwd=tmp_path, preexec_fn=limited(1024))
    assert refusal(refused) == FULL


@pytest.mark.slow
def test_a_disk_that_is_full_when_a_run_is_to_be_stored(lab: Path, ids: list[str]) -> None:
    wider = ("sweep", "smoke", "--epochs", "2", "--l1", "5,6,7")
    # SQLite's index of its journal takes 32 KiB, so it is the journal that meets the limit.
    done = processes.regcli(*wider, cwd=lab, preexec_fn=limited(33 * 1024))
    assert (done.returncode, done.stdout) == (2, "")
    *before, last = done.stderr.splitlines()
    assert last == FULL
    stored_before = [line for line in before if line.startswith("[")]
    assert len(stored_before) < 3
    assert len(before) == len(stored_before)
    kept = {run["id"] for run in document("runs", "list", "--json", cwd=lab)["runs"]}
    assert kept >= set(ids)
    assert len(kept) == len(ids) + len(stored_before)
    with open_store(lab / "runs") as store:
        assert all(read_weights(store, run_id) for run_id in kept)
