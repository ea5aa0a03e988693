"""The minimum of a quadratic function and a penalty: the inner problem of Newton's method.

Proximal steps find which weights are zero, and Newton steps on the others, whose signs are kept,
find their values: each goes on from where the other ends (Chen, Curtis, Robinson 2017, "A
reduced-space algorithm for minimizing l1-regularized convex functions").
"""

import numpy as np
from numpy.typing import NDArray

from regcli.solvers.curvature import Curvature
from regcli.solvers.penalty import Penalty

Array = NDArray[np.float64]

_PROXIMAL_STEPS, _HALVINGS = 6, 12


def minimise_quadratic(
    curvature: Curvature, linear: Array, start: Array, penalty: Penalty, enough: float, cycles: int
) -> Array:
    """The x that minimises linear·x + ½·xᵀHx + P(x).

    Args:
        penalty: without squares: those are part of H.
        enough: how much lower than at the end the minimum may be, about.
        cycles: how often to look for it at most.
    """
    x = start
    bent = curvature.times(x)
    diagonal = np.where(curvature.diagonal > 0, curvature.diagonal, np.inf)
    step = penalty.equal_steps(1 / diagonal)
    factor = 1.0
    for _ in range(cycles):
        for _ in range(_PROXIMAL_STEPS if _has_corners(penalty) else 0):
            before = x != 0
            x, bent, factor = _proximal_step(curvature, linear, x, bent, penalty, step, factor)
            if (before == (x != 0)).all():
                break
        x, bent, is_whole = _newton_step(curvature, linear, x, bent, penalty)
        off = penalty.residual(x, linear + bent)
        if float((off**2 * np.minimum(step, 1e300)).sum()) <= enough:
            break
        if is_whole and not _has_corners(penalty):
            break
    return x


def _has_corners(penalty: Penalty) -> bool:
    return bool(penalty.l1.any() or penalty.group.any())


def _proximal_step(
    curvature: Curvature,
    linear: Array,
    x: Array,
    bent: Array,
    penalty: Penalty,
    step: Array,
    factor: float,
) -> tuple[Array, Array, float]:
    """A step that does not rise: x, H·x, and by what steps are divided from now on."""
    gradient = linear + bent
    moving = step > 0
    while True:
        new = penalty.proximal_map(x - step / factor * gradient, step / factor)
        way = np.where(moving, new - x, 0.0)
        along = curvature.times(way)
        bound = float((way[moving] ** 2 / step[moving]).sum())
        bend = float(way @ along)
        if bend <= factor * bound * (1 + 1e-9):
            return x + way, bent + along, factor
        factor = max(1.5 * factor, bend / bound)


def _newton_step(
    curvature: Curvature, linear: Array, x: Array, bent: Array, penalty: Penalty
) -> tuple[Array, Array, bool]:
    """A step by the weights that are not zero or have no corner there; whether it is a whole one.

    A weight that would change its sign stops at zero.
    """
    cornered = (penalty.l1 > 0) | (penalty.group > 0)
    chosen = np.flatnonzero((x != 0) | ~cornered)
    if not len(chosen):
        return x, bent, True
    slope = (linear + bent + penalty.slope(x))[chosen]
    # Without a corner a weight may be 0, where a group's norm has no slope: such groups are left.
    way = np.zeros_like(x)
    way[chosen] = curvature.solve(chosen, -slope, penalty.bend(x, chosen))
    signed = penalty.l1 > 0
    value = _value(linear, x, bent, penalty)
    share = 1.0
    for _ in range(_HALVINGS):
        new = x + share * way
        crossed = signed & (x * new < 0)
        new = np.where(crossed, 0.0, new)
        moved = new - x
        along = curvature.times(moved)
        change = float((linear + bent) @ moved + 0.5 * moved @ along)
        change += penalty.value(new) - penalty.value(x)
        if change <= 1e-15 * abs(value):
            return new, bent + along, share == 1.0 and not crossed.any()
        share /= 2
    return x, bent, False


def _value(linear: Array, x: Array, bent: Array, penalty: Penalty) -> float:
    return float(linear @ x + 0.5 * x @ bent) + penalty.value(x)
