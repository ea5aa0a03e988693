"""Models of a person's `.keras` file: with fresh weights or its own, and what of it is trained."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

import keras

from regcli.config.model_section import Model
from regcli.config.own_file import KERAS
from regcli.config.problems import unknown
from regcli.errors import KerasFileError, ModelError
from regcli.models.file_models import fresh_model, model_with_weights
from regcli.models.interface import Interface
from regcli.models.keras_private import names_counted_afresh
from regcli.models.returned_models import checked_model

_TRAINABLE = ("model", "trainable")


def file_model(model: Model, interface: Interface) -> keras.Model:
    """The model of a config's file.

    Raises:
        ModelError: Keras refuses it, it does not fit the data, or has no such layers.
    """
    own = model.file
    if own is None:
        raise ModelError(KERAS, f"{model.keras} has not been read")
    has_weights = model.start == "weights" and not own.is_stored
    with names_counted_afresh():
        try:
            found = model_with_weights(own.file) if has_weights else fresh_model(own.file)
        except KerasFileError as error:
            raise ModelError(KERAS, str(error)) from error
        made = checked_model(found, str(model.keras), interface, KERAS)
    if model.trainable is not None:
        _train_only(made, model.trainable)
    return made


def _train_only(model: keras.Model, patterns: Sequence[str]) -> None:
    """Freeze every layer with weights that no pattern names.

    Raises:
        ModelError: a pattern names none.
    """
    layers = [layer for layer in model.layers if layer.weights]
    for position, pattern in enumerate(patterns):
        if not any(fnmatchcase(layer.name, pattern) for layer in layers):
            message = unknown("layer with weights", pattern, [layer.name for layer in layers])
            raise ModelError((*_TRAINABLE, position), message)
    for layer in layers:
        layer.trainable = any(fnmatchcase(layer.name, pattern) for pattern in patterns)
