"""How many zeros a model has, and which of its parts can still change its output."""

import gzip
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from regcli.penalties.covered_weights import KERNELS
from regcli.results.records import AfterZeroing, LayerSparsity, Sparsity

NEAR_THRESHOLD = 1e-3

MOST_NAMED = 1000
"""Active columns that are named at most: a sweep's records would else be lists of names."""

Chain = Sequence[tuple[str, NDArray[np.float32]]]
"""What leads from inputs to units, (inputs, units), where it is not 0, by layer name.

Of a Dense layer the magnitudes of its kernel, of a convolution the largest ones of all taps; a link
without a name lays units out anew.
"""


@dataclass(frozen=True)
class InputColumns:
    """Names of the input columns, and of those that the target depends on where that is known.

    Attributes:
        noise: how many of them, from the end, were added as noise.
    """

    names: tuple[str, ...]
    true: tuple[str, ...] | None
    noise: int = 0


class _Parts(TypedDict):
    """The fields that a model has before and after zeroing."""

    active_inputs: int | None
    live_units: Mapping[str, int]
    active_columns: tuple[str, ...] | None
    precision: float | None
    recall: float | None
    f1: float | None
    active_noise: int | None


def summarize(
    kernels: Mapping[str, NDArray[np.float32]],
    chain: Chain | None,
    columns: InputColumns | None = None,
    threshold: float = NEAR_THRESHOLD,
) -> Sparsity:
    """Exact and near zeros, total and per kernel; live units and active inputs.

    Args:
        kernels: kernels by name, any shape.
        chain: the layers in order; None where they do not let columns and units be followed.
        columns: what the inputs of the chain are called; None leaves out names.
        threshold: magnitude below which a weight counts as near zero.

    Returns:
        A summary whose `after_zeroing` has no metrics yet.
    """
    alone = {name: kernel[np.newaxis] for name, kernel in kernels.items()}
    links = None if chain is None else [(name, link[np.newaxis]) for name, link in chain]
    return summarize_members(1, alone, links, columns, threshold)[0]


def summarize_members(
    count: int,
    kernels: Mapping[str, NDArray[np.float32]],
    chain: Chain | None,
    columns: InputColumns | None = None,
    threshold: float = NEAR_THRESHOLD,
) -> list[Sparsity]:
    """As `summarize`, of each of `count` members.

    Args:
        kernels: (members, …) each.
        chain: its links are (members, inputs, units), or (1, inputs, units) where all share one.
    """
    layers = [_layers(name, kernel, threshold) for name, kernel in kernels.items()]
    near = [(name, ~is_near_zero(link, threshold)) for name, link in chain or ()]
    after, before = (
        _parts(links, columns, count)
        for links in (near, [(name, link != 0) for name, link in chain or ()])
    )
    return [
        _sparsity([layer[member] for layer in layers], before[member], after[member], threshold)
        for member in range(count)
    ]


def _sparsity(
    kernels: Sequence[tuple[LayerSparsity, int]], before: _Parts, after: _Parts, threshold: float
) -> Sparsity:
    """One member's summary.

    Args:
        kernels: with how many weights of each are below the threshold.
    """
    layers = tuple(layer for layer, _ in kernels)
    total = sum(math.prod(layer.shape) for layer in layers)
    nonzero = sum(layer.nonzero or 0 for layer in layers)
    below = sum(near for _, near in kernels)
    return Sparsity(
        exact=(total - nonzero) / total if total else 0.0,
        near=below / total if total else 0.0,
        threshold=threshold,
        nonzero=nonzero,
        total=total,
        layers=layers,
        gzip_bytes=sum(layer.gzip_bytes or 0 for layer in layers),
        norm=_of_all([layer.norm for layer in layers], math.hypot),
        largest=_of_all([layer.largest for layer in layers], max),
        after_zeroing=AfterZeroing(nonzero=total - below, **after),
        **before,
    )


def _of_all(values: Sequence[float | None], together: Callable[..., float]) -> float | None:
    """A measure of all kernels from that of each; None where one has none."""
    known = [value for value in values if value is not None]
    return together(0.0, 0.0, *known) if len(known) == len(values) else None


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def nonzero_of(sparsity: Sparsity, layers: Collection[str]) -> int:
    """Non-zero weights of the kernels of some layers, or of single weights.

    Args:
        layers: as of `is_among`.
    """
    kernels = [layer for layer in sparsity.layers if is_among(layer.name, layers)]
    return sum(
        round((1 - kernel.exact) * math.prod(kernel.shape))
        if kernel.nonzero is None
        else kernel.nonzero
        for kernel in kernels
    )


def is_among(name: str, layers: Collection[str]) -> bool:
    """Whether a weight is one of those that names of layers, and `layer/weight`, stand for.

    Args:
        name: of the weight with its layer's in front; a kernel may have its layer's alone.
        layers: a layer's name stands for its kernels.
    """
    owner, _, inner = name.partition("/")
    weight = inner.rsplit("/", 1)[-1]
    if name in layers or (weight in KERNELS and owner in layers):
        return True
    if weight:
        return f"{owner}/{weight}" in layers
    inside = (own for own in layers if own.startswith(f"{owner}/"))
    return any(own.rsplit("/", 1)[-1] in KERNELS for own in inside)


