"""Random layers of a graph: other numbers at each call, and in each model of the same name."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.stacked.model_call import stacked_call
from regcli.stacked.stacking import Pass
from regcli.stacked.streams import step_keys

L = keras.layers
MEMBERS, ROWS, WIDTH = 2, 3, 40


def outputs(model: keras.Model, seeds: tuple[int, int] = (1, 2)) -> NDArray[Any]:
    """What comes of ones in training, (members, rows, calls, width)."""
    keys = step_keys(tf.constant(seeds, tf.int64), tf.zeros([MEMBERS], tf.int32))
    info = Pass(tf.fill([ROWS], 1 / ROWS), keys, {"drop": tf.constant([[0.5], [0.25]])})
    y, _ = stacked_call(model, [], [], tf.ones((MEMBERS, ROWS, WIDTH)), info)
    return np.asarray(y).reshape(MEMBERS, ROWS, -1, WIDTH)


def called(*layers: Any) -> keras.Model:
    entry = keras.Input((WIDTH,))
    return keras.Model(entry, L.Concatenate()([layer(entry) for layer in layers]))


def test_a_shared_layer_draws_anew_at_each_call() -> None:
    drop = L.Dropout(0.9, name="drop")
    found = outputs(called(drop, drop, drop))
    masks = {found[member, :, call].tobytes() for member in range(MEMBERS) for call in range(3)}
    assert len(masks) == 6
    np.testing.assert_allclose(np.unique(found[0]), [0, 1 / (1 - 0.5)])
    np.testing.assert_allclose(np.unique(found[1]), [0, 1 / (1 - 0.25)], rtol=1e-6)


def test_the_first_call_is_that_of_a_layer_that_is_called_once() -> None:
    drop = L.Dropout(0.9, name="drop")
    np.testing.assert_array_equal(
        outputs(called(drop, drop))[:, :, 0],
        outputs(called(L.Dropout(0.9, name="drop"), L.ReLU()))[:, :, 0],
    )


def test_layers_of_one_name_in_several_models_and_calls_differ() -> None:
    def inner(name: str) -> keras.Model:
        noise = L.GaussianNoise(1.0, name="noise")
        return keras.Sequential([keras.Input((WIDTH,)), noise], name=name)

    first, other = inner("first"), inner("other")
    found = outputs(called(first, other, first, L.GaussianNoise(1.0, name="noise")))
    draws = {found[member, :, call].tobytes() for member in range(MEMBERS) for call in range(4)}
    assert len(draws) == 8


def test_a_member_s_numbers_are_its_own() -> None:
    drop = L.Dropout(0.5, name="drop")
    model = called(drop, drop)
    np.testing.assert_array_equal(outputs(model, (1, 2))[0], outputs(model, (1, 9))[0])
