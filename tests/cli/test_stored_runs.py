"""`regcli runs` and `regcli compare`: what is stored."""

import csv
import io
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from characterisation import command_line

from regcli.store.store import open_store
from regcli.store.store_weights import read_weights

from .conftest import Done
from .in_process import document, parse, problem, regcli
from .processes import PATIENCE, shell_environment


def test_list(lab: Path, ids: list[str]) -> None:
    shown = regcli("runs", "list", cwd=lab)
    assert (shown.returncode, shown.stderr) == (0, "")
    rows = [line.split() for line in shown.stdout.splitlines()[3:]]
    assert sorted(row[0] for row in rows) == sorted(ids)
    assert [row[4] for row in rows].count("diverged") == 1
    assert rows[0][0] == ids[-1]
    assert regcli("runs", cwd=lab).stdout == shown.stdout


def test_list_the_last(lab: Path, ids: list[str]) -> None:
    shown = regcli("runs", "list", "--last", "2", "--json", cwd=lab)
    assert shown.stderr == "the newest 2 of 8 runs; --last 0 shows all\n"
    assert [run["id"] for run in parse(shown.stdout)["runs"]] == ids[:-3:-1]
    assert len(document("runs", "list", "--last", "0", "--json", cwd=lab)["runs"]) == 8


def test_list_formats_agree(lab: Path) -> None:
    runs = document("runs", "list", "--json", cwd=lab)["runs"]
    table = regcli("runs", "list", "--format", "csv", cwd=lab).stdout
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["id"] for row in rows] == [run["id"] for run in runs]
    assert list(rows[0]) == list(runs[0])
    assert (rows[0]["data_loss"], runs[0]["data_loss"]) == ("", None)
    assert float(rows[1]["data_loss"]) == runs[1]["data_loss"]
    markdown = regcli("runs", "list", "--format", "md", cwd=lab).stdout.splitlines()
    assert [line.split(" | ")[0] for line in markdown[2:]] == [f"| {run['id']}" for run in runs]


