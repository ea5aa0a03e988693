"""Random numbers of members: even, and each member's, step's and layer's own."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.stats import chi2, norm

from regcli.stacked import streams
from regcli.stacked.layers import FORMS
from regcli.stacked.noise import dropout
from regcli.stacked.stacking import Pass
from regcli.stacked.streams import normal, step_keys, uniform

SEEDS = st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=5, unique=True)


def drawn(seeds: list[int], steps: list[int], shape: tuple[int, ...] = (40, 25)) -> Any:
    keys = step_keys(tf.constant(seeds, tf.int64), tf.constant(steps, tf.int32))
    return np.asarray(uniform(keys, shape))


def assert_even(counts: Any) -> None:
    """Pearson's statistic below what an even draw exceeds once in 100,000 times."""
    expected = counts.sum() / counts.size
    statistic = float(np.square(counts - expected).sum() / expected)
    assert statistic < chi2.isf(1e-5, counts.size - 1)


@pytest.mark.parametrize(("seed", "step"), [(0, 0), (1, 0), (0, 1), (2**32 - 1, 123_456)])
def test_numbers_are_even(seed: int, step: int) -> None:
    numbers = drawn([seed], [step], (200_000,))[0]
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert_even(np.histogram(numbers, bins=100, range=(0, 1))[0])


def test_first_numbers_are_even_over_seeds_and_over_steps() -> None:
    """What a small layer takes of each stream."""
    count = 50_000
    counted, zeros = list(range(count)), [0] * count
    for seeds, steps in ((counted, zeros), (zeros, counted)):
        numbers = drawn(seeds, steps, (2,))
        for column in numbers.T:
            assert_even(np.histogram(column, bins=50, range=(0, 1))[0])


@pytest.mark.parametrize(
    ("first", "second"), [((0, 0), (1, 0)), ((0, 0), (0, 1)), ((5, 6), (6, 5)), ((7, 1), (7, 2))]
)
def test_pairs_of_streams_are_even_together(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    """So neither tells of the other; a shift or a reflection of the other would be seen too."""
    seeds, steps = [first[0], second[0]], [first[1], second[1]]
    x, y = drawn(seeds, steps, (100_000,))
    assert_even(np.histogram2d(x, y, bins=20, range=((0, 1), (0, 1)))[0])
    assert_even(np.histogram2d(x[:-1], y[1:], bins=20, range=((0, 1), (0, 1)))[0])
    assert_even(np.histogram2d(x[:-1], x[1:], bins=20, range=((0, 1), (0, 1)))[0])


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.data())
def test_numbers_do_not_depend_on_company_or_place(seeds: list[int], data: st.DataObject) -> None:
    steps = [data.draw(st.integers(0, 2**31 - 1)) for _ in seeds]
    together = drawn(seeds, steps)
    order = data.draw(st.permutations(range(len(seeds))))
    other = drawn([seeds[place] for place in order], [steps[place] for place in order])
    assert_array_equal(other, together[list(order)])
    assert_array_equal(drawn(seeds[:1], steps[:1])[0], together[0])
    assert len({numbers.tobytes() for numbers in together}) == len(seeds)


def test_normal_numbers_are_normal() -> None:
    keys = step_keys(tf.constant([3], tf.int64), tf.constant([7], tf.int32))
    numbers = np.asarray(normal(keys, (200_000,)))
    assert np.abs(numbers).max() < 5.5
    assert_even(np.histogram(norm.cdf(numbers), bins=100, range=(0, 1))[0])


