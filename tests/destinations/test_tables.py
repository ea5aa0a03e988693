"""`runs export` to tables: by the ending of a file, or by name."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from regcli.results.records import RunRecord

from .conftest import Export


def rows_of(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text, newline=""))]


@pytest.mark.usefixtures("folds")
def test_a_name_and_an_ending_write_the_same(tmp_path: Path, export: Export) -> None:
    shown = export("--to", "csv")
    assert (shown.code, shown.err) == (0, "")
    assert export("-o", "a.csv").err == "wrote 4 runs to a.csv\n"
    assert export("--to", "csv", "-o", "b.csv").err == "wrote 4 runs to b.csv\n"
    assert (tmp_path / "a.csv").read_text() == (tmp_path / "b.csv").read_text() == shown.out
    assert len(json.loads(export("--to", "json").out)["runs"]) == 4


def test_parquet_has_the_columns_of_csv_with_types(
    tmp_path: Path, export: Export, older: Path
) -> None:
    rows = rows_of(export("--to", "csv").out)
    assert export("-o", "runs.parquet").err == "wrote 12 runs to runs.parquet\n"
    frame = pl.read_parquet(older / "runs.parquet")
    assert frame.columns == [*rows[0]]
    kinds = {"id": pl.String, "l1": pl.Float64, "seed": pl.Int64, "epochs": pl.Int64}
    assert {key: frame.schema[key] for key in kinds} == kinds
    assert pl.Null not in frame.dtypes
    for row, found in zip(rows, frame.to_dicts(), strict=True):
        for key, value in found.items():
            assert row[key] == "" if value is None else type(value)(row[key]) == value, key


@pytest.mark.usefixtures("folds")
def test_parquet_takes_columns_order_and_aggregation(tmp_path: Path, export: Export) -> None:
    export("-o", "a.parquet", "--columns", "created,l1,message", "--sort", "-l1")
    frame = pl.read_parquet(tmp_path / "a.parquet")
    assert frame["created"].to_list() == [datetime(2026, 1, 1, tzinfo=UTC)] * 4
    assert frame["l1"].to_list() == [0.01, 0.01, 0.0, 0.0]
    export("-o", "b.parquet", "--columns", "l1,validation.accuracy", "--aggregate", "--sort", "l1")
    assert pl.read_parquet(tmp_path / "b.parquet").to_dict(as_series=False) == {
        "l1": [0.0, 0.01],
        "validation.accuracy.mean": [0.97, 0.97],
        "validation.accuracy.sd": [0.0, 0.0],
        "runs": [2, 2],
    }


def test_a_sweep_stands_for_its_runs(
    tmp_path: Path, export: Export, folds: Sequence[RunRecord]
) -> None:
    for named in ("digits-mlp", "ab12cd"):
        assert [row["id"] for row in rows_of(export("--to", "csv", named).out)] == [
            run.id for run in folds
        ]
    twice = export("--to", "csv", folds[3].id, "digits-mlp").out
    assert [row["id"] for row in rows_of(twice)] == [folds[place].id for place in (3, 0, 1, 2)]


@pytest.mark.usefixtures("hostile")
def test_names_are_no_formulas(export: Export) -> None:
    text = export("--to", "csv", "--columns", "id,name,message").out
    found = {row["id"]: row for row in rows_of(text)}
    assert found["ffffffffff01"]["name"] == "'=2+5 \x1b[31m../..//\u202e"
    assert found["ffffffffff01"]["message"] == "'=loss\nbecame NaN"


REFUSED = {
    "--to xls": "--to: must be json, csv, md, latex, parquet, keras, onnx, npz, tensorboard or "
    "mlflow, got 'xls'",
    "--to parqet": "--to: must be json, csv, md, latex, parquet, keras, onnx, npz, tensorboard or "
    "mlflow, got 'parqet'; did you mean 'parquet'?",
    "--to csv -o runs.json": "--output: must end in .csv for --to csv, got 'runs.json'",
    "--to parquet": "--to parquet: requires --output FILE that ends in .parquet",
    "--to tensorboard": "--to tensorboard: requires --output DIR",
    "--to tensorboard -o taken": "--output: taken must be a folder, it is a file",
    "--to tensorboard -o logs --sort l1": "--to tensorboard: must not be combined with --columns, "
    "--sort or --aggregate",
    "--to tensorboard -o logs --no-models": "--models, --no-models: requires --to mlflow, got "
    "tensorboard",
    "--to mlflow": "--to mlflow: requires --uri, such as sqlite:///mlflow.db, or the variable "
    "MLFLOW_TRACKING_URI",
    "--to mlflow --uri sqlite:///m.db -o m.db": "--output: must not be combined with --to mlflow, "
    "which takes --uri",
    "-o w.npz --uri sqlite:///m.db": "--uri: requires --to mlflow, got 'w.npz'",
    "--to mlflow --uri x --probabilities": "--probabilities: requires a .keras or .onnx file, got "
    "mlflow",
    "--to onnx -o m.keras": "--output: must end in .onnx for --to onnx, got 'm.keras'",
    "--to keras -o m.keras": "--output: a .keras file must hold the model of one run, got 0 ids; "
    "give the id of one run",
}


@pytest.mark.usefixtures("folds")
@pytest.mark.parametrize("line", REFUSED)
def test_what_is_refused(line: str, tmp_path: Path, export: Export) -> None:
    (tmp_path / "taken").touch()
    done = export(*line.split())
    assert (done.code, done.out, done.err) == (2, "", f"regcli: {REFUSED[line]}\n")
    assert {path.name for path in tmp_path.iterdir()} == {"runs", "taken"}


@pytest.mark.usefixtures("folds")
@pytest.mark.parametrize(
    ("line", "module", "package"),
    [
        ("--to tensorboard -o logs", "tensorboard", "tensorboard"),
        ("--to mlflow --uri sqlite:///m.db", "mlflow", "mlflow-skinny"),
        ("--to onnx -o m.onnx 000000000000", "tf2onnx", "tf2onnx"),
        ("--to onnx -o m.onnx 000000000000", "onnxruntime", "onnxruntime"),
    ],
)
def test_a_missing_package_is_named(
    line: str, module: str, package: str, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    from regcli.destinations import optional_packages

    real = optional_packages.find_spec
    others = {"tf2onnx", "onnxruntime"}  # which may not be installed either
    monkeypatch.setattr(
        optional_packages,
        "find_spec",
        lambda name: None if name == module else name in others or real(name),
    )
    extra = line.split()[1]
    assert export(*line.split()).err == (
        f"regcli: {extra}: needs the package {package}; install it with pip install "
        f"'regcli[{extra}]'\n"
    )
