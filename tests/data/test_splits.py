from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from regcli.config.dataset_section import Dataset
from regcli.data.dataset import Splits, Table, Target
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.errors import DataError


def table_of(y, classes: int = 0) -> Table:
    """A table whose only column is the row's number, so that each part says which rows it has."""
    rows = np.arange(len(y), dtype=np.float64)[:, None]
    if not classes:
        target = Target(np.asarray(y, np.float32), "regression", ())
    else:
        names = tuple(map(str, range(classes)))
        kind = "binary" if classes == 2 else "multiclass"
        target = Target(np.asarray(y, np.int32), kind, names)
    return Table.of("t.csv", rows, target, ("row",))


def rows_of(splits: Splits) -> dict[str, list[int]]:
    return {
        name: [] if part is None else part.x[:, 0].astype(int).tolist()
        for name, part in splits.parts()
    }


def plain(**options) -> Dataset:
    return Dataset(file="t.csv", target="y", scale="none", **options)


shares = st.floats(0, 0.45)
seeds = st.integers(0, 2**31 - 1)
class_counts = st.lists(st.integers(1, 60), min_size=2, max_size=8)


@given(class_counts, shares, shares, seeds)
def test_classes_keep_their_proportions_and_stay_in_training(counts, test, validation, seed):
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    config = plain(test=test, validation=validation, seed=seed)
    try:
        splits = split(table_of(y, len(counts)), config)
    except DataError:
        sizes = [round(len(y) * share) for share in (test, validation)]
        too_small = [
            size == 0 < share for size, share in zip(sizes, (test, validation), strict=True)
        ]
        assert any(too_small) or len(y) - sum(sizes) < len(counts)
        return
    rows = rows_of(splits)
    assert sorted(chain(*rows.values())) == list(range(len(y)))
    assert [len(rows["test"]), len(rows["validation"])] == [
        round(len(y) * test),
        round(len(y) * validation),
    ]
    assert set(y[rows["train"]]) == set(range(len(counts)))
    # Classes too rare for a training row of their own take one from the largest.
    forced = sum(count * len(rows["train"]) < len(y) for count in counts)
    for name, part in splits.parts():
        if part is None:
            assert config.model_dump()[name] == 0
            continue
        assert rows[name] == sorted(rows[name])
        np.testing.assert_array_equal(part.y, y[rows[name]])
        share = len(part) / len(y)
        for number, count in enumerate(counts):
            assert abs(np.sum(part.y == number) - share * count) < 2 + forced


def test_a_split_that_can_be_exact_is_exact():
    y = np.repeat([0, 1, 2], [50, 30, 20])
    splits = split(table_of(y, 3), plain(test=0.2, validation=0.1))
    found = {name: np.bincount(part.y).tolist() for name, part in splits.parts() if part}
    assert found == {"train": [35, 21, 14], "validation": [5, 3, 2], "test": [10, 6, 4]}


@given(st.integers(2, 300), shares, shares, seeds)
def test_quantities_are_split_by_count_alone(count, test, validation, seed):
    sizes = {"test": round(count * test), "validation": round(count * validation)}
    assume(sizes["test"] or not test)
    assume(sizes["validation"] or not validation)
    assume(sum(sizes.values()) < count)
    rows = rows_of(
        split(table_of(np.zeros(count)), plain(test=test, validation=validation, seed=seed))
    )
    assert sorted(chain(*rows.values())) == list(range(count))
    assert {name: len(rows[name]) for name in sizes} == sizes


def test_without_any_split_rows_and_values_are_the_tables_own():
    config = Dataset(name="row_sum", test=0, validation=0, scale="none")
    table = load_table(config, Path())
    splits = split(table, config)
    assert (splits.validation, splits.test) == (None, None)
    np.testing.assert_array_equal(splits.train.x, table.x.astype(np.float32))
    np.testing.assert_array_equal(splits.train.y, table.y)
    assert splits.table is table


def test_the_seed_decides_and_is_all_that_decides():
    y = np.repeat([0, 1], 50)
    same = [rows_of(split(table_of(y, 2), plain(seed=3))) for _ in range(2)]
    assert same[0] == same[1]
    assert rows_of(split(table_of(y, 2), plain(seed=4))) != same[0]


def test_rows_are_drawn_at_random_rather_than_in_order():
    drawn = {
        row
        for seed in range(20)
        for row in rows_of(split(table_of(np.zeros(50)), plain(seed=seed)))["test"]
    }
    assert len(drawn) > 40


