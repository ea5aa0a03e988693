import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from regcli.config.dataset_section import Dataset
from regcli.data.dataset import Splits, Table, Target, numbered_columns
from regcli.data.preparing import scaling
from regcli.data.splits import split
from regcli.errors import DataError

numbers = st.floats(-1e6, 1e6, width=32).map(lambda value: value if abs(value) > 1e-6 else 0.0)
tables = npst.arrays(np.float64, st.tuples(st.integers(4, 20), st.integers(1, 4)), elements=numbers)
kinds = st.sampled_from(["none", "standard", "minmax"])


def splits_of(x, **options) -> Splits:
    """The first column of a table's parts says which rows they hold, in `y`."""
    target = Target(np.arange(len(x), dtype=np.float32), "regression", ())
    table = Table.of("t.npz", x, target, numbered_columns("x", x.shape[1:]))
    return split(table, Dataset(file="t.npz", **options))


@given(tables, kinds, st.integers(0, 100), st.data())
def test_rows_outside_training_change_neither_training_nor_the_scaling(x, kind, seed, data):
    options = {"scale": kind, "seed": seed, "test": 0.3, "validation": 0.2}
    before = splits_of(x, **options)
    assert before.test is not None
    assert before.validation is not None
    held_out = np.concatenate([before.test.y, before.validation.y]).astype(int)
    changed = x.copy()
    changed[held_out] = data.draw(npst.arrays(np.float64, x[held_out].shape, elements=numbers))
    after = splits_of(changed, **options)
    np.testing.assert_array_equal(after.train.x, before.train.x)
    np.testing.assert_array_equal(after.center, before.center)
    np.testing.assert_array_equal(after.width, before.width)


@pytest.mark.parametrize(
    ("kind", "scaler"), [("standard", StandardScaler()), ("minmax", MinMaxScaler())]
)
@pytest.mark.parametrize("offset", [0.0, 1.7e9])
def test_scaling_is_scikit_learns_fitted_on_the_training_rows(kind, scaler, offset):
    x = np.random.default_rng(0).normal(3.0, 5.0, (60, 4)) + offset
    splits = splits_of(x, scale=kind)
    scaler.fit(x[splits.train.y.astype(int)])
    for _, part in splits.parts():
        assert part is not None
        expected = scaler.transform(x[part.y.astype(int)])
        assert part.x.dtype == np.float32
        np.testing.assert_allclose(part.x, expected, rtol=1e-5, atol=1e-6)


@given(tables, st.integers(0, 100))
def test_scaled_training_columns_have_the_promised_mean_and_range(x, seed):
    standard = splits_of(x, scale="standard", seed=seed).train.x.astype(np.float64)
    ranged = splits_of(x, scale="minmax", seed=seed).train.x
    varies = np.ptp(splits_of(x, scale="none", seed=seed).train.x, axis=0) > 0
    np.testing.assert_allclose(standard.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(standard.std(axis=0), varies, atol=1e-5)
    np.testing.assert_array_equal(ranged.min(axis=0), 0)
    np.testing.assert_array_equal(ranged.max(axis=0), varies)


@pytest.mark.parametrize("kind", ["standard", "minmax"])
@pytest.mark.parametrize("value", [0.1, -7.3, 1e30, 1e-300])
def test_a_column_that_never_changes_becomes_zero_and_keeps_its_width(kind, value):
    splits = splits_of(np.full((30, 1), value), scale=kind)
    assert (splits.center.tolist(), splits.width.tolist()) == ([value], [1.0])
    for _, part in splits.parts():
        assert part is not None
        assert not part.x.any()


def test_numbers_too_small_to_square_are_not_divided_by_zero():
    splits = splits_of(np.array([[0.0], [5e-324]] * 5), scale="standard", test=0, validation=0)
    assert np.isfinite(splits.train.x).all()


def test_none_leaves_every_value():
    x = np.array([[1e30, 0.1], [2.0, -3.0]])
    splits = splits_of(x, scale="none", test=0, validation=0)
    np.testing.assert_array_equal(splits.train.x, x.astype(np.float32))
    assert (splits.center.tolist(), splits.width.tolist()) == ([0, 0], [1, 1])


def test_center_and_width_undo_the_scaling():
    x = np.random.default_rng(0).normal(2.0, 3.0, (50, 3))
    splits = splits_of(x)
    raw = splits.train.x * splits.width + splits.center
    np.testing.assert_allclose(raw, x[splits.train.y.astype(int)], rtol=1e-6, atol=1e-6)


def test_float32_rows_are_scaled_in_float64():
    x = (np.random.default_rng(0).random((5000, 1)) + 4096).astype(np.float32)
    splits = splits_of(x, test=0, validation=0)
    assert splits.center == x.mean(dtype=np.float64)
    assert splits.width == x.std(dtype=np.float64)


def test_tensors_are_scaled_place_by_place_and_keep_their_shape():
    x = np.random.default_rng(0).normal(2.0, 3.0, (50, 4, 3)).astype(np.float32)
    deep, flat = splits_of(x), splits_of(x.reshape(50, 12))
    assert deep.train.x.shape == (30, 4, 3)
    np.testing.assert_array_equal(deep.train.x.reshape(30, 12), flat.train.x)
    np.testing.assert_array_equal(deep.width, flat.width)


def test_a_value_that_scaling_would_make_infinite_is_refused():
    x = np.zeros((10, 2))
    y = splits_of(x).test
    assert y is not None
    x[:, 1] = np.arange(10) * 1e-30
    x[int(y.y[0]), 1] = 1e30
    with pytest.raises(DataError) as refused:
        splits_of(x, scale="standard")
    assert str(refused.value) == (
        "t.npz: column 'x_1' must stay finite when it is scaled, it is almost constant in the "
        "training rows but not in other rows; leave the column out with dataset.drop"
    )


NOISE = np.random.default_rng(0).normal(size=(500, 1))


@pytest.mark.parametrize(
    ("x", "low", "high"),
    [
        (NOISE, 0, 3e-7),
        (1e-9 * NOISE, 0, 3e-7),
        (1e25 * NOISE, 0, 3e-7),
        (1.6e9 + 1e5 * NOISE, 3e-4, 1e-3),  # steps of 128
        (1.6e9 + 100 * NOISE, 0.5, 0.7),
        (1e6 + np.round(NOISE), 0, 0),  # whole numbers that float32 has
        (np.full((500, 1), 1.6e9 + 0.3), 0, 0),
        (1e-39 * NOISE, 2, 5),  # all of them are 0 for TensorFlow
    ],
)
def test_what_rounding_to_float32_takes_off_a_column(x, low, high):
    fitted = scaling.fit("standard", x)
    (lost,) = scaling.lost_in_float32(x, fitted.width)
    assert low <= lost <= high
    (most,) = scaling.most_lost_in_float32(fitted)
    # Far from the centre numbers are larger, and rounded more; whole ones may not be rounded.
    assert lost <= 4 * most + 4e-7
