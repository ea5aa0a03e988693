"""Folds, groups, times and files of their own: which rows may be apart, and which never are."""

from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import TimeSeriesSplit

from regcli.config.dataset_section import Dataset
from regcli.data.dataset import Origin, Splits, Table
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


def test_folds_that_come_with_the_data_are_taken_as_they_are():
    parts = np.array([[1, 2], [1, 0], [2, 1], [2, 1]], np.int8)
    table = replace(table_of(np.zeros(4)), origin=Origin(fold_parts=parts))
    found = folds_of(table, 2, test=0)
    assert [each["train"] for each in found] == [[0, 1], [2, 3]]
    assert [each["validation"] for each in found] == [[2, 3], [0]]
    whole = rows_of(split(table, plain(test=0, validation=0)))
    assert whole["train"] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"fold": {"number": 0, "of": 3}, "test": 0},
            "folds must be the 2 that come with the data, got 3",
        ),
        (
            {"fold": {"number": 0, "of": 2, "repeat": 1}, "test": 0},
            "repeats must be left out where folds come with the data",
        ),
        (
            {"fold": {"number": 0, "of": 2}, "test": 0.25},
            "test must be 0 where folds come with the data, got 0.25",
        ),
    ],
)
def test_other_folds_than_those_of_the_data_are_refused(options, message):
    parts = np.array([[1, 2], [2, 1]] * 4, np.int8)
    table = replace(table_of(np.zeros(8)), origin=Origin(fold_parts=parts))
    with pytest.raises(DataError) as refused:
        split(table, plain(**options))
    assert str(refused.value) == f"t.csv: {message}"


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


def nearest_places(times: list[int], count: int) -> list[int] | None:
    """Ends of the first blocks, each the nearest place to an equal share that is still free.

    None where that leaves no place for a later one, though another choice may.
    """
    rows, ends = len(times), [0]
    for block in range(1, count + 1):
        free = [cut for cut in range(ends[-1] + 1, rows) if times[cut - 1] < times[cut]]
        if not free:
            return None
        ends.append(min(free, key=lambda cut: abs(cut - round(rows * block / (count + 1)))))
    return ends[1:]


@given(st.lists(st.integers(0, 7), min_size=4, max_size=30), st.integers(2, 6), seeds)
def test_folds_in_time_are_found_wherever_there_are_any(times, count, seed):
    times.sort()
    order = np.random.default_rng(seed).permutation(len(times))
    table = table_of(np.zeros(len(times)))
    table = replace(table, origin=Origin(times=np.array(times)[order]))

    def rows_of_fold(number: int) -> dict[str, list[int]]:
        fold = {"number": number, "of": count}
        return rows_of(split(table, plain(test=0, validation=0, fold=fold)))

    if len({*times}) <= count:  # fewer places between times than cuts
        with pytest.raises(DataError, match="time must have more different values"):
            rows_of_fold(0)
        return
    found = [rows_of_fold(number) for number in range(count)]
    when = np.array(times)[order]
    for earlier, own in pairwise([{"train": [], "validation": found[0]["train"]}, *found]):
        assert sorted(own["train"]) == sorted([*earlier["train"], *earlier["validation"]])
        assert when[own["train"]].max() < when[own["validation"]].min()
    assert len(found[-1]["train"]) + len(found[-1]["validation"]) == len(times)
    nearest = nearest_places(times, count)
    assert nearest in (None, [len(own["train"]) for own in found])


