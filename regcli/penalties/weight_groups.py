"""Groups of the weights of stacked kernels, (members, blocks, inputs, units), and sums over each.

A group is all that one position of an axis holds, such as the weights of one input, or what several
positions hold together. Sums are given at each position of their group, so that formulas need not
know how groups are made up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from regcli.penalties.arrays import Array


@dataclass(frozen=True)
class WeightGroups:
    """Which weights are a group.

    Attributes:
        axis: whose positions tell groups apart: 2 for inputs, 3 for units.
        of_position: the number of each position's group, counted from 0; None where each position
            is a group by itself. A kernel with k positions for each of these has them side by side,
            as the second kernel of a separable convolution.
    """

    axis: int
    of_position: tuple[int, ...] | None = None

    @property
    def axes(self) -> tuple[int, int]:
        """The other axes of one member, along which a group's weights lie too."""
        return (1, 3) if self.axis == 2 else (1, 2)

    def total(self, values: Any) -> Any:
        """The sum over each group at each of its positions; `axes` are kept at length 1."""
        import tensorflow as tf

        return self._gathered(values, tf.reduce_sum)

    def largest(self, values: Any) -> Any:
        """The maximum over each group, as `total`."""
        import tensorflow as tf

        return self._gathered(values, tf.reduce_max)

    def norms(self, w: Any) -> Any:
        """‖w_g‖ of each group, as `total`; its gradient is 0 where a group is."""
        import tensorflow as tf

        total = self.total(tf.square(w))
        # The gradient of a square root at 0 is infinite, and would be so in the branch not taken.
        safe = tf.where(total > 0, total, tf.ones_like(total))
        return tf.where(total > 0, tf.sqrt(safe), tf.zeros_like(total))

    def weighted(self, strength: Any, w: Any) -> Any:
        """strength·√p at each position of a group of p positions; the strength itself for p = 1."""
        if self.of_position is None:
            return strength
        return strength * self._along(_sizes(self.of_position) ** 0.5, w)

    def value(self, w: Any, strength: Any) -> Any:
        """strength·Σ_g √p_g·‖w_g‖ of each member, (members,)."""
        import tensorflow as tf

        of_groups = strength * self.norms(w)
        if self.of_position is not None:
            # A group is counted at each of its positions: √p/n for n of them add up to √p.
            count = int(w.shape[self.axis])
            repeats = count // len(self.of_position)
            sizes = _sizes(self.of_position)
            of_groups *= self._along(sizes**0.5 / (sizes * repeats), w)
        return tf.reduce_sum(of_groups, [1, 2, 3])

    def rows(self, kernel: Array, strength: float) -> tuple[Array, Array]:
        """One kernel's weights by group, (groups, weights) with zeros after the shorter ones.

        And each group's strength·√p, (groups,).

        Args:
            kernel: (blocks, inputs, units), float64.
        """
        import numpy as np

        by_position = np.moveaxis(kernel, self.axis - 1, 0).reshape(kernel.shape[self.axis - 1], -1)
        if self.of_position is None:
            return by_position, np.full(len(by_position), strength)
        own = self._numbers(len(by_position))
        members = [by_position[own == number].ravel() for number in range(own.max() + 1)]
        rows = np.zeros((len(members), max(map(len, members))))
        for row, weights in zip(rows, members, strict=True):
            row[: len(weights)] = weights
        return rows, strength * np.sqrt(np.bincount(self.of_position))

    def _gathered(self, values: Any, reduce: Callable[..., Any]) -> Any:
        """Sums or maxima by position, then over the positions of each group."""
        import tensorflow as tf

        by_position = reduce(values, list(self.axes), keepdims=True)
        if self.of_position is None:
            return by_position
        shape = by_position.shape
        found = tf.reshape(by_position, [-1, shape[self.axis]])
        layout = _layout(self._numbers(shape[self.axis]))
        found = _in_order(found, layout.order)
        blocks = []
        for start, stop, size in layout.runs:
            block = found[:, start:stop]
            if size > 1:
                groups = tf.reshape(block, [-1, (stop - start) // size, size])
                whole = reduce(groups, 2, keepdims=True)
                block = tf.reshape(tf.broadcast_to(whole, tf.shape(groups)), tf.shape(block))
            blocks.append(block)
        found = _in_order(tf.concat(blocks, 1), layout.back)
        return tf.reshape(found, tf.shape(by_position))

    def _numbers(self, count: int) -> Array:
        """The number of each group by position of a kernel that has so many positions."""
        import numpy as np

        own = np.array(self.of_position, np.intp)
        if count % len(own):
            raise ValueError(f"a kernel of {count} positions has none for each of {len(own)}")
        return np.repeat(own, count // len(own))

    def _along(self, by_position: Array, w: Any) -> Any:
        """Numbers of positions as a tensor that broadcasts to weights, and of their type."""
        import numpy as np
        import tensorflow as tf

        count = int(w.shape[self.axis])
        repeated = np.repeat(by_position, count // len(by_position))
        shape = [1, 1, count, 1] if self.axis == 2 else [1, 1, 1, count]
        return tf.constant(repeated.reshape(shape), w.dtype)


@dataclass(frozen=True)
class _Layout:
    """Positions in an order in which groups of one size stand side by side.

    XLA adds them up as a block then, without a loop over positions as for scattered ones, nor a
    product of matrices, whose numbers a GPU rounds.

    Attributes:
        order, back: positions in that order, and the way back; None where that is theirs already.
        runs: where blocks begin and end, and how many positions each of their groups has.
    """

    order: tuple[int, ...] | None
    back: tuple[int, ...] | None
    runs: tuple[tuple[int, int, int], ...]


def _layout(own: Array) -> _Layout:
    """How to lay positions out, from the number of each one's group."""
    import numpy as np

    places = np.arange(len(own))
    sizes = np.bincount(own)[own]
    order = np.lexsort((places, own, sizes))
    cuts = [0, *(np.flatnonzero(np.diff(sizes[order])) + 1).tolist(), len(own)]
    runs = tuple((start, stop, int(sizes[order[start]])) for start, stop in pairwise(cuts))
    if (order == places).all():
        return _Layout(None, None, runs)
    return _Layout(tuple(order.tolist()), tuple(np.argsort(order).tolist()), runs)


def _in_order(values: Any, order: tuple[int, ...] | None) -> Any:
    import tensorflow as tf

    return values if order is None else tf.gather(values, list(order), axis=1)


def _sizes(of_position: tuple[int, ...]) -> Array:
    """How many positions each position's group has, float64."""
    import numpy as np

    own = np.array(of_position, np.intp)
    return np.bincount(own)[own].astype(np.float64)
