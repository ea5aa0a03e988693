"""Rows with fewer cells than the header are read, and told of in one line."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.config.dataset_section import Dataset
from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.roles import Roles
from regcli.data.files.dialect import AskedDialect
from regcli.data.files.row_lengths import row_lengths
from regcli.data.files.table_files import read_frames
from regcli.data.sources import load_table

END = "; cells that are not there are gaps"


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ("1,2,a\n3,4,b\n5,,a\n", ""),
        ("1,2,a\n3,4,\n", ""),  # an empty cell is there
        ("1,2,a\n3,4\n5,6,b\n", f"1 row has fewer than 3 cells, it is row 2{END}"),
        ("1\n3,4,b\n5,6\n7,8,c\n", f"2 of 4 rows have fewer than 3 cells, the first is row 1{END}"),
        ('"1","2","a\nb"\n"3","4"\n5,6,b\n', f"1 row has fewer than 3 cells, it is row 2{END}"),
        ("1,2,a\n\n5,6,b\n", f"1 row has fewer than 3 cells, it is row 2{END}"),
        ("1,2,a\n5,6,b\n\n\n", ""),
        ("# why\n1,2,a\n# not\n3\n5,6,b\n", f"1 row has fewer than 3 cells, it is row 2{END}"),
    ],
)
def test_they_are_counted(rows: str, note: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"x,z,y\n{rows}")
    asked = AskedDialect(comment="#") if "#" in rows else AskedDialect()
    read = read_frames([path], Roles("y", None), ColumnRules(), asked, path)
    found = [text for text in read.notes if "cells" in text]
    assert found == ([f"t.csv: {note}"] if note else [])


def test_a_table_says_so_as_well(tmp_path: Path) -> None:
    rows = "".join(f"{row},{row % 3}\n" for row in range(20))
    (tmp_path / "t.csv").write_text(f"y,x\n{rows}7\n")
    config = Dataset(file="t.csv", target="y", missing="mean")
    assert f"t.csv: 1 row has fewer than 2 cells, it is row 21{END}" in (
        load_table(config, tmp_path).notes
    )


@given(
    st.lists(
        st.lists(st.text("ab, \"'", max_size=3), min_size=2, max_size=4), min_size=1, max_size=9
    )
)
def test_cells_are_counted_as_the_csv_module_counts_them(cells: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(cells)

    class Text:
        def lines(self) -> io.StringIO:
            return io.StringIO(out.getvalue())

    class Shape:
        skipped, comment, separator = 0, None, ","

    lengths = [*row_lengths(Text(), Shape())]  # type: ignore[arg-type]
    assert lengths == [len(row) for row in cells]
