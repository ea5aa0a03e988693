"""Folds, groups, times and files of their own: which rows may be apart, and which never are."""

from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import TimeSeriesSplit

from regcli.config.dataset_section import Dataset
from regcli.data.dataset import Splits, Table
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.errors import DataError
from tests.data.test_splits import plain, rows_of, table_of

seeds = st.integers(0, 2**31 - 1)


def folds_of(table: Table, count: int, **options: Any) -> list[dict[str, list[int]]]:
    """The rows of each part, for every fold."""
    folds = [{"number": number, "of": count} for number in range(count)]
    return [rows_of(split(table, plain(fold=fold, **options))) for fold in folds]


@given(st.lists(st.integers(5, 40), min_size=2, max_size=5), st.integers(2, 7), seeds)
def test_every_row_is_a_test_row_or_held_out_once(counts, count, seed):
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    table = table_of(y, len(counts))
    found = folds_of(table, count, seed=seed)
    tests = {tuple(parts["test"]) for parts in found}
    assert tests == {tuple(rows_of(split(table, plain(seed=seed)))["test"])}
    held_out = [row for parts in found for row in parts["validation"]]
    assert sorted([*held_out, *found[0]["test"]]) == list(range(len(y)))
    for parts in found:
        assert sorted(row for rows in parts.values() for row in rows) == list(range(len(y)))
    sizes = [np.bincount(y[parts["validation"]], minlength=len(counts)) for parts in found]
    assert np.ptp(sizes, axis=0).max() <= 1
    assert np.ptp(np.sum(sizes, axis=1)) <= 1


def test_each_repetition_deals_the_rows_anew_and_the_seed_decides():
    table = table_of(np.zeros(60))
    found = [
        rows_of(split(table, plain(seed=seed, fold={"number": 0, "of": 3, "repeat": repeat})))
        for seed, repeat in [(0, 0), (0, 0), (0, 1), (1, 0)]
    ]
    assert found[0] == found[1]
    assert len({tuple(parts["validation"]) for parts in found}) == 3
    assert found[0]["test"] == found[2]["test"]


def test_nothing_of_the_held_out_rows_is_in_the_scaling():
    table = table_of(np.zeros(30))
    for number in range(3):
        fitted = split(table, plain(fold={"number": number, "of": 3}))
        scaled = split(
            table, plain(fold={"number": number, "of": 3}).model_copy(update={"scale": "standard"})
        )
        assert scaled.center[0] == pytest.approx(fitted.train.x.mean(), rel=1e-6)


def test_folds_without_validation_rows_of_their_own_hold_out_the_same_number():
    found = folds_of(table_of(np.zeros(50)), 5, validation=0, test=0)
    assert [len(parts["validation"]) for parts in found] == [10] * 5
    assert [len(parts["test"]) for parts in found] == [0] * 5


# Tables with groups, times and files


def write(folder: Path, name: str, columns: dict[str, Any]) -> None:
    frame = pl.DataFrame(columns)
    if name.endswith(".csv"):
        frame.write_csv(folder / name)
    else:
        frame.write_parquet(folder / name)


def parts_of(folder: Path, **options: Any) -> Splits:
    config = Dataset(target="y", scale="none", **options)
    return split(load_table(config, folder), config)


@settings(max_examples=25)
@given(st.integers(8, 30), st.integers(2, 4), seeds)
def test_groups_stay_together_in_parts_and_folds(tmp_path_factory, groups, count, seed):
    folder = tmp_path_factory.mktemp("groups")
    rng = np.random.default_rng(seed)
    site = rng.permutation(np.concatenate([np.arange(groups), rng.integers(0, groups, 150)]))
    columns = {"a": np.arange(len(site)), "y": rng.integers(0, 3, len(site)) * 1.5}
    write(folder, "t.csv", columns | {"site": [f"s{number}" for number in site]})
    given = {"file": "t.csv", "groups": "site", "seed": seed, "task": "regression"}
    found = [parts_of(folder, **given)] + [
        parts_of(folder, **given, fold={"number": number, "of": count}) for number in range(count)
    ]
    for splits in found:
        assert splits.columns == ("a",)
        where = [{*site[rows]} for rows in rows_of(splits).values()]
        assert where[0] | where[1] | where[2] == {*range(groups)}
        assert sum(map(len, where)) == groups
    held_out = [row for splits in found[1:] for row in rows_of(splits)["validation"]]
    assert sorted([*held_out, *rows_of(found[0])["test"]]) == list(range(len(site)))


