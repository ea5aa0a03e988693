"""Rules that hold between keys, checked on the plain data before Keras is loaded.

They run on the data rather than on the schema's models, so that their problems are reported
together with the schema's.
"""

from collections.abc import Iterator
from itertools import chain, islice
from math import isfinite
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from regcli.config import catalogue
from regcli.config.argument_checks import check_layer, check_named, single_items
from regcli.config.arguments import is_number
from regcli.config.early_stopping import EarlyStopping
from regcli.config.graph_layers import check_joints
from regcli.config.keras_parts import Layer
from regcli.config.layer_names import layer_names
from regcli.config.preset_keys import PresetKeys
from regcli.config.problems import Path, Problem, composed, dotted, shown, unknown
from regcli.config.selection_rules import check_selections
from regcli.config.token_rules import check_tokens
from regcli.metrics.registry import RANKED
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.registry import NAMED, SHAPE_KEYS


def check_names(data: object) -> Iterator[Problem]:
    """Problems of every name and argument that a config's plain data holds."""
    if not isinstance(data, dict):
        return
    model, training = data.get("model"), data.get("training")
    layers = _layers_of(model)
    if isinstance(layers, list):
        problems = list(_check_layers(layers, ("model", "layers")))
        yield from problems or _check_graph(layers)  # a layer's own problems say more
    if isinstance(training, dict):
        yield from check_named(training.get("optimizer"), "optimizers", ("training", "optimizer"))
        yield from check_named(training.get("loss"), "losses", ("training", "loss"))
    yield from _check_dataset_name(data.get("dataset"))
    if not _is_own(model):
        yield from check_selections(
            data.get("regularization"), {"layers": layers or []}, data.get("sweep")
        )
    yield from _check_groups(data.get("regularization"), data.get("sweep"))
    yield from _check_penalty(data.get("regularization"), data.get("sweep"))
    if _is_without_validation(data.get("dataset"), data.get("sweep")):
        yield from _check_monitor(training, "validation: 0")
        yield from _check_ranking(data.get("select_by"), "validation: 0")
    elif _trains_on_validation(data.get("dataset")):
        # What ranks settings may stay: it has chosen the one that is trained.
        yield from _check_monitor(training, "train_on_validation: true")
    yield from _check_folds(data.get("dataset"), data.get("sweep"))
    yield from _check_epochs(training, data.get("regularization"))
    yield from _check_polish(training, data.get("regularization"), layers or [])
    yield from check_tokens(layers, data.get("dataset"), data.get("sweep"))


def _layers_of(model: object) -> object:
    """The layers that a model lists, or that its preset stands for."""
    if not isinstance(model, dict):
        return None
    if model.get("preset") is None:
        return model.get("layers")
    given = {key: value for key, value in model.items() if key in PresetKeys.model_fields}
    try:
        return [layer.model_dump() for layer in PresetKeys.model_validate(given).expanded()]
    except (ValidationError, PydanticCustomError):
        return None  # the preset has problems of its own


def _is_own(model: object) -> bool:
    """Whether a model's layers do not stand in the config."""
    return isinstance(model, dict) and bool({"python", "keras"} & model.keys())


def _check_dataset_name(dataset: object) -> Iterator[Problem]:
    name = dataset.get("name") if isinstance(dataset, dict) else None
    if name in catalogue.PICKLED:
        yield Problem(("dataset", "name"), catalogue.pickled(str(name)))
    elif isinstance(name, str) and name not in catalogue.NAMED_DATASETS:
        yield Problem(("dataset", "name"), unknown("data set", name, catalogue.NAMED_DATASETS))


_METHOD = ("regularization", "method")
_GROUPS = frozenset({"regularization", "regularization.group", "regularization.group_strength"})


