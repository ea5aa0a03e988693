"""The loss's second derivative by some of the weights: as a matrix, or as what multiplies by it.

Weights are counted by output: those of the first output's columns, then those of the second's …
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from regcli.solvers.scaled_columns import Columns

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_JITTER = 1e-13
"""What is added to a diagonal, as a share of it: a matrix without an inverse gets one."""
_CG_STEPS, _CG_ENOUGH = 500, 1e-12


@dataclass(frozen=True)
class Bends:
    """The second derivative by scores.

    Attributes:
        columns: the matrix A.
        shares: what each row's loss counts, (rows,).
        by_score: as `Loss.curvature` gives it, (rows, outputs).
        meets: as of the loss.
    """

    columns: Columns
    shares: Array
    by_score: Array
    meets: bool

    def of_scores(self, way: Array) -> Array:
        """The second derivative by scores times a way (rows, outputs), rows counted."""
        bent = self.by_score * way
        if self.meets:
            bent -= self.by_score * bent.sum(axis=1, keepdims=True)
        return np.asarray(self.shares[:, None] * bent)


class Curvature(Protocol):
    """A positive semidefinite matrix H, (n, n).

    Attributes:
        diagonal: (n,).
    """

    diagonal: Array

    def times(self, way: Array) -> Array:
        """H·way."""

    def solve(self, chosen: Places, target: Array, added: Array | None) -> Array:
        """The way by some of the weights for which (H + added)·way = target.

        Args:
            added: a matrix for the chosen weights, or None.
        """


class Matrix:
    """H, held as a matrix."""

    def __init__(self, bends: Bends, chosen: list[Places], l2: Array) -> None:
        """Add H up over blocks of rows.

        Args:
            chosen: for each output the columns that are chosen.
            l2: strengths of the chosen weights, whose second derivative is part of H.
        """
        count = sum(map(len, chosen))
        self.matrix = np.zeros((count, count))
        ends = np.cumsum([0, *map(len, chosen)])
        for cut, block in bends.columns.blocks():
            weights = bends.shares[cut, None] * bends.by_score[cut]
            parts = []
            for output, columns in enumerate(chosen):
                if not len(columns):
                    continue
                own = slice(ends[output], ends[output + 1])
                part = block if len(columns) == block.shape[1] else block[:, columns]
                rooted = part * np.sqrt(weights[:, output])[:, None]
                self.matrix[own, own] += rooted.T @ rooted
                if bends.meets:
                    parts.append(rooted * np.sqrt(bends.by_score[cut, output])[:, None])
            if parts:
                joined = np.concatenate(parts, axis=1)
                self.matrix -= joined.T @ joined
        self.matrix[np.diag_indices(count)] += 2 * l2
        self.diagonal = self.matrix.diagonal().copy()

    def times(self, way: Array) -> Array:
        """H·way."""
        return np.asarray(self.matrix @ way)

    def solve(self, chosen: Places, target: Array, added: Array | None) -> Array:
        """See `Curvature`."""
        whole = len(chosen) == len(self.matrix)
        matrix = self.matrix.copy() if whole else self.matrix[np.ix_(chosen, chosen)]
        if added is not None:
            matrix += added
        diagonal = matrix.diagonal().copy()
        diagonal[diagonal <= 0] = diagonal.max(initial=0.0) or 1.0
        root = 1 / np.sqrt(diagonal)
        matrix *= root[:, None] * root[None, :]
        jitter = _JITTER
        while True:
            matrix[np.diag_indices_from(matrix)] += jitter
            try:
                way = root * np.linalg.solve(matrix, root * target)
            except np.linalg.LinAlgError:
                way = np.full_like(target, np.nan)
            if np.isfinite(way).all() and way @ target >= 0:
                return way
            if jitter > 1:
                return root**2 * target
            jitter *= 100


@dataclass
class Product:
    """H where it would be too large to hold: it multiplies by way of the rows."""

    bends: Bends
    chosen: list[Places]
    l2: Array
    diagonal: Array = field(init=False)

    def __post_init__(self) -> None:
        own = self.bends.by_score
        weights = self.bends.shares[:, None] * (own * (1 - own) if self.bends.meets else own)
        squares = np.zeros((self.bends.columns.width, own.shape[1]))
        for cut, block in self.bends.columns.blocks():
            squares += (block**2).T @ weights[cut]
        self.diagonal = self._taken(squares) + 2 * self.l2

    def times(self, way: Array) -> Array:
        """H·way."""
        spread = np.zeros((self.bends.columns.width, len(self.chosen)))
        start = 0
        for output, columns in enumerate(self.chosen):
            spread[columns, output] = way[start : start + len(columns)]
            start += len(columns)
        bent = self.bends.of_scores(self.bends.columns.times(spread))
        return self._taken(self.bends.columns.transposed_times(bent)) + 2 * self.l2 * way

    def _taken(self, whole: Array) -> Array:
        return np.concatenate([whole[columns, k] for k, columns in enumerate(self.chosen)])

    def solve(self, chosen: Places, target: Array, added: Array | None) -> Array:
        """See `Curvature`; by conjugate gradients, preconditioned by the diagonal."""

        def times(part: Array) -> Array:
            way = np.zeros(len(self.l2))
            way[chosen] = part
            bent = self.times(way)[chosen]
            return bent if added is None else bent + added @ part

        diagonal = self.diagonal[chosen] + (0 if added is None else added.diagonal())
        diagonal = np.where(diagonal > 0, diagonal, 1.0)
        way, left = np.zeros_like(target), target.copy()
        ahead = eased = left / diagonal
        size = first = float(left @ eased)
        for _ in range(_CG_STEPS):
            if size <= _CG_ENOUGH**2 * first:
                break
            bent = times(ahead)
            along = float(ahead @ bent)
            if along <= 0:
                break
            way = way + size / along * ahead
            left = left - size / along * bent
            eased = left / diagonal
            size, before = float(left @ eased), size
            ahead = eased + size / before * ahead
        return way
