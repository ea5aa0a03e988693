"""Proximal maps in a diagonal metric, and how far from optimal a point is.

The map of a penalty P at u is the w that minimises Σ_j (w_j − u_j)²/(2·d_j) + P(w), where d_j is
the length of the gradient step that led to u_j. Every function takes tensors and works for one
model and for stacked ones alike:

    u, step, gradient: (members, blocks, inputs, units); a Dense kernel has one block.
    l1, l2, group: (members, 1, 1, 1), or numbers.
    axes: those that a group's weights lie along: (1, 3) for inputs, (1, 2) for units.
"""

from typing import Any

import tensorflow as tf

_NEWTON_STEPS = 24
"""Enough for steps that differ by a factor of 1e6 within a group; equal steps need one."""

Axes = tuple[int, ...]


def soft_threshold(u: Any, threshold: Any) -> Any:
    """S(u, t) = sign(u)·max(|u| − t, 0), the map of t·Σ|w|."""
    return tf.sign(u) * tf.maximum(tf.abs(u) - threshold, 0.0)


def elementwise_map(u: Any, step: Any, l1: Any, l2: Any) -> Any:
    """The map of l1·Σ|w| + l2·Σw²: S(u, d·l1)/(1 + 2·d·l2)."""
    return soft_threshold(u, step * l1) / (1.0 + 2.0 * step * l2)


def sparse_group_map(u: Any, step: Any, l1: Any, l2: Any, group: Any, axes: Axes) -> Any:
    """The map of l1·Σ|w| + l2·Σw² + group·Σ_g‖w_g‖.

    It is the group's map of the thresholded point (Friedman, Hastie, Tibshirani 2010, in a diagonal
    metric), with the squares as damping.
    """
    return group_map(soft_threshold(u, step * l1), step, 1.0 + 2.0 * step * l2, group, axes)


def group_map(u: Any, step: Any, damping: Any, strength: Any, axes: Axes) -> Any:
    """The w that minimises Σ_j (c_j·w_j − u_j)²/(2·c_j·d_j) + strength·Σ_g‖w_g‖.

    A group is zero if ‖u/d‖ ≤ strength; else w_j = u_j·s/(c_j·s + d_j·strength), where s = ‖w‖
    solves φ(s) = Σ(u_j/(c_j·s + d_j·strength))² = 1 (Deleu, Bengio 2021). Newton's method on
    φ(s)^(−½) = 1, which is concave and rising, climbs to the root from below without passing it.
    Nothing is divided by a step, which is 0 where a learning rate is: such weights stay as they
    are, but for the damping.

    Args:
        damping: c = 1 + 2·d·l2, 1 or more.
    """
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


def residual(w: Any, gradient: Any, l1: Any, l2: Any, group: Any = 0.0, axes: Axes = ()) -> Any:
    """How far each weight is from the optimality (KKT) conditions; 0 everywhere at an optimum.

    The distance from 0 to the subdifferential of data loss + penalty: |g + l1·sign(w) + 2·l2·w +
    group·w/‖w_g‖| for a weight that is not 0, max(|g| − l1, 0) for one that is, and for a group
    that is zero as a whole max(‖S(g, l1)‖ − group, 0), spread over its weights.

    Args:
        gradient: of the data loss.
    """
    pull = gradient + 2.0 * l2 * w
    if axes:
        norm = group_norms(w, axes)
        pull += group * tf.math.divide_no_nan(w, norm)
    moved = tf.abs(pull + l1 * tf.sign(w))
    resting = tf.maximum(tf.abs(pull) - l1, 0.0)
    single = tf.where(w != 0, moved, resting)
    if not axes:
        return single
    free = group_norms(soft_threshold(gradient, l1), axes)
    return tf.where(norm > 0, single, tf.maximum(free - group, 0.0) * tf.ones_like(w))


def hold(w: Any, l1: Any, l2: Any, group: Any = 0.0, axes: Axes = ()) -> Any:
    """The penalty's slope by each weight, in magnitude, and at a corner its steepest.

    l1 + 2·l2·|w| + group·|w|/‖w_g‖, and l1 + group in a group that is zero: what a gradient of the
    data loss has to match, in the weight's own units.
    """
    held = l1 + 2.0 * l2 * tf.abs(w)
    if not axes:
        return held
    norm = group_norms(w, axes)
    share = tf.where(norm > 0, tf.math.divide_no_nan(tf.abs(w), norm), tf.ones_like(w))
    return held + group * share


def value(w: Any, l1: Any, l2: Any, group: Any = 0.0, axes: Axes = ()) -> Any:
    """l1·Σ|w| + l2·Σw² + group·Σ_g‖w_g‖ of each member, (members,)."""
    total = tf.reduce_sum(l1 * tf.abs(w) + l2 * tf.square(w), [1, 2, 3])
    if not axes:
        return total
    return total + group_value(w, group, axes)


def group_value(w: Any, group: Any, axes: Axes) -> Any:
    """group·Σ_g‖w_g‖ of each member, (members,)."""
    return tf.reduce_sum(group * group_norms(w, axes), [1, 2, 3])


def group_norms(w: Any, axes: Axes) -> Any:
    """‖w_g‖ of each group, with the axes kept at length 1; its gradient is 0 where a group is."""
    total = _sum(tf.square(w), axes)
    # The gradient of a square root at 0 is infinite, and would be so in the branch not taken.
    safe = tf.where(total > 0, total, tf.ones_like(total))
    return tf.where(total > 0, tf.sqrt(safe), tf.zeros_like(total))


def _sum(values: Any, axes: Axes) -> Any:
    return tf.reduce_sum(values, list(axes), keepdims=True)
