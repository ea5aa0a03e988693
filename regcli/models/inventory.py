"""What the installed Keras offers, written down so that configs can be checked without loading it.

`make inventory` runs this module and writes `regcli/config/keras_names.json`; a test compares the
two, so the file cannot differ from the locked Keras.
"""

import inspect
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import keras

import regcli.config

UNUSABLE_LAYERS = frozenset(
    # run code or foreign programs
    {"Lambda", "TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer"}
    # abstract, or made by regcli itself
    | {"Layer", "InputLayer", "InputSpec", "Wrapper", "RNN", "Pipeline"}
    # are parts of other layers
    | {"GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells"}
    # need text, labels or boxes, or a pass over the data before training
    | {"TextVectorization", "StringLookup", "IntegerLookup", "Hashing", "HashedCrossing"}
    | {"Discretization", "Normalization", "CutMix", "MixUp", "MaxNumBoundingBoxes"}
)
UNUSABLE_OPTIMIZERS = frozenset(
    {"Optimizer", "OptimizerMap", "MultiOptimizer", "LossScaleOptimizer"}
)
UNUSABLE_LOSSES = frozenset({"Loss", "CTC", "Circle"})
BASE_LAYER_ARGUMENTS = {"name": "string", "trainable": "boolean"}


def describe_keras() -> dict[str, Any]:
    """Names and arguments of every part of Keras that a config may name.

    Returns:
        For each kind of part a mapping of its names to `{argument: type of its default}`, where the
        type is one of `required`, `number`, `boolean`, `string`, `list` and `any`; under `defaults`
        each default that is not null, and under `aliases` the classes that have a second name.
    """
    kinds = {
        "layers": _classes(keras.layers, UNUSABLE_LAYERS),
        "optimizers": _classes(keras.optimizers, UNUSABLE_OPTIMIZERS),
        "schedules": _classes(keras.optimizers.schedules, {"LearningRateSchedule"}),
        "losses": _classes(keras.losses, UNUSABLE_LOSSES),
        "constraints": _classes(keras.constraints, {"Constraint"}),
        "initializers": _classes(keras.initializers, {"Initializer"}),
        "regularizers": _classes(keras.regularizers, {"Regularizer"}),
    }
    base = {"layers": BASE_LAYER_ARGUMENTS}
    return {
        "keras": keras.__version__,
        **{
            kind: {name: _arguments(part) | base.get(kind, {}) for name, part in parts.items()}
            for kind, parts in kinds.items()
        },
        "activations": sorted(_activation_functions()),
        "defaults": {
            kind: {name: _defaults(part) | _base_defaults(kind) for name, part in parts.items()}
            for kind, parts in kinds.items()
        },
        "aliases": {
            kind: {name: part.__name__ for name, part in parts.items() if part.__name__ != name}
            for kind, parts in (kinds | {"activations": _activation_functions()}).items()
        },
    }


def _base_defaults(kind: str) -> dict[str, Any]:
    return {"trainable": True} if kind == "layers" else {}


def _classes(module: ModuleType, excluded: frozenset[str] | set[str]) -> dict[str, type]:
    """The public classes of a Keras module, under their CamelCase names."""
    return {
        name: part
        for name, part in sorted(vars(module).items())
        if inspect.isclass(part) and name[0].isupper() and name not in excluded
    }


def _activation_functions() -> dict[str, Any]:
    return {
        name: part
        for name, part in sorted(vars(keras.activations).items())
        if inspect.isfunction(part) and name not in {"get", "serialize", "deserialize"}
    }


def _arguments(part: type) -> dict[str, str]:
    return {parameter.name: _type_of_default(parameter.default) for parameter in _parameters(part)}


def _defaults(part: type) -> dict[str, Any]:
    """The defaults of a part's arguments as JSON has them."""
    return {
        parameter.name: json.loads(json.dumps(parameter.default))
        for parameter in _parameters(part)
        if parameter.default not in {parameter.empty, None}
    }


def _parameters(part: type) -> list[inspect.Parameter]:
    return [
        parameter
        for parameter in inspect.signature(part).parameters.values()
        if parameter.kind in {parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY}
    ]


def _type_of_default(default: object) -> str:
    if default is inspect.Parameter.empty:
        return "required"
    if isinstance(default, bool):
        return "boolean"
    if isinstance(default, int | float):
        return "number"
    if isinstance(default, str):
        return "string"
    if isinstance(default, tuple | list):
        return "list"
    return "any"


def write_inventory() -> Path:
    """Write the installed Keras's inventory to where `regcli.config` reads it."""
    path = Path(regcli.config.__file__).with_name("keras_names.json")
    path.write_text(json.dumps(describe_keras(), indent=1) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    write_inventory()
