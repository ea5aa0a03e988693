"""Whether a model that comes to regcli whole fits the data, and if not, what is wrong with it."""

from typing import Any, NoReturn
from weakref import WeakSet

import keras

from regcli.config.layer_names import LAYER_NAME_RULE, is_layer_name
from regcli.config.problems import shown
from regcli.errors import ModelError
from regcli.models.interface import Interface
from regcli.models.keras_private import set_path
from regcli.models.opaque_models import as_graph
from regcli.models.weights import variable_name

Key = tuple[str | int, ...]

_RETURNED: "WeakSet[keras.Layer]" = WeakSet()
"""Layers of models that functions have returned: one that comes again would share its weights."""


def checked_model(given: Any, function: str, interface: Interface, key: Key) -> keras.Model:
    """A returned model as a graph of layers from rows to outputs.

    Args:
        function: its name, or that of the file which has the model, for messages.
        key: of the config, which names it.

    Raises:
        ModelError: it is no Keras model, is compiled, was returned before, or does not fit the
            rows or the target.
    """
    if not isinstance(given, keras.Model):
        _refuse(key, f"{function} must return a Keras model, got {_said(given)}")
    if given.compiled:
        _refuse(
            key,
            f"{function} must return a model that is not compiled; training.optimizer and "
            "training.loss say how it is trained",
        )
    _check_inputs(given, function, interface, key)
    model = as_graph(given, interface.input_shape)
    _check_outputs(model, function, interface, key)
    _check_new(model, function, key)
    _check_names(model, key)
    _rename_repeated(model)
    return model


def _check_inputs(model: keras.Model, function: str, interface: Interface, key: Key) -> None:
    """Check what a model says that it takes, where it says so before it is called."""
    inputs = getattr(model, "inputs", None)
    if not inputs:
        return
    if isinstance(getattr(model, "input", None), dict):
        _refuse(key, f"{function} must return a model whose input is one tensor, got a dict")
    if len(inputs) > 1:
        _refuse(key, f"{function} must return a model of one input, got {len(inputs)}")
    taken, rows = tuple(inputs[0].shape[1:]), interface.input_shape
    if len(taken) != len(rows) or any(
        own not in (None, other) for own, other in zip(taken, rows, strict=True)
    ):
        _refuse(key, f"{function} gives a model for rows of shape {taken}, the data's are {rows}")


def _check_outputs(model: keras.Model, function: str, interface: Interface, key: Key) -> None:
    structure = getattr(model, "output", None)
    if isinstance(structure, dict):
        _refuse(key, f"{function} must return a model whose output is one tensor, got a dict")
    if len(model.outputs) != 1:
        _refuse(key, f"{function} must return a model of one output, got {len(model.outputs)}")
    shape = tuple(model.output_shape[1:])
    allowed = {1, 2} if interface.task == "binary" else {interface.outputs}
    if len(shape) == 1 and shape[0] in allowed:
        return
    needs = {"binary": "1 output or 2", "regression": "1 output"}
    needed = needs.get(interface.task, f"{interface.outputs} outputs, one for each class")
    got = f"{shape[0]}" if len(shape) == 1 else f"the shape {shape}"
    _refuse(
        key,
        f"{function} gives a model whose outputs do not fit the target: it needs {needed}, "
        f"got {got}",
    )


def _check_new(model: keras.Model, function: str, key: Key) -> None:
    """Check that no layer with weights is one of a model that was returned before."""
    layers = [layer for layer in model.layers if layer.weights]
    old = next((layer for layer in layers if layer in _RETURNED), None)
    if old is not None:
        _refuse(
            key,
            f"{function} must make its layers anew at each call, '{old.name}' is one of an earlier "
            "call",
        )
    _RETURNED.update(layers)


def _check_names(model: keras.Model, key: Key) -> None:
    """Check that TensorFlow takes the names of layers as scopes."""
    for layer in model.layers:
        if not is_layer_name(layer.name):
            _refuse(key, f"the name of a layer {LAYER_NAME_RULE}, got {shown(layer.name)}")


def _rename_repeated(model: keras.Model) -> None:
    """Give variables of one name different ones, `dense_1/kernel` to the second, as Keras counts.

    Layers inside of a model of its own may have a name that is taken outside of it.
    """
    seen: set[str] = set()
    for variable in model.weights:
        owner, slash, rest = variable_name(model, variable).partition("/")
        name, count = f"{owner}{slash}{rest}", 0
        while name in seen:
            count += 1
            name = f"{owner}_{count}{slash}{rest}"
        if count:
            set_path(variable, name)
        seen.add(name)


def _said(given: Any) -> str:
    if given is None:
        return "None: a return may be missing"
    return f"an object of the type {type(given).__name__}"


def _refuse(key: Key, message: str) -> NoReturn:
    raise ModelError(key, message)
