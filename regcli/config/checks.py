"""Rules about Keras's names and arguments, checked on the plain data before Keras is loaded.

They run on the data rather than on the schema's models, so that their problems are reported
together with the schema's.
"""

from collections.abc import Iterator
from typing import Any

from regcli.config import catalogue
from regcli.config.catalogue import Kind
from regcli.config.document import read_scalar
from regcli.config.problems import Path, Problem, did_you_mean

_SINGULAR: dict[Kind, str] = {
    "layers": "layer",
    "optimizers": "optimizer",
    "schedules": "learning-rate schedule",
    "losses": "loss",
    "constraints": "constraint",
    "initializers": "initializer",
    "regularizers": "regularizer",
}
_PART_ARGUMENTS: dict[str, Kind] = {
    "_constraint": "constraints",
    "_initializer": "initializers",
    "_regularizer": "regularizers",
}
_OWN_STRENGTHS = ("l1", "l2")
_KERNEL_REGULARIZERS = frozenset(
    {"kernel_regularizer", "depthwise_regularizer", "pointwise_regularizer"}
)


def check_keras_names(data: object) -> Iterator[Problem]:
    """Problems of every layer, optimizer, schedule and loss that a config names."""
    if not isinstance(data, dict):
        return
    model, training = data.get("model"), data.get("training")
    if isinstance(model, dict) and isinstance(model.get("layers"), list):
        yield from _check_layers(model["layers"], ("model", "layers"))
    if isinstance(training, dict):
        yield from _check_named(training.get("optimizer"), "optimizers", ("training", "optimizer"))
        yield from _check_named(training.get("loss"), "losses", ("training", "loss"))
    yield from _check_dataset_name(data.get("dataset"))


def _check_dataset_name(dataset: object) -> Iterator[Problem]:
    name = dataset.get("name") if isinstance(dataset, dict) else None
    if isinstance(name, str) and name not in catalogue.DATASETS:
        yield Problem(("dataset", "name"), _unknown("data set", name, catalogue.DATASETS))


def _check_layers(layers: list[Any], path: Path) -> Iterator[Problem]:
    names: set[str] = set()
    for position, layer in enumerate(layers):
        yield from _check_layer(layer, (*path, position))
        for kind, given in _single_items(layer):
            name = given.get("name") if isinstance(given, dict) else None
            if isinstance(name, str) and name in names:
                message = f"layer names must differ, got '{name}' again"
                yield Problem((*path, position, kind, "name"), message)
            elif isinstance(name, str):
                names.add(name)


def _check_layer(layer: object, path: Path) -> Iterator[Problem]:
    if isinstance(layer, str):
        yield from _check_part(layer, {}, "layers", path, path)
    for kind, given in _single_items(layer):
        arguments = {} if given is None else given
        if isinstance(arguments, dict):
            yield from _check_part(kind, arguments, "layers", path, (*path, kind))


def _single_items(value: object) -> Iterator[tuple[str, Any]]:
    """The one `name: arguments` pair of a mapping; nothing for any other shape."""
    if isinstance(value, dict) and len(value) == 1:
        yield from ((key, item) for key, item in value.items() if isinstance(key, str))


def _check_named(value: object, kind: Kind, path: Path) -> Iterator[Problem]:
    """Check `name` or `{name: …, argument: …}`."""
    if isinstance(value, str):
        yield from _check_part(value, {}, kind, path, path)
    if isinstance(value, dict):
        name = value.get("name", "adam" if kind == "optimizers" else None)
        if isinstance(name, str):
            arguments = {key: item for key, item in value.items() if key != "name"}
            yield from _check_part(name, arguments, kind, (*path, "name"), path)
        else:
            yield Problem(path, f"needs a name, the {_SINGULAR[kind]}")