def _check_groups(regularization: object, sweep: object) -> Iterator[Problem]:
    """Check that `group` and `group_strength` are given together.

    Where a sweep varies one of these keys, its members are checked instead, with their own values.
    """
    varied = sweep.get("vary") if isinstance(sweep, dict) else None
    if not isinstance(regularization, dict) or (
        isinstance(varied, dict) and not _GROUPS.isdisjoint(varied)
    ):
        return
    group, strength = regularization.get("group"), regularization.get("group_strength")
    path = ("regularization",)
    about: tuple[Path, ...] = (("regularization", "group_strength"), ("regularization", "group"))
    if group is None and is_number(strength) and strength > 0:
        rule = "group_strength requires group: inputs or group: units"
        yield Problem(path, f"{rule}; got {shown(strength)} without group", about=about[:1])
    if group in ("inputs", "units") and strength is None:
        message = f"group requires group_strength; got group: {group} without group_strength"
        yield Problem(path, message, about=about[1:])


_PENALTY = frozenset(
    f"regularization{key}" for key in ("", ".penalty", ".group", *(f".{k}" for k in SHAPE_KEYS))
)


def _check_penalty(regularization: object, sweep: object) -> Iterator[Problem]:
    """Check that shape parameters belong to the penalty, and that it may be combined with groups.

    Where a sweep varies one of these keys, its members are checked instead, as for groups.
    """
    varied = sweep.get("vary") if isinstance(sweep, dict) else None
    if not isinstance(regularization, dict) or (
        isinstance(varied, dict) and not _PENALTY.isdisjoint(varied)
    ):
        return
    name = regularization.get("penalty") or ELASTIC_NET.name
    penalty = NAMED.get(name) if isinstance(name, str) else None
    if penalty is None:
        return  # the schema says so
    path = ("regularization",)
    of_penalty: Path = (*path, "penalty")
    for key in SHAPE_KEYS:
        value, about = regularization.get(key), ((*path, key), of_penalty)
        own = next((p for p in penalty.shape_parameters if p.config_key == key), None)
        if not is_number(value) or not isfinite(value) or (own and own.accepts(value)):
            continue
        if own is not None:
            rule = f"must be above {own.above:g} for penalty: {name}"
            yield Problem((*path, key), f"{rule}, got {shown(value)}", about=about[:1])
            continue
        known = " or ".join(
            n for n, p in NAMED.items() if key in {s.config_key for s in p.shape_parameters}
        )
        given = regularization.get("penalty")
        used = "without penalty" if given is None else f"with penalty: {name}"
        message = f"{key} requires penalty: {known}; got {shown(value)} {used}"
        yield Problem(path, message, about=about[:1])
    group = regularization.get("group")
    if group in ("inputs", "units") and penalty is not ELASTIC_NET:
        rule = f"group requires penalty: {ELASTIC_NET.name}"
        message = f"{rule}; got group: {group} with penalty: {name}"
        yield Problem(path, message, about=((*path, "group"), of_penalty))


def _is_without_validation(dataset: object, sweep: object) -> bool:
    """Whether there are neither validation rows nor folds that take their place."""
    if not isinstance(dataset, dict) or dataset.get("fold") is not None:
        return False
    share = dataset.get("validation")
    has_folds = isinstance(sweep, dict) and sweep.get("folds") is not None
    return share == 0 and not isinstance(share, bool) and not has_folds


def _trains_on_validation(dataset: object) -> bool:
    return isinstance(dataset, dict) and dataset.get("train_on_validation") is True


def _check_folds(dataset: object, sweep: object) -> Iterator[Problem]:
    """Check that rows can be dealt to folds, and dealt anew where that is asked for."""
    if not isinstance(dataset, dict) or not isinstance(sweep, dict):
        return
    has_folds = dataset.get("fold") is not None or sweep.get("folds") is not None
    validation, repeats = dataset.get("validation"), sweep.get("repeats")
    if has_folds and isinstance(validation, str):
        message = f"must be a fraction with folds, which take its place; got '{validation}'"
        yield Problem(("dataset", "validation"), message, about=(("sweep", "folds"),))
    yield from _check_varied_split(dataset, sweep)
    if dataset.get("time") is not None and isinstance(repeats, int) and repeats > 1:
        message = f"must be 1 with dataset.time, which decides the folds; got {repeats}"
        yield Problem(("sweep", "repeats"), message, about=(("sweep", "repeats"),))


