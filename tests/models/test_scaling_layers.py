"""The layers that scale in a file: their numbers against the scaling in float64."""

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from regcli.data.preparing import scaling
from regcli.models.scaling_layers import scaling_layers

RANDOM = np.random.default_rng(0).normal(size=(50, 1))
ORDINARY = 3 + 2 * RANDOM
UNITS = {
    "ordinary": ORDINARY,
    "far from 0": 1013.25 + 0.5 * RANDOM,
    "farads": 1e-9 * RANDOM,
    "whole numbers around a million": 1e6 + np.round(10 * RANDOM),
    "days in seconds since 1970": 1.6e9 + 1024 * np.round(1e5 * RANDOM),
    "next to nothing": 1e-25 * RANDOM,
    "huge": 1e25 * (1 + RANDOM),
    "a constant that float32 rounds": np.full((50, 1), 0.1),
    "a large constant": np.full((50, 1), 1.6e9 + 0.3),
}


def through_layers(layers: list[keras.Layer], rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the layers make of rows, after they were written as text and read again."""
    model = keras.Sequential([keras.Input(rows.shape[1:]), *layers])
    read = keras.models.model_from_json(model.to_json())
    return np.asarray(read(rows))


def relative_to_the_input(x: NDArray[np.float64], width: NDArray[np.float64]) -> float:
    """How far float32 rounds rows, in widths: what no layer behind it can undo."""
    return float((np.abs(x.astype(np.float32) - x) / width).max())


@pytest.mark.parametrize("kind", ["standard", "minmax"])
@pytest.mark.parametrize("columns", [[name] for name in UNITS] + [list(UNITS)], ids=str)
def test_scaled_as_in_training(columns: list[str], kind: scaling.ScaleKind) -> None:
    x = np.hstack([UNITS[name] for name in columns])
    fitted = scaling.fit(kind, x)
    layers = scaling_layers(fitted.center, fitted.width, (len(columns),), ())
    found = through_layers(layers, x.astype(np.float32))
    allowed = relative_to_the_input(x, fitted.width) + 2e-6
    # A constant of 0.1 is as far from its rounded self as float32 rounds it, and is 0 all the same.
    np.testing.assert_allclose(found, fitted.apply(x, columns), rtol=0, atol=allowed)
    is_constant = np.ptp(x, axis=0) == 0
    assert (found[:, is_constant] == 0).all()


def test_places_of_tensors_are_scaled_each() -> None:
    x = np.random.default_rng(1).normal(size=(20, 3, 2)) * [[1e-9, 1], [1e12, 2], [3, 1e20]]
    fitted = scaling.fit("standard", x)
    layers = scaling_layers(fitted.center, fitted.width, (3, 2), ())
    found = through_layers(layers, x.astype(np.float32))
    np.testing.assert_allclose(found, fitted.apply(x, [""] * 6), rtol=0, atol=3e-6)


def kinds(x: NDArray[np.float64], *taken: str) -> list[tuple[str, str]]:
    fitted = scaling.fit("standard", x)
    layers = scaling_layers(fitted.center, fitted.width, x.shape[1:], taken)
    return [(type(layer).__name__, layer.name) for layer in layers]


def test_the_layers_are_ordinary_ones_wherever_those_are_exact() -> None:
    assert kinds(ORDINARY) == [("Normalization", "scaling")]
    assert kinds(ORDINARY, "scaling") == [("Normalization", "input_scaling")]
    assert kinds(1e-9 * ORDINARY, "scaling", "input_scaling") == [
        ("Rescaling", "centering"),
        ("Rescaling", "input_input_scaling"),
    ]
    assert scaling_layers(np.zeros(2), np.ones(2), (2,), ()) == []
