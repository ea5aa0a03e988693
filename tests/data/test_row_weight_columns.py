"""A column of row weights: no input, and refused where it cannot be used."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from regcli.config.dataset_section import Dataset
from regcli.data.splits import split
from regcli.errors import DataError

ROWS = {"a": [1.0, 2.0, 4.0, 3.0] * 5, "w": [0.0, 1.0, 2.0, 0.5] * 5, "y": [0.5, 1.5, 2.5, 3.5] * 5}


def written(columns: dict[str, list[Any]]) -> str:
    lines = zip(*columns.values(), strict=True)
    return "\n".join(",".join(map(str, line)) for line in [tuple(columns), *lines])


def test_they_are_no_input_and_go_with_their_rows(load_csv, load_parquet) -> None:
    for table in (load_csv(written(ROWS), weights="w"), load_parquet(ROWS, weights="w")):
        assert table.columns == ("a",)
        splits = split(table, Dataset(file="t.csv", target="y", weights="w", scale="none"))
        for _, part in splits.parts():
            assert part is not None
            assert part.weights is not None
            expected = {1.0: 0, 2.0: 1, 4.0: 2, 3.0: 0.5}
            assert part.weights.tolist() == [expected[x] for x in part.x[:, 0].tolist()]


@pytest.mark.parametrize("options", [{}, {"columns": ["a"]}])
def test_they_have_the_marks_of_the_files_numbers(load_csv, options) -> None:
    text = "a;w;y\n1.234,5;1.234;1\n2,5;0,5;0\n3,5;2.000;1\n"
    table = load_csv(text, weights="w", **options)
    assert table.x[:, 0].tolist() == [1234.5, 2.5, 3.5]
    assert table.weights is not None
    assert table.weights.tolist() == [1234, 0.5, 2000]


def test_other_weights_are_other_data(load_csv) -> None:
    table = load_csv(written(ROWS), weights="w")
    other = load_csv(written({**ROWS, "w": [1, 1, 2, 0.5] * 5}), weights="w")
    assert table.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            [1, -0.5, 2, 1],
            "must hold weights, which are numbers of 0 or more, row 2 of 4 has '-0.5'",
        ),
        (
            [1, "high", 2, 1],
            "must hold weights, which are numbers of 0 or more, row 2 of 4 has 'high'",
        ),
        (
            [1, 2, "inf", 1],
            "must hold weights, which are numbers of 0 or more, row 3 of 4 has 'inf'",
        ),
        (
            [1, "NA", "", 1],
            "must have a value in every row, 2 of 4 rows have none, the first of them row 2 with "
            "'NA'; fill the gaps or leave the rows out",
        ),
        ([0, 0, 0, 0], "must hold a weight above 0 in some row, all of them are 0"),
    ],
)
def test_weights_that_cannot_be_used(load_csv, tmp_path, weights, message) -> None:
    columns = {"a": [1, 2, 3, 4], "w": weights, "y": [0.5, 1.5, 2.5, 3.5]}
    with pytest.raises(DataError) as refused:
        load_csv(written(columns), weights="w")
    assert str(refused.value) == f"{tmp_path / 'data.csv'}: column 'w' {message}"


def test_training_rows_need_a_weight(load_csv) -> None:
    table = load_csv(written(ROWS), weights="w")
    config = Dataset(file="t.csv", target="y", weights="w")
    weightless = replace(table, weights=np.zeros(20, np.float32))
    with pytest.raises(DataError) as refused:
        split(weightless, config)
    assert str(refused.value) == (
        "data.csv: weights must be above 0 in some training row, all of them are 0"
    )
