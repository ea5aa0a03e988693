"""The sparse group penalty l1·Σ|w| + l2·Σw² + group·Σ_g √p_g·‖w_g‖: whole groups are set to 0.

A group is what one input feeds, or the p_g inputs that one column became together, or what feeds
one unit, where p_g is 1 (Friedman, Hastie, Tibshirani 2010). Without l1 it is the group lasso. The
factor √p_g is that of Yuan and Lin (2006, Model selection and estimation in regression with grouped
variables, Journal of the Royal Statistical Society B 68): of inputs that tell nothing, the gradient
of a group grows as √p_g, so that columns of many inputs are not favoured. TensorFlow's tensors
alone; the solvers' form for vectors of weights is `regcli.solvers.vector_penalty`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from regcli.penalties.arrays import Array, soft_threshold
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import L1, L2, Numbers, Parameter, Penalty, Shape, Sum
from regcli.penalties.weight_groups import WeightGroups

_NEWTON_STEPS = 24
"""Enough for steps that differ by a factor of 1e6 within a group; equal steps need one."""


class SparseGroups(Penalty):
    """l1·Σ|w| + l2·Σw² + group·Σ_g √p_g·‖w_g‖.

    Attributes:
        along: what a group is, as the config calls it.
        axis: of (members, blocks, inputs, units), whose positions tell groups apart.
        groups: which weights are a group.
    """

    title = "group penalty"
    parameters = (L1, L2, Parameter("group", key="group_strength", of_groups=True))
    without_a_name = ELASTIC_NET.without_a_name
    is_elementwise = False
    along: str
    axis: int

    def __init__(self, of_position: tuple[int, ...] | None = None) -> None:
        """Groups of single positions, or of those that share a number.

        Args:
            of_position: as of `WeightGroups`.
        """
        self.groups = WeightGroups(self.axis, of_position)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.groups == getattr(other, "groups", None)

    def __hash__(self) -> int:
        return hash((self.name, self.groups))

    def __repr__(self) -> str:
        of_position = self.groups.of_position
        return self.name if of_position is None else f"{self.name}{of_position}"

    def sums(self, numbers: Mapping[str, float]) -> Iterator[Sum]:
        """l1·Σ|W| + l2·ΣW²; `group_term` is the other one."""
        yield from ELASTIC_NET.sums(numbers)

    def group_term(self, numbers: Mapping[str, float], kernel: str) -> str:
        """The term of the groups of a kernel, `0.5·Σ‖W_g‖ over the inputs of dense/kernel`."""
        return f"{numbers['group']:g}·Σ‖W_g‖ over the {self.along} of {kernel}"

    def value(self, w: Array, numbers: Numbers) -> Array:
        """See `Penalty`."""
        return ELASTIC_NET.value(w, numbers) + self.groups.value(w, numbers["group"])

    def value_and_slope(self, kernel: Array, numbers: Numbers, shape: Shape) -> tuple[Array, Array]:
        """See `Penalty`; the slope of ‖w_g‖ is w/‖w_g‖, and 0 for a group that is zero."""
        import tensorflow as tf

        value, slope = ELASTIC_NET.value_and_slope(kernel, numbers, shape)
        w = tf.reshape(kernel, [-1, *shape])
        strength = tf.reshape(numbers["group"], [-1, 1, 1, 1])
        direction = tf.math.divide_no_nan(w, self.groups.norms(w))
        of_groups = self.groups.weighted(strength, w) * direction
        by_group = self.groups.value(w, strength)[:, tf.newaxis]
        return value + by_group, slope + tf.reshape(of_groups, kernel.shape)

    def proximal_map(self, u: Array, step: Array, numbers: Numbers) -> Array:
        """The group's map of the thresholded point, with the squares as damping.

        So Friedman, Hastie and Tibshirani (2010), in a diagonal metric.
        """
        damping = 1.0 + 2.0 * step * numbers["l2"]
        thresholded = soft_threshold(u, step * numbers["l1"])
        strength = self.groups.weighted(numbers["group"], u)
        return group_map(thresholded, step, damping, strength, self.groups)

    def residual(self, w: Array, gradient: Array, numbers: Numbers) -> Array:
        """As of the elastic net, plus group·√p_g·w/‖w_g‖.

        For a group that is zero as a whole it is max(‖S(g, l1)‖ − group·√p_g, 0), the group's own,
        for each of its weights.
        """
        import tensorflow as tf

        l1, strength = numbers["l1"], self.groups.weighted(numbers["group"], w)
        norm = self.groups.norms(w)
        pull = gradient + 2.0 * numbers["l2"] * w
        pull += strength * tf.math.divide_no_nan(w, norm)
        moved = tf.abs(pull + l1 * tf.sign(w))
        single = tf.where(w != 0, moved, tf.maximum(tf.abs(pull) - l1, 0.0))
        free = self.groups.norms(soft_threshold(gradient, l1))
        return tf.where(norm > 0, single, tf.maximum(free - strength, 0.0) * tf.ones_like(w))

    def hold(self, w: Array, numbers: Numbers) -> Array:
        """l1 + 2·l2·|w| + group·√p_g·|w|/‖w_g‖, and l1 + group·√p_g in a group that is zero."""
        import tensorflow as tf

        norm = self.groups.norms(w)
        share = tf.where(norm > 0, tf.math.divide_no_nan(tf.abs(w), norm), tf.ones_like(w))
        strength = self.groups.weighted(numbers["group"], w)
        return ELASTIC_NET.hold(w, numbers) + strength * share

    def largest_l1(self, gradient: Array, numbers: Mapping[str, float]) -> float:
        """The smallest l1 from which ‖S(g, l1)‖ ≤ group·√p_g for every group's gradient g."""
        return smallest_threshold(*self.groups.rows(gradient, numbers["group"]))

    def as_elastic_net(self, numbers: Mapping[str, float]) -> tuple[float, float] | None:
        """Its l1 and l2 where groups have no strength."""
        return None if numbers["group"] else ELASTIC_NET.as_elastic_net(numbers)


