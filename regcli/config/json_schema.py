"""The JSON Schema (draft 7) of a config, for editors that complete and check while one types."""

from typing import Any

from regcli.config import catalogue
from regcli.config.schema import Config

_TYPES: dict[str, dict[str, Any]] = {
    "number": {"type": ["number", "array", "null"]},  # an array has one number per axis
    "boolean": {"type": "boolean"},
}

_INPUTS: dict[str, Any] = {"type": ["string", "array"], "items": {"type": "string"}}


def config_schema() -> dict[str, Any]:
    """The schema of `Config` in draft 7's keywords, with every Keras layer and its arguments."""
    schema = _draft_7(Config.model_json_schema())
    definitions = schema["definitions"]
    definitions["Layer"] = _layer_schema()
    definitions["Optimizer"] = _named_schema("optimizers")
    definitions["Loss"] = _named_schema("losses")
    return {"$schema": "http://json-schema.org/draft-07/schema#", **schema}


def _draft_7(node: Any) -> Any:
    """The same schema with `$defs` under its older name."""
    if isinstance(node, dict):
        renamed = {
            ("definitions" if key == "$defs" else key): _draft_7(item) for key, item in node.items()
        }
        if isinstance(reference := renamed.get("$ref"), str):
            renamed["$ref"] = reference.replace("#/$defs/", "#/definitions/")
        return renamed
    return [_draft_7(item) for item in node] if isinstance(node, list) else node


def _layer_schema() -> dict[str, Any]:
    layers = catalogue.names("layers")
    return {
        "description": "A Keras layer by name, with its arguments and optionally its own l1 and "
        "l2.",
        "anyOf": [
            {"enum": [name for name in layers if "required" not in _arguments(name).values()]},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": {name: _layer_arguments(name) for name in layers},
            },
        ],
    }


def _arguments(name: str) -> dict[str, str]:
    return dict(catalogue.arguments("layers", name))


def _layer_arguments(name: str) -> dict[str, Any]:
    known = _arguments(name)
    strength = {"type": "number", "minimum": 0}
    properties = {argument: _TYPES.get(kind, {}) for argument, kind in known.items()}
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "required": [argument for argument, kind in known.items() if kind == "required"],
        "properties": properties | {"inputs": _INPUTS, "l1": strength, "l2": strength},
    }


def _named_schema(kind: catalogue.Kind) -> dict[str, Any]:
    return {
        "description": f"The name of one of Keras's {kind}, or a mapping of name and arguments.",
        "examples": list(catalogue.names(kind)),
        "anyOf": [
            {"type": "string"},
            {"type": "object", "properties": {"name": {"type": "string"}}},
        ],
    }