def test_groups_come_near_to_the_fractions_and_to_the_classes(tmp_path):
    rng = np.random.default_rng(0)
    site = np.repeat(np.arange(100), 10)
    y = (rng.random(1000) < np.repeat(rng.random(100), 10)).astype(int)
    write(tmp_path, "t.csv", {"a": np.arange(1000), "site": site, "y": y})
    splits = parts_of(tmp_path, file="t.csv", groups="site")
    for part, share in ((splits.train, 0.6), (splits.validation, 0.2), (splits.test, 0.2)):
        assert part is not None
        assert len(part) == pytest.approx(1000 * share, abs=20)
        assert part.y.mean() == pytest.approx(y.mean(), abs=0.02)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_is_held_out_comes_after_what_is_trained_on(tmp_path, kind):
    rng = np.random.default_rng(0)
    day = rng.integers(0, 60, 300)
    dates = np.datetime64("2024-01-01") + day
    columns = {"a": np.arange(300), "y": rng.normal(size=300)}
    when = [str(date) for date in dates] if kind == "csv" else dates
    write(tmp_path, f"t.{kind}", columns | {"day": when})
    given = {"file": f"t.{kind}", "time": "day"}
    found = [parts_of(tmp_path, **given)]
    found += [parts_of(tmp_path, **given, fold={"number": k, "of": 4}) for k in range(4)]
    for splits in found:
        assert splits.columns == ("a",)
        days = [day[rows] for rows in rows_of(splits).values()]
        assert days[0].max() < days[1].min()
        assert days[1].max() < days[2].min()
    assert [len(splits.test) for splits in found if splits.test] == [len(found[0].test)] * 5
    held_out = [row for splits in found[1:] for row in rows_of(splits)["validation"]]
    assert len({*held_out}) == len(held_out)


def test_rolling_folds_without_ties_are_those_of_scikit_learn(tmp_path):
    order = np.random.default_rng(1).permutation(60)
    write(tmp_path, "t.csv", {"a": np.arange(60), "hour": order, "y": order * 0.5})
    expected = TimeSeriesSplit(n_splits=4).split(np.arange(60))
    for number, (train, held_out) in enumerate(expected):
        fold = {"number": number, "of": 4}
        found = rows_of(parts_of(tmp_path, file="t.csv", time="hour", test=0, fold=fold))
        assert sorted(order[found["train"]]) == train.tolist()
        assert sorted(order[found["validation"]]) == held_out.tolist()


@pytest.mark.parametrize(
    "times",
    [
        ["2024-01-02", "2024-01-01", "2024-01-03", "2023-12-31"],
        [
            "2024-01-01 10:00:00",
            "2024-01-01 09:30:00",
            "2024-01-02 00:00:00",
            "2023-05-05 01:00:00",
        ],
        [
            "2024-01-01T10:00:00Z",
            "2024-01-01T09:30:00Z",
            "2024-02-01T00:00:00Z",
            "2023-05-05T01:00:00Z",
        ],
        [
            "2024-01-01T10:00:00+02:00",
            "2024-01-01T07:59:00Z",
            "2024-02-01T00:00:00Z",
            "2023-05-05T01:00:00Z",
        ],
        ["2", "1", "10", "-3"],
        ["2.5", "1.5", "10", "-3"],
    ],
)
def test_times_are_numbers_or_dates(load_csv, times):
    rows = "".join(f"{row},{time},{row}.5\n" for row, time in enumerate(times))
    table = load_csv(f"a,t,y\n{rows}", time="t", task="regression")
    assert table.origin is not None
    assert np.argsort(table.origin.times).tolist() == [3, 1, 0, 2]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_files_of_their_own_are_the_parts(tmp_path, kind):
    def columns(rows: range, cats: str) -> dict[str, Any]:
        return {"a": list(rows), "c": list(cats), "y": [0.5 * row for row in rows]}

    write(tmp_path, f"a.{kind}", columns(range(8), "aabbaabb"))
    write(tmp_path, f"v.{kind}", columns(range(8, 12), "abab"))
    # The order of columns is free, and a category may be new.
    last = columns(range(12, 15), "caa")
    write(tmp_path, f"t.{kind}", dict(reversed(last.items())))
    files = {"file": f"a.{kind}", "validation": f"v.{kind}", "test": f"t.{kind}"}
    splits = parts_of(tmp_path, **files)
    assert rows_of(splits) == {
        "train": [*range(8)],
        "validation": [*range(8, 12)],
        "test": [12, 13, 14],
    }
    assert splits.columns == ("a", "c=b")
    assert splits.test is not None
    # A category that no training row has is the mean of theirs.
    assert splits.test.x.tolist() == [[12, 0.5], [13, 0], [14, 0]]
    half = parts_of(tmp_path, file=f"a.{kind}", test=f"t.{kind}", validation=0.25)
    assert [len(part) for _, part in half.parts() if part] == [6, 2, 3]
    assert rows_of(half)["test"] == [12, 13, 14] or rows_of(half)["test"] == [8, 9, 10]


