"""The sparse group penalty l1·Σ|w| + l2·Σw² + group·Σ_g‖w_g‖, which sets whole groups to 0.

A group is what one input column feeds, or what feeds one unit (Friedman, Hastie, Tibshirani 2010);
without l1 it is the group lasso. TensorFlow's tensors alone; the solvers' form for vectors of
weights is `regcli.solvers.vector_penalty`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from regcli.penalties.arrays import Array, soft_threshold
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import L1, L2, Numbers, Parameter, Penalty, Shape, Sum

Axes = tuple[int, int]
"""Axes of (members, blocks, inputs, units) that a group's weights lie along."""

_NEWTON_STEPS = 24
"""Enough for steps that differ by a factor of 1e6 within a group; equal steps need one."""


class SparseGroups(Penalty):
    """l1·Σ|w| + l2·Σw² + group·Σ_g‖w_g‖.

    Attributes:
        axes: of a group's weights.
        along: what a group is, as the config calls it.
        across: the axis of (blocks, inputs, units) that tells groups apart.
    """

    title = "group penalty"
    parameters = (L1, L2, Parameter("group", key="group_strength", of_groups=True))
    without_a_name = ELASTIC_NET.without_a_name
    is_elementwise = False
    axes: Axes
    along: str
    across: int

    def sums(self, numbers: Mapping[str, float]) -> Iterator[Sum]:
        """l1·Σ|W| + l2·ΣW²; `group_term` is the other one."""
        yield from ELASTIC_NET.sums(numbers)

    def group_term(self, numbers: Mapping[str, float], kernel: str) -> str:
        """The term of the groups of a kernel, `0.5·Σ‖W_g‖ over the inputs of dense/kernel`."""
        return f"{numbers['group']:g}·Σ‖W_g‖ over the {self.along} of {kernel}"

    def value(self, w: Array, numbers: Numbers) -> Array:
        """See `Penalty`."""
        return ELASTIC_NET.value(w, numbers) + group_value(w, numbers["group"], self.axes)

    def value_and_slope(self, kernel: Array, numbers: Numbers, shape: Shape) -> tuple[Array, Array]:
        """See `Penalty`; the slope of ‖w_g‖ is w/‖w_g‖, and 0 for a group that is zero."""
        import tensorflow as tf

        value, slope = ELASTIC_NET.value_and_slope(kernel, numbers, shape)
        w = tf.reshape(kernel, [-1, *shape])
        strength = tf.reshape(numbers["group"], [-1, 1, 1, 1])
        of_groups = strength * tf.math.divide_no_nan(w, group_norms(w, self.axes))
        by_group = group_value(w, strength, self.axes)[:, tf.newaxis]
        return value + by_group, slope + tf.reshape(of_groups, kernel.shape)

    def proximal_map(self, u: Array, step: Array, numbers: Numbers) -> Array:
        """The group's map of the thresholded point, with the squares as damping.

        So Friedman, Hastie and Tibshirani (2010), in a diagonal metric.
        """
        damping = 1.0 + 2.0 * step * numbers["l2"]
        thresholded = soft_threshold(u, step * numbers["l1"])
        return group_map(thresholded, step, damping, numbers["group"], self.axes)

    def residual(self, w: Array, gradient: Array, numbers: Numbers) -> Array:
        """As of the elastic net, plus group·w/‖w_g‖.

        For a group that is zero as a whole it is max(‖S(g, l1)‖ − group, 0), the group's own, for
        each of its weights.
        """
        import tensorflow as tf

        l1, group = numbers["l1"], numbers["group"]
        norm = group_norms(w, self.axes)
        pull = gradient + 2.0 * numbers["l2"] * w
        pull += group * tf.math.divide_no_nan(w, norm)
        moved = tf.abs(pull + l1 * tf.sign(w))
        single = tf.where(w != 0, moved, tf.maximum(tf.abs(pull) - l1, 0.0))
        free = group_norms(soft_threshold(gradient, l1), self.axes)
        return tf.where(norm > 0, single, tf.maximum(free - group, 0.0) * tf.ones_like(w))

    def hold(self, w: Array, numbers: Numbers) -> Array:
        """l1 + 2·l2·|w| + group·|w|/‖w_g‖, and l1 + group in a group that is zero."""
        import tensorflow as tf

        norm = group_norms(w, self.axes)
        share = tf.where(norm > 0, tf.math.divide_no_nan(tf.abs(w), norm), tf.ones_like(w))
        return ELASTIC_NET.hold(w, numbers) + numbers["group"] * share

    def largest_l1(self, gradient: Array, numbers: Mapping[str, float]) -> float:
        """The smallest l1 from which ‖S(g, l1)‖ ≤ group for every group's gradient g."""
        import numpy as np

        groups = np.moveaxis(gradient, self.across, 0).reshape(gradient.shape[self.across], -1)
        return smallest_threshold(groups, numbers["group"])

    def as_elastic_net(self, numbers: Mapping[str, float]) -> tuple[float, float] | None:
        """Its l1 and l2 where groups have no strength."""
        return None if numbers["group"] else ELASTIC_NET.as_elastic_net(numbers)


