"""How the layers of a config are joined: each takes the layer before it, unless it names others.

Two entries are no layers of Keras: `Input` is a part of a row's columns, and `Shared` an earlier
layer that is called again, with the same weights.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regcli.config.keras_parts import Layer
from regcli.config.problems import Path, Problem, did_you_mean

ROWS = "input"
"""What a layer's `inputs` calls the whole row, where no layer has that name."""
INPUT, SHARED = "Input", "Shared"

_ANY = 10_000
_TAKES: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply"), (2, _ANY)),
    **dict.fromkeys(("Dot", "Subtract"), (2, 2)),
    **dict.fromkeys(("AdditiveAttention", "Attention"), (1, 3)),
    **dict.fromkeys(("GroupQueryAttention", "MultiHeadAttention"), (1, 3)),
}
"""Layers that take several inputs: the fewest and the most. Attention's are query, value, key."""


@dataclass(frozen=True)
class Joint:
    """What a layer takes.

    Attributes:
        sources: names of the layers, or `ROWS`.
        is_given: whether the config names them.
    """

    sources: tuple[str, ...]
    is_given: bool


def joints(layers: Sequence[Layer], names: Sequence[str]) -> tuple[Joint, ...]:
    """What each layer takes: the layers that it names, else the one before it.

    An `Input` takes the rows, and so does the first layer.
    """
    found = []
    for place, layer in enumerate(layers):
        before = ROWS if place == 0 or layer.kind == INPUT else names[place - 1]
        found.append(Joint(layer.inputs or (before,), layer.inputs is not None))
    return tuple(found)


def is_graph(layers: Sequence[Layer]) -> bool:
    """Whether layers are more than a stack in which each takes the one before it."""
    return any(
        layer.inputs is not None or layer.kind in {INPUT, SHARED} or layer.kind in _TAKES
        for layer in layers
    )


def linear_tail(layers: Sequence[Layer]) -> int:
    """Where the last run of layers begins that each take just the one before it."""
    start = len(layers)
    while start > 1 and layers[start - 1].inputs is None and layers[start - 1].kind != INPUT:
        start -= 1
    return max(start - 1, 0)


def check_joints(layers: Sequence[Layer], names: Sequence[str]) -> Iterator[Problem]:
    """Problems of what layers take: names, their order and number, and layers without a use."""
    if not is_graph(layers):
        return
    problems = list(_check_taken(layers, names))
    # A name that is not there leaves another layer without a use: that one is not at fault.
    yield from problems or _check_used(layers, names)


def _check_taken(layers: Sequence[Layer], names: Sequence[str]) -> Iterator[Problem]:
    for place, (layer, joint) in enumerate(zip(layers, joints(layers, names), strict=True)):
        path: Path = ("model", "layers", place, layer.kind)
        known = [*names[:place], *([] if ROWS in names else [ROWS])]
        for position, source in enumerate(joint.sources if joint.is_given else ()):
            if source not in known:
                yield _unknown(source, names, known, (*path, "inputs", position))
        yield from _check_number(layer, joint, path)
        yield from _check_shared(layer, names[:place], path)


def _check_used(layers: Sequence[Layer], names: Sequence[str]) -> Iterator[Problem]:
    used = {source for joint in joints(layers, names) for source in joint.sources}
    used |= {str(layer.arguments.get("of")) for layer in layers}
    for place, name in enumerate(names[:-1]):
        if name not in used:
            rule = "every layer but the last must be the input of another one"
            yield Problem(("model", "layers", place), f"{rule}; none takes '{name}'")


def _unknown(name: str, names: Sequence[str], known: Sequence[str], path: Path) -> Problem:
    listed = f"known here: {', '.join(known)}"
    if name in names:
        rule = "must name a layer that stands before this one"
        return Problem(path, f"{rule}, got '{name}'; {listed}")
    hint = did_you_mean(name, known) or f"; {listed}"
    return Problem(path, f"there is no layer '{name}'{hint}")


def _check_number(layer: Layer, joint: Joint, path: Path) -> Iterator[Problem]:
    least, most = _TAKES.get(layer.kind, (1, 1))
    count = len(joint.sources)
    if layer.kind == INPUT and joint.is_given:
        yield Problem((*path, "inputs"), "Input takes columns of the rows: remove inputs")
    elif count < least:
        rule = f"{layer.kind} needs inputs: the names of {_counted(least, most)}"
        yield Problem(path, f"{rule}; got {'only ' if joint.is_given else ''}{_got(joint)}")
    elif count > most:
        advice = "; join them with Add or Concatenate first" if most == 1 else ""
        rule = f"{layer.kind} takes {_counted(least, most)}"
        yield Problem((*path, "inputs"), f"{rule}, got {count}{advice}")


def _got(joint: Joint) -> str:
    return f"'{joint.sources[0]}'" if joint.is_given else "none"


def _counted(least: int, most: int) -> str:
    if least == most:
        return "one layer" if least == 1 else f"{least} layers"
    return f"{least} or more layers" if most == _ANY else f"{least} to {most} layers"


def _check_shared(layer: Layer, before: Sequence[str], path: Path) -> Iterator[Problem]:
    of = layer.arguments.get("of")
    if layer.kind == SHARED and isinstance(of, str) and of not in before:
        listed = f"; layers before it: {', '.join(before) or 'none'}"
        hint = did_you_mean(of, before) or listed
        yield Problem((*path, "of"), f"must name a layer that stands before it, got '{of}'{hint}")


def canonical_inputs(layers: Sequence[Layer], names: Sequence[str]) -> list[Any]:
    """What each layer takes as an identity counts it: None for the layer before it."""
    plain = joints([layer.model_copy(update={"inputs": None}) for layer in layers], names)
    given = joints(layers, names)
    return [
        None if joint.sources == usual.sources else list(joint.sources)
        for joint, usual in zip(given, plain, strict=True)
    ]
