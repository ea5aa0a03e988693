"""The allowed classes beside the installed Keras: each is listed, or refused for a reason."""

import importlib
import inspect
import re
from typing import Any

import keras
import pytest
from keras.src.ops.operation import Operation

from regcli.keras_files.allowed_classes import ACTIVATIONS, LAYERS, REFUSED, is_part
from regcli.keras_files.allowed_operations import OPERATIONS


def classes(module: Any) -> set[str]:
    """Names of the classes of a module; in small letters they have a second name."""
    public = {name: value for name, value in vars(module).items() if name[0].isupper()}
    return {name for name, value in public.items() if isinstance(value, type)}


def test_every_layer_is_allowed_or_refused() -> None:
    """A new layer of a new Keras has to be looked at, and put into one of the two."""
    known = classes(keras.layers)
    assert known - LAYERS - REFUSED.keys() == set()
    assert known & LAYERS & REFUSED.keys() == set()
    assert LAYERS - known == set()


@pytest.mark.parametrize("kind", ["initializers", "regularizers", "constraints"])
def test_every_part_is_allowed(kind: str) -> None:
    abstract = {"Initializer", "Regularizer", "Constraint"}
    known = classes(getattr(keras, kind)) - abstract
    assert known
    assert [name for name in known if not is_part(f"keras.{kind}", name)] == []
    assert [name for name in abstract if is_part(f"keras.{kind}", name)] == []


def test_activations_are_keras_s_own() -> None:
    for name in ACTIVATIONS:
        assert inspect.isfunction(getattr(keras.activations, name)), name
    assert ACTIVATIONS & {"get", "serialize", "deserialize"} == set()


def test_operations_are_steps_of_a_graph() -> None:
    for module, names in OPERATIONS.items():
        found = vars(importlib.import_module(module))
        for name in names:
            assert issubclass(found[name], Operation), f"{module}.{name}"
            assert found[name].__module__ == module, f"{module}.{name}"


NAMES_OF_CODE = re.compile(r"path|file|url|origin|vocab|func|fn$|^f$|callable|^cond$|^body$|lambda")


def test_no_allowed_class_takes_a_path_or_a_function() -> None:
    """By the names of their arguments, in constructors and in the calls of operations."""
    allowed = [getattr(keras.layers, name) for name in LAYERS]
    for module, names in OPERATIONS.items():
        found = vars(importlib.import_module(module))
        allowed += [found[name] for name in names]
        allowed += [found[name].call for name in names]
    suspicious = {
        f"{part.__qualname__}({argument})"
        for part in allowed
        for argument in inspect.signature(part).parameters
        if NAMES_OF_CODE.search(argument)
    }
    assert suspicious == set()
    taken = inspect.signature(keras.layers.StringLookup).parameters
    assert any(map(NAMES_OF_CODE.search, taken))
