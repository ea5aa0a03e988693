"""How many zeros a model has, and which of its parts can still change its output."""

import gzip
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

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
    layers = tuple(_layer(name, kernel, threshold) for name, kernel in kernels.items())
    total = sum(kernel.size for kernel in kernels.values())
    nonzero = sum(int(np.count_nonzero(kernel)) for kernel in kernels.values())
    below = sum(int(is_near_zero(kernel, threshold).sum()) for kernel in kernels.values())
    left = [(name, ~is_near_zero(kernel, threshold)) for name, kernel in chain or ()]
    return Sparsity(
        exact=(total - nonzero) / total if total else 0.0,
        near=below / total if total else 0.0,
        threshold=threshold,
        nonzero=nonzero,
        total=total,
        layers=layers,
        gzip_bytes=sum(layer.gzip_bytes or 0 for layer in layers),
        after_zeroing=AfterZeroing(nonzero=total - below, **_parts(left, columns)),
        **_parts([(name, kernel != 0) for name, kernel in chain or ()], columns),
    )


def nonzero_of(sparsity: Sparsity, layers: Collection[str]) -> int:
    """Non-zero weights of the kernels of some layers.

    Args:
        layers: their names; a kernel has its layer's, or a path that begins with it.
    """
    kernels = [layer for layer in sparsity.layers if layer.name.split("/", 1)[0] in layers]
    return sum(
        round((1 - kernel.exact) * math.prod(kernel.shape))
        if kernel.nonzero is None
        else kernel.nonzero
        for kernel in kernels
    )


def is_near_zero(kernel: NDArray[np.float32], threshold: float) -> NDArray[np.bool_]:
    """Which weights are below a threshold in magnitude; NaN is not. Same shape."""
    return np.asarray(np.abs(kernel) < threshold)


def _layer(name: str, kernel: NDArray[np.float32], threshold: float) -> LayerSparsity:
    return LayerSparsity(
        name=name,
        shape=kernel.shape,
        exact=float((kernel == 0).mean()),
        near=float(is_near_zero(kernel, threshold).mean()),
        nonzero=int(np.count_nonzero(kernel)),
        gzip_bytes=gzip_size(kernel),
    )


def gzip_size(kernel: NDArray[np.float32]) -> int:
    """Bytes of a kernel as little-endian float32 in a gzip file of level 6 without a date."""
    return len(gzip.compress(kernel.astype("<f4").tobytes(), compresslevel=6, mtime=0))


def _parts(chain: Sequence[tuple[str, NDArray[np.bool_]]], columns: InputColumns | None) -> _Parts:
    """Live parts with names; all None for an empty chain."""
    if not chain:
        return _named(None, {}, None, None)
    inputs, units = live_parts(chain)
    if columns is None:
        return _named(int(inputs.sum()), units, None, None)
    active = tuple(columns.names[position] for position in np.flatnonzero(inputs))
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
) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Input columns and hidden units that can still change the output.

    A unit is live if a path of non-zero weights leads to it from some input and from it to some
    output. One forward and one backward sweep give what removing dead units again and again would.

    Args:
        chain: (layer name, connected) in order, with `connected` of shape (inputs, units).

    Returns:
        Whether each input is active, (inputs,), and the number of live units of every layer with a
        name but the last.
    """
    reached: list[NDArray[np.bool_]] = [np.ones(chain[0][1].shape[0], bool)]
    for _, connected in chain:
        reached.append(np.any(connected[reached[-1]], axis=0))
    needed: list[NDArray[np.bool_]] = [np.ones(chain[-1][1].shape[1], bool)]
    for _, connected in reversed(chain):
        needed.append(np.any(connected[:, needed[-1]], axis=1))
    live = [
        from_input & to_output for from_input, to_output in zip(reached, needed[::-1], strict=True)
    ]
    counts = {
        name: int(units.sum()) for (name, _), units in zip(chain, live[1:], strict=True) if name
    }
    return live[0], dict(list(counts.items())[:-1])
