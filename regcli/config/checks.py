"""Rules about names and arguments, checked on the plain data before Keras is loaded.

They run on the data rather than on the schema's models, so that their problems are reported
together with the schema's.
"""

import math
from collections.abc import Collection, Iterator
from itertools import chain, islice
from typing import Any, TypeGuard

from pydantic import ValidationError

from regcli.config import catalogue
from regcli.config.catalogue import CODE_LAYERS, KERNEL_REGULARIZERS, Kind
from regcli.config.document import read_scalar
from regcli.config.layer_names import LAYER_NAME_RULE, implied_name, is_layer_name, layer_names
from regcli.config.problems import Path, Problem, did_you_mean, dotted, shown
from regcli.config.schema import EarlyStopping, Layer, own_strengths

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
_SCALAR_KINDS: frozenset[Kind] = frozenset({"optimizers", "schedules", "losses"})
"""Parts whose numbers are never one per axis."""
_NO_NUMBERS = frozenset({"exclude_layers", "loss_scale_factor"})
"""Arguments of optimizers that are null by default and may be something else than a number."""
_LISTED_NAMES = 24
"""How many known names a message lists where none is near."""


def check_names(data: object) -> Iterator[Problem]:
    """Problems of every name and argument that a config's plain data holds."""
    if not isinstance(data, dict):
        return
    model, training = data.get("model"), data.get("training")
    layers = model.get("layers") if isinstance(model, dict) else None
    if isinstance(layers, list):
        yield from _check_layers(layers, ("model", "layers"))
    if isinstance(training, dict):
        yield from _check_named(training.get("optimizer"), "optimizers", ("training", "optimizer"))
        yield from _check_named(training.get("loss"), "losses", ("training", "loss"))
    yield from _check_dataset_name(data.get("dataset"))
    yield from _check_selection(data.get("regularization"), layers or [])
    yield from _check_groups(data.get("regularization"), data.get("sweep"))
    yield from _check_monitor(training, data.get("dataset"))
    yield from _check_polish(training, data.get("regularization"), layers or [])


def _check_dataset_name(dataset: object) -> Iterator[Problem]:
    name = dataset.get("name") if isinstance(dataset, dict) else None
    if isinstance(name, str) and name not in catalogue.DATASETS:
        yield Problem(("dataset", "name"), _unknown("data set", name, catalogue.DATASETS))


def _check_selection(regularization: object, layers: object) -> Iterator[Problem]:
    """Check that `regularization.layers` names layers of the model, and ones with kernels."""
    chosen = regularization.get("layers") if isinstance(regularization, dict) else None
    if not isinstance(chosen, list) or not isinstance(layers, list):
        return
    try:
        stack = [Layer.model_validate(layer) for layer in layers]
    except ValidationError:
        return  # the layers have problems of their own, which say more
    kinds = dict(zip(layer_names(stack), (layer.kind for layer in stack), strict=True))
    known = [*kinds, implied_name(kinds)]
    for position, name in enumerate(chosen):
        path: Path = ("regularization", "layers", position)
        if not isinstance(name, str):
            continue  # the schema says so
        if name not in known:
            yield Problem(path, _unknown("layer", name, known))
        elif name in kinds and not _may_have_kernel(kinds[name]):
            message = f"must be a layer with a kernel, got '{name}', which is {kinds[name]}"
            yield Problem(path, message)


_GROUPS = frozenset({"regularization", "regularization.group", "regularization.group_strength"})


def _check_groups(regularization: object, sweep: object) -> Iterator[Problem]:
    """Check that groups have a strength and a strength has groups.

    Where a sweep varies one of them its members are asked instead, with the values that they have.
    """
    varied = sweep.get("vary") if isinstance(sweep, dict) else None
    if not isinstance(regularization, dict) or (
        isinstance(varied, dict) and not _GROUPS.isdisjoint(varied)
    ):
        return
    group, strength = regularization.get("group"), regularization.get("group_strength")
    path = ("regularization",)
    if group is None and is_number(strength) and strength > 0:
        needs = f"group_strength needs group: inputs or units, got {shown(strength)} alone"
        yield Problem(path, needs)
    if group in ("inputs", "units") and strength is None:
        yield Problem(path, f"group needs group_strength, got group: {group} alone")


def _check_monitor(training: object, dataset: object) -> Iterator[Problem]:
    early = training.get("early_stopping") if isinstance(training, dict) else None
    share = dataset.get("validation") if isinstance(dataset, dict) else None
    if not isinstance(early, dict) or isinstance(share, bool) or share != 0:
        return
    monitor = early.get("monitor", EarlyStopping.model_fields["monitor"].default)
    if isinstance(monitor, str) and monitor.startswith("validation."):
        path = ("training", "early_stopping", "monitor")
        message = f"needs validation rows, got '{monitor}' with dataset.validation 0"
        yield Problem(path, message)


