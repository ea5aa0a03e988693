"""A stored run's model made smaller: what is checked before it is written, and what is written."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from listeners import Notes
from planting import plant

from regcli.config.dataset_section import Dataset
from regcli.config.load import load_config
from regcli.data.sources import load_table
from regcli.errors import DataError, ShrinkError
from regcli.exports.model_columns import columns_path
from regcli.exports.model_files import export_model, shrink_model
from regcli.results.records import RunRecord
from regcli.store.store import Store, open_store
from regcli.store.store_weights import as_stored, read_weights
from regcli.workflows.grid_sweep import run_single
from regcli.workflows.workspace import Workspace

CONFIG = """\
dataset: {name: iris}
model:
  layers:
    - Dense: {units: 6, activation: sigmoid}
    - BatchNormalization
    - Dropout: {rate: 0.1}
    - Dense: {units: 4, activation: relu}
training: {epochs: 1, batch_size: 32}
"""
pytestmark = pytest.mark.usefixtures("one_process")

EVERY = slice(None)
ZEROS = (
    ("dense/kernel", (1, EVERY)),  # the second column counts for nothing
    ("dense/kernel", (EVERY, 2)),  # a unit that is its bias
    ("dense_1/kernel", (4, EVERY)),  # a unit that nothing hears
    ("output/kernel", ([0, 3], EVERY)),
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with the config and one run, and the run's id."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "tiny.yaml").write_text(CONFIG)
    with open_store(folder / "runs") as opened:
        return folder, train(opened, folder / "tiny.yaml").id


def train(store: Store, config: Path) -> RunRecord:
    return run_single(load_config(str(config)), Workspace(store, Notes(), "cpu", "keras")).record


@pytest.fixture
def store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained: tuple[Path, str]
) -> Iterator[Store]:
    """A copy of the trained run's store, in the current folder."""
    shutil.copytree(trained[0], tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    with open_store(tmp_path / "runs") as opened:
        yield opened


@pytest.fixture
def run(store: Store, trained: tuple[Path, str]) -> str:
    """A run with dead parts."""
    plant(store.folder, trained[1], ZEROS)
    return trained[1]


def store_variant(store: Store, run: str, **sections: Any) -> str:
    """Store the run once more, as if its config had other sections; the id of that one."""
    record = store.get(run)
    assert record is not None
    config = {**record.config, **sections}
    variant = record.model_copy(update={"id": "0" * 12, "config": config})
    store.add(variant, *as_stored(variant, read_weights(store, run), runs=1))
    return "0" * 12


def written() -> list[str]:
    return sorted(path.name for path in Path().iterdir() if path.name not in {"runs", "tiny.yaml"})


_PLAIN_KERAS = """
import sys, warnings
warnings.simplefilter("ignore")
import keras, numpy as np
rows, expected = np.load(sys.argv[2]), np.load(sys.argv[3])
model = keras.models.load_model(sys.argv[1])
assert not any(name.partition(".")[0] == "regcli" for name in sys.modules)
np.testing.assert_allclose(np.asarray(model(rows)), expected, rtol=1e-5, atol=1e-5)
print(model.count_params())
"""


def params_in_plain_keras(path: Path, rows: Any, expected: Any) -> int:
    """Load a model in a process that has no regcli; its parameters, if its outputs are as given."""
    np.save("rows.npy", rows)
    np.save("expected.npy", expected)
    done = subprocess.run(
        [sys.executable, "-I", "-c", _PLAIN_KERAS, path, "rows.npy", "expected.npy"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.slow
def test_the_smaller_model_is_written_and_loads_without_regcli(store: Store, run: str) -> None:
    import keras

    export_model(store, run, Path("whole.keras"))
    shrinkage = shrink_model(store, run, Path("small.keras"), drop_inputs=True)
    assert written() == [
        "small.columns.json",
        "small.keras",
        "whole.columns.json",
        "whole.keras",
    ]
    assert (shrinkage.run, shrinkage.takes_all_columns) == (run, False)
    assert (shrinkage.inputs.before, shrinkage.inputs.after) == (4, 3)
    names = [(units.name, units.before, units.after) for units in shrinkage.units]
    assert names == [("dense", 6, 4), ("dense_1", 4, 2), ("output", 3, 3)]
    assert shrinkage.check.part == "test"
    assert shrinkage.check.rows == 30
    assert 0 <= shrinkage.check.difference < 1e-5
    before, after = shrinkage.before, shrinkage.after
    assert before.parameters == (4 * 6 + 6) + 4 * 6 + (6 * 4 + 4) + (4 * 3 + 3)
    assert after.parameters == (3 * 4 + 4) + 4 * 4 + (4 * 2 + 2) + (2 * 3 + 3)
    assert (before.flops, after.flops) == (2 * (24 + 24 + 12), 2 * (12 + 8 + 6))
    assert after.nonzero == 12 + 8 + 6
    assert before.bytes == Path("whole.keras").stat().st_size
    assert after.bytes == Path("small.keras").stat().st_size
    assert before.seconds.keys() == after.seconds.keys() == {1, 256}

    columns = json.loads(columns_path(Path("small.keras")).read_text())
    assert columns == {
        "run": run,
        "columns": ["sepal length (cm)", "petal length (cm)", "petal width (cm)"],
        "positions": [0, 2, 3],
        "preparation": None,
        "scaling": "in the model",
        "outputs": "logits",
        "classes": ["setosa", "versicolor", "virginica"],
    }
    assert shrinkage.columns == tuple(columns["columns"])
    rows = load_table(load_config("tiny.yaml").config.dataset, Path()).x.astype(np.float32)
    expected = np.asarray(keras.models.load_model("whole.keras")(rows))
    taken = rows[:, columns["positions"]]
    assert params_in_plain_keras(Path("small.keras"), taken, expected) == after.parameters


def test_without_dropping_inputs_the_model_takes_every_column(store: Store, run: str) -> None:
    import keras

    shrinkage = shrink_model(store, run, Path("small.keras"), drop_inputs=False)
    assert written() == ["small.keras"]
    assert shrinkage.takes_all_columns
    assert (shrinkage.inputs.after, len(shrinkage.columns)) == (3, 3)
    assert keras.models.load_model("small.keras").input_shape == (None, 4)


@pytest.mark.slow
def test_tensors_on_train_rows(store: Store) -> None:
    rng = np.random.default_rng(0)
    np.savez("data.npz", x=rng.normal(size=(24, 5, 5, 2)), y=np.arange(24) % 2)
    layers = "[Conv2D: {filters: 4, kernel_size: 2, activation: tanh}, MaxPooling2D, Flatten]"
    Path("tiny.yaml").write_text(
        "dataset: {file: data.npz, test: 0, scale: minmax}\n"
        f"model: {{layers: {layers}}}\ntraining: {{epochs: 1}}\n"
    )
    record = train(store, Path("tiny.yaml"))
    zeros = [("conv2d/kernel", (..., 1)), ("conv2d/kernel", (EVERY, EVERY, 0))]
    plant(store.folder, record.id, zeros)
    shrinkage = shrink_model(store, record.id, Path("small.keras"), drop_inputs=True)
    assert (shrinkage.check.part, shrinkage.check.rows) == ("train", 19)
    assert [(units.before, units.after) for units in shrinkage.units] == [(4, 3), (1, 1)]
    assert (shrinkage.inputs.before, shrinkage.inputs.after) == (50, 25)
    assert shrinkage.columns[:2] == ("x_0_0_1", "x_0_1_1")


def test_data_that_has_changed_or_gone(store: Store, run: str) -> None:
    lines = [f"{value},{-value},{value % 2}" for value in range(30)]
    Path("data.csv").write_text("\n".join(["a,b,y", *lines]))
    dataset = {"file": "data.csv", "target": "y"}
    identity = store_variant(store, run, dataset=dataset)
    what = f"run {identity}: shrink compares outputs on the data of the run, and "
    with pytest.raises(DataError) as changed:
        shrink_model(store, identity, Path("small.keras"), drop_inputs=False)
    now = load_table(Dataset(**dataset), Path()).fingerprint
    record = store.get(run)
    assert record is not None
    assert record.data is not None
    assert str(changed.value) == (
        f"{what}its data has changed: the fingerprint of data.csv is {now}, it was "
        f"{record.data.fingerprint}"
    )
    Path("data.csv").unlink()
    with pytest.raises(DataError) as gone:
        shrink_model(store, identity, Path("small.keras"), drop_inputs=False)
    assert str(gone.value) == (
        f"{what}its data cannot be read: data.csv: there is no such file; run it in the folder of "
        "the run's config"
    )
    assert written() == []


def test_a_layer_that_is_refused(store: Store, run: str) -> None:
    layers = [{"Dense": {"units": 6, "activation": "softmax"}}]
    layers += store.get(run).config["model"]["layers"][1:]
    identity = store_variant(store, run, model={"layers": layers})
    with pytest.raises(ShrinkError, match="layer 'dense' has the activation softmax, which mixes"):
        shrink_model(store, identity, Path("small.keras"), drop_inputs=True)
    assert written() == []


def test_outputs_that_would_change_write_nothing(
    store: Store, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in the arithmetic must not reach a file."""
    from regcli.models import shrinking

    cut = shrinking.cut_bias

    def forget(kernel: Any, bias: Any, constants: Any, *rest: Any) -> Any:
        return cut(kernel, bias, shrinking.varying(len(constants)), *rest)

    monkeypatch.setattr(shrinking, "cut_bias", forget)
    Path("small.keras").write_text("precious")
    with pytest.raises(ShrinkError) as refused:
        shrink_model(store, run, Path("small.keras"), drop_inputs=True)
    start, end = str(refused.value).split("differ by ")
    assert start == (
        f"run {run}: outputs on the test rows must stay equal within 1e-05 of the largest, they "
    )
    assert float(end.removesuffix("; nothing was written")) > 1e-5
    assert (written(), Path("small.keras").read_text()) == (["small.keras"], "precious")


def test_a_run_that_gives_no_numbers(store: Store, run: str) -> None:
    plant(store.folder, run, [("output/kernel", (1, 0))], value=np.nan)
    with pytest.raises(ShrinkError) as refused:
        shrink_model(store, run, Path("small.keras"), drop_inputs=False)
    assert str(refused.value) == (
        f"run {run}: outputs on the test rows must stay equal within 1e-05 of the largest, some "
        "are not finite; nothing was written"
    )
    assert written() == []


def test_a_folder_that_cannot_be_written(store: Store, run: str) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        shrink_model(store, run, Path("no/small.keras"), drop_inputs=False)
    assert missing.value.filename == "no/small.keras"
