"""Stationary points of a convex loss and a penalty that is concave away from zero.

Each round minimises the loss and the penalty's tangent at the last weights, an elastic net with an
separate l1 for each weight (local linear approximation: Zou, Li 2008). The tangent is never below
the penalty, up to a constant, so the objective falls in every round, until the weights are
stationary. Which stationary point that is depends on the weights that the first tangent is of.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from regcli.solvers.newton import Found, Scaled, descend, descend_by_strength

Array = NDArray[np.float64]

_ROUNDS = 300
_SAME = 1e-13
"""Shares of l1 that differ by less have the same tangent."""


def descend_by_tangents(
    problem: Scaled, share: Callable[[Array], Array], start: Array, begin: Array, limit: int
) -> Found:
    """Take at most `limit` steps from weights (n,) to a stationary point.

    Args:
        problem: with the elastic net that the penalty is at zero.
        share: gives the slope of the penalty at weights (n,) as a share of that.
        start: no weights; where the first round starts, whose minimum does not depend on it.
        begin: the weights that the first tangent is of.

    Returns:
        What the last round found: value and bound are those of its tangent.
    """
    tangent = share(begin)
    found = descend_by_strength(_with_l1(problem, tangent), start, limit)
    for _ in range(_ROUNDS):
        new = share(found.x)
        same = float(np.abs(new - tangent).max(initial=0.0)) <= _SAME
        if same or found.vanishes or found.steps >= limit:
            break
        tangent, steps = new, found.steps
        found = descend(_with_l1(problem, tangent), found.x, limit - steps)
        found = replace(found, steps=steps + found.steps)
    return found


def _with_l1(problem: Scaled, share: Array) -> Scaled:
    penalty = replace(problem.penalty, l1=problem.penalty.l1 * share)
    return replace(problem, penalty=penalty)