def is_near_zero(kernel: NDArray[np.float32], threshold: float) -> NDArray[np.bool_]:
    """Which weights are below a threshold in magnitude; NaN is not. Same shape."""
    return np.asarray(np.abs(kernel) < threshold)


def _layers(
    name: str, kernels: NDArray[np.float32], threshold: float
) -> list[tuple[LayerSparsity, int]]:
    """A kernel's zeros in each member, and how many of its weights are below the threshold."""
    shape, size = kernels.shape[1:], kernels[0].size
    axes = tuple(range(1, kernels.ndim))
    counts = (np.count_nonzero(kernels, axes), is_near_zero(kernels, threshold).sum(axes))
    return [
        (
            LayerSparsity(
                name=name,
                shape=shape,
                exact=(size - nonzero) / size,
                near=below / size,
                nonzero=nonzero,
                gzip_bytes=gzip_size(kernel),
                norm=_finite(np.linalg.norm(kernel.ravel().astype(np.float64))),
                largest=_finite(np.abs(kernel).max(initial=0.0)),
            ),
            below,
        )
        for kernel, nonzero, below in zip(kernels, *(c.tolist() for c in counts), strict=True)
    ]


def gzip_size(kernel: NDArray[np.float32]) -> int:
    """Bytes of a kernel as little-endian float32 in a gzip file of level 6 without a date."""
    return len(gzip.compress(kernel.astype("<f4").tobytes(), compresslevel=6, mtime=0))


def _parts(
    chain: Sequence[tuple[str, NDArray[np.bool_]]], columns: InputColumns | None, count: int
) -> list[_Parts]:
    """Live parts of each member with names; all None for an empty chain."""
    if not chain:
        return [_named(None, {}, None, None)] * count
    inputs, units = live_parts(chain)
    every = np.broadcast_to(inputs, (count, inputs.shape[-1]))
    numbers = {name: np.broadcast_to(own, count).tolist() for name, own in units.items()}
    return [
        _of_columns(own, {name: values[member] for name, values in numbers.items()}, columns)
        for member, own in enumerate(every)
    ]


def _of_columns(
    inputs: NDArray[np.bool_], units: Mapping[str, int], columns: InputColumns | None
) -> _Parts:
    if columns is None:
        return _named(int(inputs.sum()), units, None, None)
    active = tuple(columns.names[position] for position in np.flatnonzero(inputs).tolist())
    noise = int(inputs[-columns.noise :].sum()) if columns.noise else None
    return _named(len(active), units, active, columns.true, noise)


def _named(
    count: int | None,
    units: Mapping[str, int],
    active: tuple[str, ...] | None,
    true: tuple[str, ...] | None,
    noise: int | None = None,
) -> _Parts:
    known = active is not None and true is not None
    precision, recall, f1 = recovery(active or (), true or ()) if known else (None, None, None)
    return {
        "active_inputs": count,
        "live_units": units,
        "active_columns": active if active is None or len(active) <= MOST_NAMED else None,
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "active_noise": noise,
    }


def recovery(
    active: Sequence[str], true: Sequence[str]
) -> tuple[float | None, float | None, float | None]:
    """How well the active columns are the true ones: precision, recall and F1.

    precision = |active ∩ true| / |active|, recall = |active ∩ true| / |true|,
    F1 = 2·|active ∩ true| / (|active| + |true|); None where the divisor is 0.
    """
    hits = len(set(active) & set(true))
    precision = hits / len(active) if active else None
    recall = hits / len(true) if true else None
    f1 = 2 * hits / (len(active) + len(true)) if active or true else None
    return precision, recall, f1


def live_parts(
    chain: Sequence[tuple[str, NDArray[np.bool_]]],
) -> tuple[NDArray[np.bool_], dict[str, Any]]:
    """Input columns and hidden units that can still change the output.

    A unit is live if a path of non-zero weights leads to it from some input and from it to some
    output. One forward and one backward sweep give what removing dead units again and again would.

    Args:
        chain: (layer name, connected) in order, with `connected` of shape (inputs, units), or
            (members, inputs, units).

    Returns:
        Whether each input is active, (inputs,) or (members, inputs), and the number of live units
        of every layer with a name but the last, a number or (members,).
    """
    reached: list[NDArray[np.bool_]] = [np.ones(chain[0][1].shape[-2], bool)]
    for _, connected in chain:
        reached.append(np.any(connected & reached[-1][..., np.newaxis], axis=-2))
    needed: list[NDArray[np.bool_]] = [np.ones(chain[-1][1].shape[-1], bool)]
    for _, connected in reversed(chain):
        needed.append(np.any(connected & needed[-1][..., np.newaxis, :], axis=-1))
    live = [
        from_input & to_output for from_input, to_output in zip(reached, needed[::-1], strict=True)
    ]
    counts = {name: units.sum(-1) for (name, _), units in zip(chain, live[1:], strict=True) if name}
    return live[0], dict(list(counts.items())[:-1])
