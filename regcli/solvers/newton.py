"""Newton's method for a convex loss and a penalty, on columns that are scaled.

Each step minimises the loss's second-order model and the penalty as they are (Lee, Sun, Saunders
2014), by the weights that are not zero or are led away from it, and halves its way until the
objective falls. The slopes that a step foretells bound the minimum from below.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from regcli.solvers.certificate import lower_bound
from regcli.solvers.curvature import Bends, Curvature, Matrix, Product
from regcli.solvers.losses import Loss
from regcli.solvers.quadratic import minimise_quadratic
from regcli.solvers.scaled_columns import Columns
from regcli.solvers.vector_penalty import VectorPenalty

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_MOST_IN_A_MATRIX = 2000
_FIRST_LOOK = 100
"""Weights that are looked at in the first step, if so many want to leave zero; then twice as many
as have left it."""
_STALLED = 3
_HALVINGS = 40
_CYCLES, _CYCLES_OF_A_MODEL = 50, 10
"""A model of the loss is not worth solving to the end far from the minimum."""
_ENOUGH = 1e-12
"""The relative gap at which steps end; they continue while they gain, which costs a step or two."""
_FIRST_SHARE, _FASTER = 0.3, 5.0
"""The first strength as a share of the largest useful one, and by what the next are divided."""
_STEPS_ON_THE_WAY, _ENOUGH_ON_THE_WAY = 4, 0.03
_NOTHING = 1e-8
"""A loss that need not have a minimum is given up below this share of a constant's."""


@dataclass(frozen=True)
class Scaled:
    """A problem on scaled columns.

    Attributes:
        shares: what each row's loss counts, (rows,).
        penalty: of the weights (width·outputs,), by output.
    """

    columns: Columns
    loss: Loss
    y: Array
    shares: Array
    penalty: VectorPenalty

    def objective(self, x: Array, z: Array) -> float:
        """The objective of weights and their scores; infinite where it is not a number."""
        with np.errstate(over="ignore", invalid="ignore"):
            value = float((self.shares[:, None] * self.loss.value(z, self.y)).sum())
        value += self.penalty.value(x)
        return value if np.isfinite(value) else np.inf


@dataclass(frozen=True)
class Found:
    """Where Newton's method ends.

    Attributes:
        x: weights (width·outputs,), by output.
        z: their scores (rows, outputs).
        value: the objective, smoothed as the loss is.
        bound: the minimum is not below it.
        steps: how many were taken.
        vanishes: whether the loss falls towards its infimum, which no weights reach.
    """

    x: Array
    z: Array
    value: float
    bound: float
    steps: int
    vanishes: bool = False


def descend_by_strength(problem: Scaled, start: Array, limit: int) -> Found:
    """Take at most `limit` steps from no weights, under strengths that go down to the problem's.

    A weak penalty lets many weights leave zero at first, most of which have to come back.
    """
    penalty = problem.penalty
    z = problem.columns.times(_by_column(start, problem.y.shape[1]))
    slopes = problem.shares[:, None] * problem.loss.slope(z, problem.y)
    gradient = _by_output(problem.columns.transposed_times(slopes))
    cornered = (penalty.l1 > 0) | (penalty.group > 0)
    led, held = penalty.norms(gradient)[cornered], (penalty.l1 + penalty.group)[cornered]
    factor = _FIRST_SHARE * float((led / held).max(initial=0.0))
    steps = 0
    while factor > _FASTER and steps < limit:
        stronger = replace(penalty, l1=factor * penalty.l1, group=factor * penalty.group)
        most = min(_STEPS_ON_THE_WAY, limit - steps)
        found = descend(replace(problem, penalty=stronger), start, most, _ENOUGH_ON_THE_WAY)
        start, steps = found.x, steps + found.steps
        factor /= _FASTER
    found = descend(problem, start, limit - steps)
    return replace(found, steps=steps + found.steps)


