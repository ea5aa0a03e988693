"""Which columns and units can still change a model's output: what leads to what."""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Link(NamedTuple):
    """What leads to the units of one call of a layer, where it is not 0.

    Attributes:
        name: of the layer; none where it has no kernel, but joins units or lays them out anew.
        sources: where each input comes from: 0 is the model's input, n the n-th link.
        leads: of each input, (inputs, units) or (members, inputs, units): of a Dense layer the
            magnitudes of its kernel, of a convolution the largest ones of all taps.
    """

    name: str
    sources: tuple[int, ...]
    leads: tuple[NDArray[Any], ...]


Chain = Sequence[Link]
"""The links in order; the last one gives the outputs."""


def in_a_row(layers: Iterable[tuple[str, NDArray[Any]]]) -> Chain:
    """Layers that each take what the one before gives."""
    return [Link(name, (place,), (leads,)) for place, (name, leads) in enumerate(layers)]


def live_parts(chain: Chain) -> tuple[NDArray[np.bool_], dict[str, Any]]:
    """Input columns and hidden units that can still change the output.

    A unit is live if a path of non-zero weights leads to it from some input and from it to some
    output. One forward and one backward sweep give what removing dead units again and again would.
    A unit of a layer that is called several times is live if it is in any of the calls.

    Args:
        chain: whether anything leads from an input to a unit, in order.

    Returns:
        Whether each input is active, (inputs,) or (members, inputs), and the number of live units
        of every layer with a name but the last, a number or (members,).
    """
    reached = _reached(chain)
    needed = _needed(chain, reached)
    live: dict[str, NDArray[np.bool_]] = {}
    for place, link in enumerate(chain, start=1):
        if link.name:
            live[link.name] = live.get(link.name, False) | (reached[place] & needed[place])
    counts = {name: units.sum(-1) for name, units in live.items()}
    return reached[0] & needed[0], dict(list(counts.items())[:-1])


def _reached(chain: Chain) -> list[NDArray[np.bool_]]:
    """Whether something that varies leads to the inputs, and to the units of every link."""
    first = next(leads for link in chain for leads in _leads_from(link, 0))
    reached = [np.ones(first.shape[-2], bool)]
    for link in chain:
        parts = (
            np.any(leads & reached[source][..., np.newaxis], axis=-2)
            for source, leads in zip(link.sources, link.leads, strict=True)
        )
        reached.append(reduce(np.logical_or, parts))
    return reached


def _needed(chain: Chain, like: Sequence[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    """Whether something leads to the output, from the inputs and the units of every link.

    Args:
        like: arrays of as many units.
    """
    needed = [np.zeros(units.shape[-1], bool) for units in like]
    needed[-1] = ~needed[-1]
    for place, link in reversed(list(enumerate(chain, start=1))):
        for source, leads in zip(link.sources, link.leads, strict=True):
            own = np.any(leads & needed[place][..., np.newaxis, :], axis=-1)
            needed[source] = needed[source] | own
    return needed


def _leads_from(link: Link, place: int) -> list[NDArray[Any]]:
    pairs = zip(link.sources, link.leads, strict=True)
    return [leads for source, leads in pairs if source == place]