def _check_part(
    name: str, given: dict[str, Any], kind: Kind, name_path: Path, path: Path
) -> Iterator[Problem]:
    """Check a part's name, that Keras knows its arguments, and that none it needs is missing."""
    canonical = catalogue.canonical_name(kind, name)
    if canonical is None:
        at_key = kind == "layers" and path != name_path
        yield Problem(
            path if at_key else name_path,
            _unknown(_SINGULAR[kind], name, catalogue.names(kind)),
            at_key,
        )
        return
    known = catalogue.arguments(kind, canonical)
    own = _OWN_STRENGTHS if kind == "layers" else ()
    for argument, value in given.items():
        if argument in own:
            continue
        if argument not in known:
            message = f"{canonical} has no argument '{argument}'" + did_you_mean(
                argument, [*known, *own]
            )
            yield Problem((*path, argument), message, at_key=True)
        else:
            yield from _check_argument(argument, value, known[argument], kind, (*path, argument))
    for argument, kind_of_default in known.items():
        if kind_of_default == "required" and argument not in given:
            yield Problem(path, f"{canonical} needs the argument '{argument}'", at_key=True)


def _check_argument(
    argument: str, value: Any, expected: str, kind: Kind, path: Path
) -> Iterator[Problem]:
    if argument in _KERNEL_REGULARIZERS and value is not None:
        yield Problem(
            path,
            "kernels are regularized by l1 and l2 alone; write l1: and l2: instead",
            at_key=True,
        )
    elif argument == "layer" and kind == "layers":
        yield from _check_layer(value, path)
    elif argument == "learning_rate" and isinstance(value, dict):
        yield from _check_nested(value, "schedules", path)
    elif argument.endswith("activation") and isinstance(value, str):
        if value not in catalogue.activations():
            yield Problem(path, _unknown("activation", value, catalogue.activations()))
    elif nested := _nested_kind(argument, value):
        yield from _check_nested(value, nested, path)
    else:
        yield from _check_scalar(value, expected, path)


def _nested_kind(argument: str, value: object) -> Kind | None:
    if not isinstance(value, str | dict):
        return None
    return next((kind for end, kind in _PART_ARGUMENTS.items() if argument.endswith(end)), None)


def _check_nested(value: object, kind: Kind, path: Path) -> Iterator[Problem]:
    """Check a part inside another's arguments: `relu`, or `MaxNorm: {max_value: 2}`."""
    if isinstance(value, str):
        if catalogue.canonical_name(kind, value) is None:
            yield Problem(path, _unknown(_SINGULAR[kind], value, catalogue.names(kind)))
        return
    items = list(_single_items(value))
    if not items:
        yield Problem(path, f"must be one {_SINGULAR[kind]} with its arguments, got {value!r}")
    for name, given in items:
        arguments = {} if given is None else given
        if isinstance(arguments, dict):
            yield from _check_part(name, arguments, kind, path, (*path, name))
        else:
            yield Problem((*path, name), f"must hold the arguments of {name}, got {arguments!r}")


def _check_scalar(value: object, expected: str, path: Path) -> Iterator[Problem]:
    """Check what the type of the default tells; Keras itself checks the rest when it builds."""
    if isinstance(value, str) and isinstance(read_scalar(value), int | float):
        yield Problem(
            path, f"must be {_article(expected)}, got the text '{value}'; take the quotes away"
        )
    elif isinstance(value, bool) and expected in {"number", "required", "list"}:
        yield Problem(path, f"must be {_article(expected)}, got {str(value).lower()}")
    elif expected == "boolean" and not isinstance(value, bool):
        yield Problem(path, f"must be true or false, got {value!r}")
    elif expected == "number" and not isinstance(value, int | float | type(None)):
        yield Problem(path, f"must be a number, got {value!r}")
    elif isinstance(value, float) and value != value:
        yield Problem(path, "must be a finite number, got nan")


def _article(expected: str) -> str:
    return {"list": "a number or a list of numbers", "string": "text"}.get(expected, "a number")


def _unknown(what: str, name: str, known: Any) -> str:
    suggestion = did_you_mean(name, known)
    if suggestion or len(known) > 24:
        return f"there is no {what} '{name}'{suggestion}"
    return f"there is no {what} '{name}'; known are {', '.join(sorted(known))}"
