"""Predictions of stored runs: equal to what is stored of them, without the data of training."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from listeners import Notes
from people import write_people

from regcli.config.load import load_config
from regcli.data.parts.row_parts import parts_of
from regcli.data.references import Datasets
from regcli.data.sources import load_table
from regcli.errors import DataError
from regcli.exports.model_columns import columns_path
from regcli.exports.model_files import export_model
from regcli.exports.predict_rows import predict_file
from regcli.exports.stored_model import load_model
from regcli.planning.populations import EngineChoice
from regcli.report.prediction_files import write_predictions
from regcli.report.run_documents import run_entry
from regcli.results.file_scores import FileScores
from regcli.results.records import RunRecord
from regcli.store.store import Store, open_store
from regcli.workflows.grid_sweep import run_sweep
from regcli.workflows.refit import refit_stored
from regcli.workflows.workspace import Workspace

pytestmark = pytest.mark.usefixtures("one_process")

ROOT = Path(__file__).parents[2]
ROWS = 90
TRAINING = "training: {epochs: 3, batch_size: 16, optimizer: {name: adam, learning_rate: 0.02}}\n"
PEOPLE = """\
dataset:
  file: people.csv
  target: kind
  test: 0.3
  missing: {default: indicator, size: most_frequent, city: drop}
  types: {size: {ordinal: [S, M, L]}}
  dates: [month, weekday, elapsed]
  max_categories: 3
