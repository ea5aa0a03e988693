"""A model's numbers by name: reading them out, putting them back, and which of them are kernels."""

from collections.abc import Mapping

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.penalties.covered_weights import KERNELS


def variable_name(model: keras.Model, variable: keras.Variable) -> str:
    """A variable's path without the model's own name: `dense/kernel`."""
    return str(variable.path).removeprefix(f"{model.name}/")


def read_weights(model: keras.Model) -> dict[str, NDArray[np.float32]]:
    """Weights and moving statistics by name, in the model's order; no random generators' state."""
    return {
        variable_name(model, variable): np.asarray(variable)
        for variable in model.weights
        if "float" in variable.dtype
    }


def weight_names(model: keras.Model) -> tuple[str, ...]:
    """The names that `read_weights` gives, in its order."""
    return tuple(variable_name(model, v) for v in model.weights if "float" in v.dtype)


def write_weights(model: keras.Model, weights: Mapping[str, NDArray[np.float32]]) -> None:
    """Put weights that `read_weights` gave into a model of the same architecture."""
    for variable in model.weights:
        if "float" in variable.dtype:
            variable.assign(weights[variable_name(model, variable)])


def kernel_names(model: keras.Model) -> tuple[str, ...]:
    """Names of the kernels, in the model's order; biases and moving statistics are left out."""
    names = (variable_name(model, variable) for variable in model.trainable_variables)
    return tuple(name for name in names if name.rsplit("/", 1)[-1] in KERNELS)
