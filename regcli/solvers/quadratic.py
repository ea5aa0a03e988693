"""The minimum of a quadratic function and a penalty: the inner problem of Newton's method.

Proximal steps find which weights are zero, and Newton steps on the others, whose signs are kept,
find their values: each continues from where the other ends (Chen, Curtis, Robinson 2017, "A
reduced-space algorithm for minimizing l1-regularized convex functions").
"""

import numpy as np
from numpy.typing import NDArray

from regcli.solvers.curvature import Curvature
from regcli.solvers.vector_penalty import VectorPenalty

Array = NDArray[np.float64]

_PROXIMAL_STEPS, _HALVINGS = 6, 12


def minimise_quadratic(
    curvature: Curvature,
    linear: Array,
    start: Array,
    penalty: VectorPenalty,
    enough: float,
    cycles: int,
) -> Array:
    """The x that minimises linear·x + ½·xᵀHx + P(x).

    Args:
        penalty: without squares: those are part of H.
        enough: how much lower than at the end the minimum may be, about.
        cycles: maximum number of cycles.
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


def _has_corners(penalty: VectorPenalty) -> bool:
    return bool(penalty.l1.any() or penalty.group.any())


def _proximal_step(
    curvature: Curvature,
    linear: Array,
    x: Array,
    bent: Array,
    penalty: VectorPenalty,
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
    curvature: Curvature, linear: Array, x: Array, bent: Array, penalty: VectorPenalty
) -> tuple[Array, Array, bool]:
    """A step by the weights that are not zero or have no corner there; whether it is a full one.

    Of its whole way, on which a weight that would change its sign stops at zero, and the lowest
    point of the straight line, the lower one.
    """
    cornered = (penalty.l1 > 0) | (penalty.group > 0)
    chosen = np.flatnonzero((x != 0) | ~cornered)
    if not len(chosen):
        return x, bent, True
    slope = (linear + bent + penalty.slope(x))[chosen]
    # Without a corner a weight may be 0, where a group's norm has no slope: such groups are left.
    way = np.zeros_like(x)
    way[chosen] = curvature.solve(chosen, -slope, penalty.bend(x, chosen))
    along = curvature.times(way)
    ends = [_projected(x, way, penalty)]
    if penalty.groups is None:
        ends.append(_lowest_on_line(linear + bent, along, x, way, penalty))
    else:
        ends += [_projected(x, way / 2**power, penalty) for power in range(1, _HALVINGS)]
    best, lowest = None, 1e-15 * abs(_value(linear, x, bent, penalty))
    for number, new in enumerate(ends):
        is_whole = number == 0 and bool((new == x + way).all())
        moved = along if is_whole else curvature.times(new - x)
        change = float((linear + bent) @ (new - x) + 0.5 * (new - x) @ moved)
        change += penalty.value(new) - penalty.value(x)
        if change <= lowest:
            best, lowest = (new, bent + moved, is_whole), change
            if is_whole or penalty.groups is not None:
                break
    return best or (x, bent, False)


def _projected(x: Array, way: Array, penalty: VectorPenalty) -> Array:
    """The end of a way, with 0 for weights that have changed their sign."""
    new = x + way
    return np.where((penalty.l1 > 0) & (x * new < 0), 0.0, new)


def _lowest_on_line(
    gradient: Array, along: Array, x: Array, way: Array, penalty: VectorPenalty
) -> Array:
    """The lowest point of the line from x along a way, on which signs may change.

    Between the places where a weight is 0 the function is quadratic, and its slope rises by
    2·l1·|way| at each of them.

    Args:
        gradient: of the quadratic function at x.
        along: H·way.
    """
    slope = float(gradient @ way + (penalty.l1 * np.sign(x)) @ way)
    slope += float((penalty.l1 * np.abs(way))[x == 0].sum())
    bend = float(way @ along)
    crossing = np.flatnonzero((penalty.l1 > 0) & (x * way < 0))
    places = -x[crossing] / way[crossing]
    order = np.argsort(places)
    crossing, places = crossing[order], places[order]
    rises = np.cumsum(2 * penalty.l1[crossing] * np.abs(way[crossing]))
    before = slope + np.append(0.0, rises)
    # The first piece at whose end the slope is no longer below 0.
    is_up = before[1:] + bend * places >= 0
    piece = int(np.argmax(is_up)) if is_up.any() else len(places)
    share = -before[piece] / bend if bend > 0 else np.inf
    if piece < len(places) and not share < places[piece]:
        new = np.asarray(x + places[piece] * way)
        new[crossing[piece]] = 0.0
        return new
    return x + share * way if np.isfinite(share) else x + way


def _value(linear: Array, x: Array, bent: Array, penalty: VectorPenalty) -> float:
    return float(linear @ x + 0.5 * x @ bent) + penalty.value(x)
