"""Rows to predict: read by name as the rows of training were, every fault told at once."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from regcli.config.dataset_section import Dataset
from regcli.data.new_rows import NewRows, read_new_rows
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.data.trained_on import TrainedOn
from regcli.errors import DataError
from tests.data.excel_sheets import workbook

TRAINING = """\
age,town,grade,born,smokes,id,y
31,Rome,S,2020-01-31,yes,a1,low
45,Oslo,M,2021-02-28,no,a2,high
NA,Rome,L,2020-03-31,yes,a3,low
27,Bern,S,2022-04-30,no,a4,high
52,,M,2020-05-31,yes,a5,low
38,Rome,L,2020-06-30,no,a6,high
"""
KEYS: dict[str, Any] = {
    "target": "y",
    "drop": ["id"],
    "types": {"grade": {"ordinal": ["S", "M", "L"]}, "born": "date", "smokes": "boolean"},
    "dates": ["year", "elapsed"],
    "missing": {"age": "mean", "town": "indicator"},
    "test": 0,
    "validation": 0,
}
PLAIN: dict[str, Any] = {"types": None, "drop": None, "dates": None, "missing": "error"}


def trained(folder: Path, text: str = TRAINING, name: str = "train.csv", **keys: Any) -> TrainedOn:
    (folder / name).write_text(text)
    config = Dataset.model_validate({"file": name, **KEYS, **keys})
    splits = split(load_table(config, folder), config)
    shape = splits.train.x.shape[1:]
    table = splits.table
    return TrainedOn(config, splits.preparation, table.classes, shape, table.dialect)


def rows_of(folder: Path, text: str, run: TrainedOn, *, with_truth: bool = False) -> NewRows:
    (folder / "new.csv").write_text(text)
    return read_new_rows(folder / "new.csv", run, with_truth=with_truth)


def problems(folder: Path, text: str, run: TrainedOn, *, with_truth: bool = False) -> list[str]:
    with pytest.raises(DataError) as caught:
        rows_of(folder, text, run, with_truth=with_truth)
    return [each.replace(f"{folder}/", "") for each in caught.value.problems]


def test_the_training_table_comes_to_the_inputs_of_training(tmp_path: Path) -> None:
    run = trained(tmp_path)
    table = load_table(run.dataset, tmp_path)
    read = rows_of(tmp_path, TRAINING, run, with_truth=True)
    found = run.preparation.apply(read.features)
    np.testing.assert_array_equal(found, run.preparation.apply(table.features))
    np.testing.assert_array_equal(read.truth, table.y)
    assert (read.count, read.rows.tolist()) == (6, [0, 1, 2, 3, 4, 5])
    assert read.notes == (
        "new.csv: gaps filled as in training: 'age' in 1 of 6 rows, 'town' in 1 of 6 rows",
    )


def test_columns_are_found_by_name_whatever_their_order_and_types_in_the_file(
    tmp_path: Path,
) -> None:
    run = trained(tmp_path)
    read = rows_of(
        tmp_path, "smokes,born,town,age,grade\nno,2020-02-01,Oslo,40,L\n1,2020-01-31,?,,S\n", run
    )
    found = dict(zip(run.preparation.inputs, run.preparation.apply(read.features).T, strict=True))
    assert {name: values.tolist() for name, values in found.items()} == {
        "age": [40, pytest.approx((31 + 45 + 27 + 52 + 38) / 5)],
        "town=Bern": [0, 0],
        "town=Oslo": [1, 0],
        "town=Rome": [0, 1],
        "town missing": [0, 1],
        "grade": [2, 0],
        "born year": [2020, 2020],
        "born elapsed": [1, 0],
        "smokes": [0, 1],
    }


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    bad = "age,town,grade,born,smoked,weight\nmany,Rome,XL,soon,yes,1\n30,Oslo,M,2020-01-01,no,2\n"
    assert problems(tmp_path, bad, trained(tmp_path)) == [
        "new.csv: must have the columns of training, it lacks 'smokes'; did you mean 'smoked'?",
        "new.csv: column 'age' must hold numbers as in the training data, row 1 of 2 has 'many'",
        "new.csv: column 'grade' must hold the values of its order, 'S', 'M', 'L', row 1 of 2 has "
        "'XL'",
        "new.csv: column 'born' must hold dates of one form, such as 2024-01-31, row 1 of 2 has "
        "'soon'",
    ]


HEAD = "age,town,grade,born,smokes"
ROW = "30,Rome,S,2020-01-01,no"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f"{HEAD},weight,height\n{ROW},1,2\n",
            "must have the columns of training, it has 'weight', 'height' besides; leave out what "
            "it has besides",
        ),
        (
            "age,town\n30,Rome\n",
            "must have the columns of training, it lacks 'grade', 'born', 'smokes'",
        ),
        (
            f"{HEAD}\n{ROW}\n30,Rome,,2020-01-01,no\n",
            "column 'grade' must have a value in every row, row 2 of 2 has none; fill the gap, "
            "leave the row out, or train with dataset.missing set",
        ),
        (
            f"{HEAD}\n1e39,Rome,S,2020-01-01,no\n",
            "column 'age' must hold finite numbers of at most 3.4e38, row 1 of 1 has 1e+39",
        ),
        (f"{HEAD}\n", "must have a row to predict"),
        ("", "must hold a table, it is empty"),
    ],
)
def test_what_a_file_must_have(text: str, told: str, tmp_path: Path) -> None:
    assert problems(tmp_path, text, trained(tmp_path)) == [f"new.csv: {told}"]


def test_columns_without_an_input_are_left_out(tmp_path: Path) -> None:
    both = f"id,{HEAD},y\nx,{ROW},who knows\n"
    assert rows_of(tmp_path, both, trained(tmp_path)).features.columns == tuple(HEAD.split(","))
    named = trained(tmp_path, columns=["age", "town"], drop=None, types=None, dates=None)
    more = "town,weight,age\nRome,1,30\n"
    assert rows_of(tmp_path, more, named).features.x.tolist() == [[30, 0]]


def test_rows_with_gaps_that_training_left_out_have_no_prediction(tmp_path: Path) -> None:
    run = trained(tmp_path, missing="drop")
    read = rows_of(tmp_path, f"{HEAD}\n{ROW}\n,Rome,S,2020-01-01,no\n{ROW}\n", run)
    assert (read.count, read.rows.tolist(), len(read.features.x)) == (3, [0, 2], 2)
    assert read.notes == (
        "new.csv: 1 of 3 rows has no prediction: rows with gaps were left out of training "
        "(missing: drop), the first is row 2",
    )


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (",1,1,1,1 2,1,1,1,1", "'a' in 1 of 2 rows"),
        ("1,?,1,1,1 2,,1,1,NA", "'b' in 2 of 2 rows, 'e' in 1 of 2 rows"),
        (",1,,,", "'a' in 1 of 1 rows, 'c' in 1 of 1 rows, 'd' in 1 of 1 rows and 1 more column"),
        (
            "1,,1,, ?,,,,",
            "'b' in 2 of 2 rows, 'd' in 2 of 2 rows, 'e' in 2 of 2 rows and 2 more columns",
        ),
    ],
)
def test_filled_gaps_are_told_the_most_frequent_first(
    cells: str, told: str, tmp_path: Path
) -> None:
    text = "a,b,c,d,e,y\n" + "".join(f"{n},{n},{n},{n},{n},{n}\n" for n in range(1, 6))
    run = trained(tmp_path, text, **{**PLAIN, "missing": "mean"})
    read = rows_of(tmp_path, "a,b,c,d,e\n" + cells.replace(" ", "\n"), run)
    assert read.notes == (f"new.csv: gaps filled as in training: {told}",)


def test_new_categories_are_told_once_for_each_column(tmp_path: Path) -> None:
    text = f"{HEAD}\n{ROW}\n" + "".join(
        f"30,{town},S,2020-01-01,no\n" for town in ("Lima", "Bonn", "Lima")
    )
    read = rows_of(tmp_path, text, trained(tmp_path))
    assert read.notes == (
        "new.csv: column 'town': 3 rows have categories without an input of their own ('Bonn', "
        "'Lima'); they count as the mean of training",
    )
    pooled = trained(tmp_path, max_categories=1)
    assert rows_of(tmp_path, text, pooled).notes == (
        "new.csv: column 'town': 3 rows have categories without an input of their own ('Bonn', "
        "'Lima'); they count as 'other'",
    )


def test_a_category_of_digits_stays_one(tmp_path: Path) -> None:
    text = "zip,y\n" + "".join(f"{zip_},{y}\n" for zip_, y in [("01", 1), ("1", 0), ("x", 1)] * 3)
    types = {"zip": "category"}
    run = trained(tmp_path, text, types=types, drop=None, dates=None, missing="error")
    read = rows_of(tmp_path, "zip\n1\n01\n", run)
    assert run.preparation.inputs == ("zip=01", "zip=1", "zip=x")
    assert run.preparation.apply(read.features).tolist() == [[0, 1, 0], [1, 0, 0]]


def test_codes_may_be_floats_where_there_are_gaps(tmp_path: Path) -> None:
    frame = pl.DataFrame({"z": [7, 8, 7, 9], "y": [0.5, 1, 2, 3]})
    frame.write_parquet(tmp_path / "train.parquet")
    keys = {"types": {"z": "category"}, "missing": "most_frequent", "test": 0, "validation": 0}
    config = Dataset.model_validate({"file": "train.parquet", "target": "y", **keys})
    splits = split(load_table(config, tmp_path), config)
    run = TrainedOn(config, splits.preparation, (), (3,))
    pl.DataFrame({"z": [9.0, None, 8.0]}).write_parquet(tmp_path / "new.parquet")
    read = read_new_rows(tmp_path / "new.parquet", run, with_truth=False)
    assert run.preparation.inputs == ("z=7", "z=8", "z=9")
    assert run.preparation.apply(read.features).tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    assert read.notes == ("new.parquet: gaps filled as in training: 'z' in 1 of 3 rows",)


def test_parquet_columns_have_the_types_of_training(tmp_path: Path) -> None:
    frame = pl.DataFrame({"size": [1, 2, 3, 4], "kind": ["a", "b", "c", "a"], "y": [0.5, 1, 2, 3]})
    frame.write_parquet(tmp_path / "train.parquet")
    config = Dataset(file="train.parquet", target="y", test=0, validation=0)
    splits = split(load_table(config, tmp_path), config)
    run = TrainedOn(config, splits.preparation, (), (4,))
    frame.drop("y").write_parquet(tmp_path / "new.parquet")
    read = read_new_rows(tmp_path / "new.parquet", run, with_truth=False)
    np.testing.assert_array_equal(
        run.preparation.apply(read.features), splits.preparation.apply(splits.table.features)
    )
    swapped = frame.select(pl.col("kind").alias("size"), pl.col("size").alias("kind"))
    swapped.write_parquet(tmp_path / "swapped.parquet")
    with pytest.raises(DataError) as caught:
        read_new_rows(tmp_path / "swapped.parquet", run, with_truth=True)
    assert [each.replace(f"{tmp_path}/", "") for each in caught.value.problems] == [
        "swapped.parquet: must have the columns of training, it lacks 'y'",
        "swapped.parquet: column 'size' must hold numbers as in the training data, it holds text",
        "swapped.parquet: column 'kind' must hold text as in the training data, it holds Int64",
    ]


def test_a_column_without_any_value_is_one_of_gaps(tmp_path: Path) -> None:
    frame = pl.DataFrame({"size": [1, 2, None, 4], "kind": ["a", "b", "c", "a"], "y": [0, 1, 2, 3]})
    frame.write_parquet(tmp_path / "train.parquet")
    config = Dataset(file="train.parquet", target="y", test=0, validation=0, missing="indicator")
    splits = split(load_table(config, tmp_path), config)
    run = TrainedOn(config, splits.preparation, (), (5,))
    new = tmp_path / "new.parquet"
    pl.DataFrame({"size": [None, None], "kind": [None, None]}).write_parquet(new)
    read = read_new_rows(new, run, with_truth=False)
    assert np.isnan(read.features.x).all()
    assert np.isfinite(run.preparation.apply(read.features)).all()


def test_the_sheet_of_new_rows_is_the_one_with_columns_of_training(tmp_path: Path) -> None:
    header, about = ["a", "kind", "y"], [["about"], ["rows to predict"]]
    rows = [[1.5, "u", 0.5], [2.5, "v", 1.5], [3.5, "w", 2.5], [4.5, "u", 3.5], [5.5, "v", 4.5]]
    (tmp_path / "train.xlsx").write_bytes(workbook({"Data": [header, *rows]}))
    config = Dataset(file="train.xlsx", target="y", test=0, validation=0, missing="indicator")
    splits = split(load_table(config, tmp_path), config)
    run = TrainedOn(config, splits.preparation, (), (4,))
    new, sheet = tmp_path / "new.xlsx", [["a", "kind"], [1.5, None], [2.5, None]]
    new.write_bytes(workbook({"About": about, "New": sheet}))
    read = read_new_rows(new, run, with_truth=False)
    np.testing.assert_array_equal(read.features.x, [[1.5, np.nan], [2.5, np.nan]])
    new.write_bytes(workbook({"Old": sheet, "New": sheet}))
    with pytest.raises(DataError) as caught:
        read_new_rows(new, run, with_truth=False)
    assert str(caught.value).removeprefix(f"{new}: ") == (
        "must have column 'a' in one sheet, it is in 'Old', 'New'; save the sheet that is meant as "
        "a file of its own"
    )


@pytest.mark.parametrize(
    ("new", "found"),
    [
        (",a\n17,1.5\n18,2.5\n19,3.5\n", [1.5, 2.5, 3.5]),
        (",a\n0,1.5\n", [1.5]),
        (",a\nx,1.5\ny,2.5\n", [1.5, 2.5]),
    ],
)
def test_an_index_without_a_name_is_left_out_whatever_it_holds(
    new: str, found: list[float], tmp_path: Path
) -> None:
    run = trained(tmp_path, ",a,y\n0,1.5,1\n1,2.5,2\n2,3.5,3\n", **PLAIN)
    read = rows_of(tmp_path, new, run)
    assert read.features.x.ravel().tolist() == found
    assert read.notes == ("new.csv: first column left out, it has no name",)


@pytest.mark.parametrize(
    ("classes", "cells", "found"),
    [
        ("low high low", "high low", [0, 1]),
        ("0 1 2", "2 0.0 1", [2, 0, 1]),
        ("01 1 x", "1 01", [1, 0]),
        ("true false true", "TRUE false", [1, 0]),
    ],
)
def test_classes_are_those_of_training(
    classes: str, cells: str, found: list[int], tmp_path: Path
) -> None:
    def text(values: str) -> str:
        return "age,y\n" + "".join(f"{place},{each}\n" for place, each in enumerate(values.split()))

    keys = {"types": None, "drop": None, "dates": None, "missing": "error"}
    run = trained(tmp_path, text(f"{classes} " * 3), **keys, task="classification")
    read = rows_of(tmp_path, text(cells), run, with_truth=True)
    assert read.truth is not None
    assert read.truth.tolist() == found
    assert problems(tmp_path, text(f"{cells} huge huge"), run, with_truth=True)[0].endswith(
        f"row {len(found) + 1} of {len(found) + 2} has 'huge' (2 rows have others)"
    )


def test_a_target_with_gaps_cannot_be_scored(tmp_path: Path) -> None:
    assert problems(tmp_path, f"{HEAD},y\n{ROW},\n", trained(tmp_path), with_truth=True) == [
        "new.csv: column 'y' must have a value in every row, row 1 of 1 has none; fill the gap or "
        "leave the row out"
    ]


@pytest.mark.parametrize(
    ("targets", "missing", "truth"),
    [
        ("high,,low", "drop", [0, 1]),
        ("?,high,NA", {"y": "drop"}, [0]),
        (",,", "drop", []),
        ("low,low,high", "drop", [1, 1, 0]),
    ],
)
def test_rows_that_training_had_left_out_for_their_target_have_no_score(
    targets: str, missing: Any, truth: list[int], tmp_path: Path
) -> None:
    text = "age,y\n1,low\n2,high\n3,\n4,low\n5,high\n"
    run = trained(tmp_path, text, **{**PLAIN, "missing": missing})
    given = targets.split(",")
    new = "age,y\n" + "".join(f"7,{each}\n" for each in given)
    read = rows_of(tmp_path, new, run, with_truth=True)
    lacking = [place for place, each in enumerate(given, 1) if each in ("", "?", "NA")]
    assert read.truth is not None
    assert (read.truth.tolist(), len(read.features.x)) == (truth, 3)
    assert [place for place, known in enumerate(read.has_truth, 1) if not known] == lacking
    has = "has" if len(lacking) == 1 else "have"
    assert read.notes == tuple(
        f"new.csv: {len(lacking)} of 3 rows {has} no score: rows without a target were left out of "
        f"training (missing: drop), the first is row {lacking[0]}"
        for _ in lacking[:1]
    )
    assert problems(tmp_path, "age,y\n7,\n7,huge\n", run, with_truth=True) == [
        "new.csv: column 'y' must hold the classes of the run, 'high', 'low', row 1 of 1 has "
        "'huge'; rows are counted without those that have no target"
    ]


def test_truth_belongs_to_the_rows_that_have_a_prediction(tmp_path: Path) -> None:
    text = "age,y\n1,1.5\n,2.5\n3,\n,\n5,4.5\n"
    run = trained(tmp_path, text, **{**PLAIN, "missing": "drop"}, task="regression")
    read = rows_of(tmp_path, text, run, with_truth=True)
    assert read.truth is not None
    assert (read.rows.tolist(), read.truth.tolist()) == ([0, 2, 4], [1.5, 4.5])
    assert read.has_truth.tolist() == [True, False, True]


@pytest.mark.parametrize("quoted", [False, True])
def test_a_row_of_empty_cells_is_a_row_wherever_it_stands(tmp_path: Path, quoted: bool) -> None:
    keys = {**PLAIN, "types": {"town": "category"}, "missing": "most_frequent"}
    run = trained(tmp_path, "age,town,y\n31,Rome,low\n45,Oslo,high\n", **keys)
    town = '"Rome"' if quoted else "Rome"
    read = rows_of(tmp_path, f"age,town\n31,{town}\n,\n45,Oslo\n,\n,\n\n\n", run)
    assert (read.count, len(read.rows)) == (5, 5)
    assert np.isnan(read.features.x[[1, 3, 4]]).all()


ARRAYS = np.arange(24.0).reshape(2, 3, 4, 1)


def of_arrays(folder: Path, x: np.ndarray[Any, Any], y: Any) -> TrainedOn:
    np.savez(folder / "train.npz", x=x, y=y)
    config = Dataset(file="train.npz", test=0, validation=0)
    splits = split(load_table(config, folder), config)
    return TrainedOn(config, splits.preparation, splits.table.classes, x.shape[1:])


def test_arrays_are_read_by_their_shape(tmp_path: Path) -> None:
    run = of_arrays(tmp_path, ARRAYS, ["a", "b"])
    new = tmp_path / "new.npz"
    np.savez(new, x=ARRAYS[:1], y=["b"])
    read = read_new_rows(new, run, with_truth=True)
    np.testing.assert_array_equal(read.features.x, ARRAYS[:1])
    assert (read.truth is not None and read.truth.tolist(), read.count) == ([1], 1)

    def told(with_truth: bool = False, **arrays: Any) -> str:
        np.savez(new, **arrays)
        with pytest.raises(DataError) as caught:
            read_new_rows(new, run, with_truth=with_truth)
        return str(caught.value).removeprefix(f"{new}: ")

    assert told(x=ARRAYS[:, :2]) == (
        "array x must have rows of the shape (3, 4, 1) as in the training data, its shape is "
        "(2, 2, 4, 1)"
    )
    assert told(with_truth=True, x=ARRAYS) == (
        "must hold the arrays x and y, y is missing (it has 'x')"
    )
    assert told(y=[1]) == "must hold the array x, x is missing (it has 'y')"
    assert told(with_truth=True, x=ARRAYS, y=["a", "c"]) == (
        "array y must hold the classes of the run, 'a', 'b', row 2 of 2 has 'c'"
    )


def test_what_only_names_can_tell_needs_names(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("a\n1\n")
    with pytest.raises(DataError, match=r"must be an NPZ file, the run was trained on rows of the"):
        read_new_rows(tmp_path / "new.csv", of_arrays(tmp_path, ARRAYS, [0, 1]), with_truth=False)
    np.savez(tmp_path / "new.npz", x=ARRAYS)
    with pytest.raises(
        DataError, match=r"must be a table, such as CSV or Parquet, the run was trained on"
    ):
        read_new_rows(tmp_path / "new.npz", trained(tmp_path), with_truth=False)
    (tmp_path / "new.doc").write_text("a")
    with pytest.raises(DataError, match=r"must end in \.csv, .* folder of images; got '\.doc'$"):
        read_new_rows(tmp_path / "new.doc", trained(tmp_path), with_truth=False)


def test_batches_are_the_rows_in_their_order(tmp_path: Path) -> None:
    read = rows_of(tmp_path, TRAINING, trained(tmp_path))
    parts = [part.x for part in read.batches(4)]
    assert [len(part) for part in parts] == [4, 2]
    np.testing.assert_array_equal(np.concatenate(parts), read.features.x)


def test_a_file_in_another_dialect_is_read_as_one_of_training_would_be(tmp_path: Path) -> None:
    run = trained(tmp_path)
    text = f"# made by hand\n{HEAD}\n30.5,Rome,S,2020-01-01,no\n".replace(",", ";")
    read = rows_of(tmp_path, text.replace(".", ","), run)
    assert read.features.x[0].tolist()[0] == 30.5
    assert read.notes == (
        "new.csv: separated by semicolons, decimal comma, lines that begin with # left out",
    )


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("a,ver,y\n1.234,1.234.567,1\n2.345,2.345.678,2\n3.125,1.000.000,3\n", {"drop": ["ver"]}),
        (",a,y\nfirst,1.5,1\nsecond,2.5,2\nthird,3.5,3\n", {"drop": [""]}),
    ],
)
def test_what_is_dropped_says_nothing_of_the_others(
    text: str, keys: dict[str, Any], tmp_path: Path
) -> None:
    run = trained(tmp_path, text, **{**PLAIN, **keys})
    read = rows_of(tmp_path, text, run)
    np.testing.assert_array_equal(read.features.x, load_table(run.dataset, tmp_path).x)
    assert read.notes == ()


@pytest.mark.parametrize("roles", [{"target": "b", "drop": ["y"]}, {"weights": "b"}, {"time": "b"}])
def test_what_is_not_asked_for_says_nothing_of_the_inputs(
    roles: dict[str, Any], tmp_path: Path
) -> None:
    text = "a;b;y\n" + "".join(f"{n},5;{n};{n}\n" for n in range(1, 9))
    run = trained(tmp_path, text, **{**PLAIN, **roles})
    assert rows_of(tmp_path, "a;b;y\n1,5;1.000;2\n", run).features.x.tolist() == [[1.5]]


OF_COMMAS = "a;y\n1.234;1.234,5\n2.345;2,5\n3.456;3,5\n"
OF_POINTS = "a;y\n1.25;1\n2.345;2\n3.456;3\n"
OF_WHOLES = "a;y\n1;1\n2;2\n3;3\n"


@pytest.mark.parametrize(
    ("text", "name", "kept", "new", "found"),
    [
        (OF_COMMAS, "train.csv", "; , .", "a\n1.234\n2.345\n", [1234, 2345]),
        (OF_COMMAS, "train.csv", "; , .", "a;b\n1.234;x\n2,5;y\n", [1234, 2.5]),
        (OF_COMMAS, "train.csv", "; , .", "a\n1,234\n2,345\n", [1.234, 2.345]),
        (OF_COMMAS.replace(";", "\t"), "train.tsv", "tab , .", "b,a\nx,1.234\n", [1234]),
        (OF_POINTS, "train.csv", "; . -", "a;b\n1.234;x\n", [1.234]),
        (OF_WHOLES, "train.csv", "; - -", "a;b\n1,5;x\n", [1.5]),
    ],
)
def test_numbers_are_read_as_training_read_them(
    text: str, name: str, kept: str, new: str, found: list[float], tmp_path: Path
) -> None:
    run = trained(tmp_path, text, name, **PLAIN, columns=["a"])
    keys = ("separator", "decimal", "thousands")
    assert run.dialect == {k: v for k, v in zip(keys, kept.split(), strict=True) if v != "-"}
    assert rows_of(tmp_path, new, run).features.x.ravel().tolist() == found


def test_a_mark_that_training_did_not_decide_is_asked_for(tmp_path: Path) -> None:
    run = trained(tmp_path, OF_WHOLES, **PLAIN)
    assert problems(tmp_path, "a;y\n1.234;1\n", run) == [
        "new.csv: column 'a' must hold numbers that can be read in one way, row 1 of 1 has "
        "'1.234'; write dataset.decimal: '.' if that is 1.234, dataset.thousands: '.' if it is 1234"
    ]


def test_plain_tables_keep_no_dialect(tmp_path: Path) -> None:
    assert trained(tmp_path).dialect == {}


def test_columns_with_roles_may_be_missing_or_there(tmp_path: Path) -> None:
    lines = [f"{place},{place % 3},{place},{place % 2}" for place in range(12)]
    text = "\n".join(["age,site,weight,y", *lines])
    run = trained(tmp_path, text, **PLAIN, groups="site", weights="weight")
    for new in ("age\n1\n", "weight,y,site,age\nw,z,,1\n"):
        assert rows_of(tmp_path, new, run).features.x.tolist() == [[1]]


NEW = "age,town,grade,born,smokes\n31,Rome,S,2020-01-31,yes\n45,Oslo,M,2021-02-28,no\n"


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("Age,TOWN,grade,born,smokes", "it has 'Age' for 'age', 'TOWN' for 'town'"),
        (" age.,town,grade,bo_rn,smokes", "it has 'age.' for 'age', 'bo_rn' for 'born'"),
    ],
)
def test_names_that_are_written_otherwise_are_paired(head: str, told: str, tmp_path: Path) -> None:
    text = NEW.replace("age,town,grade,born,smokes", head)
    assert problems(tmp_path, text, trained(tmp_path)) == [
        f"new.csv: must have the columns of training, {told} (write names as in the training data)"
    ]


def test_every_difference_of_names_is_told_at_once(tmp_path: Path) -> None:
    text = NEW.replace("age,town,grade", "AGE,city,more")
    assert problems(tmp_path, text, trained(tmp_path)) == [
        "new.csv: must have the columns of training, it has 'AGE' for 'age' (write names as in the "
        "training data) and it lacks 'town', 'grade' and it has 'city', 'more' besides; leave out "
        "what it has besides"
    ]


@pytest.mark.parametrize("name", ["Unnamed: 0", ""])
def test_an_index_that_training_had_none_of_is_left_out(name: str, tmp_path: Path) -> None:
    lines = NEW.splitlines()
    text = "\n".join(
        [f"{name},{lines[0]}", *(f"{7 + n},{line}" for n, line in enumerate(lines[1:]))]
    )
    run = trained(tmp_path)
    found, plain = rows_of(tmp_path, text, run), rows_of(tmp_path, NEW, run)
    np.testing.assert_array_equal(found.features.x, plain.features.x)
    assert found.notes == (
        (f"new.csv: left out as an index that pandas wrote: '{name}'",)
        if name
        else ("new.csv: first column left out, it has no name",)
    )


def test_a_run_on_pixels_takes_pixels_alone(tmp_path: Path) -> None:
    np.savez(tmp_path / "train.npz", x=ARRAYS * 10, y=["a", "b"])
    config = Dataset(file="train.npz", scale="pixels", test=0, validation=0)
    splits = split(load_table(config, tmp_path), config)
    run = TrainedOn(config, splits.preparation, splits.table.classes, ARRAYS.shape[1:])
    new = tmp_path / "new.npz"
    rule = "must have values from 0 to 255, the run was trained with scale: pixels; they go from"
    refused = {
        f"{rule} 0 to 0.901961; give them before they are divided by 255": ARRAYS * 10 / 255,
        f"{rule} -1 to 22": ARRAYS - 1,
        f"{rule} 0 to 460": ARRAYS * 20,
    }
    for message, x in refused.items():
        np.savez(new, x=x)
        with pytest.raises(DataError) as caught:
            read_new_rows(new, run, with_truth=False)
        assert str(caught.value) == f"{new}: {message}"
    for x in (ARRAYS * 10, ARRAYS * 0):
        np.savez(new, x=x)
        assert read_new_rows(new, run, with_truth=False).count == 2


def test_columns_of_a_run_on_pixels_are_pixels_too(tmp_path: Path) -> None:
    keys: dict[str, Any] = {**PLAIN, "scale": "pixels"}
    run = trained(tmp_path, "a,b,y\n0,255,x\n9,30,z\n", **keys)
    assert rows_of(tmp_path, "a,b\n3,200\n", run).count == 1
    assert problems(tmp_path, "a,b\n0.5,1\n", run) == [
        "new.csv: must have values from 0 to 255, the run was trained with scale: pixels; they go "
        "from 0.5 to 1; give them before they are divided by 255"
    ]
