"""Accelerated proximal gradient steps for data loss + penalty.

FISTA (Beck, Teboulle 2009), restarted where momentum points away (O'Donoghue, Candès 2015). A step
needs one gradient, at the point to which momentum leads: how strongly the loss bends between the
last two such points tells whether the step was short enough, where FISTA's own search asks for the
loss at both of its ends. Models and data are what `Objective` hides.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import tensorflow as tf

_STOP, _PATIENCE = 1e-6, 300
"""Where steps end: at this share, or after so many that led nowhere, when rounding rules."""

_START_CURVATURE = 1.0
_EASE = 0.98
"""What is left of the curvature after a step, so that steps grow where the loss is flatter."""
_ABOVE, _LEAST, _MOST = 1.5, 2.0, 10.0
"""After a step that was too long: times the curvature that was found, and times the old one."""
_RISE, _ROUNDED = 1e-3, 1e-6
"""How far up momentum may lead above the lowest point, and how far up rounding alone does."""
_LAST_TRIES = 30


class Objective(Protocol):
    """What is to be minimised; weights are lists of tensors."""

    def loss_and_gradients(self, weights: Any) -> tuple[Any, Any]:
        """The data loss, a number, and its gradient by each weight."""

    def penalty(self, weights: Any) -> Any:
        """The penalty, a number."""

    def proximal_map(self, weights: Any, step: Any) -> Any:
        """The weights after the penalty's map, for gradient steps of this length."""

    def residual(self, weights: Any, gradients: Any) -> tuple[Any, Any]:
        """How far weights are from optimal, and the loss's strongest pull on a kernel's weight."""


class _Point(NamedTuple):
    """Weights that were accepted, and what is known there."""

    weights: Any
    gradients: Any
    value: Any


class _State(NamedTuple):
    """Between two steps.

    Attributes:
        point: the last one accepted.
        landed: where the proximal map had led before momentum went on to `point`.
        momentum: FISTA's t; 1 for none.
        curvature: one by the length of a step.
        lowest: the smallest value of all points.
        off: how far the last step had to go, as a gradient: 0 at an optimum.
        pull: the largest gradient, in magnitude.
        best: the smallest `off`.
        mark: the lowest value when a step last got nearer, and `waited` how many steps ago.
    """

    point: _Point
    landed: Any
    momentum: Any
    curvature: Any
    lowest: Any
    off: Any
    pull: Any
    best: Any
    mark: Any
    waited: Any


def descend(objective: Objective, start: Any, limit: Any) -> tuple[Any, Any, Any, Any]:
    """Take at most `limit` steps down from weights; the last one without momentum.

    Returns:
        The weights, with zeros where the proximal map has put them; their residual and the
        strongest pull, as `Objective.residual` has them; and the number of steps.
    """
    first = _point(objective, start)
    off, pull = objective.residual(first.weights, first.gradients)
    state = _State(
        point=first,
        landed=start,
        momentum=tf.constant(1.0),
        curvature=tf.constant(_START_CURVATURE),
        lowest=first.value,
        off=off,
        pull=pull,
        best=off,
        mark=first.value,
        waited=tf.constant(0),
    )

    def goes_on(step: Any, state: _State) -> Any:
        is_far = state.off > _STOP * state.pull
        return (step < limit - 1) & is_far & (state.waited < _PATIENCE)

    def go(step: Any, state: _State) -> tuple[Any, _State]:
        return step + 1, _step(objective, state)

    steps, state = tf.while_loop(goes_on, go, (tf.constant(0), state))
    end = _land(objective, state)
    return end.weights, *objective.residual(end.weights, end.gradients), steps + 1