def _check_polish(training: object, regularization: object, layers: object) -> Iterator[Problem]:
    """Check that nothing is asked for beside the polish that its steps would break or undo."""
    if not (isinstance(training, dict) and isinstance(regularization, dict)):
        return
    steps, is_proximal = training.get("polish"), regularization.get("method") == "proximal"
    if not (is_proximal and isinstance(steps, int) and isinstance(layers, list)):
        return
    if steps <= 0 or training.get("keep_zeros") is True:
        return
    found = (_constraints(layer, ("model", "layers", n)) for n, layer in enumerate(layers))
    broken = (f"{dotted(path)}, which its steps would break" for path in chain(*found))
    undone = (f"{decay}, which its steps would undo" for decay in _decays(training))
    for what in (*islice(broken, 1), *islice(undone, 1)):
        message = f"must be 0 or left out beside {what}, got {shown(steps)}"
        yield Problem(("training", "polish"), message)


def _decays(training: dict[str, Any]) -> Iterator[str]:
    """What takes off weights beside the objective, such as AdamW's own `weight_decay`."""
    optimizer = training.get("optimizer")
    given = optimizer if isinstance(optimizer, dict) else {"name": optimizer}
    named = given.get("name", "adam")
    name = catalogue.canonical_name("optimizers", named) if isinstance(named, str) else None
    for argument, default in catalogue.arguments("optimizers", name).items() if name else ():
        if not argument.endswith("weight_decay"):
            continue
        value = given.get(argument)
        if value is not None and is_number(value) and value > 0:
            yield dotted(("training", "optimizer", argument))
        elif argument not in given and default == "number":  # others have none unless it is given
            yield f"the {argument} that {name} has by default"


def _constraints(layer: object, path: Path) -> Iterator[Path]:
    """Where a layer, or the one that it wraps, has constraints."""
    for kind, given in _single_items(layer):
        for argument, value in given.items() if isinstance(given, dict) else ():
            place: Path = (*path, kind, argument)
            if argument.endswith("_constraint") and value is not None:
                yield place
            elif argument == "layer":
                yield from _constraints(value, place)


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
            yield from _check_own_strengths(kind, arguments, (*path, kind))


def _check_own_strengths(kind: str, given: dict[str, Any], path: Path) -> Iterator[Problem]:
    if kind not in catalogue.names("layers") or _may_have_kernel(kind):
        return
    for key in own_strengths(kind):
        if key in given:
            message = f"{key} goes with layers that have a kernel, which {kind} has not"
            yield Problem((*path, key), message, at_key=True)


def _may_have_kernel(kind: str) -> bool:
    """Whether a layer has a kernel, or wraps another layer, which may have one."""
    known = catalogue.arguments("layers", kind) if kind in catalogue.names("layers") else {}
    return "layer" in known or not KERNEL_REGULARIZERS.isdisjoint(known)


def _single_items(value: object) -> Iterator[tuple[str, Any]]:
    """The one `name: arguments` pair of a mapping; nothing for any other shape."""
    if isinstance(value, dict) and len(value) == 1:
        yield from value.items()


def _check_named(value: object, kind: Kind, path: Path) -> Iterator[Problem]:
    """Check `name` or `{name: …, argument: …}`; the schema checks that there is a name."""
    if isinstance(value, str):
        yield from _check_part(value, {}, kind, path, path)
    if isinstance(value, dict):
        name = value.get("name", "adam" if kind == "optimizers" else None)
        if isinstance(name, str):
            arguments = {key: item for key, item in value.items() if key != "name"}
            yield from _check_part(name, arguments, kind, (*path, "name"), path)


