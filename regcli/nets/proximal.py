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

    Completing the square takes l2 into the metric, h = 1/d + 2·l2, and the group's map of the
    thresholded point is that of the sum (Friedman, Hastie, Tibshirani 2010, in a diagonal metric).
    """
    metric = 1.0 / step + 2.0 * l2
    thresholded = soft_threshold(u / (step * metric), l1 / metric)
    return group_map(thresholded, metric, group, axes)


def group_map(u: Any, metric: Any, strength: Any, axes: Axes) -> Any:
    """The map of strength·Σ_g‖w_g‖ in the metric h (Deleu, Bengio 2021).

    A group is zero if ‖h∘u‖ ≤ strength; else w_j = h_j·u_j·s/(h_j·s + strength), where s = ‖w‖
    solves φ(s) = Σ(h_j·u_j/(h_j·s + strength))² = 1. Newton's method on φ(s)^(−½) = 1, which is
    concave and rising, climbs to the root from s = 0 without passing it.
    """
    pull = metric * u
    total = _sum(tf.square(pull), axes)
    is_zero = tf.sqrt(total) <= strength
    # A group without strength, or that is zero, takes part with harmless numbers.
    safe = tf.where(is_zero, tf.ones_like(total), total)

    def climb(step: Any, length: Any) -> tuple[Any, Any]:
        below = metric * length + strength
        share = tf.math.divide_no_nan(pull, below)
        phi = tf.maximum(_sum(tf.square(share), axes), 1e-30)
        slope = _sum(tf.square(share) * tf.math.divide_no_nan(metric, below), axes)
        length += tf.math.divide_no_nan(phi * (tf.sqrt(phi) - 1.0), slope)
        return step + 1, tf.maximum(length, 0.0)

    # A loop that TensorFlow sees is compiled once rather than step by step.
    start = (tf.constant(0), tf.zeros_like(safe))
    _, length = tf.while_loop(lambda step, _: step < _NEWTON_STEPS, climb, start)
    shrunk = pull * tf.math.divide_no_nan(length, metric * length + strength)
    shrunk = tf.where(strength > tf.zeros_like(safe), shrunk, u)
    return tf.where(is_zero & (strength > tf.zeros_like(safe)), tf.zeros_like(u), shrunk)


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
        norm = tf.sqrt(_sum(tf.square(w), axes))
        pull += group * tf.math.divide_no_nan(w, norm)
    moved = tf.abs(pull + l1 * tf.sign(w))
    resting = tf.maximum(tf.abs(pull) - l1, 0.0)
    single = tf.where(w != 0, moved, resting)
    if not axes:
        return single
    free = tf.sqrt(_sum(tf.square(soft_threshold(gradient, l1)), axes))
    return tf.where(norm > 0, single, tf.maximum(free - group, 0.0) * tf.ones_like(w))


def value(w: Any, l1: Any, l2: Any, group: Any = 0.0, axes: Axes = ()) -> Any:
    """l1·Σ|w| + l2·Σw² + group·Σ_g‖w_g‖ of each member, (members,)."""
    total = tf.reduce_sum(l1 * tf.abs(w) + l2 * tf.square(w), [1, 2, 3])
    if not axes:
        return total
    norms = tf.sqrt(_sum(tf.square(w), axes))
    return total + tf.reduce_sum(group * norms, [1, 2, 3])


def _sum(values: Any, axes: Axes) -> Any:
    return tf.reduce_sum(values, list(axes), keepdims=True)
