"""Models that a person already has, from a config to predictions: a function, and a Keras file."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from regcli.data.references import Datasets
from regcli.store.store import open_store
from regcli.store.store_weights import read_weights

from .conftest import NEW_ROWS
from .in_process import document, problem, regcli

SKIPPING = """\
import keras
from parts import joined


def build(units, *, input_shape, outputs):
    print("building")
    x = rows = keras.Input(input_shape)
    for _ in range(2):
        x = joined(x, keras.layers.Dense(units, activation="relu")(x))
    return keras.Model(rows, keras.layers.Dense(outputs)(x))
"""
PARTS = """\
import keras


def joined(*flows):
    return keras.layers.Concatenate()(list(flows))
"""
CONFIG = """\
name: own
dataset: {{name: iris}}
model:
  {model}
training: {{epochs: 4}}
"""
PYTHON = "python: my_model.py:build\n  args: {units: 6}"
GATED = """\
import keras


@keras.saving.register_keras_serializable("mine")
class Gate(keras.layers.Layer):
    def __init__(self, units, **others):
        super().__init__(**others)
        self.units = units
        self.value = keras.layers.Dense(units)
        self.gate = keras.layers.Dense(units, activation="sigmoid")

    def build(self, shape):
        self.value.build(shape)
        self.gate.build(shape)

    def call(self, x):
        return self.value(x) * self.gate(x)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def build(*, outputs):
    return keras.Sequential([Gate(5), keras.layers.Dense(outputs)])
"""

Runs = list[dict[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person's files, and a sweep of two strengths with each trainer."""
    place = tmp_path_factory.mktemp("own")
    (place / "my_model.py").write_text(SKIPPING)
    (place / "parts.py").write_text(PARTS)
    (place / "config.yaml").write_text(CONFIG.format(model=PYTHON))
    (place / "new.csv").write_text(NEW_ROWS)
    for engine in ("population", "keras"):
        done = regcli(*sweep(engine), "--runs", engine, cwd=place)
        assert done.returncode == 0, done.stderr
        (place / f"{engine}.json").write_text(done.stdout)
    return place


def sweep(engine: str) -> tuple[str, ...]:
    grid = ("--l1", "0,0.02", "--method", "proximal", "--seeds", "2")
    return "sweep", "config.yaml", *grid, "--engine", engine, "--allow-code", "--json"


def swept(folder: Path, engine: str) -> Runs:
    found: Runs = json.loads((folder / f"{engine}.json").read_text())["runs"]
    return found


@pytest.mark.slow
def test_both_trainers_give_the_same_numbers_and_exact_zeros(folder: Path) -> None:
    both = [swept(folder, engine) for engine in ("population", "keras")]
    for first, second in zip(*both, strict=True):
        assert first["id"] == second["id"]
        for part in ("train", "validation", "test"):
            found, expected = (run["metrics"][part]["data_loss"] for run in (first, second))
            assert found == pytest.approx(expected, rel=1e-4)
        zeros = [run["sparsity"]["exact"] for run in (first, second)]
        assert zeros[0] == pytest.approx(zeros[1], abs=0.02)
        assert (zeros[0] > 0.3) == (first["settings"]["l1"] > 0)


@pytest.mark.slow
def test_fit_by_hand_gives_the_same_weights(folder: Path, tmp_path: Path) -> None:
    """Keras's `fit` of the function's model, in the order of rows that the reference has."""
    import keras

    from regcli.config.load import load_config
    from regcli.data.row_order import batch_order

    for name in ("my_model.py", "parts.py"):
        shutil.copy(folder / name, tmp_path)
    (tmp_path / "config.yaml").write_text(CONFIG.format(model=PYTHON))
    asked = ("train", "config.yaml", "--l2", "0.01", "--seed", "3", "--allow-code", "--json")
    (run,) = document(*asked, cwd=tmp_path)["runs"]
    config = load_config(str(tmp_path / "config.yaml")).config
    splits = Datasets().split(config.dataset, tmp_path)
    own: dict[str, Any] = {}
    keras.utils.set_random_seed(3)
    exec(SKIPPING.replace("from parts import joined", PARTS), own)
    model = own["build"](6, input_shape=(4,), outputs=3)
    for layer in model.layers:
        if layer.weights:
            layer.kernel.regularizer = keras.regularizers.L2(0.01)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    x, y = splits.train.x, splits.train.y
    for epoch in range(4):
        order = batch_order(3, epoch, len(y), 4)
        model.fit(x[order], y[order], batch_size=32, epochs=1, shuffle=False, verbose=0)
    with open_store(tmp_path / "runs") as store:
        stored = read_weights(store, run["id"])
    for layer in model.layers:
        if layer.weights:
            kernel = np.asarray(layer.kernel)
            np.testing.assert_allclose(stored[f"{layer.name}/kernel"], kernel, rtol=0, atol=1e-6)


@pytest.mark.slow
def test_a_stored_run_predicts_what_its_model_gives(folder: Path) -> None:
    """Also once the files have changed: what was trained is kept with the run."""
    import keras

    runs = ("--runs", "population", "--allow-code")
    identity = swept(folder, "population")[0]["id"]
    asked = ("predict", identity, "new.csv", *runs)
    before = regcli(*asked, cwd=folder)
    assert before.returncode == 0, before.stderr
    (folder / "parts.py").write_text("raise ValueError\n")
    try:
        assert regcli(*asked, cwd=folder).stdout == before.stdout
        exported = regcli("runs", "export", identity, "-o", "own.keras", *runs, cwd=folder)
        assert exported.returncode == 0, exported.stderr
    finally:
        (folder / "parts.py").write_text(PARTS)
    assert not (folder / "own.code").exists()  # Keras has all of its layers
    rows = np.array([line.split(",") for line in NEW_ROWS.splitlines()[1:]], np.float32)
    scores = keras.models.load_model(folder / "own.keras")(rows)
    expected = np.asarray(keras.ops.softmax(scores))
    found = [line.split(",")[1:] for line in before.stdout.splitlines()[1:]]
    np.testing.assert_allclose(np.array(found, float), expected, rtol=0, atol=1e-6)


