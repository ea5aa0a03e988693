import numpy as np
import polars as pl
import pytest

from regcli.errors import DataError


@pytest.fixture
def load(load_parquet):
    def load_target(values, **options):
        return load_parquet({"a": np.arange(len(values)), "y": values}, **options)

    return load_target


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        pytest.param(["no", "yes", "no"], "binary", ("no", "yes"), id="text"),
        pytest.param(["b", "a", "c"], "multiclass", ("a", "b", "c"), id="sorted text"),
        pytest.param([True, False], "binary", ("False", "True"), id="booleans"),
        pytest.param([5, -1, 5], "binary", ("-1", "5"), id="two integers"),
        pytest.param([0.5, 1.5], "binary", ("0.5", "1.5"), id="two fractions"),
        pytest.param([2, 10, 1] * 3, "multiclass", ("1", "2", "10"), id="few integers, in order"),
        pytest.param([0.0, 1.0, 2.0] * 3, "multiclass", ("0", "1", "2"), id="whole floats"),
        pytest.param([0, 1, 2] * 2, "regression", (), id="under three rows a value"),
        pytest.param([0.0, 1.0, 2.5] * 9, "regression", (), id="a fraction among whole floats"),
        pytest.param(
            list(range(20)) * 3, "multiclass", tuple(map(str, range(20))), id="20 integers"
        ),
        pytest.param(list(range(21)) * 3, "regression", (), id="21 integers"),
    ],
)
def test_the_task_follows_from_the_values(load, values, task, classes):
    table = load(values)
    assert (table.task, table.classes) == (task, classes)
    if task == "regression":
        np.testing.assert_array_equal(table.y, np.array(values, np.float32))
        assert table.y.dtype == np.float32
    else:
        ordered = sorted(set(values))
        assert table.y.tolist() == [ordered.index(value) for value in values]
        assert table.y.dtype == np.int32


def test_what_the_config_says_goes_before_what_the_values_suggest(load):
    assert load([0, 1, 0], task="regression").task == "regression"
    assert load([0, 1, 0], task="regression").y.tolist() == [0, 1, 0]
    assert load([True, False, True], task="regression").y.tolist() == [1, 0, 1]
    measured = load([0.25, 0.5, 0.75], task="classification")
    assert (measured.task, measured.classes) == ("multiclass", ("0.25", "0.5", "0.75"))
    assert load(list(range(50)), task="classification").classes == tuple(map(str, range(50)))


def test_large_integers_stay_apart(load):
    table = load([2**60, 2**60 + 1, 2**60])
    assert table.classes == (str(2**60), str(2**60 + 1))


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e9])
@pytest.mark.parametrize("offset", [0.0, 1.0, 1e3])
def test_a_quantity_of_any_size_keeps_its_digits(load, scale, offset):
    """As far as its values differ by no less than a thousandth of their mean."""
    values = scale * (offset + np.linspace(-1, 1, 100))
    assert load(values).y == pytest.approx(values, rel=1e-6, abs=1e-7 * scale)


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_whole_numbers_of_any_size_are_a_quantity(load, dtype):
    """Differences of such numbers are larger than their type holds."""
    limits = np.iinfo(dtype)
    values = np.linspace(float(limits.min), float(limits.max), 100)[1:-1].astype(dtype)
    assert load(values).y == pytest.approx(values.astype(np.float64), rel=1e-6)


def test_a_category_is_a_class(load):
    assert load(pl.Series(["u", "v", "u"], dtype=pl.Categorical)).classes == ("u", "v")


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (
            ["u", "u"],
            {},
            "column 'y' must have at least 2 different values to tell apart, all are 'u'",
        ),
        (
            [1.5, 1.5],
            {"task": "regression"},
            "column 'y' must have at least 2 different values to tell apart, all are '1.5'",
        ),
        (
            ["cat", "dog"],
            {"task": "regression"},
            "column 'y' must hold numbers for task: regression, it holds text such as 'cat'",
        ),
        (
            np.arange(1001),
            {"task": "classification"},
            "column 'y' must have at most 1000 classes, it has 1001 different values; to predict "
            "it as a number, set task: regression",
        ),
        (
            [f"n{i}" for i in range(1001)],
            {},
            "column 'y' must have at most 1000 classes, it has 1001 different values; name another "
            "target, or give rare values one name",
        ),
        (
            1_600_000_000 + np.arange(200),
            {},
            "column 'y' must vary more than float32 rounding: rounding changes its values by 38 "
            "on average, 66% of their standard deviation 57.7; subtract 1600000000 from the target",
        ),
        (
            1e6 + np.linspace(-1, 1, 200),
            {},
            "column 'y' must vary more than float32 rounding: rounding changes its values by "
            "0.018 on average, 3% of their standard deviation 0.58; subtract 1000000 from the "
            "target",
        ),
        (
            2**60 + np.arange(50),
            {},
            "column 'y' must vary more than float32 rounding: rounding changes its values by 28 "
            "on average, 197% of their standard deviation 14.4; subtract 1152921504606846900 "
            "from the target",
        ),
        (
            1e-300 * np.arange(1, 201),
            {},
            "column 'y' must vary more than float32 rounding: rounding changes its values by "
            "1.2e-298 on average, 201% of their standard deviation 5.77e-299; multiply the target "
            "by 1e297",
        ),
        (
            1e-42 * np.arange(1, 201),
            {},
            "column 'y' must vary more than float32 rounding: rounding changes its values by "
            "1.2e-40 on average, 201% of their standard deviation 5.77e-41; multiply the target "
            "by 1e39",
        ),
    ],
)
def test_a_target_that_cannot_be_learnt_is_refused(load, tmp_path, values, options, message):
    with pytest.raises(DataError) as refused:
        load(values, **options)
    assert str(refused.value) == f"{tmp_path / 'data.parquet'}: {message}"


