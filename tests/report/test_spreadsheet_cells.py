"""No cell of a CSV file is run by a spreadsheet, and no text is lost by that."""

import ast
import csv
import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import regcli
from regcli.report.contents import data_table
from regcli.report.prediction_files import as_csv, write_predictions
from regcli.report.writers import csv_rows
from regcli.report.writers.spreadsheet_cells import safe_csv, safe_text
from regcli.results.row_predictions import RowPredictions

from .spreadsheets import LIVE, is_run, without_apostrophe

TEXTS = st.text(st.sampled_from(f"{LIVE}'aE1. "), max_size=6)


def cells(text: str) -> list[list[str]]:
    return [*csv.reader(io.StringIO(text, newline=""))]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+yes", "'+yes"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\uff1d1", "'\uff1d1"),
        ("'=1", "''=1"),
        ("-inf", "'-inf"),
        ("-1\n", "'-1\n"),
    ],
)
def test_text_that_may_be_a_formula_has_an_apostrophe(text: str, cell: str) -> None:
    assert safe_text(text) == cell


@pytest.mark.parametrize("text", ["", "setosa", "'", "'a", "a=b", "-1", "+2.5e-3", "-.5", "-", "+"])
def test_all_other_text_stays(text: str) -> None:
    assert safe_text(text) == text


@given(TEXTS)
@example("-1\n")
def test_no_text_is_run_and_none_is_lost(text: str) -> None:
    cell = safe_text(text)
    assert not is_run(cell)
    assert without_apostrophe(cell) == text


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5), TEXTS)
def test_frames_and_rows_are_written_alike(rows: list[tuple[str, str]], head: str) -> None:
    names = [f"{head}1", "b"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    wanted = [[safe_text(text) for text in row] for row in (names, *rows)]
    assert cells(safe_csv(frame)) == wanted
    assert cells(csv_rows.text(data_table(names, rows))) == wanted


def test_numbers_stay_numbers() -> None:
    rows = [[-0.5, -3, np.float64(-1e-9), None, True, float("-inf")]]
    assert csv_rows.text(data_table(list("abcdef"), rows)) == (
        "a,b,c,d,e,f\n-0.5,-3,-1e-09,,True,-inf\n"
    )


def test_labels_of_predictions_come_back(tmp_path: Path) -> None:
    classes = ("-1", "+1", "=A1", "'=A1", "-", "@home")
    files = tuple(f"{name}/1.png" for name in classes)
    shares = np.full((6, 6), 1 / 6)
    predictions = RowPredictions("abcd", "x.csv", classes, np.arange(6), shares, (), files)
    header, *rows = cells(as_csv(predictions))
    assert header == ["file", "prediction", *(f"p({name})" for name in classes)]
    assert [row[1] for row in rows] == ["-1", "+1", "'=A1", "''=A1", "-", "'@home"]
    assert [without_apostrophe(row[1]) for row in rows] == [*classes]
    assert [without_apostrophe(row[0]) for row in rows] == [*files]
    write_predictions(predictions, tmp_path / "p.parquet")
    assert pl.read_parquet(tmp_path / "p.parquet")["prediction"].to_list() == [*classes]


def test_no_other_module_writes_csv() -> None:
    """What writes rows by itself would write cells that are run."""
    writers = {
        path.name
        for path in Path(regcli.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and (node.attr in {"write_csv", "to_csv"} or ast.unparse(node) == "csv.writer")
    }
    assert writers == {"csv_rows.py", "spreadsheet_cells.py"}