class InputGroups(SparseGroups):
    """Groups of what one input feeds, or the inputs that share a number."""

    name, along, axis = "groups_of_inputs", "inputs", 2

    @property
    def words(self) -> tuple[str, ...]:
        """See `Penalty`."""
        if self.groups.of_position is None:
            return (
                *ELASTIC_NET.words,
                "The penalty also has group_strength times the length ‖W_g‖ = √ΣW² of each input's "
                "weights in the first kernel: whole inputs are dropped.",
            )
        return (
            *ELASTIC_NET.words,
            "The penalty also has group_strength times √p_g·‖W_g‖ of each column g of the data: "
            "p_g is the number of inputs that it became, and ‖W_g‖ = √ΣW² the length of all their "
            "weights in the first kernel. Whole columns are dropped.",
        )

    def group_term(self, numbers: Mapping[str, float], kernel: str) -> str:
        """As of groups of single inputs, or `0.5·Σ√p_g·‖W_g‖ over the columns of dense/kernel`."""
        if self.groups.of_position is None:
            return super().group_term(numbers, kernel)
        return f"{numbers['group']:g}·Σ√p_g·‖W_g‖ over the columns of {kernel}"

    @property
    def transposed(self) -> Penalty:
        """See `Penalty`."""
        return UnitGroups(self.groups.of_position)


class UnitGroups(SparseGroups):
    """Groups of what feeds one unit."""

    name, along, axis = "groups_of_units", "units", 3
    words = (
        *ELASTIC_NET.words,
        "The penalty also has group_strength times the length ‖W_g‖ = √ΣW² of the weights "
        "into each hidden unit: whole units are dropped.",
    )

    @property
    def transposed(self) -> Penalty:
        """See `Penalty`."""
        return InputGroups(self.groups.of_position)


INPUT_GROUPS, UNIT_GROUPS = InputGroups(), UnitGroups()