@pytest.mark.slow
def test_stored_code_runs_only_where_that_is_allowed(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "population", tmp_path / "runs")
    identity = swept(folder, "population")[0]["id"]
    with open_store(tmp_path / "runs") as store:
        record = store.get(identity)
        assert record is not None
        key = f"model {record.config['model']['fingerprint']}"
        plain = store.recall(key)
        assert [file[:2] for file in plain["files"]] == [
            ["my_model", "my_model.py"],
            ["parts", "parts.py"],
        ]
        # Of another text, which this process has not run yet.
        plain["files"][1][2] += "\nx = 1\n"
        store.remember(key, plain)
    shutil.copy(folder / "new.csv", tmp_path)
    assert problem("predict", identity, "new.csv", cwd=tmp_path) == (
        f"regcli: The model of the stored run {identity} is missing or was changed after it was "
        f"stored; remove the run with 'regcli runs rm {identity}', then train it again."
    )
    ids = [run["id"] for run in swept(folder, "population")]
    removed = regcli("runs", "rm", *ids, cwd=tmp_path)
    assert removed.returncode == 0, removed.stderr
    with open_store(tmp_path / "runs") as store:
        assert store.recall(key) is None


def test_code_of_a_config_needs_to_be_allowed(tmp_path: Path) -> None:
    (tmp_path / "my_model.py").write_text("raise ValueError\ndef build():\n    return 1\n")
    (tmp_path / "config.yaml").write_text(CONFIG.format(model="python: my_model.py:build"))
    for command in ("train", "explain", "path"):
        assert problem(command, "config.yaml", cwd=tmp_path) == (
            "config.yaml:4:11: model.python: my_model.py is a program, and runs only where that "
            "is allowed; to allow it, add --allow-code or set REGCLI_ALLOW_CODE=1"
        )
    assert problem("train", "config.yaml", cwd=tmp_path, env={"REGCLI_ALLOW_CODE": "1"}) == (
        "config.yaml:4:11: model.python: my_model.py, line 1: ValueError"
    )


def test_validate_shows_the_model_and_runs_nothing(tmp_path: Path) -> None:
    (tmp_path / "my_model.py").write_text("raise ValueError\ndef build(units):\n    return 1\n")
    (tmp_path / "config.yaml").write_text(CONFIG.format(model=PYTHON))
    done = regcli("validate", "config.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    shown = [line for line in done.stdout.splitlines() if "# model" in line]
    fingerprint = json.loads(regcli("validate", "config.yaml", "--json", cwd=tmp_path).stdout)[
        "config"
    ]["model"]["fingerprint"]
    assert shown == [f"# model: build of my_model.py (units 6, code {fingerprint})"]


@pytest.mark.slow
def test_a_layer_of_ones_own_is_exported_with_its_code(tmp_path: Path) -> None:
    import keras

    (tmp_path / "my_model.py").write_text(GATED)
    (tmp_path / "config.yaml").write_text(CONFIG.format(model="python: my_model.py:build"))
    (run,) = document("train", "config.yaml", "--allow-code", "--json", cwd=tmp_path)["runs"]
    asked = ("runs", "export", run["id"], "-o", "own.keras", "--allow-code")
    done = regcli(*asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "import the code in own.code before the file is loaded" in done.stderr
    assert (tmp_path / "own.code" / "my_model.py").read_text() == GATED
    own: dict[str, Any] = {}
    exec((tmp_path / "own.code" / "my_model.py").read_text(), own)
    model = keras.models.load_model(tmp_path / "own.keras")
    assert "Gate" in {type(layer).__name__ for layer in model.layers}


@pytest.mark.slow
def test_the_same_model_as_a_file_has_the_numbers_of_the_function(
    folder: Path, tmp_path: Path
) -> None:
    """And `start: weights` begins at the file's weights whatever the seed, with frozen layers."""
    import keras

    own: dict[str, Any] = {}
    keras.utils.set_random_seed(11)
    exec(SKIPPING.replace("from parts import joined", PARTS), own)
    model = own["build"](6, input_shape=(4,), outputs=3)
    model.save(tmp_path / "own.keras")
    (tmp_path / "config.yaml").write_text(CONFIG.format(model="keras: own.keras"))
    runs = document(*sweep("population"), cwd=tmp_path)["runs"]
    for found, expected in zip(runs, swept(folder, "population"), strict=True):
        assert found["metrics"] == expected["metrics"]
    frozen = "keras: own.keras\n  start: weights\n  trainable: ['dense_[2-9]']"
    last, *others = [layer for layer in model.layers if layer.weights][::-1]
    frozen = frozen.replace("dense_[2-9]", last.name)
    (tmp_path / "config.yaml").write_text(CONFIG.format(model=frozen))
    for engine in ("population", "keras"):
        for run in document(*sweep(engine), "--fresh", cwd=tmp_path)["runs"]:
            with open_store(tmp_path / "runs") as store:
                stored = read_weights(store, run["id"])
            for layer in others:
                kernel = np.asarray(layer.kernel)
                np.testing.assert_array_equal(stored[f"{layer.name}/kernel"], kernel)
            assert (stored[f"{last.name}/kernel"] != np.asarray(last.kernel)).any()
    assert problem(
        "train", "config.yaml", "--set", "model.trainable=[dense_x]", cwd=tmp_path
    ).startswith("regcli: --set model.trainable=[dense_x]: model.trainable.0: there is no layer")
