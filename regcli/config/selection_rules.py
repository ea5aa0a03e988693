"""Rules about which layers and weights strengths are for, before Keras is loaded."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from pydantic import ValidationError

from regcli.config.keras_parts import Layer
from regcli.config.layer_names import implied_name, layer_names
from regcli.config.layer_selection import (
    HIDDEN,
    WORDS,
    LayerWeights,
    NothingChosenError,
    choose,
    choose_all,
)
from regcli.config.layer_weights import weights_of_layers
from regcli.config.problems import Path, Problem

_PATH: Path = ("regularization",)


def check_selections(regularization: object, model: object, sweep: object) -> Iterator[Problem]:
    """Check that every selection chooses something, and that groups have strengths of their own.

    A model that does not stand in the config is left to whoever builds it.
    """
    if not isinstance(regularization, dict):
        return
    groups = _groups(regularization)
    yield from _check_groups(groups, sweep)
    layers = _layers(model)
    if layers is None:
        return
    selections = {(*_PATH, "layers"): regularization.get("layers")}
    selections |= {path: group.get("layers") for path, group in groups.items()}
    found = [*(p for path, own in selections.items() for p in _check(path, own, layers))]
    yield from found
    if not found:
        yield from _check_overlap(groups, layers)


def _groups(regularization: Mapping[str, Any]) -> dict[Path, dict[str, Any]]:
    """Every group that is a mapping by the path of its layers; the schema has a word on others."""
    given = regularization.get("groups")
    pairs = enumerate(given) if isinstance(given, list) else ()
    return {
        (*_PATH, "groups", number, "layers"): group
        for number, group in pairs
        if isinstance(group, dict)
    }


def _check_groups(groups: Mapping[Path, Mapping[str, Any]], sweep: object) -> Iterator[Problem]:
    """Check that groups have a strength, or a sweep gives them one."""
    varied = sweep.get("vary") if isinstance(sweep, dict) else None
    variants = sweep.get("variants") if isinstance(sweep, dict) else None
    if varied or variants:
        return  # members are checked instead, with their own values
    for path, group in groups.items():
        if group.get("l1") is None and group.get("l2") is None:
            yield Problem(path[:-1], "a group must have l1 or l2; got neither")


def _layers(model: object) -> tuple[LayerWeights, ...] | None:
    """What can be chosen; None where that is not known here.

    The output layer that follows from the target is among it, whether there will be one or not.
    """
    given = model.get("layers", []) if isinstance(model, dict) else []
    if not isinstance(given, list) or (isinstance(model, dict) and set(model) - {"layers"}):
        return None
    try:
        stack = [Layer.model_validate(layer) for layer in given]
        names = layer_names(stack)
        implied = Layer.model_validate({"Dense": {"units": 1}})
        return weights_of_layers([*stack, implied], [*names, implied_name(names)])
    except (ValidationError, KeyError):
        return None  # the layers have problems of their own, which say more


def _check(path: Path, selection: object, layers: Sequence[LayerWeights]) -> Iterator[Problem]:
    texts: dict[Path, object] = {path: selection} if isinstance(selection, str) else {}
    if isinstance(selection, list):
        texts = {(*path, position): text for position, text in enumerate(selection)}
    for place, text in texts.items():
        is_word = place == path and text in WORDS
        if is_word or not isinstance(text, str):
            continue  # of what is no text the schema says so
        try:
            choose(text, layers)
        except NothingChosenError as error:
            yield Problem(place, str(error))


def _check_overlap(
    groups: Mapping[Path, Mapping[str, Any]], layers: Sequence[LayerWeights]
) -> Iterator[Problem]:
    """Check that no weight is in two groups; `hidden` is left to who knows the output layer."""
    chosen = {
        path: texts
        for path, group in groups.items()
        if isinstance(texts := group.get("layers"), str | list) and HIDDEN not in texts
    }
    weights = {path: weights_chosen(_as_kept(own), layers) for path, own in chosen.items()}
    if found := first_overlap(weights):
        yield Problem(*found)


def _as_kept(selection: str | list[str]) -> str | Sequence[str]:
    return [selection] if isinstance(selection, str) and selection not in WORDS else selection


def weights_chosen(
    selection: str | Sequence[str], layers: Sequence[LayerWeights]
) -> dict[str, None]:
    """Every weight that a selection chooses as `key/weight`, in order.

    Raises:
        NothingChosenError: as `choose_all`.
    """
    found = choose_all(selection, layers)
    return dict.fromkeys(f"{own.layer.key}/{weight}" for own in found for weight in own.weights)


def first_overlap(weights: Mapping[Path, Mapping[str, None]]) -> tuple[Path, str] | None:
    """The first group with a weight that an earlier one has too, and what to say of it.

    Args:
        weights: of each group, by the path of its layers.
    """
    for (first, earlier), (path, own) in combinations(weights.items(), 2):
        shared = [weight for weight in own if weight in earlier]
        if shared:
            message = f"groups must not overlap, got {shared[0]}, which is in group {first[2]} too"
            return path, message
    return None
