"""The end of a model: its units and its last activation."""

from collections.abc import Callable
from typing import Any

import keras
import pytest

from regcli.models.outputs import Output, output_of

Ending = Callable[[Any], Any]
L = keras.layers


def model(ending: Ending) -> keras.Model:
    rows = keras.Input((4,))
    return keras.Model(rows, ending(L.Dense(6, activation="relu")(rows)))


@pytest.mark.parametrize(
    ("ending", "units", "activation"),
    [
        (L.Dense(3), 3, "linear"),
        (L.Dense(1, activation="sigmoid"), 1, "sigmoid"),
        (lambda x: L.Activation("softmax")(L.Dense(3)(x)), 3, "softmax"),
        (lambda x: L.Softmax()(L.Dense(3)(x)), 3, "softmax"),
        (lambda x: keras.ops.softmax(L.Dense(3)(x)), 3, "softmax"),
        (lambda x: keras.ops.sigmoid(L.Dense(1)(x)), 1, "sigmoid"),
        (lambda x: L.Identity()(L.Dropout(0.5)(L.Dense(3, activation="softmax")(x))), 3, "softmax"),
        (lambda x: L.Add()([L.Dense(3, activation="softmax")(x), L.Dense(3)(x)]), 3, "linear"),
        (lambda x: L.Dense(3, activation="softmax")(x) + 1.0, 3, "linear"),
        (keras.Sequential([L.Dense(5), L.Dense(2, activation="softmax")]), 2, "softmax"),
    ],
)
def test_end_of_a_graph(ending: Ending, units: int, activation: str) -> None:
    expected = Output(units, getattr(keras.activations, activation))
    assert output_of(model(ending)) == expected


def test_end_of_a_stack() -> None:
    stack = keras.Sequential([keras.Input((4,)), L.Dense(7), L.Dense(2, activation="softmax")])
    assert output_of(stack) == Output(2, keras.activations.softmax)
