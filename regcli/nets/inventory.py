"""What the installed Keras offers, written down so that configs can be checked without loading it.

`make inventory` runs this module and writes `regcli/config/keras_names.json`; a test compares the
two, so the file cannot fall behind the Keras that is locked.
"""

import inspect
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import keras

import regcli.config

UNSTACKABLE_LAYERS = frozenset(
    # run code or foreign programs
    {"Lambda", "TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer"}
    # abstract, or made by regcli itself
    | {"Layer", "InputLayer", "InputSpec", "Wrapper", "RNN", "Pipeline"}
    # take several inputs, which a stack of layers cannot give them
    | {"Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"}
    | {"AdditiveAttention", "Attention", "GroupQueryAttention", "MultiHeadAttention"}
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
        type is one of `required`, `number`, `boolean`, `string`, `list` and `any`.
    """
    return {
        "keras": keras.__version__,
        "layers": {
            name: _arguments(layer) | BASE_LAYER_ARGUMENTS
            for name, layer in _classes(keras.layers, UNSTACKABLE_LAYERS).items()
        },
        "optimizers": _described(keras.optimizers, UNUSABLE_OPTIMIZERS),
        "schedules": _described(keras.optimizers.schedules, {"LearningRateSchedule"}),
        "losses": _described(keras.losses, UNUSABLE_LOSSES),
        "constraints": _described(keras.constraints, {"Constraint"}),
        "initializers": _described(keras.initializers, {"Initializer"}),
        "regularizers": _described(keras.regularizers, {"Regularizer"}),
        "activations": _activations(),
    }


def _described(module: ModuleType, excluded: frozenset[str] | set[str]) -> dict[str, Any]:
    return {name: _arguments(part) for name, part in _classes(module, excluded).items()}


def _classes(module: ModuleType, excluded: frozenset[str] | set[str]) -> dict[str, type]:
    """The public classes of a Keras module, under their CamelCase names."""
    return {
        name: part
        for name, part in sorted(vars(module).items())
        if inspect.isclass(part) and name[0].isupper() and name not in excluded
    }


def _activations() -> list[str]:
    return sorted(
        name
        for name, part in vars(keras.activations).items()
        if inspect.isfunction(part) and name not in {"get", "serialize", "deserialize"}
    )


def _arguments(part: type) -> dict[str, str]:
    parameters = list(inspect.signature(part).parameters.values())
    return {
        parameter.name: _type_of_default(parameter.default)
        for parameter in parameters
        if parameter.kind in {parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY}
    }


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
