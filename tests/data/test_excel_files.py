import re
import sys

import pytest

from regcli.config.dataset_section import Dataset
from regcli.data.sources import load_table
from regcli.errors import DataError
from tests.data.excel_sheets import workbook
from tests.prepared import cells_of, notes_of_files

ROWS = [["a", "t", "y"], [1.5, "u", "no"], [2, "v", "yes"], [3, "u", "no"]]
CELLS = {"a": [1.5, 2, 3], "t": ["u", "v", "u"]}


@pytest.fixture
def load(tmp_path):
    def load(content, **options):
        written = content if isinstance(content, bytes) else workbook(content)
        (tmp_path / "data.xlsx").write_bytes(written)
        return load_table(Dataset(file="data.xlsx", target="y", **options), tmp_path)

    return load


@pytest.mark.parametrize(
    "sheets",
    [
        pytest.param({"S": ROWS}, id="one sheet"),
        pytest.param({"S": ROWS, "T": []}, id="an empty sheet behind it"),
        pytest.param({"T": [["x"], [1.0]], "S": ROWS}, id="the sheet with the target"),
        pytest.param({"S": [[*row, None] for row in ROWS]}, id="an empty column"),
        pytest.param({"S": [*ROWS, [None, None, None]]}, id="an empty row"),
        pytest.param({"S": [[" a ", *ROWS[0][1:]], *ROWS[1:]]}, id="spaces around a name"),
    ],
)
def test_cells_are_read_as_they_are(load, capfd, sheets):
    table = load(sheets)
    assert cells_of(table) == CELLS
    assert [table.classes[row] for row in table.y] == ["no", "yes", "no"]
    assert notes_of_files(table) == []
    assert capfd.readouterr() == ("", "")


def test_an_index_without_a_name_is_left_out(load):
    table = load({"S": [[None if row == 0 else row - 1.0, *ROWS[row]] for row in range(4)]})
    assert cells_of(table) == CELLS
    assert notes_of_files(table) == [
        "data.xlsx: first column left out, it has no name and counts the rows from 0"
    ]


GAP = "column 'a' must have a value in every row, row 2 of 3 has none; fill the gap, leave the row "
TWO_NAMES = [["a", "a", "y"], [1.0, 2.0, "no"], [3.0, 4.0, "yes"]]


@pytest.mark.parametrize(
    ("sheets", "options", "message"),
    [
        (
            {"S": ROWS, "T": ROWS},
            {},
            "must have the target in one sheet, it is in 'S', 'T'; save the sheet that is meant as "
            "a file of its own",
        ),
        ({"S": [["a", "z"], [1.0, 2.0]]}, {}, "must have the target column 'y'; it has 'a', 'z'"),
        ({"S": []}, {}, "must have the target column 'y'; it has none"),
        ({"S": TWO_NAMES}, {}, "column names must differ, 'a' appears more than once"),
        (
            {"S": [*ROWS[:2], [None, "v", "yes"], ROWS[3]]},
            {},
            f"{GAP}out, or set dataset.missing",
        ),
        (
            {"S": [*ROWS[:2], [-999.0, "v", "yes"], ROWS[3]]},
            {"null_values": [-999]},
            f"{GAP}out, or set dataset.missing",
        ),
        (
            {"S": [*ROWS[:2], ["unknown", "v", "yes"], ROWS[3]]},
            {},
            f"{GAP.replace('none', repr('unknown'))}out, or name such cells in "
            "dataset.null_values; if they are categories, say so with dataset.types",
        ),
        (b"a,y\n1,0\n", {}, "cannot be read as Excel: it is not an .xlsx file"),
        (workbook({"S": ROWS})[:-30], {}, "cannot be read as Excel: it is not an .xlsx file"),
    ],
)
def test_a_fault_is_one_line(load, sheets, options, message):
    with pytest.raises(DataError) as refused:
        load(sheets, **options)
    assert re.sub(r"^.*/(?=data\.)", "", str(refused.value)) == f"data.xlsx: {message}"


def test_without_the_package_one_line_says_what_to_install(load, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    with pytest.raises(DataError) as refused:
        load({"S": ROWS})
    assert str(refused.value) == (
        f"{tmp_path / 'data.xlsx'}: Excel files need the package fastexcel; install it with pip "
        "install 'regcli[excel]', or save the sheet as CSV"
    )
