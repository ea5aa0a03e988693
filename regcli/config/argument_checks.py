"""Rules about the names of Keras's parts and about their arguments, before Keras is loaded.

A mapping of a config reaches Keras only as the arguments of a named part: Keras would read a raw
mapping as a serialized object, and could import and run code for it.
"""

import math
from collections.abc import Iterator
from typing import Any

from regcli.config import catalogue
from regcli.config.argument_types import ArgumentType, argument_type
from regcli.config.arguments import as_whole, is_number, nested_kind
from regcli.config.catalogue import CODE_LAYERS, KERNEL_REGULARIZERS, Kind
from regcli.config.document import read_scalar
from regcli.config.keras_parts import own_keys, own_strengths
from regcli.config.layer_names import LAYER_NAME_RULE, is_layer_name
from regcli.config.problems import Path, Problem, bound_text, did_you_mean, shown, unknown

_SINGULAR: dict[Kind, str] = {
    "layers": "layer",
    "optimizers": "optimizer",
    "schedules": "learning-rate schedule",
    "losses": "loss",
    "constraints": "constraint",
    "initializers": "initializer",
    "regularizers": "regularizer",
}
_WORDS = {
    "number": ("a number", "numbers"),
    "whole": ("a whole number", "whole numbers"),
    "boolean": ("true or false", "true or false"),
    "switch": ("auto, true or false", "auto, true or false"),
    "text": ("text", "texts"),
    "activation": ("an activation's name", "activations' names"),
    "rate": ("a number or a learning-rate schedule", "numbers"),
    "clipping": ("a mapping of rmax, rmin and dmax to numbers", "such mappings"),
}
_CLIPPING = frozenset({"rmax", "rmin", "dmax"})


def check_layer(layer: object, path: Path) -> Iterator[Problem]:
    """Problems of a layer that is written `Flatten` or `Dense: {units: 10}`."""
    if isinstance(layer, str):
        yield from _check_part(layer, {}, "layers", path, path)
    for kind, given in single_items(layer):
        arguments = {} if given is None else given
        if isinstance(arguments, dict):
            yield from _check_part(kind, arguments, "layers", path, (*path, kind))
            yield from _check_own_strengths(kind, arguments, (*path, kind))
            name = arguments.get("name")
            if isinstance(name, str) and not is_layer_name(name):
                yield Problem((*path, kind, "name"), f"{LAYER_NAME_RULE}, got {shown(name)}")


def check_named(value: object, kind: Kind, path: Path) -> Iterator[Problem]:
    """Problems of `name` or `{name: …, argument: …}`; the schema checks that there is a name."""
    if isinstance(value, str):
        yield from _check_part(value, {}, kind, path, path)
    if isinstance(value, dict):
        name = value.get("name", "adam" if kind == "optimizers" else None)
        if isinstance(name, str):
            arguments = {key: item for key, item in value.items() if key != "name"}
            yield from _check_part(name, arguments, kind, (*path, "name"), path)


def may_have_kernel(kind: str) -> bool:
    """Whether a layer has a kernel, or wraps another layer, which may have one."""
    known = catalogue.arguments("layers", kind) if kind in catalogue.names("layers") else {}
    return "layer" in known or not KERNEL_REGULARIZERS.isdisjoint(known)


def single_items(value: object) -> Iterator[tuple[str, Any]]:
    """The one `name: arguments` pair of a mapping; nothing for any other shape."""
    if isinstance(value, dict) and len(value) == 1:
        yield from value.items()


def _check_own_strengths(kind: str, given: dict[str, Any], path: Path) -> Iterator[Problem]:
    if kind not in catalogue.names("layers") or may_have_kernel(kind):
        return
    for key in own_strengths(kind):
        if key in given:
            message = f"{key} requires a layer with a kernel, {kind} has none"
            yield Problem((*path, key), message, at_key=True)