def _check_varied_split(dataset: dict[str, Any], sweep: dict[str, Any]) -> Iterator[Problem]:
    """Check that a varied `dataset.seed` deals the validation rows anew: as splits they count."""
    vary = sweep.get("vary")
    if not isinstance(vary, dict) or "dataset.seed" not in vary:
        return
    path = ("sweep", "vary", "dataset.seed")
    if dataset.get("time") is not None:
        message = "must not be varied with dataset.time, which decides the split"
        yield Problem(path, message, about=(path,))
    elif isinstance(dataset.get("validation"), str):
        message = "must not be varied where the validation rows are those of a file"
        yield Problem(path, message, about=(path,))


def _check_monitor(training: object, why: str) -> Iterator[Problem]:
    early = training.get("early_stopping") if isinstance(training, dict) else None
    if isinstance(early, dict):
        monitor = early.get("monitor", EarlyStopping.model_fields["monitor"].default)
        yield from _check_rows(("training", "early_stopping", "monitor"), monitor, why)


def _check_ranking(select_by: object, why: str) -> Iterator[Problem]:
    if select_by in RANKED:
        yield from _check_rows(("select_by",), select_by, why)


def _check_rows(path: Path, result: object, why: str) -> Iterator[Problem]:
    """Refuse a result of the validation rows, which there are none of.

    Args:
        why: what says that there are none, in the section `dataset`.
    """
    if isinstance(result, str) and result.startswith("validation."):
        message = f"requires validation rows; got '{result}' with dataset.{why}"
        yield Problem(path, message, about=(path, ("dataset", why.partition(":")[0])))


def _check_epochs(training: object, regularization: object) -> Iterator[Problem]:
    """Check that a run without epochs has steps of another kind: those after proximal training."""
    epochs = training.get("epochs") if isinstance(training, dict) else None
    method = regularization.get("method") if isinstance(regularization, dict) else None
    if is_number(epochs) and epochs == 0 and method != "proximal":
        yield Problem(("training", "epochs"), f"must be at least 1, got {shown(epochs)}")


def _check_polish(training: object, regularization: object, layers: object) -> Iterator[Problem]:
    """Check that polish is not combined with anything that its steps would break or undo."""
    if not (isinstance(training, dict) and isinstance(regularization, dict)):
        return
    steps, is_proximal = training.get("polish"), regularization.get("method") == "proximal"
    if not (is_proximal and isinstance(steps, int) and isinstance(layers, list)):
        return
    if steps <= 0:
        return
    found = (_constraints(layer, ("model", "layers", n)) for n, layer in enumerate(layers))
    broken = (f"{dotted(path)}, which polish steps would break" for path in chain(*found))
    undone = (f"{decay}, which polish steps would undo" for decay in _decays(training))
    for what in (*islice(broken, 1), *islice(undone, 1)):
        message = f"must be 0 or left out with {what}; got {shown(steps)}"
        about: tuple[Path, ...] = (("training", "polish"), ("training", "optimizer"), _METHOD)
        yield Problem(("training", "polish"), message, about=about)


def _decays(training: dict[str, Any]) -> Iterator[str]:
    """Arguments that shrink weights outside the objective, such as AdamW's own `weight_decay`."""
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
            yield f"the default {argument} of {name}"


def _constraints(layer: object, path: Path) -> Iterator[Path]:
    """Where a layer, or the one that it wraps, has constraints."""
    for kind, given in single_items(layer):
        for argument, value in given.items() if isinstance(given, dict) else ():
            place: Path = (*path, kind, argument)
            if argument.endswith("_constraint") and value is not None:
                yield place
            elif argument == "layer":
                yield from _constraints(value, place)


def _check_graph(layers: list[Any]) -> Iterator[Problem]:
    try:
        stack = [Layer.model_validate(layer) for layer in layers]
    except ValidationError:
        return  # the layers have problems of their own, which say more
    yield from check_joints(stack, layer_names(stack))


def _check_layers(layers: list[Any], path: Path) -> Iterator[Problem]:
    names: set[str] = set()
    for position, layer in enumerate(layers):
        yield from check_layer(layer, (*path, position))
        for kind, given in single_items(layer):
            name = given.get("name") if isinstance(given, dict) else None
            if not isinstance(name, str):
                continue
            letters = composed(name)
            if letters in names:
                message = f"layer names must differ, got '{name}' again"
                yield Problem((*path, position, kind, "name"), message)
            names.add(letters)
