"""A graph of a config through the commands: the numbers of `fit`, of a function and of a file."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from .in_process import document, regcli

LAYERS = """\
layers:
    - Dense: {units: 8, activation: relu, name: a}
    - Dense: {units: 8, activation: relu, name: b}
    - Add: {inputs: [a, b], name: sum}
"""
FUNCTION = """\
from keras import Input, Model
from keras.layers import Add, Dense


def build(units):
    rows = Input((30,))
    a = Dense(units, activation="relu", name="a")(rows)
    b = Dense(units, activation="relu", name="b")(a)
    return Model(rows, Dense(1, name="output")(Add(name="sum")([a, b])))
"""
CONFIG = """\
name: skip
dataset: {{name: breast_cancer}}
model:
  {model}
regularization: {{method: proximal}}
training: {{epochs: 4, polish: 0}}
sweep: {{l1: "0,1e-2", l2: "0,1e-3"}}
"""
SOURCES = {
    "layers": LAYERS,
    "function": "python: skip.py:build\n  args: {units: 8}",
    "file": "keras: skip.keras",
}
ALLOWED = ("--allow-code", "--json", "--quiet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config of each source of the same model."""
    folder = tmp_path_factory.mktemp("graphs")
    (folder / "skip.py").write_text(FUNCTION)
    names: dict[str, Any] = {}
    exec(FUNCTION, names)
    names["build"](8).save(folder / "skip.keras")
    for name, model in SOURCES.items():
        (folder / f"{name}.yaml").write_text(CONFIG.format(model=model))
    return folder


def results(swept: dict[str, Any]) -> list[tuple[float, ...]]:
    return [
        (*(run["metrics"]["validation"].values()), run["sparsity"]["nonzero"])
        for run in swept["runs"]
    ]


@pytest.mark.slow
def test_every_source_and_both_trainers_give_the_same_numbers(folder: Path) -> None:
    swept = {
        (name, engine): document(
            *("sweep", f"{name}.yaml", "--engine", engine, "--runs", engine), *ALLOWED, cwd=folder
        )
        for name in SOURCES
        for engine in ("population", "keras")
    }
    expected = results(swept["layers", "keras"])
    assert expected[0][-1] == 30 * 8 + 8 * 8 + 8
    assert expected[-1][-1] < expected[0][-1]
    for key, found in swept.items():
        np.testing.assert_allclose(results(found), expected, rtol=1e-4, err_msg=str(key))
    ids = {name: {run["id"] for run in swept[name, "keras"]["runs"]} for name in SOURCES}
    assert len(set.union(*ids.values())) == 12
    assert ids["layers"] == {run["id"] for run in swept["layers", "population"]["runs"]}


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_every_command_takes_it(name: str, folder: Path, tmp_path: Path) -> None:
    runs = ("--runs", str(tmp_path / "runs"))
    trained = document("train", f"{name}.yaml", *runs, *ALLOWED, cwd=folder)
    (run,) = [own["id"] for own in trained["runs"]]
    followed = document("path", f"{name}.yaml", "--values", "0.1,0.01", *runs, *ALLOWED, cwd=folder)
    nonzero = [own["sparsity"]["nonzero"] for own in followed["runs"]]
    assert [nonzero[0] > nonzero[1], nonzero[2] > nonzero[3]] == [True, True]
    page = tmp_path / "page.html"
    assert regcli("report", run, "-o", str(page), *runs, cwd=folder).returncode == 0
    assert "skip" in page.read_text()
    explained = document("explain", f"{name}.yaml", *ALLOWED[:2], cwd=folder)
    assert [kernel["shape"] for kernel in explained["kernels"]] == [[30, 8], [8, 8], [8, 1]]
    exported = tmp_path / "model.keras"
    allow = ["--allow-code"] if name == "function" else []
    done = regcli("runs", "export", run, "-o", str(exported), *allow, *runs, cwd=folder)
    assert done.returncode == 0, done
    loaded = keras.models.load_model(exported, safe_mode=True)
    stated = json.loads(exported.with_suffix(".columns.json").read_text())
    assert loaded.input_shape == (None, len(stated["columns"]))