def _check_part(
    name: str, given: dict[str, Any], kind: Kind, name_path: Path, path: Path
) -> Iterator[Problem]:
    """Check a part's name, that Keras knows its arguments, and that no required one is missing."""
    canonical = catalogue.canonical_name(kind, name)
    if canonical is None:
        at_key = path == (*name_path, name)
        problem_path = path if at_key else name_path
        yield Problem(problem_path, _unknown_part(kind, name), at_key)
        return
    known = catalogue.arguments(kind, canonical)
    own = own_keys(canonical) if kind == "layers" else ()
    for argument, value in given.items():
        if argument in own:
            continue
        if argument not in known:
            message = f"{canonical} has no argument '{argument}'" + did_you_mean(
                argument, [*known, *own]
            )
            yield Problem((*path, argument), message, at_key=True)
        else:
            expected = argument_type(kind, canonical, argument)
            yield from _check_argument(argument, value, expected, (*path, argument))
    for argument, kind_of_default in known.items():
        if kind_of_default == "required" and argument not in given:
            yield Problem(path, f"{canonical} needs the argument '{argument}'", at_key=True)
    if canonical == "PiecewiseConstantDecay":
        yield from _check_pieces(given, path)


def _check_pieces(given: dict[str, Any], path: Path) -> Iterator[Problem]:
    """Check that each piece between the boundaries has a value."""
    boundaries, values = given.get("boundaries"), given.get("values")
    if not isinstance(boundaries, list) or not isinstance(values, list):
        return
    if len(values) != len(boundaries) + 1:
        rule = f"must have {len(boundaries) + 1} values, one more than boundaries"
        yield Problem((*path, "values"), f"{rule}; got {len(values)}")
    if all(map(is_number, boundaries)) and sorted(set(boundaries)) != boundaries:
        yield Problem((*path, "boundaries"), f"must be in increasing order, got {boundaries}")


def _check_argument(
    argument: str, value: Any, expected: ArgumentType, path: Path
) -> Iterator[Problem]:
    nested = nested_kind(expected)
    if argument in KERNEL_REGULARIZERS and value is not None and _is_of_strengths(value):
        yield Problem(
            path,
            "kernels are regularized only through l1 and l2; write l1: and l2: instead",
            at_key=True,
        )
    elif expected.form == "code":
        if value is not None:
            yield Problem(path, "this Keras argument cannot be set in a config", at_key=True)
    elif expected.form == "layer":
        yield from _check_inner_layer(value, path)
    elif nested == "schedules" and not isinstance(value, dict):
        yield from _check_value(value, expected, path)
    elif nested is not None:
        if value is not None:
            yield from _check_nested(value, nested, path)
    elif expected.form == "clipping" and isinstance(value, dict) and value.keys() <= _CLIPPING:
        for key, item in value.items():
            yield from _check_value(item, ArgumentType("number"), (*path, key))
    else:
        yield from _check_value(value, expected, path)


def _is_of_strengths(value: object) -> bool:
    """Whether a kernel's regularizer is L1, L2 or L1L2 (write `l1`, `l2`), or unknown to Keras."""
    items = list(single_items(value))
    if isinstance(value, dict | list) and not items:
        return False  # another check refuses this form
    name = items[0][0] if items else value
    known = catalogue.canonical_name("regularizers", name) if isinstance(name, str) else None
    return known in {None, "L1", "L2", "L1L2"}


def _check_inner_layer(layer: object, path: Path) -> Iterator[Problem]:
    """Check the layer that another one wraps; the strengths belong to the outer one."""
    if not isinstance(layer, str) and not list(single_items(layer)):
        yield Problem(path, f"must be one layer with its arguments, got {shown(layer)}")
    yield from check_layer(layer, path)
    for kind, given in single_items(layer):
        if given is not None and not isinstance(given, dict):
            yield Problem((*path, kind), f"arguments must be a mapping, got {shown(given)}")
        for key in own_keys(kind):
            if isinstance(given, dict) and key in given:
                message = f"{key} must be set on the outer layer; got it on the inner {kind}"
                yield Problem((*path, kind, key), message, at_key=True)