def group_map(u: Any, step: Any, damping: Any, strength: Any, groups: WeightGroups) -> Any:
    """The w that minimises Σ_j (c_j·w_j − u_j)²/(2·c_j·d_j) + Σ_g strength_g·‖w_g‖.

    A group is zero if ‖u/d‖ ≤ strength; else w_j = u_j·s/(c_j·s + d_j·strength), where s = ‖w‖
    solves φ(s) = Σ(u_j/(c_j·s + d_j·strength))² = 1 (Deleu, Bengio 2021). Newton's method on
    φ(s)^(−½) = 1, which is concave and rising, climbs to the root from below without passing it.
    Nothing is divided by a step, which is 0 where a learning rate is: such weights stay as they
    are, but for the damping.

    Args:
        u, step: (members, blocks, inputs, units).
        damping: c = 1 + 2·d·l2, 1 or more.
        strength: (members, 1, 1, 1), or a number; of groups that have unlike ones, one at each
            position, with the groups' `axes` at length 1.
    """
    import tensorflow as tf

    held = step * strength
    # What no step has moved away from zero must not be 0/0.
    pull = tf.where(u != 0, u / step, tf.zeros_like(u))
    is_zero = tf.sqrt(groups.total(tf.square(pull))) <= strength

    def climb(number: Any, length: Any) -> tuple[Any, Any]:
        below = damping * length + held
        share = tf.math.divide_no_nan(u, below)
        phi = tf.maximum(groups.total(tf.square(share)), 1e-30)
        slope = groups.total(tf.square(share) * tf.math.divide_no_nan(damping, below))
        length += tf.math.divide_no_nan(phi * (tf.sqrt(phi) - 1.0), slope)
        return number + 1, tf.maximum(length, 0.0)

    # A weight alone is shorter than its group, and where it does not move there is no start at 0.
    alone = (tf.abs(u) - held) / damping
    lowest = tf.maximum(groups.largest(alone), 0.0)
    # A loop that TensorFlow sees is compiled once rather than step by step.
    start = (tf.constant(0), lowest)
    _, length = tf.while_loop(lambda number, _: number < _NEWTON_STEPS, climb, start)
    shrunk = u * tf.math.divide_no_nan(length, damping * length + held)
    shrunk = tf.where(strength > tf.zeros_like(lowest), shrunk, u / damping)
    return tf.where(is_zero & (strength > tf.zeros_like(lowest)), tf.zeros_like(u), shrunk)


def smallest_threshold(gradients: Array, strengths: Array | float) -> float:
    """The smallest l1 from which ‖S(g, l1)‖ ≤ strength for every group's gradient g.

    Where the k largest |g_j| of a group are above l1, Σ(|g_j| − l1)² = strength² is a quadratic in
    l1, whose lower root is mean − √((strength² − Σ(|g_j| − mean)²)/k) over those k. They are as
    many as leave no more than the strength once all are lowered by the least of them. Without a
    strength the answer is the largest |g_j|.

    Args:
        gradients: (groups, weights), float64; zeros change nothing.
        strengths: of each group, (groups,), or a number for all.
    """
    import numpy as np

    strengths = np.broadcast_to(strengths, len(gradients))
    strength = strengths[:, np.newaxis]
    falling = -np.sort(-np.abs(gradients), axis=1)
    counts = np.arange(1, falling.shape[1] + 1)
    sums, squares = np.cumsum(falling, 1), np.cumsum(falling**2, 1)
    lowered = squares - 2 * falling * sums + counts * falling**2
    k = np.maximum((lowered <= strength**2).sum(1), 1)
    mean = sums[range(len(k)), k - 1] / k
    above = np.where(counts <= k[:, np.newaxis], falling - mean[:, np.newaxis], 0.0)
    room = np.maximum(strengths**2 - (above**2).sum(1), 0.0)
    roots = mean - np.sqrt(room / k)
    return float(roots.max(initial=0.0))
