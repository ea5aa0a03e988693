"""The check of an architecture against the list of allowed classes, before Keras sees it.

Every object anywhere in the JSON is looked at, whatever it is an argument of, and what Keras is
given is made anew from what was looked at: keys that this check does not know never get there.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NoReturn

from regcli.keras_files.allowed_classes import (
    ACTIVATION_MODULES,
    ACTIVATIONS,
    DTYPES,
    GRAPH,
    POLICIES,
    REFUSED,
    STACK,
    is_layer,
    is_model,
    is_named,
    is_part,
)
from regcli.keras_files.architecture_limits import Extent, Place, said
from regcli.keras_files.config_json import Json
from regcli.keras_files.refused import BUILD_INSTEAD, SAVE_AGAIN, Refused
from regcli.keras_files.tensor_constants import (
    CONSTANTS,
    NotConstant,
    checked_constant,
    is_shapes,
)
from regcli.one_line import shortened

_OBJECT_KEYS = frozenset(
    {
        *("module", "class_name", "config", "registered_name", "shared_object_id"),
        *("build_config", "compile_config", "name", "inbound_nodes"),
    }
)
_MARKS = frozenset({"class_name", "module", "registered_name", "spec_name"})
"""Keys that only objects have."""
_BUILD_KEYS = frozenset({"input_shape", "shapes_dict"})
_MODEL_KEYS = {
    STACK: frozenset({"name", "trainable", "dtype", "layers", "build_input_shape"}),
    GRAPH: frozenset({"name", "trainable", "dtype", "layers", "input_layers", "output_layers"}),
}
_LONGEST = 80
"""Characters of a value in a message."""
_NUMBERS = DTYPES | POLICIES
_KNOWN = ", ".join(sorted(_NUMBERS))
_SCOPE = re.compile(r"[A-Za-z0-9_./>-]+")
_NOT_LISTED = (
    "only the layers and other parts of Keras that take no code and no files are read; for a class "
    f"of your own, {BUILD_INSTEAD}"
)


@dataclass(frozen=True)
class Architecture:
    """An architecture that Keras may be given.

    Attributes:
        text: the JSON of the model's object, as Keras deserializes it, with sorted keys. How the
            model was compiled is left out.
        layers: names of the model's own layers, in the order of the file.
    """

    text: str
    layers: tuple[str, ...]


def check_architecture(config: Json, custom: Collection[str] = ()) -> Architecture:
    """Look at everything in an architecture.

    Args:
        config: what config.json holds.
        custom: registered names (`package>Name`) of the classes and functions that are allowed
            beside Keras's own.

    Raises:
        Refused: something is not allowed; names the layer and the argument.
    """
    if not isinstance(config, dict) or "class_name" not in config:
        raise Refused(f"config.json: must be the object of a model; {SAVE_AGAIN}")
    check = _Check(frozenset(custom))
    made = check.object(config, ())
    module, name = made.get("module", ""), made["class_name"]
    if not is_model(module, name) and not _is_own(made):
        raise Refused(
            "config.json: must be a Sequential or Functional model; this is "
            f"{module}{'.' * bool(module)}{name}; {SAVE_AGAIN}"
        )
    check.extent.check_loops()
    layers = made["config"].get("layers", [])
    text = json.dumps(made, sort_keys=True, separators=(",", ":"))
    return Architecture(text, tuple(map(_name, layers)))


class _Check:
    """One walk through a config."""

    def __init__(self, custom: frozenset[str]) -> None:
        self.custom = custom
        self.extent = Extent()
        self.shared: dict[Any, int] = {}
        """Numbers of shared objects in the order of the file; Keras writes addresses in memory."""

    def value(self, value: Json, place: Place) -> Any:
        """A value as Keras is given it."""
        if isinstance(value, list):
            return [self.value(item, place) for item in value]
        if not isinstance(value, dict):
            if place[-1:] == ("dtype",) and isinstance(value, str) and value not in _NUMBERS:
                _refuse_value(place, f"the type must be one of {_KNOWN}", value)
            self.extent.see(value, place)
            return value
        if value.keys() & _MARKS:
            return self.object(value, place)
        return {key: self.value(item, (*place, key)) for key, item in value.items()}

    def object(self, value: dict[str, Json], place: Place) -> dict[str, Any]:
        """An object, made anew of the keys that are known."""
        name, module = value.get("class_name"), value.get("module")
        if not isinstance(name, str):
            _refuse_value(place, "an object must have a class_name that is a text", name)
        if module is None and name in CONSTANTS:
            return self.constant(name, value, place)
        reason = REFUSED.get(name, _NOT_LISTED)
        if not isinstance(module, str):
            _refuse(place, f"{name} is refused: {reason}")
        if name == "function":
            return self.function(module, value, place)
        registered = value.get("registered_name")
        if is_named(registered, self.custom) and not name.startswith("__"):
            return self.own_object(module, name, value, place)
        if not is_layer(module, name) and not is_part(module, name):
            _refuse(place, f"{module}.{name} is refused: {reason}")
        if unknown := sorted(value.keys() - _OBJECT_KEYS):
            _refuse(place, f"{module}.{name} has an unknown key {unknown[0]!r}; {SAVE_AGAIN}")
        made = {"module": module, "class_name": name, "registered_name": None}
        self.extent.see_class(name, place)
        made |= self.sharing(name, value) | self.shapes(module, value, place)
        return made | {"config": self.config(module, value, place)}

    def constant(self, name: str, value: dict[str, Json], place: Place) -> dict[str, Any]:
        """A tensor of the graph, an array of numbers, a slice."""
        try:
            made = checked_constant(name, value.get("config"))
        except NotConstant as error:
            _refuse(place, f"{name} {error}; {SAVE_AGAIN}")
        self.value(list(made["config"].values()), place)
        return made

    def function(self, module: str, value: dict[str, Json], place: Place) -> dict[str, Any]:
        """An activation of Keras, or a function that is allowed beside them."""
        name = value.get("config")
        made = {"class_name": "function", "config": name, "registered_name": name}
        if is_named(name, self.custom):
            return made | {"module": module}
        if module not in ACTIVATION_MODULES or not is_named(name, ACTIVATIONS):
            rule = f"the only functions that are read are the activations of Keras; {BUILD_INSTEAD}"
            _refuse(place, f"the function {module}.{name} is refused: {rule}")
        return made | {"module": "keras.activations"}

    def own_object(
        self, module: str, name: str, value: dict[str, Json], place: Place
    ) -> dict[str, Any]:
        """An object of a class that the caller allows; what it holds is checked as anything."""
        made: dict[str, Any] = {"module": module, "class_name": name}
        made["registered_name"] = value["registered_name"]
        for key in ("config", "build_config"):
            if key in value:
                made[key] = self.value(value[key], place)
        if not isinstance(made.get("config"), dict):
            _refuse(place, f"{name} must have a config that is an object; {SAVE_AGAIN}")
        return made | self.sharing(name, value)

    def sharing(self, name: str, value: dict[str, Json]) -> dict[str, int]:
        """The number by which an object is known again; a policy is the same wherever it stands."""
        given = value.get("shared_object_id")
        if given is None or name == "DTypePolicy":
            return {}
        return {"shared_object_id": self.shared.setdefault(repr(given), len(self.shared) + 1)}

    def shapes(self, module: str, value: dict[str, Json], place: Place) -> dict[str, Any]:
        """The shapes that a layer is built for; a model has them in its layers.

        They decide which random numbers its start weights get: it is built before those after it.
        """
        given = value.get("build_config")
        if given is None or is_model(module, str(value["class_name"])):
            return {}
        if not isinstance(given, dict) or not given.keys() <= _BUILD_KEYS or not is_shapes(given):
            _refuse_value((*place, "build_config"), "must be shapes", given)
        return {"build_config": self.value(given, (*place, "build_config"))}

    def config(self, module: str, value: dict[str, Json], place: Place) -> Any:
        """The arguments of one of Keras's classes."""
        name, config = str(value["class_name"]), value.get("config")
        if not isinstance(config, dict):
            _refuse_value(place, f"{name} must have a config that is an object", config)
        if name == "DTypePolicy" and not is_named(config.get("name"), _NUMBERS):
            _refuse_value(place, f"the type must be one of {_KNOWN}", config.get("name"))
        if is_model(module, name):
            return self.model(name, config, place)
        return self.value(config, place)

    def model(self, name: str, config: dict[str, Json], place: Place) -> dict[str, Any]:
        """The arguments of a stack or a graph, whose layers have calls beside their own."""
        if unknown := sorted(config.keys() - _MODEL_KEYS[name]):
            _refuse(place, f"{name} has an unknown argument {unknown[0]!r}; {SAVE_AGAIN}")
        layers = config.get("layers")
        if not isinstance(layers, list):
            _refuse(place, f"{name} must have a list of layers; {SAVE_AGAIN}")
        rest = {key: item for key, item in config.items() if key != "layers"}
        made = [self.layer(layer, name == GRAPH, place) for layer in layers]
        names = [_name(layer) for layer in made]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            _refuse(
                place, f"the names of layers must differ; {twice!r} is there twice; {SAVE_AGAIN}"
            )
        return {"layers": made, **self.value(rest, place)}

    def layer(self, layer: Json, in_graph: bool, place: Place) -> dict[str, Any]:
        """A layer of a model, with its calls where the model is a graph."""
        if not isinstance(layer, dict) or not isinstance(layer.get("class_name"), str):
            _refuse(place, f"each layer must be an object with a class_name; {SAVE_AGAIN}")
        inside = (*place, f"layer '{_name(layer)}'")
        if layer.get("name", _name(layer)) != _name(layer):
            rule = f"a layer must have one name, here {_name(layer)!r}"
            _refuse_value(inside, rule, layer["name"])
        if not _SCOPE.fullmatch(_name(layer)):
            rule = "names of layers may have letters of English, digits and _ . / > - only"
            _refuse(inside, f"{rule}, because TensorFlow runs no others; rename the layer")
        nodes = layer.get("inbound_nodes", [])
        if not isinstance(nodes, list):
            _refuse(inside, f"inbound_nodes must be a list; {SAVE_AGAIN}")
        with self.extent.called(len(nodes), inside):
            made = self.object(layer, inside)
        module, name = made.get("module", ""), made["class_name"]
        if not is_layer(module, name) and not _is_own(made):
            _refuse(inside, f"{name} is no layer; {SAVE_AGAIN}")
        if not in_graph:
            return made
        for node in nodes:
            if not isinstance(node, dict) or node.keys() != {"args", "kwargs"}:
                _refuse(inside, f"a call must have args and kwargs; {SAVE_AGAIN}")
        return made | {
            "name": _name(layer),
            "inbound_nodes": [self.value(node, inside) for node in nodes],
        }


def _is_own(made: dict[str, Any]) -> bool:
    """Whether a checked object is of a class that the caller allows."""
    return bool(made.get("registered_name")) and made["class_name"] != "function"


def _name(layer: dict[str, Any]) -> str:
    """The name of a layer; where its config has none, a graph has it beside the config."""
    config = layer.get("config")
    inside = config.get("name") if isinstance(config, dict) else None
    return str(layer.get("name") if inside is None else inside)


def _refuse(place: Place, problem: str) -> NoReturn:
    raise Refused(f"config.json: {said(place)}{problem}")


def _refuse_value(place: Place, rule: str, value: object) -> NoReturn:
    _refuse(place, f"{rule}; got {shortened(repr(value), _LONGEST)}; {SAVE_AGAIN}")
