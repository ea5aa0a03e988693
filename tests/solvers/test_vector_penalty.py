"""The penalty's proximal map, slopes and conjugate against searches for the same numbers."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from regcli.solvers.vector_penalty import VectorPenalty

Array = NDArray[np.float64]

GROUPS = np.array([0, 1, 0, 1, 2])


def a_penalty(groups: bool) -> VectorPenalty:
    return VectorPenalty(
        l1=np.array([0.3, 0.1, 0.3, 0.1, 0.0]),
        l2=np.array([0.2, 0.0, 0.2, 0.0, 0.5]),
        group=np.array([0.4, 0.7, 0.4, 0.7, 0.0]) if groups else np.zeros(5),
        groups=GROUPS if groups else None,
    )


@pytest.mark.parametrize("groups", [False, True])
@pytest.mark.parametrize("size", [0.1, 1.0, 3.0])
def test_the_proximal_map_is_the_lowest_point(groups: bool, size: float) -> None:
    penalty = a_penalty(groups)
    u = size * np.random.default_rng(1).normal(size=5)
    step = np.array([0.5, 2.0, 0.5, 2.0, 1.0])
    found = penalty.proximal_map(u, step)

    def value(x: Array) -> float:
        return float(((x - u) ** 2 / (2 * step)).sum()) + penalty.value(x)

    best = min(
        (
            minimize(value, start, method="Nelder-Mead", options={"xatol": 1e-10, "maxiter": 20000})
            for start in (found, u, np.zeros(5))
        ),
        key=lambda result: float(result.fun),
    )
    assert value(found) <= best.fun + 1e-9


@pytest.mark.parametrize("groups", [False, True])
def test_slopes_and_bends_are_derivatives(groups: bool) -> None:
    penalty, x, h = a_penalty(groups), np.array([0.5, -1.0, 2.0, 0.3, -0.7]), 1e-6
    chosen = np.arange(5)
    bend = penalty.bend(x, chosen)
    for place in range(5):
        way = h * (chosen == place)
        slope = (penalty.value(x + way) - penalty.value(x - way)) / (2 * h)
        assert slope == pytest.approx(penalty.slope(x)[place], abs=1e-8)
        if bend is not None:
            bent = (penalty.slope(x + way) - penalty.slope(x - way)) / (2 * h)
            np.testing.assert_allclose(
                bent, bend[place] + 2 * penalty.l2 * (chosen == place), atol=1e-8
            )


@pytest.mark.parametrize("groups", [False, True])
def test_a_feasible_share_leads_no_unit_away_from_zero(groups: bool) -> None:
    penalty, r = a_penalty(groups), np.array([3.0, -0.2, 0.1, 2.0, 0.0])
    hard = np.array([True, True, True, True, False])
    share = penalty.feasible_share(r, hard)
    assert 0 < share < 1
    assert penalty.excess(share * r)[hard].max() <= 1e-12
    assert penalty.excess(1.001 * share * r)[hard].max() > 0


def test_the_residual_is_zero_at_the_lowest_point_alone() -> None:
    penalty, u = a_penalty(True), np.array([2.0, 0.1, -1.0, 0.2, 1.0])
    step = np.ones(5)
    x = penalty.proximal_map(u, step)
    np.testing.assert_allclose(penalty.residual(x, x - u), 0, atol=1e-12)
    assert penalty.residual(x + 0.01, x + 0.01 - u).max() > 1e-3