@pytest.mark.parametrize(
    ("values", "sentence", "is_doubtful"),
    [
        (["no", "yes"] * 3, "classification, because it holds text", False),
        ([True, False] * 3, "classification, because it is true or false", False),
        (
            [0, 1] * 3,
            "classification, because it has only the values 0 and 1; if it is a quantity, set "
            "dataset.task: regression",
            False,
        ),
        (
            [2.5, 7] * 3,
            "classification, because it has only the values 2.5 and 7; if it is a quantity, set "
            "dataset.task: regression",
            True,
        ),
        (
            [1, 2, 3, 4, 5] * 4,
            "classification, because it has 5 different whole numbers; if it is a quantity, set "
            "dataset.task: regression",
            True,
        ),
        (
            [0, 1, 2] * 2,
            "regression, because it has 3 different whole numbers in 6 rows, too few rows for "
            "classes; if they are labels, set dataset.task: classification",
            True,
        ),
        (
            list(range(30)) * 10,
            "regression, because it has 30 different whole numbers; if they are labels, set "
            "dataset.task: classification",
            True,
        ),
        (
            list(range(30)) * 9,
            "regression, because it has 30 different whole numbers; if they are labels, set "
            "dataset.task: classification",
            False,
        ),
        (
            list(range(101)) * 10,
            "regression, because it has 101 different whole numbers; if they are labels, set "
            "dataset.task: classification",
            False,
        ),
        (list(range(1001)), "regression, because it has 1,001 different whole numbers", False),
        (
            [0.5, 1, 2, 3],
            "regression, because it has 4 different numbers that are not all whole",
            False,
        ),
    ],
)
def test_a_guess_has_a_reason_and_what_overrides_it(load, values, sentence, is_doubtful):
    table = load(values)
    assert (table.guess.sentence, table.guess.is_doubtful) == (sentence, is_doubtful)
    told = [note for note in table.notes if note.startswith("the target ")]
    assert told == ([f"the target 'y' is taken for {sentence}"] if is_doubtful else [])


def test_what_a_config_says_is_no_guess(load):
    table = load([1, 2, 3] * 4, task="regression")
    assert (table.guess, table.notes) == (None, ())


@pytest.mark.parametrize(
    ("values", "note"),
    [
        (["u", "v", "u", "w", "v"], "class 'w' has 1 row"),
        (["u", "v", "u", "w", "x"], "3 classes, such as 'v', have 1 row"),
    ],
)
def test_a_class_with_one_row_is_noted(load, values, note):
    assert load(values).notes == (
        f"{note}, which trains and is never scored; leave rare classes out, or give them one name",
    )


@pytest.mark.parametrize("missing", ["drop", {"y": "drop"}])
def test_rows_without_a_target_are_left_out_where_asked(load_csv, load_parquet, missing):
    text = "a,y\n1,2.5\n2,NA\n3,\n4,1.5\n5,0.5\n"
    values = {"a": [1, 2, 3, 4, 5], "y": [2.5, None, float("nan"), 1.5, 0.5]}
    for table in (load_csv(text, missing=missing), load_parquet(values, missing=missing)):
        assert table.y.tolist() == [2.5, 1.5, 0.5]
        assert table.x[:, 0].tolist() == [1, 4, 5]
        assert table.notes == ("2 of 5 rows left out for gaps in the target 'y'",)


def test_rows_are_counted_without_those_that_have_no_target(load_csv, tmp_path):
    with pytest.raises(DataError) as refused:
        load_csv("a,y\n1,\nx1,2.5\n3,1.5\n", missing={"y": "drop"})
    first, *others = refused.value.problems
    assert first.startswith(f"{tmp_path / 'data.csv'}: column 'a' must ")
    assert first.endswith("; rows are counted without those that have no target")
    assert others == []
