"""The objects in a config that are no classes: tensors of a graph, constants, slices."""

from collections.abc import Callable, Mapping
from typing import Any

from regcli.keras_files.allowed_classes import DTYPES, is_named
from regcli.keras_files.config_json import Json


class NotConstant(ValueError):  # noqa: N818 - says what it should be
    """A constant is not made as it has to be; the text is the rule."""


def _tensor_of_graph(config: dict[str, Json]) -> dict[str, Any]:
    """What a layer is called on: the output `keras_history` of another layer."""
    _require(config.keys() == {"shape", "dtype", "keras_history"}, "shape, dtype and keras_history")
    shape, history = config["shape"], config["keras_history"]
    _require(isinstance(shape, list) and all(map(_is_size, shape)), "a shape of sizes and nulls")
    _require(is_named(config["dtype"], DTYPES), f"a dtype among {', '.join(sorted(DTYPES))}")
    _require(_is_history(history), "a keras_history of a layer's name and two positions")
    return {"shape": shape, "dtype": config["dtype"], "keras_history": history}


def _numbers(config: dict[str, Json]) -> dict[str, Any]:
    """An array of numbers, written out."""
    _require(config.keys() == {"value", "dtype"}, "a value and a dtype")
    _require(is_named(config["dtype"], DTYPES), f"a dtype among {', '.join(sorted(DTYPES))}")
    _require(_is_numbers(config["value"]), "a number or lists of numbers as value")
    return {"value": config["value"], "dtype": config["dtype"]}


def _slice(config: dict[str, Json]) -> dict[str, Any]:
    _require(config.keys() == {"start", "stop", "step"}, "start, stop and step")
    _require(all(map(_is_size, config.values())), "integers or nulls as start, stop and step")
    return dict(config)


def _ellipsis(config: dict[str, Json]) -> dict[str, Any]:
    _require(not config, "nothing")
    return {}


_CHECKS: Mapping[str, Callable[[dict[str, Json]], dict[str, Any]]] = {
    "__keras_tensor__": _tensor_of_graph,
    "__tensor__": _numbers,
    "__numpy__": _numbers,
    "__slice__": _slice,
    "__ellipsis__": _ellipsis,
}
CONSTANTS = frozenset(_CHECKS)


def checked_constant(name: str, config: Json) -> dict[str, Any]:
    """The object as Keras is given it.

    Raises:
        NotConstant: it is not made as Keras makes it.
    """
    if not isinstance(config, dict):
        raise NotConstant("must have an object")
    return {"class_name": name, "config": _CHECKS[name](config)}


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise NotConstant(f"must have {what}")


def _is_history(value: Json) -> bool:
    if not isinstance(value, list) or len(value) != 3:
        return False
    return isinstance(value[0], str) and all(map(_is_integer, value[1:]))


def _is_integer(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_size(value: Json) -> bool:
    return value is None or _is_integer(value)


def _is_numbers(value: Json) -> bool:
    if isinstance(value, list):
        return all(map(_is_numbers, value))
    return isinstance(value, int | float)


def is_shapes(value: Json) -> bool:
    """Whether it is sizes, in lists and under names."""
    if isinstance(value, dict):
        return all(map(is_shapes, value.values()))
    return all(map(is_shapes, value)) if isinstance(value, list) else _is_size(value)