def test_folds_in_time_leave_places_for_later_ones():
    times = np.array([0, 1, 2, 3, *[3] * 16])
    table = replace(table_of(np.zeros(20)), origin=Origin(times=times))
    assert nearest_places(times.tolist(), 3) is None
    folds = [
        rows_of(split(table, plain(test=0, validation=0, fold={"number": number, "of": 3})))
        for number in range(3)
    ]
    assert [own["validation"] for own in folds] == [[1], [2], [*range(3, 20)]]


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
            "every class must have a training row, class 'r' has rows in new.csv alone; add rows "
            "of it here, or leave it out there",
        ),
        (
            {"drop": ("site", "day"), "validation": "new.csv"},
            "every class must have a training row, class 'r' has rows in new.csv alone; add rows "
            "of it here, or leave it out there",
        ),
        (
            {"drop": ("site", "day"), "test": "none.csv"},
            "{folder}/none.csv: must have at least 1 row, got 0",
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
    (tmp_path / "none.csv").write_text(f"{','.join(TABLE)}\n")
    with pytest.raises(DataError) as refused:
        parts_of(tmp_path, file="a.csv", **options)
    expected = message.format(path=tmp_path / "a.csv", folder=tmp_path)
    assert str(refused.value).removeprefix("a.csv: ") == expected


# Files of one row or two, which by themselves say little of their columns

LONG = {"a": [*range(9)], "c": list("pqpqpqpqp"), "y": [0.5 * row for row in range(9)]}
GAP = "must have a value in every row, row {row} has none; "
IN_INPUTS = "fill the gap, leave the row out, or set dataset.missing"
IN_TARGET = "fill the gap or leave the row out, or set dataset.missing: {y: drop}"


def refusal_of(folder: Path, **own: Any) -> str:
    """What is said of a table and its test file, without the folder."""
    write(folder, "a.csv", own.get("main", LONG))
    write(folder, "t.csv", own["test"])
    with pytest.raises(DataError) as refused:
        parts_of(folder, file="a.csv", test="t.csv")
    return str(refused.value).replace(f"{folder}/", "")


@pytest.mark.parametrize("kind", ["csv", "parquet", "npz"])
@pytest.mark.parametrize("part", ["validation", "test"])
def test_a_file_of_one_row_is_a_part(tmp_path, kind, part):
    for name, rows in (("a", slice(None)), ("t", slice(4, 5))):
        columns = {key: values[rows] for key, values in LONG.items()}
        if kind == "npz":
            np.savez(tmp_path / f"{name}.npz", x=np.array([columns["a"]]).T, y=columns["y"])
        else:
            write(tmp_path, f"{name}.{kind}", columns)
    splits = parts_of(tmp_path, file=f"a.{kind}", **{part: f"t.{kind}"})
    assert [len(own) for name, own in splits.parts() if own and name == part] == [1]


@pytest.mark.parametrize("rows", [1, 2])
def test_a_gap_is_told_with_the_name_of_its_file_however_few_rows_that_has(tmp_path, rows):
    test = {key: values[:rows] for key, values in LONG.items()}
    gap = GAP.format(row=f"{rows} of {rows}")
    # Alone, these rows would have too few values of the target, or text that never repeats.
    test |= {"a": [*range(rows - 1), None]}
    assert refusal_of(tmp_path, test=test) == f"t.csv: column 'a' {gap}{IN_INPUTS}"
    test |= {"a": [*range(rows)], "y": [*[0.5] * (rows - 1), None]}
    assert refusal_of(tmp_path, test=test) == f"t.csv: column 'y' {gap}{IN_TARGET}"


def test_a_fault_of_the_table_is_not_told_of_a_short_file(tmp_path):
    main = LONG | {"a": [None, *range(8)]}
    test = {key: values[:2] for key, values in LONG.items()}
    gap = GAP.format(row="1 of 9")
    assert refusal_of(tmp_path, main=main, test=test) == f"a.csv: column 'a' {gap}{IN_INPUTS}"


def test_a_fault_that_files_have_together_names_all_of_them(tmp_path):
    main = {"a": [*range(800)] * 2, "c": [f"name {row}" for row in range(800)] * 2}
    main["y"] = main["a"]
    test = {"a": [*range(400)], "c": [f"word {row}" for row in range(200)] * 2, "y": [*range(400)]}
    more = {"c": [f"word {row}" for row in range(201)] + ["word 0"] * 199}
    write(tmp_path, "a.csv", main)
    write(tmp_path, "t.csv", test)
    assert parts_of(tmp_path, file="a.csv", test="t.csv").test is not None
    assert refusal_of(tmp_path, main=main, test=test | more) == (
        "a.csv and t.csv: column 'c' must be a category with at most 1000 repeated values, it is "
        "text with 1001 different values in 2000 rows; leave the column out with dataset.drop, or "
        "pool rare categories with dataset.max_categories"
    )


@pytest.mark.parametrize(
    ("main", "test", "task"),
    [
        ([0.5, 1.5, 2.5, 3.5], [1.0], None),
        ([100, 250, 300, 450, 520], [120.5], None),  # whole, and too many values to be classes
        ([0, 1, 0, 1], [0.5], "regression"),
        ([0.0, 1.0, 0.0, 1.0], [1], None),
        (["a", "b", "a", "b"], ["b"], None),
    ],
)
def test_a_short_file_of_arrays_fits_the_kind_of_the_target(tmp_path, main, test, task):
    for name, y in (("a", main), ("t", test)):
        np.savez(tmp_path / f"{name}.npz", x=np.arange(float(len(y)))[:, None], y=np.array(y))
    table = load_table(Dataset(file="a.npz", test="t.npz", task=task), tmp_path)
    assert len(table.y) == len(main) + 1


@pytest.mark.parametrize("count", [0, 1])
def test_every_file_of_arrays_has_rows(tmp_path, count):
    part = {0: "t", 1: "a"}[count]
    for name in "at":
        rows = count if name == part else 4
        np.savez(tmp_path / f"{name}.npz", x=np.zeros((rows, 1)), y=np.arange(rows) % 2)
    least = "1 row" if part == "t" else "2 rows"
    with pytest.raises(DataError, match=rf"{part}\.npz: must have at least {least}, got {count}$"):
        load_table(Dataset(file="a.npz", test="t.npz"), tmp_path)