class InputGroups(SparseGroups):
    """Groups of what one input feeds."""

    name, along, axes, across = "groups_of_inputs", "inputs", (1, 3), 1
    words = (
        *ELASTIC_NET.words,
        "The penalty also has group_strength times the length ‖W_g‖ = √ΣW² of each input's "
        "weights in the first kernel: whole inputs are dropped.",
    )

    @property
    def transposed(self) -> Penalty:
        """See `Penalty`."""
        return UNIT_GROUPS


class UnitGroups(SparseGroups):
    """Groups of what feeds one unit."""

    name, along, axes, across = "groups_of_units", "units", (1, 2), 2
    words = (
        *ELASTIC_NET.words,
        "The penalty also has group_strength times the length ‖W_g‖ = √ΣW² of the weights "
        "into each hidden unit: whole units are dropped.",
    )

    @property
    def transposed(self) -> Penalty:
        """See `Penalty`."""
        return INPUT_GROUPS


INPUT_GROUPS, UNIT_GROUPS = InputGroups(), UnitGroups()


def group_map(u: Any, step: Any, damping: Any, strength: Any, axes: Axes) -> Any:
    """The w that minimises Σ_j (c_j·w_j − u_j)²/(2·c_j·d_j) + strength·Σ_g‖w_g‖.

    A group is zero if ‖u/d‖ ≤ strength; else w_j = u_j·s/(c_j·s + d_j·strength), where s = ‖w‖
    solves φ(s) = Σ(u_j/(c_j·s + d_j·strength))² = 1 (Deleu, Bengio 2021). Newton's method on
    φ(s)^(−½) = 1, which is concave and rising, climbs to the root from below without passing it.
    Nothing is divided by a step, which is 0 where a learning rate is: such weights stay as they
    are, but for the damping.

    Args:
        u, step: (members, blocks, inputs, units).
        damping: c = 1 + 2·d·l2, 1 or more.
        strength: (members, 1, 1, 1), or a number.
    """
    import tensorflow as tf

    held = step * strength
    # What no step has moved away from zero must not be 0/0.
    pull = tf.where(u != 0, u / step, tf.zeros_like(u))
    is_zero = tf.sqrt(_sum(tf.square(pull), axes)) <= strength

    def climb(number: Any, length: Any) -> tuple[Any, Any]:
        below = damping * length + held
        share = tf.math.divide_no_nan(u, below)
        phi = tf.maximum(_sum(tf.square(share), axes), 1e-30)
        slope = _sum(tf.square(share) * tf.math.divide_no_nan(damping, below), axes)
        length += tf.math.divide_no_nan(phi * (tf.sqrt(phi) - 1.0), slope)
        return number + 1, tf.maximum(length, 0.0)

    # A weight alone is shorter than its group, and where it does not move there is no start at 0.
    alone = (tf.abs(u) - held) / damping
    lowest = tf.maximum(tf.reduce_max(alone, list(axes), keepdims=True), 0.0)
    # A loop that TensorFlow sees is compiled once rather than step by step.
    start = (tf.constant(0), lowest)
    _, length = tf.while_loop(lambda number, _: number < _NEWTON_STEPS, climb, start)
    shrunk = u * tf.math.divide_no_nan(length, damping * length + held)
    shrunk = tf.where(strength > tf.zeros_like(lowest), shrunk, u / damping)
    return tf.where(is_zero & (strength > tf.zeros_like(lowest)), tf.zeros_like(u), shrunk)


def group_value(w: Any, strength: Any, axes: Axes) -> Any:
    """strength·Σ_g‖w_g‖ of each member, (members,)."""
    import tensorflow as tf

    return tf.reduce_sum(strength * group_norms(w, axes), [1, 2, 3])


def group_norms(w: Any, axes: Axes) -> Any:
    """‖w_g‖ of each group, with the axes kept at length 1; its gradient is 0 where a group is."""
    import tensorflow as tf

    total = _sum(tf.square(w), axes)
    # The gradient of a square root at 0 is infinite, and would be so in the branch not taken.
    safe = tf.where(total > 0, total, tf.ones_like(total))
    return tf.where(total > 0, tf.sqrt(safe), tf.zeros_like(total))


def _sum(values: Any, axes: Axes) -> Any:
    import tensorflow as tf

    return tf.reduce_sum(values, list(axes), keepdims=True)


def smallest_threshold(gradients: Array, strength: float) -> float:
    """The smallest l1 from which ‖S(g, l1)‖ ≤ strength for every group's gradient g.

    Where the k largest |g_j| of a group are above l1, Σ(|g_j| − l1)² = strength² is a quadratic in
    l1, whose lower root is mean − √((strength² − Σ(|g_j| − mean)²)/k) over those k. They are as
    many as leave no more than the strength once all are lowered by the least of them. Without a
    strength the answer is the largest |g_j|.

    Args:
        gradients: (groups, weights), float64.
    """
    import numpy as np

    falling = -np.sort(-np.abs(gradients), axis=1)
    counts = np.arange(1, falling.shape[1] + 1)
    sums, squares = np.cumsum(falling, 1), np.cumsum(falling**2, 1)
    lowered = squares - 2 * falling * sums + counts * falling**2
    k = np.maximum((lowered <= strength**2).sum(1), 1)
    mean = sums[range(len(k)), k - 1] / k
    above = np.where(counts <= k[:, np.newaxis], falling - mean[:, np.newaxis], 0.0)
    room = np.maximum(strength**2 - (above**2).sum(1), 0.0)
    roots = mean - np.sqrt(room / k)
    return float(roots.max(initial=0.0))