def test_arrays_have_files_of_their_own_too(tmp_path):
    rng = np.random.default_rng(0)
    for name, count in (("a", 9), ("t", 4)):
        np.savez(tmp_path / f"{name}.npz", x=rng.normal(size=(count, 2)), y=np.arange(count) % 2)
    config = Dataset(file="a.npz", test="t.npz", validation=0, scale="none")
    splits = split(load_table(config, tmp_path), config)
    assert (len(splits.train), splits.validation) == (9, None)
    assert splits.test is not None
    with np.load(tmp_path / "t.npz") as stored:
        np.testing.assert_array_equal(splits.test.x, stored["x"].astype(np.float32))


def test_folds_leave_a_test_file_alone(tmp_path):
    write(tmp_path, "a.csv", {"a": range(12), "y": [0.5 * row for row in range(12)]})
    write(tmp_path, "t.csv", {"a": range(12, 15), "y": [1.5, 2.5, 3.5]})
    found = [
        rows_of(parts_of(tmp_path, file="a.csv", test="t.csv", fold={"number": k, "of": 3}))
        for k in range(3)
    ]
    assert [parts["test"] for parts in found] == [[12, 13, 14]] * 3
    assert sorted(row for parts in found for row in parts["validation"]) == [*range(12)]


@pytest.mark.parametrize("option", ["groups", "time", "test"])
def test_what_decides_the_parts_is_in_the_fingerprint(tmp_path, option):
    def fingerprint(changed: bool) -> str:
        marks = [0, 0, 1, 1, 2, 3 if changed else 2]
        write(tmp_path, "a.csv", {"a": range(6), "m": marks, "y": [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]})
        rows = {"a": [7], "m": [9 if changed else 8], "y": [0.5]}
        write(tmp_path, "t.csv", rows)
        given = {"test": "t.csv"} if option == "test" else {option: "m"}
        config = Dataset(file="a.csv", target="y", **given)
        return load_table(config, tmp_path).fingerprint

    assert fingerprint(changed=False) == fingerprint(changed=False)
    assert fingerprint(changed=False) != fingerprint(changed=True)


def test_dropped_columns_are_not_read(tmp_path):
    write(tmp_path, "a.csv", {"id": list("pqrs"), "a": range(4), "y": [0.5, 1.5, 2.5, 3.5]})
    dropped = load_table(Dataset(file="a.csv", target="y", drop=("id",)), tmp_path)
    write(tmp_path, "a.csv", {"a": range(4), "y": [0.5, 1.5, 2.5, 3.5]})
    assert (
        dropped.fingerprint == load_table(Dataset(file="a.csv", target="y"), tmp_path).fingerprint
    )


def test_groups_of_any_sizes_are_dealt_anew_in_each_repetition(tmp_path):
    site = np.repeat(np.arange(12), np.arange(5, 17))
    columns = {"a": np.arange(len(site)), "y": np.arange(len(site)) * 0.5, "site": site}
    write(tmp_path, "t.csv", columns)
    held_out = set()
    for repeat in range(6):
        fold = {"number": 0, "of": 4, "repeat": repeat}
        splits = parts_of(tmp_path, file="t.csv", groups="site", test=0, fold=fold)
        held_out.add(tuple(rows_of(splits)["validation"]))
    assert len(held_out) > 3


def test_no_fold_is_empty_where_groups_have_one_class_each(tmp_path):
    site = np.repeat(np.arange(10), 5)
    columns = {"a": np.arange(50), "site": site, "y": np.where(site < 8, "a", "b")}
    write(tmp_path, "t.csv", columns)
    for number in range(5):
        fold = {"number": number, "of": 5}
        splits = parts_of(tmp_path, file="t.csv", groups="site", test=0, fold=fold)
        assert len(rows_of(splits)["validation"]) == 10


@pytest.mark.parametrize(("validation", "test"), [(0, 0.2), (0.2, 0), (0, 0)])
def test_parts_without_rows_take_none_from_the_others(tmp_path, validation, test):
    times = np.arange(50) // 2
    write(tmp_path, "t.csv", {"a": np.arange(50), "t": times, "y": np.arange(50) * 0.5})
    splits = parts_of(tmp_path, file="t.csv", time="t", validation=validation, test=test)
    rows = rows_of(splits)
    assert [len(rows[part]) for part in ("validation", "test")] == [50 * validation, 50 * test]
    assert sorted(chain(*rows.values())) == [*range(50)]


