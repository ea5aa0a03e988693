"""How many zeros a model has, and how many of its parts can still change its output."""

import gzip
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from regcli.penalties.covered_weights import KERNELS
from regcli.results.live_parts import Chain, live_parts
from regcli.results.records import AfterZeroing, LayerSparsity, Scores, Sparsity

NEAR_THRESHOLD = 1e-3

MOST_NAMED = 1000
"""Active columns that are named at most: a sweep's records would else be lists of names."""


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


@dataclass(frozen=True)
class CountedZeros:
    """The zeros of a model, whose scores after zeroing are still to come.

    Attributes:
        kernels: each with how many of its weights are below the threshold.
        before, after: what is live before and after zeroing.
    """

    kernels: Sequence[tuple[LayerSparsity, int]]
    before: _Parts
    after: _Parts
    threshold: float

    @property
    def total(self) -> int:
        """All weights of the kernels."""
        return sum(math.prod(layer.shape) for layer, _ in self.kernels)

    @property
    def nonzero(self) -> int:
        """Weights that are not 0.0."""
        return sum(layer.nonzero or 0 for layer, _ in self.kernels)

    @property
    def below(self) -> int:
        """Weights that are below the threshold."""
        return sum(below for _, below in self.kernels)

    @property
    def has_near_zeros(self) -> bool:
        """Whether zeroing changes any weight."""
        return self.nonzero != self.total - self.below

    def summary(self, scores_after: Mapping[str, Scores] | None = None) -> Sparsity:
        """The zeros as a record has them.

        Args:
            scores_after: of train, validation and test, after zeroing; None before it.
        """
        layers = tuple(layer for layer, _ in self.kernels)
        total, nonzero, below = self.total, self.nonzero, self.below
        return Sparsity(
            exact=(total - nonzero) / total if total else 0.0,
            near=below / total if total else 0.0,
            threshold=self.threshold,
            nonzero=nonzero,
            total=total,
            layers=layers,
            gzip_bytes=sum(layer.gzip_bytes or 0 for layer in layers),
            norm=_of_all([layer.norm for layer in layers], math.hypot),
            largest=_of_all([layer.largest for layer in layers], max),
            after_zeroing=AfterZeroing(
                nonzero=total - below, metrics=scores_after or {}, **self.after
            ),
            **self.before,
        )


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
    stacked = None if chain is None else _with_leads(chain, lambda leads: leads[np.newaxis])
    return count_zeros(1, alone, stacked, columns, threshold)[0].summary()


def count_zeros(
    count: int,
    kernels: Mapping[str, NDArray[np.float32]],
    chain: Chain | None,
    columns: InputColumns | None = None,
    threshold: float = NEAR_THRESHOLD,
) -> list[CountedZeros]:
    """As `summarize`, of each of `count` members, without their scores.

    Args:
        kernels: (members, …) each.
        chain: what its links have is (members, inputs, units), or (1, inputs, units) where all
            share one.
    """
    layers = [_layers(name, kernel, threshold) for name, kernel in kernels.items()]
    near = _with_leads(chain or (), lambda leads: ~is_near_zero(leads, threshold))
    exact = _with_leads(chain or (), lambda leads: leads != 0)
    after, before = (_parts(links, columns, count) for links in (near, exact))
    return [
        CountedZeros([layer[member] for layer in layers], before[member], after[member], threshold)
        for member in range(count)
    ]


def _of_all(values: Sequence[float | None], together: Callable[..., float]) -> float | None:
    """A measure of all kernels from that of each; None where one has none."""
    known = [value for value in values if value is not None]
    return together(0.0, 0.0, *known) if len(known) == len(values) else None


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
    flat = kernels.reshape(len(kernels), -1)
    measures = (_norms(flat), np.abs(flat).max(axis=-1, initial=0.0))
    columns = (*(c.tolist() for c in counts), *map(_finite, measures))
    return [
        (
            LayerSparsity(
                name=name,
                shape=shape,
                exact=(size - nonzero) / size,
                near=below / size,
                nonzero=nonzero,
                gzip_bytes=gzip_size(kernel),
                norm=norm,
                largest=largest,
            ),
            below,
        )
        for kernel, nonzero, below, norm, largest in zip(kernels, *columns, strict=True)
    ]


def _norms(flat: NDArray[np.float32]) -> NDArray[np.float64]:
    """√Σw² of each member, (members,), of (members, weights), each by itself to the last digit."""
    exact = flat.astype(np.float64)
    return np.sqrt([own.dot(own) for own in exact])


def _finite(values: NDArray[np.floating]) -> list[float | None]:
    numbers: list[float] = values.tolist()
    return [number if math.isfinite(number) else None for number in numbers]


def gzip_size(kernel: NDArray[np.float32]) -> int:
    """Bytes of a kernel as little-endian float32 in a gzip file of level 6 without a date."""
    return len(gzip.compress(kernel.astype("<f4").tobytes(), compresslevel=6, mtime=0))


def _with_leads(chain: Chain, made: Callable[[NDArray[Any]], NDArray[Any]]) -> Chain:
    return [link._replace(leads=tuple(map(made, link.leads))) for link in chain]


def _parts(chain: Chain, columns: InputColumns | None, count: int) -> list[_Parts]:
    """Live parts of each member with names; all None for an empty chain."""
    if not chain:
        return [_named(None, {}, None, None)] * count
    inputs, units = live_parts(chain)
    every = np.broadcast_to(inputs, (count, inputs.shape[-1]))
    numbers = [np.broadcast_to(own, count).tolist() for own in units.values()]
    of_units = zip(*numbers, strict=True) if numbers else repeat((), count)
    known: dict[tuple[bytes, tuple[int, ...]], _Parts] = {}  # for many members have the same
    found = []
    for active, live in zip(every, of_units, strict=True):
        key = active.tobytes(), live
        if key not in known:
            known[key] = _of_columns(active, dict(zip(units, live, strict=True)), columns)
        found.append(known[key])
    return found


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
