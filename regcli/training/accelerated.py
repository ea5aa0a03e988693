"""Accelerated proximal gradient steps for data loss + penalty.

FISTA (Beck, Teboulle 2009), restarted where momentum points away (O'Donoghue, Candès 2015). A step
needs one gradient, at the point to which momentum leads: how strongly the loss bends between the
last two such points tells whether the step was short enough, where FISTA's own search asks for the
loss at both of its ends. Models and data are what `Objective` hides; all weights are one vector.
"""

from typing import NamedTuple, Protocol

import tensorflow as tf

from regcli.stacked.tensors import Tensor

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
    """What is to be minimised over weights (n,)."""

    def loss_and_gradient(self, weights: Tensor) -> tuple[Tensor, Tensor]:
        """The data loss, a number, and its gradient, (n,)."""

    def penalty(self, weights: Tensor) -> Tensor:
        """The penalty, a number."""

    def proximal_map(self, weights: Tensor, step: Tensor) -> Tensor:
        """The weights after the penalty's map, for gradient steps of this length."""


class Point(NamedTuple):
    """Weights and the gradient of the data loss there, (n,), and data loss + penalty."""

    weights: Tensor
    gradient: Tensor
    value: Tensor


class _Trial(NamedTuple):
    """Where a step leads, if it is taken.

    Attributes:
        landed: where the proximal map leads.
        ahead: how far momentum continues from there, as a share of the way since the last landing.
        weights: the end of both.
        overshot: whether momentum pointed away from where the map leads; then there is none.
        off: how far the map led, as a gradient: 0 at an optimum.
    """

    landed: Tensor
    ahead: Tensor
    weights: Tensor
    overshot: Tensor
    off: Tensor


class _Pace(NamedTuple):
    """FISTA's t, 1 for no momentum; and the curvature, one by the length of a step."""

    momentum: Tensor
    curvature: Tensor


class _Progress(NamedTuple):
    """How it goes: the lowest value, the smallest `off`, and when there was an end in sight.

    Attributes:
        mark: the lowest value when a step last got nearer, and `waited` how many steps ago.
    """

    lowest: Tensor
    best: Tensor
    mark: Tensor
    waited: Tensor


class _State(NamedTuple):
    """Between two steps.

    Attributes:
        point: the last one taken.
        landed: where the proximal map had led before momentum went on to `point`.
        trial: what to look at next.
        tries: how often the last step, which has no momentum, was planned; 0 before it.
        done: whether it was taken, or given up.
    """

    point: Point
    landed: Tensor
    trial: _Trial
    pace: _Pace
    progress: _Progress
    tries: Tensor
    done: Tensor


def descend(objective: Objective, start: Tensor, limit: Tensor) -> tuple[Point, Tensor]:
    """Take at most `limit` steps down from weights (n,); the last one without momentum.

    Returns:
        The end, its weights with zeros where the proximal map has put them; the number of steps.
    """

    def go(looked: Tensor, state: _State) -> tuple[Tensor, _State]:
        return looked + 1, _step(objective, looked, limit, state)

    # The start is looked at as if a step had led there: so the loop holds the only gradient, and
    # there is less to compile.
    looked, state = tf.while_loop(
        lambda _, state: ~state.done, go, (tf.constant(0), _before_the_start(start))
    )
    return state.point, looked + 1 - state.tries


def _before_the_start(start: Tensor) -> _State:
    none, huge = tf.constant(0.0), tf.constant(tf.float32.max)
    return _State(
        point=Point(start, tf.zeros_like(start), huge),
        landed=start,
        trial=_Trial(start, none, start, tf.constant(False), huge),
        pace=_Pace(tf.constant(1.0), tf.constant(_START_CURVATURE / _EASE)),
        progress=_Progress(huge, huge, huge, tf.constant(0)),
        tries=tf.constant(0),
        done=tf.constant(False),
    )


