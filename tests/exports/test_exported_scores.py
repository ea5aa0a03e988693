"""Whatever is written gives the run's own scores, on rows as they are in the data."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from listeners import Notes
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris
from typer.testing import CliRunner

from regcli.cli.app import app
from regcli.config.load import load_config
from regcli.errors import ExportError
from regcli.exports.fresh_keras import FreshKeras
from regcli.exports.model_files import export_model, shrink_model
from regcli.exports.stored_model import load_model, require_scores, rows_of_run
from regcli.store.store import Store, open_store
from regcli.store.store_weights import as_stored, read_weights
from regcli.workflows.grid_sweep import run_single
from regcli.workflows.refit import refit_stored
from regcli.workflows.workspace import Workspace

pytestmark = pytest.mark.usefixtures("one_process")

ODD_UNITS = "farads,huge,tiny,seconds,constant,species"
SMALL = "training: {epochs: 3, batch_size: 64, optimizer: {name: adam, learning_rate: 0.05}}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real data in other units, in files."""
    folder = tmp_path_factory.mktemp("data")
    iris, numbers = load_iris(), load_digits()
    seconds = 1.6e9 + 1024 * np.round(1e3 * iris.data[:, 3])
    columns = (*(iris.data[:, :3] * [1e-9, 1e25, 1e-25]).T, seconds, np.full(150, 0.1))
    names = iris.target_names[iris.target]
    rows = [
        ",".join([*map(repr, map(float, row)), name])
        for *row, name in zip(*columns, names, strict=True)
    ]
    (folder / "iris.csv").write_text("\n".join([ODD_UNITS, *rows]))
    gaps = [
        f"{'' if row % 9 == 0 else round(number, 4)},{'NA' if row % 7 == 0 else 'abc'[row % 3]},"
        f"2024-0{1 + row % 9}-1{row % 8},{number > 0}"
        for row, number in enumerate(np.random.default_rng(0).normal(size=150).tolist(), 1)
    ]
    (folder / "gaps.csv").write_text("\n".join(["number,letter,day,above", *gaps]))
    images = numbers.images[:300, :, :, None]
    np.savez(folder / "images.npz", x=1e-7 + 1e-9 * images, y=numbers.target[:300])
    np.savez(folder / "tokens.npz", x=numbers.data[:300, 18:30], y=numbers.target[:300] > 4)
    np.savez(folder / "cancer.npz", x=load_breast_cancer().data, y=load_breast_cancer().target)
    np.savez(folder / "diabetes.npz", x=load_diabetes().data, y=load_diabetes().target)
    return folder


def trained(config: str, folder: Path, monkeypatch: pytest.MonkeyPatch, store: Store) -> str:
    monkeypatch.chdir(folder)
    (folder / "c.yaml").write_text(config + SMALL)
    return run_single(load_config("c.yaml"), Workspace(store, Notes(), "cpu", "keras")).record.id


