"""The names that a config's layers have: given ones, else those that Keras would count up."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache

from regcli.config.keras_parts import Layer

OUTPUT = "output"
"""Name of the output layer where it follows from the target."""

LAYER_NAME_RULE = "must be 1 to 100 letters (a to z), digits, '_', '-' or '.'"
_NAME = re.compile("[A-Za-z0-9_.-]{1,100}")
"""Names that TensorFlow takes as scopes, and Keras as parts of paths."""

_ALIASES = (
    (re.compile("Convolution(?=[0-9])"), "Conv"),
    (re.compile("AvgPool(?=[0-9])"), "AveragePooling"),
    (re.compile("MaxPool(?=[0-9])"), "MaxPooling"),
    (re.compile("GroupQuery"), "GroupedQuery"),
)
"""Keras's second names of a class; the layer is named after the first, which is the class's own."""


def layer_names(layers: Sequence[Layer]) -> tuple[str, ...]:
    """A unique name for each layer: `dense`, `dense_1`, `conv2d`, … in order."""
    taken = {layer.arguments["name"] for layer in layers if "name" in layer.arguments}
    counts: Counter[str] = Counter()
    names = []
    for layer in layers:
        name = layer.arguments.get("name")
        while name is None:
            stem = _stem(layer.kind)
            candidate = f"{stem}_{counts[stem]}" if counts[stem] else stem
            counts[stem] += 1
            name = None if candidate in taken else candidate
        names.append(str(name))
    return tuple(names)


def is_layer_name(name: str) -> bool:
    """Whether every trainer and every file can have a layer of that name."""
    return _NAME.fullmatch(name) is not None


def implied_name(names: Collection[str]) -> str:
    """The name of an output layer that follows from the target, unique among the layers."""
    name, count = OUTPUT, 0
    while name in names:
        count += 1
        name = f"{OUTPUT}_{count}"
    return name


@cache
def _stem(kind: str) -> str:
    """`conv2d` for Conv2D and Convolution2D: a class in snake case as Keras writes it."""
    if kind == "Input":
        return "columns"  # `input` is the name of whole rows
    for alias, name in _ALIASES:
        kind = alias.sub(name, kind)
    kind = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub("([a-z])([A-Z])", r"\1_\2", kind).lower()