def test_the_classes_that_get_the_odd_rows_vary_with_the_seed():
    y = np.repeat(np.arange(10), 10)
    tested = {
        tuple(y[rows_of(split(table_of(y, 10), plain(test=0.05, seed=seed)))["test"]])
        for seed in range(10)
    }
    assert len(tested) > 3


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (
            table_of(np.zeros(20)),
            {"test": 0.01},
            "t.csv: test must have at least 1 row, 0.01 of 20 rows is none; use a larger "
            "fraction, or 0 for no test rows",
        ),
        (
            table_of(np.zeros(20)),
            {"validation": 0.02},
            "t.csv: validation must have at least 1 row, 0.02 of 20 rows is none; use a larger "
            "fraction, or 0 for no validation rows",
        ),
        (
            table_of(np.zeros(2)),
            {"test": 0.4, "validation": 0.4},
            "t.csv: at least 1 of 2 rows must be left for training, validation takes 1 and test "
            "takes 1",
        ),
        (
            table_of(np.repeat(np.arange(10), 2), 10),
            {"test": 0.3, "validation": 0.3},
            "t.csv: every class must have a training row, 8 training rows cannot hold 10 "
            "classes; use smaller fractions for validation and test",
        ),
    ],
)
def test_a_split_without_enough_rows_is_refused_with_the_numbers(table, options, message):
    with pytest.raises(DataError) as refused:
        split(table, plain(**options))
    assert str(refused.value) == message


class TestNoiseColumns:
    def noisy(self, count: int, **options) -> Splits:
        config = Dataset(name="sparse_linear", noise_features=count, **options)
        return split(load_table(config, Path()), config)

    def test_stand_behind_the_others_by_name(self):
        splits = self.noisy(3)
        assert splits.columns[-4:] == ("x_99", "noise_0", "noise_1", "noise_2")
        assert splits.train.x.shape == (120, 103)
        assert splits.center.shape == splits.width.shape == (103,)
        assert splits.table.x.shape == (200, 100)
        assert splits.table.true_columns is not None

    def test_leave_unknown_true_columns_unknown(self):
        config = Dataset(name="iris", noise_features=3)
        assert split(load_table(config, Path()), config).table.true_columns is None

    def test_are_the_same_for_a_row_wherever_it_lands(self):
        everywhere = self.noisy(2, test=0, validation=0, scale="none").train.x
        by_row = {tuple(row[:100]): tuple(row[100:]) for row in everywhere}
        for _, part in self.noisy(2, test=0.3, validation=0.1, scale="none").parts():
            assert part is not None
            for row in part.x:
                assert by_row[tuple(row[:100])] == tuple(row[100:])

    def test_move_no_row_and_change_no_other_column(self):
        few, many = self.noisy(0), self.noisy(5)
        np.testing.assert_array_equal(few.train.x, many.train.x[:, :100])
        np.testing.assert_array_equal(few.train.y, many.train.y)
        np.testing.assert_array_equal(many.train.x[:, :102], self.noisy(2).train.x)

    def test_follow_the_seed_and_repeat_no_data(self):
        whole = {"test": 0, "validation": 0, "scale": "none"}
        noise = self.noisy(100, seed=0, **whole).train.x[:, 100:]
        again = self.noisy(100, seed=0, **whole).train.x[:, 100:]
        other = self.noisy(100, seed=1, **whole).train.x[:, 100:]
        np.testing.assert_array_equal(noise, again)
        assert np.isin(noise, other).mean() < 0.01
        # sparse_linear is drawn with seed 0 too: its own numbers must not come back as noise.
        assert np.isin(noise, self.noisy(0, **whole).train.x).mean() < 0.01

    def test_are_standard_normal_before_scaling_and_scaled_like_the_others(self):
        raw = self.noisy(50, test=0, validation=0, scale="none").train.x[:, 100:]
        assert abs(raw.mean()) < 0.05
        assert abs(raw.std() - 1) < 0.05
        scaled = self.noisy(50, scale="minmax").train.x
        assert (scaled.min(axis=0) == 0).all()
        assert (scaled.max(axis=0) == 1).all()

    def test_cannot_join_tensors(self, load_npz):
        table = load_npz({"x": np.zeros((4, 2, 2)), "y": np.array([0, 1, 0, 1])})
        with pytest.raises(DataError) as refused:
            split(table, Dataset(file="data.npz", noise_features=1, test=0, validation=0))
        assert str(refused.value) == (
            "data.npz: noise_features must be 0 for rows that are tensors, x has the shape "
            "(4, 2, 2)"
        )

    def test_cannot_take_a_name_that_is_taken(self, load_csv):
        table = load_csv("noise_1,y\n1,0\n2,1\n")
        with pytest.raises(DataError) as refused:
            split(table, plain(noise_features=2, test=0, validation=0))
        assert str(refused.value) == (
            "data.csv: column names must differ from those of noise_features, 'noise_1' is in "
            "the data"
        )


@pytest.mark.parametrize(("name", "outputs"), [("row_sum", 1), ("iris", 3), ("friedman1", 1)])
def test_the_output_layer_has_a_unit_a_class_unless_there_are_two(name, outputs):
    config = Dataset(name=name)
    assert split(load_table(config, Path()), config).outputs == outputs
