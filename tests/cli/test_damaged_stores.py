"""A store with rows that regcli did not write: one line on stderr, and the other runs as ever."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from stored_examples import a_run

from regcli.store.store import open_store

from .in_process import document, parse, problem, regcli

IDS = ["aaaa", "bbbb", "cccc"]
INFINITE = (
    "regcli: runs/regcli.sqlite: The stored run aaaa has inf as its seconds, which must be a "
    "number; update regcli, or remove the run with 'regcli runs rm aaaa'."
)
CHANGED = (
    "The stored run bbbb cannot be read: its record was changed after it was stored. Remove it "
    "with 'regcli runs rm bbbb', then train it again."
)


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A folder with three runs in its `runs`, two of them damaged."""
    with open_store(tmp_path / "runs") as store:
        store.add_many([(a_run(run_id), {"config.yaml": b""}) for run_id in IDS])
    change(tmp_path, "UPDATE runs SET seconds = 9e999 WHERE id = 'aaaa'")
    change(tmp_path, "UPDATE records SET record = replace(record, '0.97', '0.98') WHERE number = 2")
    return tmp_path


def change(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "runs" / "regcli.sqlite")) as connection:
        connection.execute(statement, values)
        connection.commit()


def test_a_list_shows_the_healthy_runs(lab: Path) -> None:
    done = regcli("runs", "list", "--json", cwd=lab)
    assert (done.returncode, done.stderr) == (2, f"{INFINITE}\n")
    assert {run["id"] for run in parse(done.stdout)["runs"]} == {"bbbb", "cccc"}
    assert document("runs", "show", "cccc", "--json", cwd=lab)["id"] == "cccc"
    assert problem("runs", "show", "bbbb", cwd=lab) == f"regcli: {CHANGED}"
    assert problem("compare", "cccc", "bbbb", cwd=lab) == f"regcli: {CHANGED}"


def test_an_export_writes_the_healthy_runs(lab: Path) -> None:
    done = regcli("runs", "export", "-o", "runs.json", cwd=lab)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "wrote 1 run to runs.json",
        "regcli: runs/regcli.sqlite: 2 stored runs cannot be read: aaaa bbbb. Remove them with "
        "'regcli runs rm aaaa bbbb', then train them again.",
    ]
    assert [run["id"] for run in parse((lab / "runs.json").read_text())["runs"]] == ["cccc"]
    assert regcli("runs", "rm", "aaaa", "bbbb", cwd=lab).returncode == 0
    assert len(document("runs", "list", "--json", cwd=lab)["runs"]) == 1


def test_removing_an_id_that_is_a_path_leaves_what_is_there(lab: Path) -> None:
    (lab / "precious").mkdir()
    (lab / "precious" / "file").write_text("precious")
    change(lab, "UPDATE runs SET id = '../precious' WHERE id = 'aaaa'")
    done = regcli("runs", "list", cwd=lab)
    assert done.stderr == (
        "regcli: runs/regcli.sqlite: The stored run '../precious' has no id of 4 to 64 hex "
        "digits; update regcli, or remove it with: regcli runs rm -- ../precious\n"
    )
    assert regcli("runs", "rm", "--", "../precious", cwd=lab).returncode == 0
    assert (lab / "precious" / "file").read_text() == "precious"
    listed = regcli("runs", "list", "--json", cwd=lab)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "A run is named by its id" in problem("runs", "rm", "../precious", cwd=lab)
    assert (lab / "precious" / "file").read_text() == "precious"
