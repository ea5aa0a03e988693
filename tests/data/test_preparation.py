"""What is fitted on the training rows, and what becomes of rows by it."""

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, QuantileTransformer, RobustScaler

from regcli.config.column_keys import Ordinal
from regcli.config.dataset_section import Dataset
from regcli.data.columns.columns import read_feature
from regcli.data.dataset import Splits, Table, Target, numbered_columns
from regcli.data.features import Features, Kind
from regcli.data.preparing.preparation import Preparation
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.errors import DataError

ROWS = 24
SIZES = ("S", "M", "L")
CELLS = {
    "age": st.none() | st.floats(-1e6, 1e6, width=32),
    "city": st.none() | st.sampled_from(["Rome", "Bonn", "Oslo", "Lima", "other"]),
    "sex": st.sampled_from(["f", "m"]),
    "size": st.none() | st.sampled_from(SIZES),
    "when": st.none() | st.dates(datetime.date(1999, 1, 1), datetime.date(2030, 1, 1)),
    "flag": st.none() | st.booleans(),
}
SCHEMA = {
    **dict.fromkeys(["city", "sex", "size"], pl.String),
    "age": pl.Float64,
    "when": pl.Date,
    "flag": pl.Boolean,
    "y": pl.Float64,
}
OPTIONS: dict[str, Any] = {
    "types": {
        "city": "category",
        "sex": "category",
        "flag": "boolean",
        "size": Ordinal(ordinal=SIZES),
    },
    "dates": ("year", "month", "weekday", "elapsed"),
    "test": 0.25,
    "validation": 0.25,
}
ROW = st.fixed_dictionaries(CELLS)
FILLS = st.sampled_from(["mean", "median", "most_frequent", "indicator"])


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of which every column has a value in those that train, whichever they are."""
    rows = draw(st.lists(ROW, min_size=ROWS, max_size=ROWS))
    full = {"age": 1.5, "city": "Rome", "sex": "f", "size": "M", "flag": True}
    full["when"] = datetime.date(2024, 2, 29)
    return [full if number % 3 == 0 else row for number, row in enumerate(rows)]


def split_of(folder, rows: list[dict[str, Any]], **options: Any) -> Splits:
    y = [{"y": number + 0.5} for number in range(len(rows))]
    frame = pl.DataFrame([row | own for row, own in zip(rows, y, strict=True)], schema=SCHEMA)
    frame.write_parquet(folder / "t.parquet")
    config = Dataset(file="t.parquet", target="y", **OPTIONS | options)
    return split(load_table(config, folder), config)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


@settings(max_examples=25)
@given(
    tables(),
    FILLS,
    st.sampled_from(["none", "standard", "robust", "quantile"]),
    st.none() | st.integers(1, 3),
    st.data(),
)
def test_held_out_rows_change_neither_what_is_fitted_nor_the_training_rows(
    folder, rows, missing, scale, most, data
):
    options = {"missing": missing, "scale": scale, "max_categories": most}
    before = split_of(folder, rows, **options)
    held_out = [int(y) for part in (before.validation, before.test) if part for y in part.y]
    assert len(held_out) == ROWS // 2
    changed = list(rows)
    for number in held_out:
        changed[number] = data.draw(ROW)
    after = split_of(folder, changed, **options)
    assert after.preparation == before.preparation
    assert after.columns == before.columns
    np.testing.assert_array_equal(after.train.x, before.train.x)
    np.testing.assert_array_equal(after.center, before.center)
    np.testing.assert_array_equal(after.width, before.width)


@settings(max_examples=25)
@given(tables(), FILLS, st.sampled_from(["none", "quantile"]), st.none() | st.integers(1, 3))
def test_a_preparation_is_read_back_from_json_and_does_the_same(folder, rows, missing, scale, most):
    splits = split_of(folder, rows, missing=missing, scale=scale, max_categories=most)
    before = splits.preparation
    after = Preparation.from_plain(json.loads(json.dumps(before.as_plain())))
    assert after == before
    assert after.key == before.key
    features = splits.table.features
    np.testing.assert_array_equal(after.apply(features), before.apply(features))
    assert not np.isnan(before.apply(features)).any()
    assert len(before.inputs) == len(before.sources) == len(set(before.inputs))
    assert set(before.sources) == set(features.columns)


def test_plain_numbers_are_not_touched():
    x = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    target = Target(np.arange(20, dtype=np.float32), "regression", ())
    table = Table.of("t", x, target, ("a", "b", "c"))
    prepared = split(table, Dataset(file="t.npz")).preparation
    assert prepared == Preparation(("a", "b", "c"))
    assert prepared.key is None
    assert prepared.apply(table.features) is x
    assert prepared.inputs == prepared.sources == ("a", "b", "c")


def test_categories_where_there_were_numbers_are_told():
    features = Features(np.zeros((2, 1)), ("a",), {"a": Kind("category", ("u",))})
    with pytest.raises(DataError) as refused:
        Preparation(("a",)).apply(features)
    assert str(refused.value) == (
        "column 'a' must hold what it holds in the training data: a number there, a category here"
    )


@pytest.mark.parametrize("plain", [{}, {"version": 2}, {"version": 1, "steps": [{"type": "x"}]}])
def test_what_is_no_preparation_is_refused(plain):
    with pytest.raises(ValueError, match=r"preparation|'x'"):
        Preparation.from_plain(plain)


# Beside scikit-learn


def prepared_rows(load_parquet, columns: dict[str, Any], **options: Any):
    """The prepared inputs of every row and of the training rows, and numbers of the latter."""
    y = {"y": [float(number) for number in range(len(next(iter(columns.values()))))]}
    config = {"scale": "none", "test": 0.3, "validation": 0, **options}
    table = load_parquet(columns | y, task="regression", **config)
    splits = split(table, Dataset(file="t.parquet", target="y", task="regression", **config))
    return splits, splits.train.y.astype(int)


@pytest.mark.parametrize("kind", ["mean", "median", "most_frequent"])
def test_gaps_are_filled_as_by_simple_imputer(load_parquet, kind):
    rng = np.random.default_rng(0)
    x = np.round(rng.normal(size=(60, 2)), 1)
    x[rng.random(x.shape) < 0.3] = np.nan
    splits, train = prepared_rows(load_parquet, {"a": x[:, 0], "b": x[:, 1]}, missing=kind)
    imputer = SimpleImputer(strategy=kind).fit(x[train])
    found = splits.preparation.apply(splits.table.features)
    np.testing.assert_allclose(found, imputer.transform(x), rtol=1e-15)


def test_indicators_are_those_of_simple_imputer(load_parquet):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(60, 2))
    x[rng.random(60) < 0.3, 0] = np.nan
    columns = {"a": x[:, 0], "b": x[:, 1]}
    splits, train = prepared_rows(load_parquet, columns, missing="indicator")
    imputer = SimpleImputer(add_indicator=True).fit(x[train])
    assert splits.columns == ("a", "a missing", "b")
    found = splits.preparation.apply(splits.table.features)
    np.testing.assert_allclose(found[:, [0, 2, 1]], imputer.transform(x), rtol=1e-15)


WORDS = ["a"] * 20 + ["b"] * 14 + ["c"] * 9 + ["d"] * 5 + ["e"] * 2


def test_categories_are_those_of_one_hot_encoder(load_parquet):
    words = np.random.default_rng(0).permutation(WORDS).astype(object)
    two = np.where(np.arange(50) % 3 == 0, "m", "f").astype(object)
    columns = {"w": words, "two": two}
    splits, train = prepared_rows(load_parquet, columns, test=0.1)
    encoder = OneHotEncoder(drop="if_binary", sparse_output=False)
    x = np.column_stack([words, two])
    found = encoder.fit(x[train])
    assert splits.columns == ("w=a", "w=b", "w=c", "w=d", "w=e", "two=m")
    inputs = splits.preparation.apply(splits.table.features)
    np.testing.assert_array_equal(inputs, found.transform(x))


def test_rare_categories_are_pooled_as_by_one_hot_encoder(load_parquet):
    words = np.random.default_rng(0).permutation(WORDS).astype(object)
    splits, train = prepared_rows(load_parquet, {"w": words}, test=0.1, max_categories=3)
    # scikit-learn counts the pool among them.
    encoder = OneHotEncoder(max_categories=4, sparse_output=False).fit(words[train, None])
    assert splits.columns == ("w=a", "w=b", "w=c", "w=other")
    inputs = splits.preparation.apply(splits.table.features)
    np.testing.assert_array_equal(inputs, encoder.transform(words[:, None]))
    assert splits.notes == ("column 'w': the 2 rarest of 5 categories share the input w=other",)


def test_orders_are_those_of_ordinal_encoder(load_parquet):
    sizes = np.random.default_rng(0).choice(SIZES, 40).astype(object)
    types = {"size": Ordinal(ordinal=SIZES)}
    splits, _ = prepared_rows(load_parquet, {"size": sizes}, types=types)
    encoder = OrdinalEncoder(categories=[list(SIZES)]).fit(sizes[:, None])
    inputs = splits.preparation.apply(splits.table.features)
    np.testing.assert_array_equal(inputs, encoder.transform(sizes[:, None]))


@pytest.mark.parametrize("rows", [30, 900])
def test_ranks_are_those_of_quantile_transformer(load_parquet, rows):
    rng = np.random.default_rng(0)
    # The second has many equal values, which share the middle of their ranks.
    x = np.column_stack([rng.lognormal(size=rows), rng.poisson(2, rows)])
    columns = {"a": x[:, 0], "b": x[:, 1]}
    splits, train = prepared_rows(load_parquet, columns, scale="quantile")
    count = min(200, len(train))
    transformer = QuantileTransformer(n_quantiles=count, subsample=None).fit(x[train])
    inputs = splits.preparation.apply(splits.table.features)
    np.testing.assert_allclose(inputs, transformer.transform(x), atol=1e-9)
    np.testing.assert_allclose(splits.train.x.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(splits.train.x.std(axis=0), 1, atol=1e-6)


def test_robust_scaling_is_that_of_robust_scaler():
    x = np.random.default_rng(0).standard_t(2, size=(80, 3)) * [1, 1e6, 1e-6] + [0, 1e9, 0]
    target = Target(np.arange(80, dtype=np.float32), "regression", ())
    table = Table.of("t", x, target, numbered_columns("x", (3,)))
    splits = split(table, Dataset(file="t.npz", scale="robust"))
    assert splits.test is not None
    scaler = RobustScaler().fit(x[splits.train.y.astype(int)])
    expected = scaler.transform(x[splits.test.y.astype(int)])
    np.testing.assert_allclose(splits.test.x, expected, rtol=1e-5, atol=1e-6)


def test_robust_scaling_takes_the_deviation_where_the_quartiles_are_equal():
    x = np.array([[0.0, 5.0]] * 9 + [[30.0, 5.0]])
    target = Target(np.arange(10, dtype=np.float32), "regression", ())
    table = Table.of("t", x, target, ("mostly 0", "constant"))
    splits = split(table, Dataset(file="t.npz", scale="robust", test=0, validation=0))
    assert splits.width.tolist() == [9, 1]
    assert splits.train.x[-1].tolist() == [np.float32(30 / 9), 0]


# Kinds of columns


def test_a_category_without_training_rows_is_other_or_the_mean():
    """Other rows may have values that training rows have not, and other numbers for them."""
    columns = ("w", "v")
    known = Features(
        np.array([[0, 0], [0, 1], [1, 2], [2, 0]], float),
        columns,
        {"w": Kind("category", ("a", "b", "other")), "v": Kind("category", ("a", "b", "c"))},
    )
    prepared = fitted(known)
    kinds = {"w": Kind("category", ("new", "b")), "v": Kind("category", ("aa", "c"))}
    new = Features(np.array([[0, 0], [1, 1]], float), columns, kinds)
    assert prepared.inputs == ("w=a", "w=b", "w=other", "v=a", "v=b", "v=c")
    assert prepared.apply(new).tolist() == [[0, 0, 1, 0.5, 0.25, 0.25], [0, 1, 0, 0, 0, 1]]


def fitted(features: Features, **options: Any) -> Preparation:
    target = Target(np.arange(len(features.x), dtype=np.float32), "regression", ())
    table = Table.of("t", features.x, target, features.columns, kinds=features.kinds)
    config = Dataset(file="t.csv", target="y", test=0, validation=0, **options)
    return split(table, config).preparation


def test_columns_are_found_by_name():
    features = Features(np.array([[1.0, 0], [2, 1]]), ("a", "w"), {"w": Kind("category", "uv")})
    prepared = fitted(features)
    turned = Features(np.array([[1.0, 7, 5]]), ("w", "more", "a"), {"w": Kind("category", "uv")})
    assert prepared.apply(turned).tolist() == [[5, 1]]


def test_further_rows_are_read_as_those_that_were_fitted(load_csv):
    """Alone they might look like something else: a town of digits, a date, a gap, one size."""
    rows = ["1,a,S,2024-01-05,true,0", "2,b,L,2024-01-07,false,1", ",c,S,,true,0"]
    text = "\n".join(["n,town,size,day,flag,y", *rows])
    options = {
        "types": {"size": Ordinal(ordinal=SIZES), "town": "category"},
        "dates": ("elapsed",),
        "missing": {"n": "indicator", "day": "median"},
    }
    table = load_csv(text, **options)
    config = Dataset(file="t.csv", target="y", test=0, validation=0, scale="none", **options)
    prepared = split(table, config).preparation
    new = {"n": [None], "town": [7], "size": ["M"], "day": ["2024-01-09"], "flag": ["false"]}
    path = Path("new.csv")
    columns = [
        read_feature(pl.Series(name, values), path, prepared.rules, typed=False)
        for name, values in new.items()
    ]
    x = np.array([[float(column.values[0]) for column in columns]])
    kinds = {column.name: column.kind for column in columns}
    third = pytest.approx(1 / 3)
    names = ("n", "n missing", "town=a", "town=b", "town=c", "size", "day elapsed", "flag")
    assert prepared.inputs == names
    inputs = prepared.apply(Features(x, tuple(new), kinds)).tolist()
    assert inputs == [[1.5, 1, third, third, third, 1, 4, 0]]


@pytest.mark.parametrize(
    ("columns", "x", "kinds", "message"),
    [
        (("a",), [[1.0]], {}, "rows must have the columns of training, they lack 'w'"),
        (
            ("a", "w"),
            [[np.nan, 0]],
            {"w": Kind("category", "u")},
            "column 'a' must have a value in every row, 1 of 1 rows have none; fill the gaps, "
            "leave the rows out, or set dataset.missing",
        ),
        (
            ("a", "w"),
            [[1, np.nan]],
            {"w": Kind("category", "u")},
            "column 'w' must have a value in every row, 1 of 1 rows have none; fill the gaps, "
            "leave the rows out, or set dataset.missing",
        ),
        (
            ("a", "w"),
            [[1, 1]],
            {},
            "column 'w' must hold what it holds in the training data: a category there, a number "
            "here",
        ),
    ],
)
def test_rows_that_do_not_fit_are_told(columns, x, kinds, message):
    prepared = fitted(
        Features(np.array([[1.0, 0], [2, 1]]), ("a", "w"), {"w": Kind("category", "uv")})
    )
    with pytest.raises(DataError) as refused:
        prepared.apply(Features(np.array(x, float), columns, kinds))
    assert str(refused.value) == message


def test_a_column_without_a_value_in_the_training_rows_cannot_be_filled(load_csv):
    table = load_csv("a,b,y\n1,,0\n2,,1\n3,,0\n4,,1\n", missing="mean")
    config = Dataset(file="data.csv", target="y", missing="mean", test=0, validation=0)
    with pytest.raises(DataError) as refused:
        split(table, config)
    assert str(refused.value) == (
        "data.csv: column 'b' must have a value in a training row, which fills its gaps; leave the "
        "column out with dataset.drop"
    )
