"""`regcli shrink`: a run's model without its dead parts."""

import json
from pathlib import Path

import numpy as np
import pytest
from planting import plant
from sklearn.datasets import load_iris

from regcli.exports.fresh_keras import FreshKeras

from .in_process import document, problem, regcli

EVERY = slice(None)


@pytest.fixture
def run(lab: Path, ids: list[str]) -> str:
    """A run of which one column counts for nothing and three units are dead."""
    zeros = [
        ("dense/kernel", (1, EVERY)),
        ("dense/kernel", (EVERY, [0, 5])),
        ("output/kernel", (3, EVERY)),
    ]
    plant(lab / "runs", ids[0], zeros)
    return ids[0]


@pytest.mark.slow
def test_shrink(lab: Path, run: str) -> None:
    shown = regcli("shrink", run[:6], "-o", "small.keras", cwd=lab)
    assert (shown.returncode, shown.stderr) == (0, "wrote small.keras\n")
    lines = [line.split() for line in shown.stdout.splitlines() if line.strip()]
    assert lines[0] == ["before", "after", "left"]
    assert ["parameters", "67", "43", "64.2%"] in lines
    assert ["FLOPs", "of", "one", "row", "112", "70", "62.5%"] in lines
    assert ["active", "inputs", "4", "3", "75.0%"] in lines
    assert ["units", "of", "dense", "8", "5", "62.5%"] in lines
    assert ["the", "model", "takes", "all", "columns", "of", "the", "data"] in lines
    assert problem("shrink", run, "-o", "small.keras", cwd=lab) == (
        "regcli: --output: small.keras exists already; --force overwrites it"
    )


@pytest.mark.slow
@pytest.mark.usefixtures("one_process")
def test_dropping_inputs_writes_the_names_of_the_columns(lab: Path, run: str) -> None:
    (lab / "small.columns.json").write_text("precious")
    line = ("shrink", run, "-o", "small.keras", "--drop-inputs")
    assert problem(*line, cwd=lab) == (
        "regcli: --output: small.columns.json exists already; --force overwrites it"
    )
    assert not (lab / "small.keras").exists()
    found = document(*line, "--force", "--json", "--quiet", cwd=lab)
    assert found["files"] == ["small.keras", "small.columns.json"]
    assert (found["inputs"]["before"], found["inputs"]["after"]) == (4, 3)
    names = json.loads((lab / "small.columns.json").read_text())["columns"]
    assert names == found["inputs"]["columns"]
    assert names == ["sepal length (cm)", "petal length (cm)", "petal width (cm)"]
    assert found["after"]["bytes"] == (lab / "small.keras").stat().st_size
    assert found["before"]["parameters"] - found["after"]["parameters"] == 24 + 5


@pytest.mark.slow
@pytest.mark.usefixtures("one_process")
def test_the_smaller_model_is_the_refitted_one(lab: Path, run: str, fresh: FreshKeras) -> None:
    """One part of a kernel is zero without being dead: it stays zero too."""
    from regcli.exports.model_files import export_model
    from regcli.store.store import open_store

    plant(lab / "runs", run, [("dense/kernel", (0, 1))])
    found = document("shrink", run, "-o", "small.keras", "--refit", "--json", "--quiet", cwd=lab)
    assert found["run"] != run
    with open_store(lab / "runs") as store:
        record = store.get(found["run"])
        export_model(store, run, lab / "planted.keras")
        export_model(store, found["run"], lab / "refitted.keras")
    assert record is not None
    assert (record.parent, record.keep_zeros) == (run, True)
    assert record.metrics["train"]["penalty"] == 0
    assert (found["before"]["parameters"], found["after"]["parameters"]) == (67, 43)
    assert (found["before"]["nonzero"], found["after"]["nonzero"]) == (17 + 21, 14 + 15)
    rows = {"all": load_iris().data.astype("float32")}
    planted, refitted, small = (
        fresh.outputs(lab / f"{name}.keras", rows)["all"]
        for name in ("planted", "refitted", "small")
    )
    np.testing.assert_allclose(small, refitted, rtol=1e-5, atol=1e-5)
    assert np.abs(refitted - planted).max() > 0.01


