"""A lower bound of an objective's minimum from slopes of the loss (Fenchel duality).

For any slopes U (rows, outputs) within the loss's domain, min F ≥ −Σ a·f*(U/a) − P*(−AᵀU): P* is 0
where no unit is led away from zero against l1 and group, (excess)²/(4·l2) where there are squares,
and else infinite. Scaling U down makes it finite where every unit has a strength; units without any
need AᵀU = 0, which the slopes that a Newton step foretells fulfil.
"""

import numpy as np
from numpy.typing import NDArray

from regcli.solvers.losses import Loss
from regcli.solvers.vector_penalty import VectorPenalty

Array = NDArray[np.float64]

_ROUNDED, _NEARLY = 1e-13, 1e-7
"""Shares of the largest slope that there can be: what rounding leaves, and most that is forgiven.

What is forgiven of a unit without strength lowers the bound by it times twice the unit's size.
"""


def lower_bound(
    loss: Loss, y: Array, shares: Array, slopes: Array, led: Array, x: Array, penalty: VectorPenalty
) -> float:
    """The best bound that these slopes give; −inf where they give none.

    Args:
        shares: a, (rows,).
        slopes: U, (rows, outputs), rows counted.
        led: AᵀU by weight, (n,), for columns whose mean square is 1.
        x: the weights, (n,).
    """
    counted = shares > 0
    u, y, a = slopes[counted], y[counted], shares[counted, None]
    largest = float(np.sqrt((u**2 / a).sum()) * np.sqrt(a.sum()))
    first = penalty.firsts
    excess = penalty.excess(led)
    is_free = (penalty.l1 == 0) & (penalty.group == 0) & (penalty.l2 == 0)
    is_left = excess <= np.where(is_free, _NEARLY, _ROUNDED) * largest
    forgiven = float((2 * excess * penalty.norms(x))[first][is_left[first]].sum())
    hard = ~is_left & (penalty.l2 == 0)
    bounds = []
    for share in {1.0, penalty.feasible_share(led, hard)}:
        over = penalty.excess(share * led)
        if (is_free & ~is_left).any() or (hard & (over > _ROUNDED * largest)).any():
            continue
        soft = (penalty.l2 > 0)[first] & ~is_left[first]
        of_penalty = float((over[first][soft] ** 2 / (4 * penalty.l2[first][soft])).sum())
        of_loss = float((a * loss.conjugate(share * u / a, y)).sum())
        bounds.append(-of_loss - of_penalty - forgiven)
    return max(bounds, default=-np.inf)