def descend(problem: Scaled, start: Array, limit: int, enough: float = _ENOUGH) -> Found:
    """Take at most `limit` steps from weights (width·outputs,), to a relative gap of `enough`."""
    outputs = problem.y.shape[1]
    z = problem.columns.times(_by_column(start, outputs))
    a = problem.shares[:, None]
    least = float((a * problem.loss.least(problem.y, problem.y)).sum())
    found = Found(start, z, problem.objective(start, z), least, 0)
    whole, idle = found.value - least, 0
    for _ in range(limit):
        new = _step(problem, found)
        gained = found.value - new.value
        found = new
        is_lost = not problem.loss.is_attained and found.value - least <= _NOTHING * whole
        if is_lost and not found.value - found.bound <= 1e-6 * abs(found.value):
            return replace(found, vanishes=True)
        if found.value - found.bound <= enough * abs(found.value):
            break
        idle = 0 if gained > 1e-13 * abs(found.value) else idle + 1
        if idle == _STALLED:
            break
    return found


def _step(problem: Scaled, found: Found) -> Found:
    loss, shares, y = problem.loss, problem.shares, problem.y
    penalty, outputs = problem.penalty, y.shape[1]
    with np.errstate(over="ignore"):
        slopes = shares[:, None] * loss.slope(found.z, y)
        by_score = loss.curvature(found.z, y)
    gradient = _by_output(problem.columns.transposed_times(slopes))
    bends = Bends(problem.columns, shares, by_score, loss.meets)
    chosen = _worth_a_look(found.x, gradient, penalty)
    curvature, own = _curvature(bends, chosen, penalty, outputs)
    x = found.x[chosen]
    linear = gradient[chosen] + 2 * own.l2 * x - curvature.times(x)
    without = replace(own, l2=np.zeros_like(own.l2))
    enough = 1e-15 * max(abs(found.value), 1e-300)
    cycles = _CYCLES if loss.is_quadratic else _CYCLES_OF_A_MODEL
    new = minimise_quadratic(curvature, linear, x, without, enough, cycles)
    way = np.zeros_like(found.x)
    way[chosen] = new - x
    ahead = problem.columns.times(_by_column(way, outputs))
    foretold = slopes + bends.of_scores(ahead)
    if loss.clip is not None:
        counted = np.where(shares > 0, shares, 1)[:, None]
        foretold = counted * loss.clip(foretold / counted, y) * (shares > 0)[:, None]
    led = _by_output(problem.columns.transposed_times(foretold))
    bound = lower_bound(loss, y, shares, foretold, led, found.x + way, penalty)
    taken = _searched(problem, found, way, ahead, gradient)
    return replace(taken, bound=max(found.bound, bound), steps=found.steps + 1)


def _worth_a_look(x: Array, gradient: Array, penalty: VectorPenalty) -> Places:
    """Weights that are not zero, or are led away from it: of those the strongest, if many."""
    over = penalty.excess(gradient)
    open_ = penalty.norms(x) > 0
    cornered = (penalty.l1 > 0) | (penalty.group > 0)
    wanted = open_ | (over > 0) | ~cornered
    places = np.flatnonzero(wanted)
    most = max(_FIRST_LOOK, 2 * int(open_.sum()))
    if len(places) <= most or not cornered.any():
        return places
    rank = np.where(open_ | ~cornered, np.inf, over)
    cut = np.partition(rank[places], len(places) - most)[len(places) - most]
    return np.flatnonzero(wanted & (rank >= cut))


def _curvature(
    bends: Bends, chosen: Places, penalty: VectorPenalty, outputs: int
) -> tuple[Curvature, VectorPenalty]:
    width = bends.columns.width
    by_output = [chosen[chosen // width == k] - k * width for k in range(outputs)]
    own = penalty.of(chosen)
    kind = Matrix if len(chosen) <= _MOST_IN_A_MATRIX else Product
    return kind(bends, by_output, own.l2), own


def _searched(problem: Scaled, found: Found, way: Array, ahead: Array, gradient: Array) -> Found:
    """The first point along the way that is lower by a share of what was foretold."""
    penalty = problem.penalty
    share = 1.0
    for _ in range(_HALVINGS):
        x, z = found.x + share * way, found.z + share * ahead
        value = problem.objective(x, z)
        foretold = share * float(gradient @ way) + penalty.value(x) - penalty.value(found.x)
        if value <= found.value + 1e-4 * min(foretold, 0.0):
            return replace(found, x=x, z=z, value=value)
        share /= 2
    return found


def _by_column(x: Array, outputs: int) -> Array:
    """(width·outputs,) as (width, outputs)."""
    return x.reshape(outputs, -1).T


def _by_output(weights: Array) -> Array:
    """(width, outputs) as (width·outputs,)."""
    return weights.T.ravel()