def _check_nested(value: object, kind: Kind, path: Path) -> Iterator[Problem]:
    """Check a part inside another's arguments: `he_normal`, or `MaxNorm: {max_value: 2}`."""
    if isinstance(value, str):
        yield from _check_part(value, {}, kind, path, path)
        return
    items = list(single_items(value))
    if not items:
        yield Problem(path, f"must be one {_SINGULAR[kind]} with its arguments, got {_keys(value)}")
    for name, given in items:
        arguments = {} if given is None else given
        if isinstance(arguments, dict):
            yield from _check_part(name, arguments, kind, path, (*path, name))
        else:
            message = f"arguments must be a mapping, got {shown(arguments)}"
            yield Problem((*path, name), message)


def _keys(value: object) -> str:
    return f"the keys {', '.join(value)}" if isinstance(value, dict) and value else shown(value)


def _check_value(value: object, expected: ArgumentType, path: Path) -> Iterator[Problem]:
    """Check a value, or each of a list, against a type and its bounds."""
    if isinstance(value, list) and expected.lists != "no":
        if not value and expected.lists == "may":
            yield Problem(path, f"must be {_words(expected)}, got {shown(value)}")
        for position, item in enumerate(value):
            yield from _check_item(item, expected, (*path, position))
    elif expected.lists == "must" and value is not None:
        yield Problem(path, f"must be {_words(expected)}, got {shown(value)}")
    else:
        yield from _check_single(value, expected, path)


def _check_item(item: object, expected: ArgumentType, path: Path) -> Iterator[Problem]:
    if isinstance(item, list) and expected.has_pairs:
        for position, inner in enumerate(item):
            yield from _check_single(inner, expected, (*path, position))
    elif item is not None or not expected.has_gaps:
        yield from _check_single(item, expected, path, in_list=True)


def _check_single(
    value: object, expected: ArgumentType, path: Path, in_list: bool = False
) -> Iterator[Problem]:
    if value is None and expected.null and not in_list:
        return
    if not _fits(value, expected):
        rule = _WORDS[expected.form][0] if in_list else _words(expected)
        if isinstance(value, str) and is_number(read_scalar(value)):
            number = "a whole number" if expected.form == "whole" else "a number"
            yield Problem(path, f"must be {number}, got {shown(value)}; remove the quotes")
        else:
            yield Problem(path, f"must be {rule}, got {shown(value)}")
    elif isinstance(value, float) and not math.isfinite(value):
        yield Problem(path, f"must be a finite number, got {shown(value)}")
    elif is_number(value) and (bound := _broken_bound(value, expected)):
        yield Problem(path, f"must be {bound}, got {shown(value)}")
    elif expected.form == "activation" and value not in catalogue.activations():
        yield Problem(path, unknown("activation", str(value), catalogue.activations()))


def _broken_bound(value: float, expected: ArgumentType) -> str:
    least, most = expected.least, expected.most
    if (least is None or least <= value) and (most is None or value <= most):
        return ""
    if (least, most) == (0, 1):
        return "from 0 to 1"
    if least is not None and value < least:
        return f"at least {bound_text(least)}"
    return f"at most {bound_text(most)}" if most is not None else ""


def _fits(value: object, expected: ArgumentType) -> bool:
    if expected.form == "boolean":
        return isinstance(value, bool)
    if expected.form == "switch":
        return isinstance(value, bool) or value == "auto"
    if expected.form == "whole":
        return is_number(value) and (
            isinstance(as_whole(value), int) or not math.isfinite(value)  # a rule of its own
        )
    if expected.form in {"number", "rate"}:
        return is_number(value)
    return isinstance(value, str) and expected.form != "clipping"


def _words(expected: ArgumentType) -> str:
    one, several = _WORDS[expected.form]
    if expected.lists == "no":
        return one
    return f"a list of {several}" if expected.lists == "must" else f"{one} or a list of {several}"


def _unknown_part(kind: Kind, name: str) -> str:
    if kind == "layers" and name in CODE_LAYERS:
        return f"layers that run code are not allowed, got {name}"
    return unknown(_SINGULAR[kind], name, catalogue.names(kind))
