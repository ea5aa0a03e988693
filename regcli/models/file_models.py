"""Keras models of checked `.keras` files: with fresh start weights, or with those of the file."""

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import keras

from regcli.errors import KerasFileError
from regcli.keras_files.keras_file import KerasFile
from regcli.keras_files.refused import SAVE_AGAIN, Refused
from regcli.keras_files.stored_weights import check_stored_weights
from regcli.models.keras_private import fill_variables, sharing_objects, take_unfilled_variables
from regcli.models.reasons import first_sentence

_NAME = "model.weights.h5"
_WRAPPED = re.compile(r".* could not be deserialized properly|Error when deserializing class ")
_FIRST_FAILURE = re.compile(
    r"Example error message for object <\w+ name=([^,>]+)[^\n]*>:\s+(.*)", re.S
)


def fresh_model(file: KerasFile) -> keras.Model:
    """The model of a file, uncompiled, with start weights of its own.

    They come from Keras's global seed (`keras.utils.set_random_seed`), as those of any new model.

    Raises:
        KerasFileError: Keras refuses the architecture, with its reason, or the model has more
            weights than the file: memory for them is only taken after that check.
    """
    take_unfilled_variables()
    try:
        with keras.StatelessScope(initialize_variables=False), sharing_objects():
            model = keras.saving.deserialize_keras_object(
                json.loads(file.architecture.text), custom_objects=dict(file.custom), safe_mode=True
            )
    except Exception as error:
        take_unfilled_variables()
        raise KerasFileError(
            f"{file.path}: Keras refuses the architecture: {_reason(error)}"
        ) from error
    variables = take_unfilled_variables()
    _check_count(file, variables)
    try:
        fill_variables(variables)
    except Exception as error:
        raise KerasFileError(
            f"{file.path}: Keras cannot draw start weights: {first_sentence(error)}"
        ) from error
    return model


def model_with_weights(file: KerasFile) -> keras.Model:
    """The model of a file with the weights of the file.

    Raises:
        KerasFileError: as `fresh_model`; the weights are not those of the architecture, or their
            file holds anything but numbers.
    """
    try:
        check_stored_weights(file.weights)
    except Refused as error:
        raise KerasFileError(f"{file.path}: {error}") from error
    model = fresh_model(file)
    with TemporaryDirectory() as folder:
        path = Path(folder, _NAME)
        path.write_bytes(file.weights)
        try:
            model.load_weights(path)
        except Exception as error:
            raise KerasFileError(
                f"{file.path}: {_NAME} does not fit the architecture: {_misfit(error)}; "
                f"{SAVE_AGAIN}"
            ) from error
    return model


def _check_count(file: KerasFile, variables: Sequence[keras.Variable]) -> None:
    """A weight takes a byte at least: an architecture may not ask for more than the file has."""
    count = sum(math.prod(variable.shape) for variable in variables)
    if count > len(file.weights):
        raise KerasFileError(
            f"{file.path}: the architecture must not have more weights than the file has bytes for "
            f"them; it has {count:,}, and {_NAME} has {len(file.weights):,} bytes; {SAVE_AGAIN}"
        )


def _reason(error: BaseException) -> str:
    """The sentence that says why; Keras wraps it once for each level of the architecture."""
    while isinstance(error, TypeError) and _WRAPPED.match(str(error)) and error.__context__:
        error = error.__context__
    return first_sentence(error)


def _misfit(error: BaseException) -> str:
    """Why weights do not fit: the first layer of those that Keras lists."""
    found = _FIRST_FAILURE.search(str(error))
    if found is None:
        return first_sentence(error)
    reason = found[2].partition(" Target variable: ")[0]  # which would list its values
    return f"layer '{found[1]}': {first_sentence(ValueError(reason))}"
