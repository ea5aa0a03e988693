"""`regcli doctor`: what is there, what is broken, and what a repair does about it."""

import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from . import processes
from .in_process import document, problem, regcli
from .processes import loaded_packages
from .test_broken_stores import _OVERRIDE_PERMISSIONS, _READ_ANYTHING, limited, without_powers

LOOKING = "looking at every record and file of runs\n"


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "runs" / "regcli.sqlite")) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_store_that_is_well(lab: Path) -> None:
    done = regcli("doctor", "--store", cwd=lab)
    assert (done.returncode, done.stderr) == (0, LOOKING)
    assert re.sub(r"\d[\d.]* k?B", "#", done.stdout) == (
        "\n"
        " store      runs: 8 runs, 3 sweeps\n"
        "            database #, write-ahead log #, files of runs #\n"
        " database   version 9, pages ok\n"
        "\n"
        " all well   nothing is broken\n"
    )


def test_no_store_is_nothing_wrong(tmp_path: Path) -> None:
    done = regcli("doctor", "--repair", "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "\n store   runs: nothing was stored there yet\n\n all well   nothing is broken\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_what_is_broken_is_said_and_repaired(lab: Path, ids: list[str]) -> None:
    (lab / "runs" / ids[0] / "weights.npz").unlink()
    done = regcli("doctor", "--store", cwd=lab)
    assert (done.returncode, done.stderr) == (1, f"{LOOKING}next: regcli doctor --repair\n")
    assert done.stdout.endswith(f"\n broken   1 file missing: {ids[0]}/weights.npz\n")
    done = regcli("doctor", "--repair", cwd=lab)
    assert (done.returncode, done.stderr) == (0, f"repairing runs\n{LOOKING}")
    assert " ".join(done.stdout.partition(" repaired ")[2].split()) == (
        f"marked runs/{ids[0]}/weights.npz as missing: the run {ids[0]} is one without it "
        "all well nothing is broken"
    )
    assert len(document("runs", "list", "--json", cwd=lab)["runs"]) == 8


def test_the_document(lab: Path, ids: list[str]) -> None:
    (lab / "runs" / ids[0] / "weights.npz").unlink()
    found = document("doctor", "--store", "--json", "--runs", "runs", cwd=lab, code=1)
    sizes = {f"{key}_bytes" for key in ("database", "journal", "file", "cache")}
    assert all(isinstance(found["store"].pop(key), int) for key in sizes)
    assert found == {
        "schema_version": 1,
        "store": {
            "folder": "runs",
            "exists": True,
            "version": 9,
            "integrity": "ok",
            "runs": 8,
            "sweeps": 3,
            "unreadable_runs": [],
            "lost_files": [f"{ids[0]}/weights.npz"],
            "changed_blobs": [],
            "unknown_folders": [],
            "runs_in_training": 0,
            "stale_claims": 0,
            "abandoned_folders": [],
            "stray_checkpoints": [],
        },
        "repaired": [],
        "troubles": [
            {
                "grade": "broken",
                "trouble": f"1 file missing: {ids[0]}/weights.npz",
                "mendable": True,
            }
        ],
    }


def test_a_corrupt_store_is_made_anew_and_a_sweep_fills_it(lab: Path, ids: list[str]) -> None:
    before = document("sweep", "smoke", "--epochs", "2", "--seeds", "2", "--json", cwd=lab)
    (lab / "runs" / "regcli.sqlite").write_bytes(b"precious" * 4096)
    done = regcli("doctor", "--store", cwd=lab)
    assert done.returncode == 1
    assert done.stdout.endswith(
        "\n broken   runs/regcli.sqlite cannot be used: file is not a database\n"
    )
    assert regcli("doctor", "--repair", cwd=lab).returncode == 0
    (backup,) = (lab / "runs").glob("regcli.sqlite.damaged-*")
    assert backup.read_bytes() == b"precious" * 4096
    found = document("runs", "list", "--json", cwd=lab)["runs"]
    assert {run["id"]: run["state"] for run in found} == dict.fromkeys(ids, "interrupted")
    smoke = ("sweep", "smoke", "--epochs", "2", "--seeds", "2", "--engine", "keras", "--json")
    after = document(*smoke, cwd=lab)
    assert [run["metrics"] for run in after["runs"]] == [run["metrics"] for run in before["runs"]]


def test_a_store_of_a_newer_regcli_is_not_repaired(lab: Path) -> None:
    change(lab, "PRAGMA user_version = 999")
    assert regcli("doctor", "--store", cwd=lab).stderr == LOOKING
    done = regcli("doctor", "--repair", cwd=lab)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "repairing runs\nregcli: runs/regcli.sqlite cannot be repaired: a newer regcli wrote it: "
        "version 999. Nothing was changed.\n"
    )