model: {layers: [Dense: {units: 4, activation: tanh}]}
"""


def write_classes() -> None:
    """People of three kinds, and what they earn."""

    def drawn(rng: np.random.Generator) -> list[str]:
        kind = ["new", "old", "gone"][rng.integers(3)]
        return [kind, f"{rng.lognormal(10, 1):.2f}"]

    write_people(Path("people.csv"), "kind,income", drawn)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.chdir(tmp_path)
    with open_store(tmp_path / "runs") as opened:
        yield opened


def swept(store: Store, config: str, engine: EngineChoice = "keras") -> Sequence[RunRecord]:
    Path("c.yaml").write_text(config + TRAINING)
    workspace = Workspace(store, Notes(), "cpu", engine, data=Datasets())
    return run_sweep(load_config("c.yaml"), workspace).records


def scores_of(store: Store, record: RunRecord, file: str) -> FileScores:
    scores = predict_file(store, record, Path(file), scored=True)[1]
    assert scores is not None
    return scores


def require_stored_scores(scores: FileScores, record: RunRecord, part: str) -> None:
    stored = record.metrics[part]
    known = {key: value for key, value in stored.items() if key not in ("penalty", "objective")}
    found = {score.key: score.value for score in scores.scores}
    assert found == {key: pytest.approx(value, rel=1e-6, abs=1e-6) for key, value in known.items()}


def write_part(store: Store, record: RunRecord, part: str) -> str:
    """The rows of a part as a file of their own; rows that are left out for gaps among them."""
    dataset = load_model(store, record.id).config.dataset
    table = load_table(dataset, Path())
    numbers = getattr(parts_of(table, dataset), part)
    frame = pl.read_csv(str(dataset.file), infer_schema=False)
    kept = frame.filter(pl.col("city").is_not_null() & (pl.col("city") != ""))
    kept[numbers.tolist()].write_csv(f"{part}.csv")
    return f"{part}.csv"


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["keras", "population"])
def test_scores_of_a_part_are_those_that_are_stored(engine: EngineChoice, store: Store) -> None:
    write_classes()
    records = [*swept(store, PEOPLE + "sweep: {l1: 0.02, folds: 2}\n", engine)]
    if engine == "keras":
        records.append(refit_stored(records[0].id, Workspace(store, Notes(), "cpu", engine)))
    for record in records:
        for part in ("validation", "test"):
            scores = scores_of(store, record, write_part(store, record, part))
            require_stored_scores(scores, record, part)
            assert scores.rows == (record.data.rows[part] if record.data else 0)
    rows = records[0].data.rows["train"] if records[0].data else 0
    told = [
        predict_file(store, records[0], Path(file), scored=scored)[0].notes[-1:]
        for file, scored in (("people.csv", True), ("people.csv", False), ("test.csv", True))
    ]
    caution = (
        f"people.csv: holds the {rows} rows that the run was trained on, which it predicts better "
        "than new rows"
    )
    assert [caution in notes for notes in told] == [True, False, False]


@pytest.mark.slow
def test_a_quantity_is_predicted_in_its_own_unit(store: Store) -> None:
    write_classes()
    target = "{column: income, log: true, scale: standard}"
    config = PEOPLE.replace("target: kind", f"target: {target}\n  drop: [kind]")
    (record,) = swept(store, config)
    scores = scores_of(store, record, write_part(store, record, "test"))
    require_stored_scores(scores, record, "test")
    predictions, _ = predict_file(store, record, Path("test.csv"))
    truth = pl.read_csv("test.csv")["income"].to_numpy()
    error = float(np.sqrt(np.mean((predictions.values - truth) ** 2)))
    assert error == pytest.approx(record.metrics["test"]["rmse"], rel=1e-6)
    assert (predictions.columns, predictions.probabilities) == (("prediction",), None)


@pytest.mark.slow
def test_a_run_reads_and_scores_new_rows_as_it_read_those_of_training(store: Store) -> None:
    rows = "".join(f"{a}.250\t{a}.000,5\n" for a in range(1, 41))
    Path("t.tsv").write_text(f"a\ty\n{rows}1.500\t\n")
    config = "dataset: {file: t.tsv, target: y, missing: {y: drop}}\nmodel: {layers: []}\n"
    (record,) = swept(store, config)
    stored = store.get(record.id)
    assert stored is not None
    assert stored.data is not None
    assert stored.data.dialect == {"separator": "tab", "decimal": ",", "thousands": "."}
    assert "dialect" not in run_entry(stored, history=True)["data"]
    Path("points.csv").write_text("a\n1.250\n2.250\n")
    Path("plain.csv").write_text("a\n1250\n2250\n")
    points, plain = (
        predict_file(store, stored, Path(name))[0].values for name in ("points.csv", "plain.csv")
    )
    np.testing.assert_array_equal(points, plain)
    Path("some.tsv").write_text("a\ty\n1.250\t1.000,5\n1.500\t\n2.250\t2.000,5\n")
    predicted, scores = predict_file(store, stored, Path("some.tsv"), scored=True)
    assert scores is not None
    assert scores.rows == 2
    assert len(predicted.values) == 3
    assert np.isfinite(predicted.values).all()
    errors = np.abs(predicted.values[[0, 2]] - [1000.5, 2000.5])
    assert {s.key: s.value for s in scores.scores}["mae"] == pytest.approx(errors.mean(), rel=1e-6)
    Path("none.tsv").write_text("a\ty\n1.250\t\n")
    with pytest.raises(DataError, match=r"none\.tsv: must have a row without gaps to be scored"):
        predict_file(store, stored, Path("none.tsv"), scored=True)


@pytest.mark.slow
def test_tensors_are_predicted_as_they_are_stored(store: Store) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(3, 2, (60, 4, 4, 1)), rng.integers(0, 2, 60)
    np.savez("images.npz", x=x, y=y)
    layers = "[Conv2D: {filters: 2, kernel_size: 3}, BatchNormalization, Flatten]"
    (record,) = swept(store, f"dataset: {{file: images.npz}}\nmodel: {{layers: {layers}}}\n")
    dataset = load_model(store, record.id).config.dataset
    test = parts_of(load_table(dataset, Path()), dataset).test
    np.savez("test.npz", x=x[test], y=y[test])
    require_stored_scores(scores_of(store, record, "test.npz"), record, "test")


@pytest.mark.slow
def test_noise_columns_are_told_and_nothing_else_is_needed(store: Store) -> None:
    write_classes()
    config = PEOPLE.replace("  test: 0.3", "  noise_features: 2")
    (record,) = swept(store, config)
    whole = Path("people.csv").read_text()
    Path("people.csv").unlink()
    Path("c.yaml").unlink()
    Path("new.csv").write_text(whole)
    predictions, _ = predict_file(store, record, Path("new.csv"))
    assert len(predictions) == ROWS
    assert (
        predictions.notes[-1] == "2 noise columns are at the mean of training: new rows have none"
    )


NEW = """\
age,city,size,joined,vip
33.5,Rome,S,2024-02-29,True
,Lima,?,2025-01-01,False
51,Quito,L,2023-06-15,true
"""
WITHOUT = """
import sys
sys.modules["regcli"] = None
code = open(sys.argv[1]).read()
exec(compile(code, sys.argv[1], "exec"))
"""


def script_of_the_page() -> str:
    """The program in the documentation that predicts without regcli."""
    text = (ROOT / "docs" / "results-and-ci.md").read_text(encoding="utf-8")
    return text.partition("```python\n# predict.py")[2].partition("```")[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "outputs", "classes"),
    [
        ("target: kind\n  drop: [income]", "probabilities", ["gone", "new", "old"]),
        ("target: kind\n  drop: [income]\n  scale: quantile", "logits", ["gone", "new", "old"]),
        ("target: vip\n  drop: [income, kind]", "logits", ["False", "True"]),
        ("target: {column: income, log: true}\n  drop: [kind]", "values", []),
    ],
)
def test_the_exported_files_alone_reproduce_the_predictions(
    keys: str, outputs: str, classes: list[str], store: Store
) -> None:
    """In a process without regcli, from what stands in the files."""
    write_classes()
    config = PEOPLE.replace("target: kind", keys)
    if not classes:  # a category of the name of pooled ones, where none are pooled
        people = Path("people.csv")
        people.write_text(people.read_text().replace("Lima", "other"))
        config = config.replace("max_categories: 3", "max_categories: 9")
    (record,) = swept(store, config)
    Path("new.csv").write_text(NEW)
    predictions, _ = predict_file(store, record, Path("new.csv"))
    is_made = outputs == "probabilities"
    export_model(store, record.id, Path("model.keras"), probabilities=is_made)
    described = json.loads(columns_path(Path("model.keras")).read_text())
    assert (described["outputs"], described["classes"]) == (outputs, classes)
    Path("predict.py").write_text(script_of_the_page())
    done = subprocess.run(
        [sys.executable, "-I", "-c", WITHOUT, "predict.py"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    header, *rows = (line.split(",") for line in done.stdout.strip().splitlines())
    assert header == ["prediction", *classes]
    expected = [predictions.row(number) for number in range(3)]
    if classes:
        assert [row.pop(0) for row in rows] == [row.pop(0) for row in expected]
    np.testing.assert_allclose(np.array(rows, float), np.array(expected), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("suffix", ["csv", "parquet", "npz", "json"])
def test_files_hold_every_row_at_full_precision(suffix: str, tmp_path: Path) -> None:
    from regcli.results.row_predictions import RowPredictions

    shares = np.array([[1 / 3, 2 / 3], [np.nan, np.nan], [0.1 + 0.2, 0.7]])
    predictions = RowPredictions("abcd", "x.csv", ("no, it", "yes"), np.array([1, -1, 0]), shares)
    quantities = RowPredictions("abcd", "x.csv", (), np.array([1 / 3, np.nan, 1e300]))
    found: list[Any] = []
    for number, each in enumerate((predictions, quantities)):
        path = tmp_path / f"{number}.{suffix}"
        write_predictions(each, path)
        found.append(_read(path))
    missing = "" if suffix == "npz" else None
    assert found[0] == [
        ["yes", 1 / 3, 2 / 3],
        [missing, None, None],
        ["no, it", 0.1 + 0.2, 0.7],
    ]
    assert found[1] == [[1 / 3], [None], [1e300]]


def _read(path: Path) -> list[list[Any]]:
    """Rows of a file of predictions; None for NaN and null."""
    if path.suffix == ".json":
        entries = json.loads(path.read_text())["predictions"]
        return [[e["prediction"], *e.get("probabilities", {}).values()] for e in entries]
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            columns = [arrays["prediction"], *arrays.get("probabilities", np.zeros((0, 0))).T]
        rows = [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]
        return [[None if value != value else value for value in row] for row in rows]
    read = pl.read_csv if path.suffix == ".csv" else pl.read_parquet
    return [list(row) for row in read(path).iter_rows()]