def test_what_is_asked_wrongly_is_answered_before_anything_is_loaded(
    lab: Path, ids: list[str]
) -> None:
    assert problem("shrink", ids[0], "-o", "no/small.keras", cwd=lab) == (
        "regcli: --output: there is no folder no; create it first"
    )
    assert problem("shrink", "0000", "-o", "small.keras", cwd=lab) == (
        "regcli: No run or sweep in runs has the id or name '0000'; 'regcli runs list' shows what "
        "is stored"
    )


@pytest.mark.slow
def test_a_run_may_be_named_as_the_best_of_the_newest_sweep(lab: Path, ids: list[str]) -> None:
    newest = document("runs", "list", "--sweeps", "--json", cwd=lab)["sweeps"][0]["id"]
    done = regcli("shrink", "best", "-o", "best.keras", cwd=lab)
    assert (done.returncode, done.stderr) == (
        0,
        f"run {ids[6]}, the best run of sweep {newest}\nwrote best.keras\n",
    )


GRAPH = """\
dataset: {name: iris}
model:
  layers:
    - Dense: {units: 8, activation: relu, name: start}
    - Dense: {units: 6, activation: relu, name: inner}
    - Dense: {units: 8, name: back}
    - Add: {inputs: [start, back], name: sum}
    - Input: {columns: ["petal*"], name: petals}
    - Concatenate: {inputs: [sum, petals], name: both}
regularization: {method: proximal, group: units, group_strength: 0.05}
training: {epochs: 20, batch_size: 32, optimizer: {name: adam, learning_rate: 0.02}}
"""


@pytest.mark.slow
@pytest.mark.usefixtures("one_process")
def test_units_of_a_graph_that_a_penalty_emptied_are_cut_off(
    tmp_path: Path, fresh: FreshKeras
) -> None:
    (tmp_path / "graph.yaml").write_text(GRAPH)
    trained = document("train", "graph.yaml", "--json", "--quiet", cwd=tmp_path)["runs"][0]
    run, live = trained["id"], trained["sparsity"]["live_units"]
    assert 0 < live["start"] < 8
    assert live["inner"] < 6
    line = ("shrink", run, "-o", "small.keras", "--drop-inputs", "--json", "--quiet")
    found = document(*line, cwd=tmp_path)
    left = {layer["name"]: layer["after"] for layer in found["layers"]}
    assert left["start"] == left["back"] >= max(live["start"], live["back"])
    assert (left["inner"], left["output"]) == (max(live["inner"], 1), 3)
    assert found["after"]["flops"] < found["before"]["flops"]
    assert regcli("runs", "export", run, "-o", "whole.keras", cwd=tmp_path).returncode == 0
    iris = load_iris()
    kept = [iris.feature_names.index(name) for name in found["inputs"]["columns"]]
    rows = iris.data.astype("float32")
    whole = fresh.outputs(tmp_path / "whole.keras", {"all": rows})["all"]
    small = fresh.outputs(tmp_path / "small.keras", {"all": rows[:, kept]})["all"]
    np.testing.assert_allclose(small, whole, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@pytest.mark.usefixtures("one_process")
def test_a_graph_that_is_not_understood_is_refused_by_name(tmp_path: Path) -> None:
    dot = "    - Dot: {inputs: [start, back], axes: 1, name: product}\n"
    add = "    - Add: {inputs: [start, back], name: sum}\n"
    short = GRAPH.replace(add, dot).replace("[sum, petals]", "[product, petals]")
    (tmp_path / "graph.yaml").write_text(short.replace("epochs: 20", "epochs: 1"))
    trained = document("train", "graph.yaml", "--json", "--quiet", cwd=tmp_path)["runs"][0]
    assert problem("shrink", trained["id"], "-o", "small.keras", cwd=tmp_path) == (
        "regcli: layer 'product' is of type Dot; shrink supports Dense, Conv1D to Conv3D, "
        "BatchNormalization, Rescaling, activations, pooling, padding, cropping, upsampling, "
        "dropout, noise, Flatten, Reshape, LayerNormalization, MultiHeadAttention, Concatenate, "
        "and Add, Subtract, Multiply, Average, Maximum and Minimum"
    )
    assert not list(tmp_path.glob("small*"))