PLAIN = "must hold numbers, text or dates"


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("groups", [[1], [2], [1], [2]], "must hold numbers, text or dates, it holds List(Int64)"),
        ("time", [[1], [2], [3], [4]], "must hold numbers, text or dates, it holds List(Int64)"),
        (
            "groups",
            [b"a", b"\xff", b"a", b"c"],
            "must hold numbers, text or dates, it holds Binary",
        ),
        (
            "time",
            ["12/5/2024", "1/6/2024", "2/5/2024", "3/6/2024"],
            "must hold numbers or dates like 2024-01-31 or 2024-01-31 12:00:00, row 1 of 4 has "
            "'12/5/2024'",
        ),
    ],
)
def test_columns_that_are_no_groups_or_times(load_parquet, kind, values, message):
    with pytest.raises(DataError) as refused:
        load_parquet({"c": values, "a": [1, 2, 3, 4], "y": [0, 1, 0, 1]}, **{kind: "c"})
    assert str(refused.value).endswith(f"data.parquet: column 'c' {message}")


def test_a_file_is_not_two_parts(tmp_path):
    write(tmp_path, "a.csv", {"a": range(6), "y": [0.5 * row for row in range(6)]})
    for options in ({"test": "a.csv"}, {"validation": "./a.csv"}):
        with pytest.raises(DataError, match="must not be the rows of two parts"):
            parts_of(tmp_path, file="a.csv", **options)


def test_a_test_file_of_arrays_does_not_change_the_task(tmp_path):
    for name, y in (("a", [0, 1, 0, 1]), ("t", [0.5, 1.0, 0.0, 1.0])):
        np.savez(tmp_path / f"{name}.npz", x=np.eye(4), y=np.array(y))
    with pytest.raises(DataError, match=r"array y must be of the kind that it is in a\.npz"):
        load_table(Dataset(file="a.npz", test="t.npz"), tmp_path)


# What cannot be

TABLE = {
    "a": [*range(8)],
    "site": ["s", "s", "t", "t", "u", "u", "v", "v"],
    "day": ["2024-01-01"] * 4 + ["2024-01-02"] * 4,
    "y": ["p", "q"] * 4,
}


def fold(number: int, of: int) -> dict[str, Any]:
    return {"fold": {"number": number, "of": of}}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"groups": "site", "drop": ("day",), "test": 0.2, **fold(0, 5)},
            "folds must be at most the groups that are not in the test rows, got 5 folds of 3 "
            "groups",
        ),
        (
            {"drop": ("day", "site"), "test": 0, **fold(0, 9)},
            "folds must be at most the rows that are not test rows, got 9 folds of 8 rows",
        ),
        (
            {"time": "day", "drop": ("site",), "test": 0, **fold(0, 2)},
            "time must have more different values to cut it 2 times, rows have 2; use fewer folds "
            "or smaller parts",
        ),
        (
            {"groups": "sit", "drop": ("day",)},
            "{path}: must have the groups column 'sit'; did you mean 'site'?",
        ),
        (
            {"time": "when", "drop": ("day",)},
            "{path}: must have the time column 'when'; it has 'a', 'site', 'day', 'y'",
        ),
        (
            {"drop": ("dya",)},
            "{path}: must have the dropped column 'dya'; it has 'a', 'site', 'day', 'y'",
        ),
        (
            {"time": "site", "drop": ("day",)},
            "{path}: column 'site' must hold numbers or dates like 2024-01-31 or "
            "2024-01-31 12:00:00, row 1 of 8 has 's'",
        ),
        (
            {"groups": "site", "drop": ("day",), "test": "t.csv"},
            "groups must stay together, 'v' has rows in the test file and in another one (1 such "
            "groups)",
        ),
        (
            {"drop": ("site", "day"), "test": "b.csv"},
            "{folder}/b.csv: must have the columns of a.csv, it has 'b' besides",
        ),
        (
            {"drop": ("site", "day"), "test": "b.parquet"},
            "{folder}/b.parquet: must end in .csv like a.csv",
        ),
        (
            {"drop": ("site", "day"), "test": "gap.csv"},
            "{folder}/gap.csv: column 'a' must have a value in every row, row 2 of 3 has none; "
            "fill the gap, leave the row out, or set dataset.missing",
        ),
        (
            {"drop": ("site", "day"), "test": "new.csv"},
            "every class must have a training row, class 'r' has test rows alone; use other "
            "fractions, or leave the class out",
        ),
    ],
)
def test_rows_that_cannot_be_dealt_are_told(tmp_path, options, message):
    write(tmp_path, "a.csv", TABLE)
    write(tmp_path, "t.csv", {key: values[-1:] for key, values in TABLE.items()})
    write(tmp_path, "b.csv", {"a": [1], "site": ["s"], "b": [2], "y": ["p"]})
    write(tmp_path, "b.parquet", TABLE)
    short = {key: values[:3] for key, values in TABLE.items()}
    write(tmp_path, "gap.csv", short | {"a": [1, None, 2]})
    write(tmp_path, "new.csv", short | {"y": ["p", "q", "r"]})
    with pytest.raises(DataError) as refused:
        parts_of(tmp_path, file="a.csv", **options)
    expected = message.format(path=tmp_path / "a.csv", folder=tmp_path)
    assert str(refused.value).removeprefix("a.csv: ") == expected
