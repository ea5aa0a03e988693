"""A stored run's model as an ordinary Keras model, from rows as they are in the data."""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.config.schema import Config
from regcli.data.target.target_transform import TargetTransform
from regcli.errors import ModelError
from regcli.models.build import MODEL_NAME
from regcli.models.interface import Interface
from regcli.models.joined_layers import continued
from regcli.models.model_source import model_source
from regcli.models.scaling_layers import restoring_layers, scaling_layers
from regcli.models.weights import read_weights, write_weights
from regcli.results.records import CENTER, WIDTH, DataSummary


def rebuild_model(
    config: Config, data: DataSummary, weights: Mapping[str, NDArray[np.float32]]
) -> keras.Model:
    """The trained model, which takes rows as they are in the data.

    Layers in front scale them; where the target was scaled or logged, layers at the end give
    predictions in its own unit.

    Args:
        weights: what `read_weights` gave after training, and the scaling (columns,) under `CENTER`
            and `WIDTH`.

    Raises:
        ModelError: if Keras no longer builds the config.
    """
    model = trained_model(config, data, weights)
    taken = [layer.name for layer in model.layers]
    center, width = weights[CENTER].astype(np.float64), weights[WIDTH].astype(np.float64)
    scaling = scaling_layers(center, width, data.input_shape, taken)
    restoring: list[keras.Layer] = []
    if data.target_transform is not None:
        transform = TargetTransform.from_plain(data.target_transform)
        restoring = restoring_layers(transform, taken)
    if not scaling and not restoring:
        return model
    return continued(model, scaling, restoring, data.input_shape, MODEL_NAME)


def trained_model(
    config: Config, data: DataSummary, weights: Mapping[str, NDArray[np.float32]]
) -> keras.Model:
    """The model as it was trained: it takes rows that are prepared and scaled.

    Args:
        weights: as `rebuild_model`.

    Raises:
        ModelError: if Keras no longer builds the config.
    """
    model = model_source(config, Interface.of_summary(data)).loadable(config.regularization)
    _require_same(model, weights)
    write_weights(model, weights)
    return model


def _require_same(model: keras.Model, weights: Mapping[str, NDArray[np.float32]]) -> None:
    """Check that weights are those of the model: a person's code may make another at each call.

    Raises:
        ModelError: naming the first that is not.
    """
    for name, values in read_weights(model).items():
        found = weights[name].shape if name in weights else None
        if found != values.shape:
            has = "no such weight" if found is None else f"the shape {found}"
            raise ModelError(
                ("model",),
                f"the model is not the one that was trained: {name} has the shape {values.shape}, "
                f"and the run has {has}; code must make the same layers at each call",
            )


def with_activation(model: keras.Model, activation: str) -> keras.Model:
    """A model whose outputs go through an activation, in a layer of its own."""
    last = keras.layers.Activation(activation, name="probabilities")
    return continued(model, (), (last,), model.input_shape[1:], MODEL_NAME)


def save_and_load(model: keras.Model, path: Path) -> keras.Model:
    """Write a model's file, and give back what whoever loads it gets; on the CPU."""
    model.save(path)
    with tf.device("/CPU:0"):
        return keras.models.load_model(path, compile=False)
