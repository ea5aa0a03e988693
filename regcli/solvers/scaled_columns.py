"""The columns of a problem, centred and scaled in float64, without holding many copies of them.

Weights of columns that are alike in size are alike too: Newton's linear systems stay well behaved,
and one measure of a slope does for all. The problem itself is not changed: a weight W_j of a column
is v_j/s_j, and its strengths are l1/s_j and l2/s_j².
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_KEPT = 20_000_000
"""Numbers that are kept in float64; of larger data blocks are converted again at every pass."""
_BLOCK = 2_000_000


class Columns:
    """Inputs x (rows, inputs) as the matrix A (rows, width): scaled, and a column of ones for b.

    Attributes:
        center, scale: of each input, (inputs,); a scale is 1 where a column has only one value,
            and A then 0 where it is centred. Inputs of one group have the largest scale among them,
            so that the length of their weights together is one of scaled weights too.
        width: inputs, and one more where there is a bias.
    """

    def __init__(
        self,
        x: NDArray[np.floating],
        shares: Array,
        has_bias: bool,
        is_centred: bool,
        groups: tuple[int, ...] | None = None,
    ) -> None:
        """Measure the columns.

        Args:
            shares: what each row's loss counts, (rows,).
            is_centred: whether a bias without penalty takes up what centring subtracts.
            groups: the number of each input's group, counted from 0; None where each is one.
        """
        self.x, self.has_bias = x, has_bias
        self.width = x.shape[1] + has_bias
        self.rows = max(1, _BLOCK // max(1, x.shape[1]))
        total = float(shares.sum())
        self.center = np.zeros(x.shape[1])
        if is_centred:
            for cut in self._cuts():
                self.center += shares[cut] @ x[cut].astype(np.float64) / total
        squares = np.zeros(x.shape[1])
        for cut in self._cuts():
            squares += shares[cut] @ (x[cut].astype(np.float64) - self.center) ** 2 / total
        self.scale = np.sqrt(squares)
        lowest, highest = x.min(axis=0), x.max(axis=0)
        is_still = (lowest == highest) if is_centred else (lowest == 0) & (highest == 0)
        self.inverse = np.where(is_still | (self.scale == 0), 0.0, 1.0)
        self.scale = _shared(np.where(self.inverse > 0, self.scale, 0.0), groups)
        self.scale = np.where(self.scale > 0, self.scale, 1.0)
        self.inverse /= self.scale
        self._kept: list[tuple[slice, Array]] | None = None
        if x.shape[0] * self.width <= _KEPT:
            self._kept = list(self._made())

    def _cuts(self) -> Iterator[slice]:
        for start in range(0, len(self.x), self.rows):
            yield slice(start, start + self.rows)

    def _made(self) -> Iterator[tuple[slice, Array]]:
        for cut in self._cuts():
            part = self.x[cut]
            block = np.empty((len(part), self.width))
            inputs = block[:, : self.x.shape[1]]
            np.subtract(part, self.center, out=inputs)
            inputs *= self.inverse
            if self.has_bias:
                block[:, -1] = 1.0
            yield cut, block

    def blocks(self) -> Iterator[tuple[slice, Array]]:
        """Rows of A by their place."""
        return iter(self._kept) if self._kept is not None else self._made()

    def times(self, weights: Array) -> Array:
        """A·V for V (width, outputs): (rows, outputs)."""
        product = np.empty((len(self.x), weights.shape[1]))
        used = np.flatnonzero(weights.any(axis=1))
        few = len(used) < self.width // 2
        for cut, block in self.blocks():
            product[cut] = block[:, used] @ weights[used] if few else block @ weights
        return product

    def transposed_times(self, slopes: Array) -> Array:
        """Aᵀ·U for U (rows, outputs): (width, outputs)."""
        product = np.zeros((self.width, slopes.shape[1]))
        for cut, block in self.blocks():
            product += block.T @ slopes[cut]
        return product


def _shared(scale: Array, groups: tuple[int, ...] | None) -> Array:
    """The largest scale of each group for all of its inputs, (inputs,)."""
    if groups is None:
        return scale
    numbers = np.array(groups, np.intp)
    largest = np.zeros(numbers.max() + 1)
    np.maximum.at(largest, numbers, scale)
    return largest[numbers]
