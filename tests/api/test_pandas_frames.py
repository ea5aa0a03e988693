"""Frames of pandas become those of polars, kind by kind."""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest

import regcli
from regcli.api.pandas_frames import as_pandas, from_pandas

pandas = pytest.importorskip("pandas")


def column(values: Any, **options: Any) -> tuple[pl.DataType, list[Any]]:
    found = from_pandas(pandas.DataFrame({"c": pandas.Series(values, **options)}))["c"]
    return found.dtype, found.to_list()


def test_kinds_and_gaps_survive() -> None:
    day = dt.datetime(2024, 5, 1)
    assert column([1, 2]) == (pl.Int64, [1, 2])
    assert column([1.5, np.nan]) == (pl.Float64, [1.5, None])
    assert column([True, False]) == (pl.Boolean, [True, False])
    assert column([True, None]) == (pl.Boolean, [True, None])
    assert column([True, None], dtype="boolean") == (pl.Boolean, [True, None])
    assert column([1, None], dtype="Int64") == (pl.Int64, [1, None])
    assert column(["a", None]) == (pl.String, ["a", None])
    assert column(["a", None], dtype="string") == (pl.String, ["a", None])
    assert column([day, None])[1] == [day, None]
    assert column([day.date(), None]) == (pl.Date, [day.date(), None])
    assert column([day.replace(tzinfo=dt.UTC)])[1] == [day]


def test_categories_stay_categories_also_where_they_are_numbers() -> None:
    kind, values = column(["S", "L", None], dtype="category")
    assert (kind.base_type(), values) == (pl.Categorical, ["S", "L", None])
    kind, values = column([3, 1, None], dtype=pandas.CategoricalDtype([1, 3]))
    assert (kind.base_type(), values) == (pl.Categorical, ["3", "1", None])


def test_names_are_text_and_differ() -> None:
    assert from_pandas(pandas.DataFrame([[1, 2]])).columns == ["0", "1"]
    twice = pandas.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(regcli.DataError) as caught:
        from_pandas(twice)
    assert str(caught.value) == ("data: must have columns of different names, 'a' is there twice")


def test_several_kinds_in_a_column_are_refused() -> None:
    with pytest.raises(regcli.DataError) as caught:
        from_pandas(pandas.DataFrame({"c": [1, "a", None]}))
    assert str(caught.value) == "data: column 'c' must hold values of one kind, it holds int, str"


def test_there_and_back() -> None:
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None], "c": [True, False], "d": [0.5, None]})
    assert from_pandas(as_pandas(frame)).equals(frame)
