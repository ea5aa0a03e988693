"""A store as version 0.1.0 wrote it opens, lists, shows, exports and compares with every number.

`store/` has its database as SQL text and its folders as they were; `store/README.md` says how it
was made. It is never written anew.
"""

import csv
import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from regcli.store.store import open_store

from .command_line import document, regcli

STORE = Path(__file__).parent / "store"
STATES = {"finished": 9, "diverged": 1, "failed": 1, "interrupted": 1}

Records = Mapping[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the store as its `runs`."""
    shutil.copytree(STORE, tmp_path / "runs")
    with closing(sqlite3.connect(tmp_path / "runs" / "regcli.sqlite")) as connection:
        connection.executescript((STORE / "regcli.sql").read_text(encoding="utf-8"))
    return tmp_path


@pytest.fixture
def records(folder: Path) -> Records:
    """What stands in the database, read without regcli: records by id, the newest first."""
    with closing(sqlite3.connect(folder / "runs" / "regcli.sqlite")) as connection:
        rows = connection.execute(
            "SELECT id, record FROM runs JOIN records USING (number) "
            "ORDER BY created DESC, number DESC"
        ).fetchall()
    return {identity: json.loads(text) for identity, text in rows}


def missing(expected: Any, found: Any, key: str = "") -> Iterator[str]:
    """Where something is not as it is expected; a mapping may have more keys."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            yield from missing(value, found.get(name, "not there"), f"{key}.{name}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for place, value in enumerate(expected):
            yield from missing(value, found[place], f"{key}.{place}")
    elif expected != found:
        yield f"{key}: {expected} became {found}"


def test_it_lists_every_run(folder: Path, records: Records) -> None:
    listed = document("runs", "list", "--json", "--last", "0", folder=folder)["runs"]
    assert [run["id"] for run in listed] == list(records)
    states = [run["state"] for run in listed]
    assert {state: states.count(state) for state in states} == STATES
    for run in listed:
        record = records[run["id"]]
        scores = record["metrics"].get("validation", {})
        assert run["data_loss"] == scores.get("data_loss")
        assert (run["epochs"], run["seconds"]) == (record["epochs"], record["seconds"])
    table = regcli("runs", "list", folder=folder)
    assert (table.code, table.err) == (0, "")
    assert all(identity in table.out for identity in records)


def test_it_shows_every_number(folder: Path, records: Records) -> None:
    for identity, record in records.items():
        found = document("runs", "show", identity, "--json", folder=folder)
        assert list(missing(record, found)) == []
        shown = regcli("runs", "show", identity, folder=folder)
        assert (shown.code, shown.err) == (0, "")
        assert identity in shown.out


def test_refitted_runs_are_told_with_their_points(folder: Path, records: Records) -> None:
    listed = document("runs", "list", "--json", "--last", "0", folder=folder)["runs"]
    links = {run["id"]: run["refit_of"] for run in listed if run["refit_of"]}
    assert links == {
        identity: record["config"]["training"]["start_from"]
        for identity, record in records.items()
        if record["config"]["training"].get("keep_zeros")
    }
    assert len(links) == 2


def test_it_exports_tables(folder: Path, records: Records) -> None:
    for form in ("csv", "json", "md"):
        assert regcli("runs", "export", "-o", f"all.{form}", folder=folder).code == 0
    exported = json.loads((folder / "all.json").read_text())["runs"]
    assert [run["id"] for run in exported] == list(records)
    for run in exported:
        own = {key: records[run["id"]][key] for key in ("metrics", "sparsity", "settings")}
        assert list(missing(own, run)) == []
    with (folder / "all.csv").open() as stream:
        rows = {row["id"]: row for row in csv.DictReader(stream)}
    for identity, record in records.items():
        loss = record["metrics"].get("train", {}).get("data_loss")
        assert rows[identity]["train.data_loss"] == ("" if loss is None else repr(loss))
    table = (folder / "all.md").read_text().splitlines()
    assert all(line.startswith("|") for line in table), "a Markdown file holds the table alone"
    assert [line.split(" | ")[0].strip("| *") for line in table[2:]] == [key[:8] for key in records]


def test_it_compares_runs(folder: Path, records: Records) -> None:
    finished = [key for key, record in records.items() if record["name"] == "rates"]
    compared = regcli("compare", *finished, folder=folder)
    assert (compared.code, compared.err) == (0, "")
    assert "training.optimizer.learning_rate" in compared.out


def test_its_sweeps_and_findings_are_there(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "runs" / "regcli.sqlite")) as connection:
        members = connection.execute(
            "SELECT sweep_id, group_concat(run_id) FROM "
            "(SELECT * FROM sweep_runs ORDER BY sweep_id, position) GROUP BY sweep_id"
        ).fetchall()
        findings = connection.execute("SELECT key, finding FROM findings").fetchall()
    with open_store(folder / "runs", create=False) as store:
        sweeps = {sweep.id: ",".join(sweep.run_ids) for sweep in store.sweeps()}
        assert sweeps == dict(members)
        for key, finding in findings:
            assert store.recall(key) == json.loads(finding)
    assert (len(members), len(findings)) == (4, 1)


def test_a_run_can_be_removed(folder: Path, records: Records) -> None:
    gone, *left = records
    assert regcli("runs", "rm", gone, folder=folder).code == 0
    listed = document("runs", "list", "--json", "--last", "0", folder=folder)["runs"]
    assert [run["id"] for run in listed] == left
    assert not (folder / "runs" / gone).exists()


@pytest.mark.slow
def test_its_models_are_exported_and_shrunk(
    folder: Path, records: Records, one_process: None
) -> None:
    import keras

    (point,) = (
        key
        for key, record in records.items()
        if record["name"] == "wines" and record["settings"]["l1"] == 0.05
    )
    exported = regcli("runs", "export", "-o", "model.keras", point, folder=folder)
    shrunk = regcli("shrink", point, "-o", "small.keras", folder=folder)
    assert exported.code == 0
    assert exported.err.splitlines() == [
        "it takes 15 unscaled columns and gives logits of 3 classes, as model.columns.json says",
        f"wrote the model of run {point} to model.keras",
    ]
    assert shrunk.code == 0, shrunk.err
    with np.load(folder / "runs" / point / "weights.npz") as stored:
        weights = {name: stored[name].astype(np.float64) for name in stored.files}
    rows = np.random.default_rng(0).normal(size=(9, len(weights["input/center"])))
    rows = rows * weights["input/width"] + weights["input/center"]
    expected = outputs(weights, rows)
    for name in ("model.keras", "small.keras"):
        model = keras.saving.load_model(folder / name)
        np.testing.assert_allclose(model(rows.astype(np.float32)), expected, rtol=0, atol=1e-5)


def outputs(weights: Mapping[str, NDArray[Any]], rows: NDArray[Any]) -> NDArray[Any]:
    """The scores (logits) that a net of two Dense layers gives rows as the data has them."""
    flow = (rows - weights["input/center"]) / weights["input/width"]
    flow = np.maximum(flow @ weights["dense/kernel"] + weights["dense/bias"], 0)
    scores: NDArray[Any] = flow @ weights["output/kernel"] + weights["output/bias"]
    return scores
