"""Models with many zeros, and what is left of them: for the tests of `make_smaller`."""

import keras
import numpy as np

from regcli.models.smaller import SmallerModel, make_smaller, take_inputs
from regcli.results.shrinkage import TOLERANCE, relative_difference

Rng = np.random.Generator


def fill(model: keras.Model, rng: Rng, density: float = 0.7) -> keras.Model:
    """Random numbers everywhere, many exact zeros among the kernels, whole units of them too."""
    for layer in model.layers:
        for weight in layer.weights:
            if "float" not in weight.dtype:
                continue
            values = rng.normal(size=weight.shape)
            if weight.name == "kernel":
                values *= rng.random(weight.shape) < density
                values *= rng.random(weight.shape[-1]) < 0.7
                values *= rng.random(weight.shape[-2])[:, None] < 0.7
            elif weight.name == "moving_variance":
                values = np.abs(values) + 0.1
            elif weight.name == "gamma":
                values *= rng.random(weight.shape) < 0.8
            weight.assign(values)
    return model


def outputs(model: keras.Model, rows: np.ndarray) -> np.ndarray:
    return np.asarray(model(rows, training=False))


def shrunk(model: keras.Model, rng: Rng, drop_inputs: bool = False) -> SmallerModel:
    """The smaller model, once its outputs are those of the model."""
    smaller = make_smaller(model, drop_inputs)
    rows = rng.normal(size=(16, *model.input_shape[1:])).astype(np.float32)
    found = outputs(smaller.model, take_inputs(rows, smaller))
    assert relative_difference(outputs(model, rows), found) <= TOLERANCE
    return smaller


def counts(smaller: SmallerModel) -> list[tuple[int, int]]:
    return [(units.before, units.after) for units in smaller.units]
