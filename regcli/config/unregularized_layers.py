"""Layers without what shrinks their weights, those inside wrappers too."""

from collections.abc import Mapping

from regcli.config import catalogue
from regcli.config.keras_parts import Layer

_ARE_STRENGTHS = frozenset({"L1", "L2", "L1L2"})


def without_strengths(layer: Layer) -> Layer:
    """A layer without strengths of its own, and so the one that it wraps."""
    return _freed(layer, arguments_too=False)


def without_shrinkage(layer: Layer) -> Layer:
    """As `without_strengths`, and without Keras's L1 and L2 of a bias or of any other weights.

    Regularizers that are not sums over weights stay: those of activities, and orthogonal ones.
    """
    return _freed(layer, arguments_too=True)


def _freed(layer: Layer, arguments_too: bool) -> Layer:
    arguments = dict(layer.arguments)
    if arguments_too:
        arguments = {key: value for key, value in arguments.items() if not _shrinks(key, value)}
    if "layer" in catalogue.arguments("layers", layer.kind):
        inner = Layer.model_validate(arguments["layer"])
        arguments["layer"] = _freed(inner, arguments_too).model_dump()
    return layer.model_copy(update={"l1": None, "l2": None, "arguments": arguments})


def _shrinks(argument: str, value: object) -> bool:
    if not argument.endswith("_regularizer") or argument == "activity_regularizer":
        return False
    name = next(iter(value), None) if isinstance(value, Mapping) else value
    if not isinstance(name, str):
        return False
    return catalogue.canonical_name("regularizers", name) in _ARE_STRENGTHS