def test_list_what_is_asked_for(lab: Path, ids: list[str], widened: Done) -> None:
    query = ("--name", "smo*", "--state", "finished", "--where", "l1>0", "--where", "seed==1")
    found = command_line.document("runs", "list", "--sort", "-l1", *query, "--json", folder=lab)[
        "runs"
    ]
    assert [(run["l1"], run["seed"]) for run in found] == [(0.01, 1), (0.001, 1)]
    assert {(run["data"], run["score_name"]) for run in found} == {("iris", "accuracy")}
    assert {run["model"] for run in found} == {"4-8-3"}
    keys = "id,gap,training.epochs,test.accuracy"
    asked = ("runs", "list", "--columns", keys, "--format", "csv", *query)
    rows = list(csv.DictReader(io.StringIO(command_line.regcli(*asked, folder=lab).out)))
    metrics = {run["id"]: run["metrics"] for run in parse(widened.stdout)["runs"]}
    assert list(rows[0]) == keys.split(",")
    for row in rows:
        scores = metrics[row["id"]]
        gap = scores["validation"]["data_loss"] - scores["train"]["data_loss"]
        assert (float(row["gap"]), row["training.epochs"]) == (gap, "2")
        assert float(row["test.accuracy"]) == scores["test"]["accuracy"]
    none = command_line.regcli("runs", "list", "--where", "sparsity.exact>1", folder=lab)
    assert (none.code, none.out) == (0, "")
    assert none.err == "no run meets these conditions; 'regcli runs list' shows all 8 runs\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--sort val_loss", "--sort: there is no result or setting 'val_loss'; did you mean "
         "'validation.data_loss'?"),
        ("--where learning_rate>0", "--where: there is no result or setting 'learning_rate'; did "
         "you mean 'training.optimizer.learning_rate'?"),
        ("--where l1", "--where: must be a key, one of < <= > >= == !=, and a value, like 'l1>0' "
         "or 'method==proximal', got 'l1'"),
        ("--where method<penalty", "--where: < must be followed by a finite number, got 'penalty'"),
        ("--sweeps --name a", "--sweeps: must not be combined with --name, --state, --where, "
         "--sort or --columns"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_of_a_list(options: str, message: str, lab: Path) -> None:
    refused = command_line.regcli("runs", "list", *options.split(), folder=lab)
    assert refused == command_line.Written("", f"regcli: {message}\n", 2)


def test_sweeps_are_listed(lab: Path, diverged: Done, widened: Done) -> None:
    shown = command_line.regcli("runs", "list", "--sweeps", "--last", "2", folder=lab)
    assert shown.err == "the newest 2 of 3 sweeps; --last 0 shows all\n"
    rows = [line.split() for line in shown.out.splitlines()[4:]]
    expected = [parse(done.stdout)["sweep"] for done in (diverged, widened)]
    assert [row[:4] for row in rows] == [
        [sweep["id"], "smoke", "iris", count]
        for sweep, count in zip(expected, ("2", "6"), strict=True)
    ]
    found = command_line.document("runs", "list", "--sweeps", "--json", folder=lab)["sweeps"]
    assert [sweep["id"] for sweep in found][:2] == [sweep["id"] for sweep in expected]
    assert [sweep["runs"] for sweep in found] == [2, 6, 4]


def test_an_empty_store_says_so(lab: Path, ids: list[str]) -> None:
    assert command_line.regcli("runs", "rm", *ids, folder=lab).code == 0
    empty = command_line.regcli("runs", "list", folder=lab)
    assert (empty.code, empty.out) == (0, "")
    assert empty.err == (
        "There are no runs in runs yet; train some with 'regcli sweep', or use another folder "
        "(--runs DIR).\n"
    )
    assert (
        command_line.document("runs", "list", "--sort", "gap", "--json", folder=lab)["runs"] == []
    )


def test_show(lab: Path, ids: list[str], widened: Done) -> None:
    shown = regcli("runs", "show", ids[2][:6].upper(), cwd=lab)
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert ["run", ids[2]] in lines
    assert ["l1", "0.001"] in lines
    run = parse(widened.stdout)["runs"][2]
    scores = [f"{run['metrics'][part]['accuracy']:.4f}" for part in ("train", "validation", "test")]
    assert ["accuracy", *scores] in lines
    assert ["dense", "4×8"] in [line[:2] for line in lines]


def test_show_takes_the_names_that_predict_takes(lab: Path, ids: list[str]) -> None:
    newest, earlier = document("runs", "list", "--sweeps", "--json", cwd=lab)["sweeps"][:2]
    for name in ("best", "smoke"):
        shown = regcli("runs", "show", name, cwd=lab)
        assert shown.stderr == f"run {ids[6]}, the best run of sweep {newest['id']}\n"
        assert shown.stdout == regcli("runs", "show", ids[6], cwd=lab).stdout
    assert document("runs", "show", earlier["id"][:6], "--json", cwd=lab)["id"] in ids[:6]


def test_show_as_json_adds_the_history(lab: Path, ids: list[str], widened: Done) -> None:
    found = document("runs", "show", ids[0], "--json", cwd=lab)
    run = parse(widened.stdout)["runs"][0]
    assert {key: found[key] for key in run} == run
    assert found["history"].keys() >= {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {len(values) for values in found["history"].values()} == {2}


def test_remove(lab: Path, ids: list[str]) -> None:
    done = regcli("runs", "rm", ids[0], ids[1][:8], cwd=lab)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"removed run {ids[0]}\nremoved run {ids[1]}\n"
    left = document("runs", "list", "--json", cwd=lab)["runs"]
    assert {run["id"] for run in left} == set(ids[2:])
    with closing(sqlite3.connect(lab / "runs" / "regcli.sqlite")) as connection:
        beside = connection.execute(
            "SELECT blobs.name, id FROM blobs LEFT JOIN runs ON runs.number = blobs.number"
        ).fetchall()
    assert sorted(run for name, run in beside if name == "rows") == sorted(ids[2:])
    assert {run for _, run in beside} == set(ids[2:])
    folders = {entry.name for entry in (lab / "runs").iterdir() if entry.is_dir()}
    assert folders == set(ids[2:])


def test_remove_one_unknown_removes_none(lab: Path, ids: list[str]) -> None:
    problem("runs", "rm", ids[0], "0" * 12, cwd=lab)
    assert len(document("runs", "list", "--json", cwd=lab)["runs"]) == 8


@pytest.mark.parametrize("form", ["csv", "md"])
def test_export_tables(form: str, lab: Path, ids: list[str]) -> None:
    done = regcli("runs", "export", "-o", f"all.{form}", cwd=lab)
    assert (done.stdout, done.stderr) == ("", f"wrote 8 runs to all.{form}\n")
    lines = (lab / f"all.{form}").read_text().splitlines()
    rows = lines[1:] if form == "csv" else [line.strip("| *") for line in lines[2:10]]
    shown = 12 if form == "csv" else 8
    assert sorted(row[:shown] for row in rows) == sorted(run[:shown] for run in ids)
    gathered = ("--columns", "name,l1,validation.accuracy", "--aggregate", "--sort", "l1")
    command_line.regcli("runs", "export", "-o", f"few.{form}", *gathered, *ids[:4], folder=lab)
    few = (lab / f"few.{form}").read_text().splitlines()
    assert few[0] == (
        "name,l1,validation.accuracy.mean,validation.accuracy.sd,runs"
        if form == "csv"
        else "| name | l1 | validation accuracy |"
    )
    assert len([line for line in few if "smoke" in line]) == 2


def test_a_run_in_a_pipe_has_no_very_long_lines(lab: Path, ids: list[str]) -> None:
    shown = command_line.regcli("runs", "show", ids[0], folder=lab).out.splitlines()
    assert max(map(len, shown)) <= 120
    markdown = command_line.regcli("runs", "show", ids[0], "--format", "md", folder=lab)
    table = markdown.out.splitlines()
    assert f"| **run** | {ids[0]} |" in table


def test_export_json_of_chosen_runs(lab: Path, ids: list[str], diverged: Done) -> None:
    done = regcli("runs", "export", "-o", "two.json", *ids[-2:], cwd=lab)
    assert done.stderr == "wrote 2 runs to two.json\n"
    found = parse((lab / "two.json").read_text())
    assert found["sweep"] is None
    assert found["runs"] == parse(diverged.stdout)["runs"]


_PLAIN_KERAS = """
import sys, warnings
warnings.simplefilter("ignore")
import keras, numpy as np
from sklearn.datasets import load_iris
model = keras.saving.load_model(sys.argv[1])
assert not any(name.partition(".")[0] == "regcli" for name in sys.modules)
x, y = load_iris(return_X_y=True)
print((model.predict(x.astype("float32"), verbose=0).argmax(axis=1) == y).mean())
"""


def test_weights_are_exported_for_numpy(lab: Path, ids: list[str]) -> None:
    assert problem("runs", "export", "-o", "w.npz", cwd=lab) == (
        "regcli: --output: a .npz file must hold the weights of one run, got 0 ids; give the id of "
        "one run"
    )
    done = regcli("runs", "export", "-o", "w.npz", ids[0], cwd=lab)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"wrote the weights of run {ids[0]} to w.npz\n"
    with open_store(lab / "runs", create=False) as store, np.load(lab / "w.npz") as written:
        kept = read_weights(store, ids[0])
        assert written.files == list(kept)
        assert [written[name].tobytes() for name in kept] == [a.tobytes() for a in kept.values()]


@pytest.mark.slow
@pytest.mark.usefixtures("one_process")
def test_an_exported_model_works_without_regcli(lab: Path, ids: list[str], widened: Done) -> None:
    assert problem("runs", "export", "-o", "model.keras", cwd=lab) == (
        "regcli: --output: a .keras file must hold the model of one run, got 0 ids; give the id "
        "of one run"
    )
    done = regcli("runs", "export", "-o", "model.keras", ids[0][:5], cwd=lab)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "it takes 4 unscaled columns and gives logits of 3 classes, as model.columns.json says",
        f"wrote the model of run {ids[0]} to model.keras",
    ]
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", _PLAIN_KERAS, lab / "model.keras"],
        env=shell_environment(TF_CPP_MIN_LOG_LEVEL="3"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert loaded.returncode == 0, loaded.stderr
    metrics = parse(widened.stdout)["runs"][0]["metrics"]
    rows = {"train": 90, "validation": 30, "test": 30}
    correct = sum(round(metrics[part]["accuracy"] * count) for part, count in rows.items())
    assert float(loaded.stdout) == pytest.approx(correct / 150)


# Side by side


def test_compare_shows_only_what_differs(lab: Path, ids: list[str], widened: Done) -> None:
    shown = regcli("compare", ids[0], ids[2], cwd=lab)
    assert (shown.returncode, shown.stderr) == (0, "")
    table, _, _ = shown.stdout.partition("difference")
    lines = [line.split() for line in table.splitlines()[:-1] if line.strip()]
    assert lines[0] == [ids[0], ids[2]]
    keys = [line[0] for line in lines[2:]]
    assert ["regularization.l1", "0", "0.001"] in lines
    assert "train.penalty" in keys
    assert {"training.epochs", "dataset.name", "training.seed", "epochs", "state"} & set(
        keys
    ) == set()
    for line in lines[2:]:
        assert line[1] != line[2]


def test_compare_states_and_keeps_the_order(lab: Path, ids: list[str]) -> None:
    shown = regcli("compare", ids[-1], ids[0], ids[-2], cwd=lab)
    lines = [line.split() for line in shown.stdout.splitlines() if line.strip()]
    assert lines[0] == [ids[-1], ids[0], ids[-2]]
    assert ["state", "diverged", "finished", "finished"] in lines
    found = document("compare", ids[-1], ids[0], "--json", cwd=lab)
    assert [run["id"] for run in found["runs"]] == [ids[-1], ids[0]]