def _step(objective: Objective, looked: Tensor, limit: Tensor, state: _State) -> _State:
    """Look at the trial, take it or not, and plan the next one."""
    loss, gradient = objective.loss_and_gradient(state.trial.weights)
    new = Point(state.trial.weights, gradient, loss + objective.penalty(state.trial.weights))
    is_start, is_last = looked == 0, state.tries > 0
    taken, pace = _judged(new, state, is_start, is_last)
    point = _choose(taken, new, state.point)
    landed = tf.where(taken, state.trial.landed, state.landed)
    trial = _planned(objective, point, landed, pace)
    progress = _after(trial, point, state.progress)
    is_there = trial.off <= _STOP * tf.reduce_max(tf.abs(point.gradient))
    ends = is_last | is_there | (looked >= limit - 1) | (progress.waited >= _PATIENCE)
    return _State(
        point=point,
        landed=landed,
        trial=trial._replace(weights=tf.where(ends, trial.landed, trial.weights)),
        pace=pace,
        progress=progress,
        tries=tf.where(ends, state.tries + 1, 0),
        done=is_last & (taken | (state.tries >= _LAST_TRIES)),
    )


def _judged(new: Point, state: _State, is_start: Tensor, is_last: Tensor) -> tuple[Tensor, _Pace]:
    """Whether the trial is accepted, and how to continue."""
    old, trial, (momentum, curvature) = state.point, state.trial, state.pace
    bend, is_short = _bend(old, new, curvature)
    has_risen = tf.where(
        is_last, _is_above(new, old.value, _ROUNDED), _is_above(new, state.progress.lowest, _RISE)
    )
    taken = is_start | ((is_short | is_last) & ~has_risen)
    grown = tf.where(taken & ~is_start, _grown(momentum), momentum)
    # A short step that rose had momentum, and is tried again without; without, it was too long.
    raised = tf.where(
        is_short,
        tf.where(trial.ahead > 0.0, 1.0, _LEAST),
        tf.clip_by_value(_ABOVE * bend / curvature, _LEAST, _MOST),
    )
    return taken, _Pace(
        momentum=tf.where(trial.overshot | has_risen, 1.0, grown),
        curvature=tf.where(taken, _EASE, raised) * curvature,
    )


def _planned(objective: Objective, point: Point, landed: Tensor, pace: _Pace) -> _Trial:
    """Where the proximal map leads from a point, and momentum from there."""
    stepped = point.weights - point.gradient / pace.curvature
    new = objective.proximal_map(stepped, 1.0 / pace.curvature)
    way, further = point.weights - new, new - landed
    overshot = _dot(way, further) > 0
    ahead = tf.where(overshot, 0.0, (pace.momentum - 1.0) / _grown(pace.momentum))
    off = pace.curvature * tf.reduce_max(tf.abs(way))
    return _Trial(new, ahead, new + ahead * further, overshot, off)


def _after(trial: _Trial, point: Point, before: _Progress) -> _Progress:
    lowest = tf.minimum(point.value, before.lowest)
    is_lower = lowest < before.mark - _ROUNDED * tf.abs(before.mark)
    is_nearer = is_lower | (trial.off < 0.99 * before.best)
    return _Progress(
        lowest=lowest,
        best=tf.minimum(trial.off, before.best),
        mark=tf.where(is_nearer, lowest, before.mark),
        waited=tf.where(is_nearer, 0, before.waited + 1),
    )


def _bend(old: Point, new: Point, curvature: Tensor) -> tuple[Tensor, Tensor]:
    """The loss's curvature between two points, and whether it is what the step counted on.

    Told by gradients: their difference is exact where the loss's own has been rounded away.
    """
    way = new.weights - old.weights
    bend, length = _dot(way, new.gradient - old.gradient), _dot(way, way)
    rounding = _STOP * tf.reduce_max(tf.abs(old.gradient)) * tf.sqrt(length)
    is_short = bend <= curvature * length * (1 + 1e-4) + rounding
    return tf.math.divide_no_nan(bend, length), is_short


def _is_above(point: Point, value: Tensor, share: float) -> Tensor:
    """Whether a point's value exceeds another by more than a share of it, or is not a number."""
    return ~(point.value <= value + share * tf.abs(value))


def _grown(momentum: Tensor) -> Tensor:
    return 0.5 * (1.0 + tf.sqrt(1.0 + 4.0 * tf.square(momentum)))


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return tf.reduce_sum(a * b)


def _choose(condition: Tensor, first: Point, second: Point) -> Point:
    return Point(*(tf.where(condition, a, b) for a, b in zip(first, second, strict=True)))