@pytest.mark.parametrize("lowest_or_highest", [0, 2**24 - 1])
def test_normal_numbers_are_finite(lowest_or_highest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    number = tf.constant(lowest_or_highest * 2.0**-24)
    monkeypatch.setattr(streams, "uniform", lambda *_: number)
    assert abs(float(normal(None, ()))) == pytest.approx(5.4, abs=0.15)


def masks(name: str, rates: list[float], seeds: list[int], step: int = 3) -> Any:
    layer = keras.layers.Dropout(0.9, name=name)  # the rates that count are the members'
    steps = tf.constant([step] * len(seeds))
    info = Pass(
        share=tf.ones([50]) / 50,
        keys=step_keys(tf.constant(seeds, tf.int64), steps),
        rates={name: tf.constant(rates)[:, tf.newaxis]},
    )
    x = tf.ones([len(seeds), 50, 40])
    return np.asarray(dropout(layer, [], [], x, info)[0])


def test_members_of_one_seed_share_masks_and_no_others_do() -> None:
    """At a higher rate, a member of the same seed drops more, and all of what the other drops."""
    same, again, other, higher = masks("drop", [0.4, 0.4, 0.4, 0.7], [5, 5, 6, 5])
    assert_array_equal(same, again)
    assert 0.3 < ((same > 0) == (other > 0)).mean() < 0.7
    assert ((higher > 0) <= (same > 0)).all()
    assert set(np.unique(same)) == {np.float32(0), np.float32(1 / 0.6)}
    for mask, rate in ((same, 0.4), (higher, 0.7)):
        assert (mask == 0).mean() == pytest.approx(rate, abs=5 * np.sqrt(0.25 / mask.size))


def test_layers_and_steps_have_masks_of_their_own() -> None:
    first = masks("drop", [0.5], [5])[0] > 0
    for other in (masks("drop_1", [0.5], [5])[0], masks("drop", [0.5], [5], step=4)[0]):
        assert 0.4 < (first == (other > 0)).mean() < 0.6


def test_rates_of_nothing_and_of_all() -> None:
    nothing, everything = masks("drop", [0.0, 1.0], [5, 5])
    assert_array_equal(nothing, np.ones_like(nothing))
    assert_array_equal(everything, np.zeros_like(everything))


SHAPE = (60, 5, 30)


def noisy(layer: keras.Layer, x: Any, seeds: Sequence[int] = (5, 5, 6), scope: str = "") -> Any:
    """A layer's outputs in training; x, (rows, …), is the same for all members."""
    keys = step_keys(tf.constant(seeds, tf.int64), tf.constant([3] * len(seeds)))
    info = Pass(tf.ones([len(x)]) / len(x), keys, {}, scope)
    x = tf.broadcast_to(tf.constant(x, tf.float32), [len(seeds), *x.shape])
    return np.asarray(FORMS[type(layer)](layer, [], [], x, info)[0])


@pytest.mark.parametrize(
    ("layer", "mean", "deviation"),
    [
        (keras.layers.GaussianNoise(0.3), 2, 0.3),
        (keras.layers.GaussianDropout(0.2), 2, 2 * 0.5),
        (keras.layers.Dropout(0.2), 2, 2 * 0.5),
        (keras.layers.Dropout(0.2, noise_shape=(None, None, 1)), 2, 2 * 0.5),
        (keras.layers.SpatialDropout1D(0.2), 2, 2 * 0.5),
    ],
    ids=lambda part: getattr(part, "name", None),
)
def test_noise_has_the_mean_and_deviation_of_keras(
    layer: keras.Layer, mean: float, deviation: float
) -> None:
    first, again, other = noisy(layer, np.full(SHAPE, 2.0))
    assert_array_equal(first, again)
    independent = first.size / (SHAPE[1] if "spatial" in layer.name else 1)
    independent /= SHAPE[2] if getattr(layer, "noise_shape", None) else 1
    error = deviation / np.sqrt(independent)
    for numbers in (first, other):
        assert numbers.mean() == pytest.approx(mean, abs=5 * error)
        assert numbers.std() == pytest.approx(deviation, rel=5 / np.sqrt(independent))
    assert not np.allclose(first, other)
    assert not np.allclose(first, noisy(layer, np.full(SHAPE, 2.0), scope="elsewhere/")[0])


def test_alpha_dropout_keeps_mean_and_deviation() -> None:
    x = np.random.default_rng(0).standard_normal((300, 200))
    layer = keras.layers.AlphaDropout(0.3)
    first, _, other = noisy(layer, x)
    assert first.mean() == pytest.approx(0, abs=0.03)
    assert first.std() == pytest.approx(1, abs=0.03)
    values, counts = np.unique(first, return_counts=True)
    assert counts.max() / first.size == pytest.approx(0.3, abs=0.01)
    assert values[counts.argmax()] == pytest.approx(dropped_by_keras(layer), abs=1e-5)
    assert not np.allclose(first, other)


def dropped_by_keras(layer: keras.Layer) -> float:
    """What Keras's AlphaDropout puts in the place of most of what it drops."""
    outputs = np.asarray(layer(np.random.default_rng(0).random((50, 50)), training=True))
    values, counts = np.unique(outputs, return_counts=True)
    return float(values[counts.argmax()])


def test_shared_noise_is_shared() -> None:
    x = np.ones(SHAPE)
    by_channel = noisy(keras.layers.SpatialDropout1D(0.5), x)[0]
    assert_array_equal(by_channel, np.broadcast_to(by_channel[:, :1], SHAPE))
    by_step = noisy(keras.layers.Dropout(0.5, noise_shape=(1, None, 1)), x)[0]
    assert_array_equal(by_step, np.broadcast_to(by_step[:1, :, :1], SHAPE))


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.LSTM(4, dropout=0.4, recurrent_dropout=0.3),
        keras.layers.GRU(4, dropout=0.4, reset_after=False, recurrent_dropout=0.3),
        keras.layers.GRU(4, recurrent_dropout=0.3),
        keras.layers.SimpleRNN(4, dropout=0.4),
    ],
    ids=lambda layer: layer.name,
)
def test_recurrent_layers_drop_in_training_alone(layer: keras.Layer) -> None:
    x = np.random.default_rng(0).standard_normal((1, 20, 6, 3)).astype("float32")
    x = np.repeat(x, 3, axis=0)
    expected = np.asarray(layer(x[0]))
    weights = [tf.stack([variable.value] * 3) for variable in layer.trainable_variables]
    keys = step_keys(tf.constant([5, 5, 6], tf.int64), tf.constant([3] * 3))
    form = FORMS[type(layer)]
    first, again, other = np.asarray(
        form(layer, weights, [], x, Pass(tf.ones([20]) / 20, keys, {}))[0]
    )
    assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01
    assert np.abs(first - expected).max() > 0.01
    for outputs in np.asarray(form(layer, weights, [], x, Pass(None, keys, {}))[0]):
        np.testing.assert_allclose(outputs, expected, atol=1e-5)
