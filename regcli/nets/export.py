"""A stored run's model as an ordinary Keras model that takes rows as they are in the data."""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.config.catalogue import KERNEL_REGULARIZERS
from regcli.config.schema import Config
from regcli.config.stack import complete_stack
from regcli.nets.build import MODEL_NAME, build_model, layer_strengths
from regcli.nets.penalties import Strengths
from regcli.nets.weights import write_weights
from regcli.results.records import CENTER, WIDTH, DataSummary


def rebuild_model(
    config: Config, data: DataSummary, weights: Mapping[str, NDArray[np.float32]]
) -> keras.Sequential:
    """The trained model, with a Normalization layer in front where the run scaled its columns.

    Args:
        weights: what `read_weights` gave after training, and the scaling (columns,) under `CENTER`
            and `WIDTH`.

    Raises:
        ModelError: if Keras no longer builds the config.
    """
    outputs = len(data.classes) if data.task == "multiclass" else 1
    stack = complete_stack(config.model, data.task, outputs, len(data.input_shape))
    strengths = layer_strengths(stack, config.regularization)
    named = any(set(layer.arguments) & KERNEL_REGULARIZERS for layer in stack.layers)
    if named or config.regularization.method == "proximal" or config.regularization.group:
        # Those regularizers are regcli's own; the file must load without it.
        strengths = dict.fromkeys(stack.names, Strengths(0.0, 0.0))
    model = build_model(stack, strengths, data.input_shape)
    write_weights(model, weights)
    if config.dataset.scale == "none":
        return model
    shape = data.input_shape
    scaling = keras.layers.Normalization(
        axis=tuple(range(1, len(shape) + 1)),
        mean=weights[CENTER].reshape(shape),
        variance=np.square(weights[WIDTH]).reshape(shape),
        name="scaling" if "scaling" not in stack.names else "input_scaling",
    )
    return keras.Sequential([keras.Input(shape), scaling, *model.layers], name=MODEL_NAME)


def save_and_load(model: keras.Sequential, path: Path) -> keras.Sequential:
    """Write a model's file, and give back what whoever loads it gets; on the CPU."""
    model.save(path)
    with tf.device("/CPU:0"):
        return keras.models.load_model(path, compile=False)