def files(folder: Path) -> list[Path]:
    """Without what SQLite has beside a database that it reads."""
    return sorted(path for path in folder.rglob("*") if not path.name.endswith(("-shm", "-wal")))


def test_a_full_disk_leaves_the_damaged_database_as_it_is(lab: Path) -> None:
    change(lab, "DROP TABLE sweeps")
    change(lab, "DROP TABLE runs")
    before = files(lab)
    content = (lab / "runs" / "regcli.sqlite").read_bytes()
    full = limited(40 * 1024)
    done = processes.regcli("doctor", "--repair", cwd=lab, preexec_fn=full)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "repairing runs\nregcli: runs/regcli.sqlite cannot be used (disk I/O error). Nothing was "
        "changed; check the folder and its disk, or use another folder (--runs DIR).\n"
    )
    assert files(lab) == before
    assert (lab / "runs" / "regcli.sqlite").read_bytes() == content


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
def test_a_read_only_store_can_be_looked_at_and_not_repaired(lab: Path, ids: list[str]) -> None:
    (lab / "runs" / ids[0] / "weights.npz").unlink()
    for path in (lab / "runs", *(lab / "runs").iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    bound = without_powers(_OVERRIDE_PERMISSIONS, _READ_ANYTHING)
    looked = processes.regcli("doctor", "--store", cwd=lab, preexec_fn=bound)
    assert (looked.returncode, looked.stderr) == (1, f"{LOOKING}next: regcli doctor --repair\n")
    done = processes.regcli("doctor", "--repair", cwd=lab, preexec_fn=bound)
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "repairing runs\nregcli: The store runs cannot be written to: it is read-only for this "
        "user. Nothing was changed; use another folder (--runs DIR).\n",
    )


def test_the_store_alone_needs_no_tensorflow(lab: Path) -> None:
    assert loaded_packages("doctor", "--store", cwd=lab) & {"tensorflow", "keras"} == set()
    assert loaded_packages("doctor", "--repair", cwd=lab) & {"tensorflow", "keras"} == set()


def test_options_that_do_not_go_together(tmp_path: Path) -> None:
    for option in ("--store", "--repair"):
        assert problem("doctor", "--quick", option, cwd=tmp_path) == (
            f"regcli: --quick: must not be combined with {option}, which measures nothing"
        )


def test_everything_at_a_glance(tmp_path: Path) -> None:
    done = regcli("doctor", "--quick", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == f"loading TensorFlow\n{LOOKING}"
    heads = [line.split("  ")[0].strip() for line in done.stdout.splitlines() if line[1:2] != " "]
    assert [head for head in heads if head and not head.startswith("GPU")] == [
        *("regcli", "Python", "TensorFlow", "Keras", "NumPy", "polars", "extras"),
        *("system", "CPU", "memory", "threads", "oneDNN", "NumPy's BLAS", "speed", "data sets"),
        *("store", "all well"),
    ]
    assert " speed   not measured\n" in done.stdout


@pytest.mark.slow
def test_both_trainers_are_measured(tmp_path: Path) -> None:
    found = document("doctor", "--json", cwd=tmp_path)
    times = found["microseconds_per_model_step"]
    assert (times["members"], times["batch_size"]) == (64, 32)
    # A step of this net is 1.3 million multiplications, and a second is a long time for it.
    assert 1 < times["population"] < times["fit"] < 1e6
    assert found["versions"].keys() > {"regcli", "python", "tensorflow", "keras", "numpy"}
    assert found["data_sets"].keys() > {"mnist", "covtype", "mnist5k"}
    assert found["troubles"] == []
