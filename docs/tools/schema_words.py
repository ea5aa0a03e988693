"""A key's value in words, from its schema: `a number from 0 to below 1`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

PARTS: Mapping[str, str] = {"Optimizer": "optimizer", "Loss": "loss"}
"""What a part of Keras is, by the name of its definition in the schema."""


def reference(found: Schema) -> str | None:
    """The name of the definition that a key refers to."""
    names = [form["$ref"].rpartition("/")[-1] for form in forms(found) if "$ref" in form]
    return names[0] if names else None


def forms(found: Schema) -> list[Schema]:
    """A key's schema and those of each thing that it may be."""
    options = (*found.get("anyOf", ()), *found.get("oneOf", ()))
    return [found, *(form for option in options for form in forms(option))]


def default_words(found: Schema) -> str:
    """What a key is where it is left out."""
    if reference(found) == "Optimizer":
        return "default `adam`"
    default = found.get("default")
    if default is None or default in ([], {}):
        return "optional"
    if isinstance(default, bool):
        return f"default `{str(default).lower()}`"
    return f"default `{default:g}`" if isinstance(default, float) else f"default `{default}`"


def value_words(found: Schema) -> str:
    """What a key may be, in words."""
    if part := PARTS.get(reference(found) or ""):
        return f"a Keras {part}, [see below](#parts-of-keras)"
    return _joined(_values(found))


def _values(found: Schema) -> list[str]:
    """Each thing that a key may be."""
    if "ranges" in found.get("description", ""):
        return ["a grid, [see below](#grids)"]
    if found.get("$ref", "").endswith("/Ordinal"):
        return ["`{ordinal: […]}`"]
    if "enum" in found:
        named = (value for value in found["enum"] if value is not None)
        # A tab and a space would not show; words beside them say what they are.
        return [f"`{value}`" for value in named if str(value).strip()]
    if "const" in found:
        return [f"`{found['const']}`"]
    if "pattern" in found:
        parts, results = (part.split("|") for part in _alternatives(found["pattern"]))
        return [f"`{part}.{result}`" for part in parts for result in results]
    if "type" in found:
        return [_PHRASES[found["type"]](found)]
    options = list(found.get("anyOf") or found["oneOf"])
    # Text in place of a list is how the command line writes one.
    is_listed = any(option.get("items", {}).get("enum") for option in options)
    left_out = {"null", "string"} if is_listed else {"null"}
    kept = [option for option in options if option.get("type") not in left_out]
    return [value for option in kept for value in _values(option)]


def _alternatives(pattern: str) -> list[str]:
    return [part.partition(")")[0] for part in pattern.split("(")[1:]]


def _joined(values: Sequence[str]) -> str:
    *others, last = values
    return f"{', '.join(others)} or {last}" if others else last


def _number(found: Schema) -> str:
    what = "a whole number" if found["type"] == "integer" else "a number"
    least, most = found.get("minimum"), found.get("maximum")
    if (below := found.get("exclusiveMaximum")) is not None:
        return f"{what} from {least} to below {below:,}"
    if most is not None:
        return f"{what} from {least} to {most:,}"
    return what if least is None else f"{what}, {least} or more"


def _array(found: Schema) -> str:
    items = found["items"]
    if reference(items) == "Layer":
        return "a list of Keras layers, [see below](#parts-of-keras)"
    if reference(items) == "StrengthGroup":
        return "a list of mappings with `layers`, `l1` and `l2`"
    if "title" in items:
        return f"a list of {items['title']}"
    if "enum" in items:
        return "a list of [metrics](#metrics)"
    named = "mappings" if items.get("type") == "object" else "names"
    return f"a list of {named}"


def _mapping(found: Schema) -> str:
    values = found["additionalProperties"]
    return "a mapping" if values is True else f"a mapping of names to {value_words(values)}"


_PHRASES: Mapping[str, Callable[[Schema], str]] = {
    "boolean": lambda found: "`true` or `false`",
    "integer": _number,
    "number": _number,
    "string": lambda found: "text",
    "array": _array,
    "object": _mapping,
}