CONVOLUTION = "[Conv2D: {filters: 3, kernel_size: 3, activation: relu}, Flatten]"
TOKENS = "[Embedding: {input_dim: 17, output_dim: 3}, Flatten]"
CONFIGS = {
    "a net": "dataset: {file: iris.csv, target: species}\n"
    "model: {layers: [Dense: {units: 5, activation: tanh}]}\n",
    "linear, between 0 and 1": "dataset: {file: iris.csv, target: species, scale: minmax}\n",
    "gaps, categories, dates and ranks": "dataset: {file: gaps.csv, target: above, "
    "missing: indicator, dates: [month, elapsed], scale: quantile, noise_features: 1}\n",
    "noise columns": "dataset: {file: iris.csv, target: species, noise_features: 2, test: 0}\n"
    "model: {layers: [BatchNormalization, Dropout: {rate: 0.2}]}\n",
    "tensors": f"dataset: {{file: images.npz}}\nmodel: {{layers: {CONVOLUTION}}}\n",
    "tensors, between 0 and 1": "dataset: {file: images.npz, scale: minmax}\n"
    f"model: {{layers: {CONVOLUTION}}}\n",
    "tokens": f"dataset: {{file: tokens.npz}}\nmodel: {{layers: {TOKENS}}}\n",
    "unscaled, two classes": "dataset: {file: cancer.npz, scale: none}\n"
    "model: {layers: [Rescaling: {scale: 0.01}, Dense: {units: 1, activation: sigmoid}]}\n",
    "a quantity": "dataset: {file: diabetes.npz, task: regression, validation: 0}\n"
    "regularization: {l1: 0.01, method: proximal}\n",
    "the logarithm of a quantity, scaled": "dataset: {file: diabetes.npz, task: regression, "
    "target: {log: true, scale: standard}}\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFIGS)
def test_the_file_gives_the_scores_of_the_run(
    name: str, folder: Path, fresh: FreshKeras, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(tmp_path / "runs") as store:
        run = trained(CONFIGS[name], folder, monkeypatch, store)
        assert export_model(store, run, tmp_path / "m.keras").not_compared == ""
        stored = load_model(store, run)
        splits = rows_of_run(stored)
        rows = {part: rows.x for part, rows in splits.parts() if rows is not None}
        outputs = fresh.outputs(tmp_path / "m.keras", rows)
        require_scores(stored, splits, outputs)
        for part in outputs:  # and it is not that everything passes
            other = {**outputs, part: 0.5 - outputs[part]}
            with pytest.raises(ExportError, match=rf"its {part}\.data_loss is .*, the run's is "):
                require_scores(stored, splits, other)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.columns.json", "m.keras", "runs"]


@pytest.mark.slow
def test_columns_in_odd_units_are_dropped_with_what_scales_them(
    folder: Path, fresh: FreshKeras, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strong = "dataset: {file: iris.csv, target: species}\n"
    strong += "regularization: {l1: 0.1, method: proximal}\n"
    with open_store(tmp_path / "runs") as store:
        run = trained(strong, folder, monkeypatch, store)
        shrinkage = shrink_model(store, run, tmp_path / "small.keras", drop_inputs=True)
        kept = [ODD_UNITS.split(",").index(name) for name in shrinkage.columns]
        splits = rows_of_run(load_model(store, run))
        assert 0 < len(kept) < 5
        rows = {part: rows.x[:, kept] for part, rows in splits.parts() if rows is not None}
        outputs = fresh.outputs(tmp_path / "small.keras", rows)
        require_scores(load_model(store, run), splits, outputs)


LOST = (
    "column 'when' must keep its digits in float32, to which Keras converts rows, its values "
    "are around 1.6e+09 with a spread of {spread}; subtract a constant from it or change its "
    "unit, then train again; "
    "nothing was written"
)


@pytest.mark.slow
def test_what_no_file_can_carry_is_refused_by_its_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seconds since 1970 within some minutes: float32 counts in steps of 128 there."""
    when = 1.6e9 + 100 * np.random.default_rng(0).normal(size=120)
    rows = [f"{value!r},{value > 1.6e9}" for value in map(float, when)]
    (tmp_path / "d.csv").write_text("\n".join(["when,after", *rows]))
    (tmp_path / "m.keras").write_text("precious")
    with open_store(tmp_path / "runs") as store:
        config = "dataset: {file: d.csv, target: after, test: 0, validation: 0}\n"
        run = trained(config, tmp_path, monkeypatch, store)
        lost = f"run {run}: {LOST.format(spread=f'{when.std():.3g}')}"
        for write in (
            lambda: export_model(store, run, tmp_path / "m.keras"),
            lambda: shrink_model(store, run, tmp_path / "m.keras", drop_inputs=False),
        ):
            with pytest.raises(ExportError) as refused:
                write()
            assert str(refused.value) == lost
        (tmp_path / "d.csv").unlink()  # then the scaling alone tells
        with pytest.raises(ExportError) as refused:
            export_model(store, run, tmp_path / "m.keras")
        assert str(refused.value) == lost
    assert (tmp_path / "m.keras").read_text() == "precious"
    assert {path.name for path in tmp_path.iterdir()} == {"c.yaml", "m.keras", "runs"}


@pytest.mark.slow
def test_the_data_is_found_from_anywhere_and_its_absence_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, moved = tmp_path / "home", tmp_path / "moved"
    home.mkdir()
    shutil.copy(folder / "diabetes.npz", home)
    with open_store(tmp_path / "runs") as store:
        run = trained("dataset: {file: diabetes.npz}\n", home, monkeypatch, store)
        monkeypatch.chdir(tmp_path)
        assert refit_stored(run, Workspace(store, Notes(), "cpu", "keras")).refit_of == run

    def exported(name: str) -> str:
        store, file = tmp_path / "runs", tmp_path / name
        given = ["runs", "export", run, "-o", str(file), "--runs", str(store)]
        done = CliRunner().invoke(app, given)
        assert (done.exit_code, done.stdout, file.exists()) == (0, "", True)
        taken = "it takes 10 unscaled columns and gives values in the target's own unit"
        says = f"{taken}, as {file.stem}.columns.json says\n"
        return done.stderr.removesuffix(f"{says}wrote the model of run {run} to {file}\n")

    assert exported("a.keras") == ""
    home.rename(moved)
    assert exported("b.keras") == (
        f"not compared with the run's scores: its data cannot be read: {home}/diabetes.npz: there "
        "is no such file; put it there, or run this in the folder that it is in\n"
    )
    monkeypatch.chdir(moved)
    assert exported("c.keras") == ""


@pytest.mark.slow
def test_weights_that_are_not_the_runs_are_not_exported(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(tmp_path / "runs") as store:
        run = trained("dataset: {name: iris}\n", folder, monkeypatch, store)
        read, record = read_weights(store, run), store.get(run)
        assert record is not None
        weights = {name: np.zeros_like(values) for name, values in read.items()}
        weights["input/width"] = read["input/width"]
        store.remove([run])
        store.add(record, *as_stored(record, weights, runs=1))
        with pytest.raises(ExportError) as refused:
            export_model(store, run, tmp_path / "m.keras")
        stored = store.get(run)
    assert stored is not None
    loss = stored.metrics["train"]["data_loss"]
    assert str(refused.value) == (
        f"run {run}: the model in the file must have the same scores as the run, its "
        "train.data_loss is "
        f"{np.log(3):.6g}, the run's is {loss:.6g}; nothing was written"
    )
    shutil.rmtree(tmp_path / "runs")
    assert list(tmp_path.iterdir()) == []