def _check_part(
    name: str, given: dict[str, Any], kind: Kind, name_path: Path, path: Path
) -> Iterator[Problem]:
    """Check a part's name, that Keras knows its arguments, and that none it needs is missing."""
    canonical = catalogue.canonical_name(kind, name)
    if canonical is None:
        at_key = path == (*name_path, name)
        problem_path = path if at_key else name_path
        yield Problem(problem_path, _unknown_part(kind, name), at_key)
        return
    known = catalogue.arguments(kind, canonical)
    own = own_strengths(canonical) if kind == "layers" else ()
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
    if argument in KERNEL_REGULARIZERS and value is not None and _is_of_strengths(value):
        yield Problem(
            path,
            "kernels are regularized by l1 and l2 alone; write l1: and l2: instead",
            at_key=True,
        )
    elif argument == "layer" and kind == "layers":
        yield from _check_inner_layer(value, path)
    elif argument == "learning_rate" and isinstance(value, dict):
        yield from _check_nested(value, "schedules", path)
    elif argument.endswith("activation") and isinstance(value, str):
        if value not in catalogue.activations():
            yield Problem(path, _unknown("activation", value, catalogue.activations()))
    elif argument == "activation" and isinstance(value, list):
        yield Problem(path, f"must be an activation's name, got {shown(value)}")
    elif nested := _nested_kind(argument, value):
        yield from _check_nested(value, nested, path)
    elif argument == "name":
        if not isinstance(value, str):
            yield Problem(path, f"must be text, got {shown(value)}")
        elif kind == "layers" and not is_layer_name(value):
            yield Problem(path, f"{LAYER_NAME_RULE}, got {shown(value)}")
    else:
        if kind == "optimizers" and expected == "any" and argument not in _NO_NUMBERS:
            expected = "number"  # or null, as by default
        if isinstance(value, list) and expected == "number" and kind not in _SCALAR_KINDS:
            expected = "list"
        yield from _check_scalar(value, expected, path)


def _is_of_strengths(value: object) -> bool:
    """Whether a kernel's regularizer is one that `l1` and `l2` stand for, or Keras has not."""
    items = list(_single_items(value))
    if isinstance(value, dict | list) and not items:
        return False  # such a form is refused for itself
    name = items[0][0] if items else value
    known = catalogue.canonical_name("regularizers", name) if isinstance(name, str) else None
    return known in {None, "L1", "L2", "L1L2"}


def _check_inner_layer(layer: object, path: Path) -> Iterator[Problem]:
    """Check the layer that another one wraps; the strengths belong to the outer one."""
    if not isinstance(layer, str) and not list(_single_items(layer)):
        yield Problem(path, f"must be one layer with its arguments, got {shown(layer)}")
    yield from _check_layer(layer, path)
    for kind, given in _single_items(layer):
        for key in own_strengths(kind):
            if isinstance(given, dict) and key in given:
                message = f"{key} goes with the layer around this one, got it for {kind}"
                yield Problem((*path, kind, key), message, at_key=True)


def _nested_kind(argument: str, value: object) -> Kind | None:
    if not isinstance(value, str | dict | list):
        return None
    return next((kind for end, kind in _PART_ARGUMENTS.items() if argument.endswith(end)), None)


def _check_nested(value: object, kind: Kind, path: Path) -> Iterator[Problem]:
    """Check a part inside another's arguments: `he_normal`, or `MaxNorm: {max_value: 2}`."""
    if isinstance(value, str):
        yield from _check_part(value, {}, kind, path, path)
        return
    items = list(_single_items(value))
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


def _check_scalar(value: object, expected: str, path: Path) -> Iterator[Problem]:
    """Check what the type of the default tells; Keras itself checks the rest when it builds."""
    if isinstance(value, list) and expected not in {"boolean", "number"}:
        for position, item in enumerate(value):
            yield from _check_scalar(item, "list", (*path, position))
        return
    if isinstance(value, str) and expected != "string" and is_number(read_scalar(value)):
        yield Problem(path, f"must be {_what(expected)}, got {shown(value)}; take the quotes away")
    elif not _fits(value, expected):
        yield Problem(path, f"must be {_what(expected)}, got {shown(value)}")
    elif isinstance(value, float) and not math.isfinite(value):
        yield Problem(path, f"must be a finite number, got {shown(value)}")


def _fits(value: object, expected: str) -> bool:
    if expected == "boolean":
        return isinstance(value, bool)
    if expected == "number":
        return value is None or is_number(value)
    return not (isinstance(value, bool) and expected in {"required", "list"})


def _what(expected: str) -> str:
    known = {"list": "a number or a list of numbers", "boolean": "true or false"}
    return known.get(expected, "a number")


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unknown_part(kind: Kind, name: str) -> str:
    if kind == "layers" and name in CODE_LAYERS:
        return f"layers that run code are refused, got {name}"
    return _unknown(_SINGULAR[kind], name, catalogue.names(kind))


def _unknown(what: str, name: str, known: Collection[str]) -> str:
    suggestion = did_you_mean(name, known)
    if suggestion or len(known) > _LISTED_NAMES:
        return f"there is no {what} '{name}'{suggestion}"
    return f"there is no {what} '{name}'; known are {', '.join(sorted(known))}"