def _step(objective: Objective, state: _State) -> _State:
    """One step, or, where it led up or was too long, what to try instead from the same point."""
    point, curvature = state.point, state.curvature
    landed = _mapped(objective, point, curvature)
    way, further = _minus(point.weights, landed), _minus(landed, state.landed)
    overshot = _dot(way, further) > 0
    grown = 0.5 * (1.0 + tf.sqrt(1.0 + 4.0 * tf.square(state.momentum)))
    ahead = tf.where(overshot, 0.0, (state.momentum - 1.0) / grown)
    new = _point(objective, [a + ahead * b for a, b in zip(landed, further, strict=True)])
    bend, is_short = _bend(point, new, curvature)
    has_risen = _is_above(new, state.lowest, _RISE)
    taken = is_short & ~has_risen
    lowest = tf.where(taken, tf.minimum(new.value, state.lowest), state.lowest)
    off = curvature * _largest(way)
    is_nearer = (off < 0.99 * state.best) | (lowest < state.mark - _ROUNDED * tf.abs(state.mark))
    return _State(
        point=_choose(taken, new, point),
        landed=_choose(taken, landed, state.landed),
        momentum=tf.where(overshot | has_risen, 1.0, tf.where(taken, grown, state.momentum)),
        curvature=tf.where(taken, _EASE, _raised(bend, is_short, ahead, curvature)) * curvature,
        lowest=lowest,
        off=off,
        pull=_largest(point.gradients),
        best=tf.minimum(off, state.best),
        mark=tf.where(is_nearer, lowest, state.mark),
        waited=tf.where(is_nearer, 0, state.waited + 1),
    )


def _raised(bend: Any, is_short: Any, ahead: Any, curvature: Any) -> Any:
    """By how much the curvature grows after a step that was not taken.

    A short one that rose had momentum, and is tried again without; without, it was too long.
    """
    found = tf.clip_by_value(_ABOVE * bend / curvature, _LEAST, _MOST)
    return tf.where(is_short, tf.where(ahead > 0.0, 1.0, _LEAST), found)


def _land(objective: Objective, state: _State) -> _Point:
    """The point that a step without momentum leads to, shorter and shorter until it is no rise."""
    start = state.point

    def goes_on(tries: Any, curvature: Any, end: _Point) -> Any:
        return (tries == 0) | ((tries < _LAST_TRIES) & _is_above(end, start.value, _ROUNDED))

    def go(tries: Any, curvature: Any, end: _Point) -> tuple[Any, Any, _Point]:
        end = _point(objective, _mapped(objective, start, curvature))
        return tries + 1, 2.0 * curvature, end

    given = (tf.constant(0), state.curvature / _EASE, start)
    _, _, end = tf.while_loop(goes_on, go, given)
    kept: _Point = _choose(_is_above(end, start.value, _ROUNDED), start, end)
    return kept


def _point(objective: Objective, weights: Any) -> _Point:
    loss, gradients = objective.loss_and_gradients(weights)
    return _Point(weights, gradients, loss + objective.penalty(weights))


def _mapped(objective: Objective, point: _Point, curvature: Any) -> Any:
    stepped = [w - g / curvature for w, g in zip(point.weights, point.gradients, strict=True)]
    return objective.proximal_map(stepped, 1.0 / curvature)


def _bend(old: _Point, new: _Point, curvature: Any) -> tuple[Any, Any]:
    """The loss's curvature between two points, and whether it is what the step counted on.

    Told by gradients: their difference is exact where the loss's own has been rounded away.
    """
    way = _minus(new.weights, old.weights)
    bend, length = _dot(way, _minus(new.gradients, old.gradients)), _dot(way, way)
    rounding = _STOP * _largest(old.gradients) * tf.sqrt(length)
    is_short = bend <= curvature * length * (1 + 1e-4) + rounding
    return tf.math.divide_no_nan(bend, length), is_short


def _is_above(point: _Point, value: Any, share: Any) -> Any:
    """Whether a point's value is above another by more than a share of it, or is no number."""
    return ~(point.value <= value + share * tf.abs(value))


def _minus(a: Sequence[Any], b: Sequence[Any]) -> list[Any]:
    return [x - y for x, y in zip(a, b, strict=True)]


def _dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    return tf.add_n([tf.reduce_sum(x * y) for x, y in zip(a, b, strict=True)])


def _largest(values: Sequence[Any]) -> Any:
    return tf.reduce_max([tf.reduce_max(tf.abs(value)) for value in values])


def _choose(condition: Any, first: Any, second: Any) -> Any:
    """One of two structures of tensors."""
    return tf.nest.map_structure(lambda a, b: tf.where(condition, a, b), first, second)
