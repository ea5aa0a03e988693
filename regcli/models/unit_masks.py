"""Which units of a model are constant, which have to keep their values, and which are kept.

All three are followed from call to call. A layer that is called several times has one kernel: what
it keeps for one of its calls, the others have too.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import keras
import numpy as np

from regcli.errors import ShrinkError
from regcli.models.form import Kept, Piece
from regcli.models.joining_forms import same_of
from regcli.models.layer_forms import FormedCall
from regcli.models.layer_kinds import LAYING_OUT, SCALING
from regcli.models.shrinking import Constants, Mask, at_least_one

_ABOUT_UNITS = LAYING_OUT | SCALING | {keras.layers.Cropping1D}
"""Layers without weights whose arguments depend on how many units there are."""

Flows = Mapping[int, Mask]
"""Masks by the `id` of a symbolic tensor."""


@dataclass(frozen=True)
class Bound:
    """Calls that have to be made smaller in the same way: those of one layer."""

    calls: tuple[FormedCall, ...]
    known: tuple[Constants, ...]

    @classmethod
    def of(cls, calls: Sequence[FormedCall], known: Mapping[int, Constants]) -> Self:
        """With the constants that all calls are given."""
        given = zip(*([known[flow] for flow in call.sources] for call in calls), strict=True)
        return cls(tuple(calls), tuple(map(same_of, given)))

    def backward(self, live: Flows) -> dict[int, Mask]:
        """What each call needs for its own units, by input."""
        found: dict[int, Mask] = {}
        for call in self.calls:
            needed = call.form.backward(self.known, live[call.result])
            for flow, mask in zip(call.sources, needed, strict=True):
                found[flow] = found.get(flow, False) | mask
        return found

    def fitted(self, kept: Flows) -> dict[int, Mask]:
        """What the calls have to be given and to give together, by input and output."""
        fitted = self.calls[0].form.fitted(self._together(kept))
        found: dict[int, Mask] = {}
        for call in self.calls:
            masks = (*fitted.inputs, fitted.units)
            for flow, mask in zip((*call.sources, call.result), masks, strict=True):
                found[flow] = found.get(flow, False) | mask
        return found

    def smaller(self, live: Flows, kept: Flows) -> Piece:
        """The layer of the smaller model, with the units that any of the calls needs."""
        needed = np.any([live[call.result] for call in self.calls], axis=0)
        return self.calls[0].form.smaller(self.known, needed, self._together(kept))

    def _together(self, kept: Flows) -> Kept:
        inputs = zip(*([kept[flow] for flow in call.sources] for call in self.calls), strict=True)
        units = np.any([kept[call.result] for call in self.calls], axis=0)
        return Kept(tuple(np.any(masks, axis=0) for masks in inputs), units)


def known_values(calls: Sequence[FormedCall], rows: int, start: Constants) -> dict[int, Constants]:
    """Constants by the `id` of a symbolic tensor.

    Args:
        rows: the `id` of the model's input, whose constants are `start`.
    """
    known = {rows: start}
    for call in calls:
        known[call.result] = call.form.forward([known[flow] for flow in call.sources])
    return known


def bound_calls(calls: Sequence[FormedCall], known: Mapping[int, Constants]) -> list[Bound]:
    """Calls of each layer together, in the order of the first ones.

    Layers that have neither weights nor arguments about units are bound to nothing.

    Raises:
        ShrinkError: naming a layer that is called for unlike numbers of units.
    """
    groups: dict[int, list[FormedCall]] = defaultdict(list)
    for call in calls:
        layer = call.form.layer
        bound = bool(layer.weights) or type(layer) in _ABOUT_UNITS
        groups[id(layer) if bound else id(call)].append(call)
    for group in groups.values():
        flows = [[*call.node.inputs, *call.node.outputs] for call in group]
        if len({tuple(flow.shape[-1] for flow in own) for own in flows}) > 1:
            name = group[0].form.layer.name
            raise ShrinkError(
                f"layer '{name}' is called for unlike numbers of units; shrink supports equal ones"
            )
    return [Bound.of(group, known) for group in groups.values()]


def live_units(bounds: Sequence[Bound], known: Mapping[int, Constants], output: int) -> Flows:
    """Units whose values matter for the output."""
    live = {flow: np.zeros(len(values), bool) for flow, values in known.items()}
    live[output] = np.ones(len(known[output]), bool)
    return _grown(live, [bound.backward for bound in reversed(bounds)])


def kept_units(bounds: Sequence[Bound], live: Flows, whole: Sequence[int]) -> Flows:
    """Units that are there in the smaller model: those that live, and those that have to be beside.

    Args:
        whole: the `id` of each symbolic tensor that keeps everything.
    """
    kept = {flow: at_least_one(mask) for flow, mask in live.items()}
    kept |= {flow: np.ones(len(live[flow]), bool) for flow in whole}
    return _grown(kept, [bound.fitted for bound in (*bounds, *reversed(bounds))])


def _grown(masks: dict[int, Mask], rules: Sequence[Callable[[Flows], dict[int, Mask]]]) -> Flows:
    """Masks with all that the rules add to them, applied until they add nothing."""
    while True:
        before = sum(int(mask.sum()) for mask in masks.values())
        for rule in rules:
            for flow, mask in rule(masks).items():
                masks[flow] = masks[flow] | mask
        if sum(int(mask.sum()) for mask in masks.values()) == before:
            return masks
