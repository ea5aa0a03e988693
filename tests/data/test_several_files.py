"""A pattern that names several files of the same columns."""

import re

import polars as pl
import pytest

from regcli.config.dataset_section import Dataset
from regcli.data.sources import load_table
from regcli.errors import DataError
from tests.prepared import cells_of, notes_of_files

FIRST, SECOND = "a,t,y\n1.5,u,no\n2.5,v,yes\n", "a,t,y\n3,u,no\n4,w,yes\n"
CELLS = {"a": [1.5, 2.5, 3, 4], "t": ["u", "v", "u", "w"]}


@pytest.fixture
def load(tmp_path):
    def load(files, file="part-*.csv", **options):
        for name, text in files.items():
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_table(Dataset(file=file, target="y", **options), tmp_path)

    return load


def refusal(load, *given, **options) -> str:
    with pytest.raises(DataError) as refused:
        load(*given, **options)
    return re.sub(r"^.*/(?=part-)", "", str(refused.value))


def test_rows_follow_in_the_order_of_the_names(load):
    files = {"part-2.csv": SECOND, "part-1.csv": FIRST, "other.csv": "x\n"}
    assert cells_of(load(files)) == CELLS
    assert load(files).source == "part-*.csv"


def test_the_fingerprint_follows_the_rows_and_not_the_files(load):
    parts = load({"part-1.csv": FIRST, "part-2.csv": SECOND}).fingerprint
    whole = FIRST + SECOND.partition("\n")[2]
    assert parts == load({"whole.csv": whole}, file="whole.csv").fingerprint
    changed = load({"part-2.csv": SECOND.replace("3", "5")}).fingerprint
    assert changed != parts


def test_columns_may_stand_in_another_order(load):
    swapped = "t,y,a\nu,no,3\nw,yes,4\n"
    assert cells_of(load({"part-1.csv": FIRST, "part-2.csv": swapped})) == CELLS


def test_a_file_whose_name_is_like_the_pattern_is_that_file(load):
    assert len(load({"part-*.csv": "a,y\n1,no\n2,yes\n", "part-2.csv": SECOND}).x) == 2


def test_each_file_has_its_own_separator_and_encoding(load):
    other = SECOND.replace(",", ";").replace("w", "é").encode("cp1252")
    table = load({"part-1.csv": FIRST, "part-2.csv": other})
    assert cells_of(table) == {"a": [1.5, 2.5, 3, 4], "t": ["u", "v", "u", "é"]}
    assert notes_of_files(table) == ["part-2.csv: separated by semicolons, cp1252 as in 'é'"]


def test_one_file_shows_the_marks_of_another(load):
    first = "a;y\n1.234;no\n2.345;yes\n"
    table = load({"part-1.csv": first, "part-2.csv": "a;y\n1.234,5;no\n2,5;yes\n"})
    assert cells_of(table) == {"a": [1234, 2345, 1234.5, 2.5]}
    assert notes_of_files(table) == [
        "part-1.csv, part-2.csv: separated by semicolons, decimal comma, thousands separated by "
        "points",
    ]


def test_rows_of_other_parts_may_be_patterns_too(load):
    files = {"part-1.csv": FIRST, "part-2.csv": SECOND, "test-1.csv": FIRST, "test-2.csv": SECOND}
    table = load(files, test="test-*.csv", validation=0)
    assert table.origin.files.tolist() == [0, 0, 0, 0, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("indices", "start"),
    [(("0 1 2", "3 4 5"), 0), (("0 1 2", "0 1 2"), 0), (("1 2 3", "4 5 6"), 1)],
)
def test_an_index_may_go_on_or_begin_anew(load, indices, start):
    def part(index):
        rows = zip(index.split(), ["no", "yes", "no"], strict=True)
        return ",a,y\n" + "".join(f"{number},{number}.5,{y}\n" for number, y in rows)

    table = load({f"part-{n}.csv": part(index) for n, index in enumerate(indices)})
    assert table.columns == ("a",)
    assert notes_of_files(table) == [
        f"part-*.csv: first column left out, it has no name and counts the rows from {start}",
    ]


def test_parquet_files_too(load, tmp_path):
    for name, values in (("part-1", [1.5, 2.5]), ("part-2", [3.0, 4.0])):
        columns = {"a": values, "t": ["u", "v"], "y": ["no", "yes"]}
        pl.DataFrame(columns).write_parquet(tmp_path / f"{name}.parquet")
    table = load({}, file="part-*.parquet")
    assert cells_of(table) == {"a": [1.5, 2.5, 3, 4], "t": ["u", "v", "u", "v"]}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"part-x.txt": FIRST}, "part-*.csv: there is no file with such a name"),
        (
            {"part-1.csv": FIRST, "part-2.csv": "a,y\n1,no\n2,yes\n"},
            "part-2.csv: must have the columns of part-1.csv, it lacks 't'",
        ),
        ({"part-1.csv": FIRST, "part-2.csv": ""}, "part-2.csv: must hold a table, it is empty"),
        (
            {"part-1.csv": FIRST, "part-2.csv": SECOND.replace("3", "")},
            "part-2.csv: column 'a' must have a value in every row, row 1 of 2 has none; fill the "
            "gap, leave the row out, or set dataset.missing",
        ),
        (
            {"part-1.csv": FIRST, "part-2.csv": "z\n1\n"},
            "part-2.csv: must have the target column 'y'; it has 'z'",
        ),
    ],
)
def test_a_fault_names_the_file(load, files, message):
    assert refusal(load, files) == message


def test_arrays_are_one_file(load):
    files = {"part-1.npz": b"x", "part-2.npz": b"x"}
    assert refusal(load, files, file="part-*.npz") == (
        "part-*.npz: must be one file of arrays, not a pattern"
    )
