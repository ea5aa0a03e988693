"""What was found of how a file is written is told once."""

from pathlib import Path

import pytest

from .in_process import problem, regcli

CONFIG = "dataset: {file: d.csv, target: y}\nmodel: {layers: []}\ntraining: {epochs: 1}\n"
NOTE = "d.csv: separated by semicolons, decimal comma, cp1252 as in 'größe'"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = "".join(
        f"{number},5;{number % 7};{'no' if number % 2 else 'yes'}\n" for number in range(40)
    )
    (tmp_path / "d.csv").write_bytes(f"größe;b;y\n{rows}".encode("cp1252"))
    (tmp_path / "c.yaml").write_text(CONFIG)
    return tmp_path


def test_validate_tells_it_with_the_data(folder: Path) -> None:
    checked = regcli("validate", "c.yaml", cwd=folder)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert (
        "# data: d.csv, binary, 2 inputs, 24 train, 8 validation, 8 test rows\n" in checked.stdout
    )
    assert checked.stdout.count(f"\n# note: {NOTE}\n") == 1


def test_keys_that_say_it_are_not_told(folder: Path) -> None:
    keys = ("separator=semicolon", 'decimal=","', "encoding=cp1252")
    options = [part for key in keys for part in ("--set", f"dataset.{key}")]
    checked = regcli("validate", "c.yaml", *options, cwd=folder)
    assert checked.returncode == 0
    assert "note" not in checked.stdout + checked.stderr


@pytest.mark.slow
def test_training_tells_it_once(folder: Path) -> None:
    swept = regcli("sweep", "c.yaml", "--l2", "0,1", "--engine", "keras", cwd=folder)
    assert swept.returncode == 0
    assert swept.stderr.splitlines().count(NOTE) == 1
    again = regcli("sweep", "c.yaml", "--l2", "0,2", "--engine", "keras", "--quiet", cwd=folder)
    assert (again.returncode, again.stderr) == (0, "")


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (
            "file: d.csv, target: y, separator: x",
            "c.yaml:1:46: dataset.separator: must be ',', ';', '\\t' or '|', got the text 'x'",
        ),
        (
            "file: d.csv, target: y, encoding: cp12522",
            "c.yaml:1:45: dataset.encoding: must be a text encoding that Python knows, such as "
            "cp1252, got the text 'cp12522'; did you mean 'cp1252'?",
        ),
        (
            "file: d.csv, target: y, comment: ' '",
            "c.yaml:1:44: dataset.comment: must be what comment lines begin with, such as '#', got "
            "the text ' '",
        ),
        (
            "file: d.csv, target: y, null_values: [null]",
            "c.yaml:1:49: dataset.null_values.0: must be text, got nothing",
        ),
        (
            "file: d.csv, target: y, decimal: ',', thousands: ','",
            "c.yaml:1:10: dataset: decimal and thousands must be different marks, got ',' for both",
        ),
        (
            "file: d.parquet, target: y, decimal: ','",
            "c.yaml:1:10: dataset: decimal requires a file of text, such as CSV; got decimal: ','",
        ),
        (
            "name: iris, null_values: [x]",
            "c.yaml:1:10: dataset: null_values requires a file with columns, such as CSV or "
            "Parquet",
        ),
    ],
)
def test_keys_are_checked(tmp_path: Path, dataset: str, message: str) -> None:
    (tmp_path / "c.yaml").write_text(f"dataset: {{{dataset}}}\n")
    assert problem("validate", "c.yaml", cwd=tmp_path) == message
