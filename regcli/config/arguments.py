"""Arguments of Keras parts in the types that Keras requires, and in one canonical form.

A config may say one thing in several ways: `sgd` and `SGD`, `1` and `1.0`, `he_normal` and
`{HeNormal: {}}`, an argument at Keras's default or left out. Runs are known again, and Keras is
called, by the canonical form, so that what has one id is one call.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeGuard

from regcli.config import catalogue
from regcli.config.argument_types import ArgumentType, argument_type
from regcli.config.catalogue import Kind

_NEVER_LEFT_OUT = frozenset({"from_logits", "bias_regularizer"})
"""Arguments whose absence means something else to regcli than Keras's default."""


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_whole(value: object) -> object:
    """`64.0` as 64; anything that is not a whole number unchanged."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def typed_arguments(kind: Kind, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with their numbers in the types that Keras requires; the rest unchanged."""
    part = catalogue.canonical_name(kind, name)
    if part is None:
        return dict(given)
    known = catalogue.arguments(kind, part)
    return {
        argument: _typed(value, argument_type(kind, part, argument))
        if argument in known
        else _typed_number(value, "number")
        for argument, value in given.items()
    }


def _typed(value: Any, expected: ArgumentType) -> Any:
    if isinstance(value, list | tuple):
        return [_typed(item, expected) for item in value]
    if not isinstance(value, dict):
        return _typed_number(value, expected.form)
    if expected.form == "clipping":
        return {key: _typed_number(item, "number") for key, item in value.items()}
    kind = nested_kind(expected)
    if kind is None:
        return value
    return {
        name: typed_arguments(kind, name, given) if isinstance(given, dict) else given
        for name, given in value.items()
    }


def _typed_number(value: Any, form: str) -> Any:
    if not is_number(value):
        return value
    if form == "whole":
        return as_whole(value)
    if form not in {"number", "rate"}:
        return value
    try:
        return float(value) + 0.0  # -0.0 and 0.0 are the same number
    except OverflowError:
        return value


def nested_kind(expected: ArgumentType) -> Kind | None:
    """The kind of part that an argument of this type holds."""
    kinds: dict[str, Kind] = {"rate": "schedules", "layer": "layers"}
    return expected.kind or kinds.get(expected.form)


def canonical_arguments(kind: Kind, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that differ from Keras's defaults, in Keras's order and in one form.

    The order matters: parts that draw numbers take their seeds as they are made.

    Args:
        name: as `catalogue.canonical_name` knows it.
    """
    part = catalogue.canonical_name(kind, name)
    if part is None:
        return dict(given)
    known = catalogue.arguments(kind, part)
    canonical = {
        argument: _canonical(given[argument], argument_type(kind, part, argument))
        for argument in known
        if argument in given
    }
    own = {key: _typed_number(value, "number") for key, value in given.items() if key not in known}
    return own | {
        argument: value
        for argument, value in canonical.items()
        if known[argument] == "required"
        or argument in _NEVER_LEFT_OUT
        or value != _default(kind, part, argument)
    }


@cache
def _default(kind: Kind, part: str, argument: str) -> Any:
    default = catalogue.defaults(kind, part).get(argument)
    return _canonical(default, argument_type(kind, part, argument))


def _canonical(value: Any, expected: ArgumentType) -> Any:
    if expected.form == "activation":
        name = "linear" if value is None else value
        return catalogue.first_name("activations", name) if isinstance(name, str) else name
    kind = nested_kind(expected)
    if kind is not None and isinstance(value, str | dict):
        return canonical_part(kind, value)
    return _typed(value, expected)


def canonical_part(kind: Kind, value: str | dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A part that is written `he_normal` or `HeNormal: {…}` as its name and canonical arguments."""
    parts = {value: None} if isinstance(value, str) else value
    return {
        catalogue.first_name(kind, catalogue.canonical_name(kind, name) or name): (
            canonical_arguments(kind, name, given or {})
        )
        for name, given in parts.items()
    }
