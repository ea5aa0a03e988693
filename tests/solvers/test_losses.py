"""Losses against finite differences, and their conjugates against the definition."""

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from regcli.solvers import losses
from regcli.solvers.losses import Loss

Array = NDArray[np.float64]

NUMBERS = np.array([[0.3], [-2.0], [7.0], [0.0]])
SHARES = np.array([[0.0], [1.0], [0.2], [0.9]])
SIGNS = np.array([[1.0], [-1.0], [1.0], [-1.0]])
CLASSES = np.array([[1.0, 0, 0], [0, 1.0, 0], [0.2, 0.3, 0.5], [0, 0, 1.0]])
KNOWN: Mapping[str, tuple[Loss, Array]] = {
    "squared": (losses.squared(), NUMBERS),
    "huber": (losses.huber(1.5), NUMBERS),
    "log cosh": (losses.log_cosh(), NUMBERS),
    "absolute": (losses.absolute(0.5), NUMBERS),
    "logistic": (losses.logistic(), SHARES),
    "softmax": (losses.softmax(), CLASSES),
    "poisson": (losses.poisson(), np.array([[0.0], [1.0], [7.0], [3.0]])),
    "hinge": (losses.hinge(0.5), SIGNS),
    "squared hinge": (losses.squared_hinge(), SIGNS),
}


def by_row(values: Array) -> Array:
    return values.sum(axis=1)


@pytest.fixture(params=KNOWN, ids=str)
def known(request: pytest.FixtureRequest) -> tuple[Loss, Array, Array]:
    loss, y = KNOWN[request.param]
    return loss, np.random.default_rng(0).normal(0, 1.7, y.shape), y


def test_slopes_and_curvatures_are_derivatives(known: tuple[Loss, Array, Array]) -> None:
    loss, z, y = known
    h = 1e-6
    for output in range(z.shape[1]):
        way = np.zeros_like(z)
        way[:, output] = h
        rise = by_row(loss.value(z + way, y)) - by_row(loss.value(z - way, y))
        np.testing.assert_allclose(rise / (2 * h), loss.slope(z, y)[:, output], atol=1e-6)
        bend = (loss.slope(z + way, y) - loss.slope(z - way, y))[:, output] / (2 * h)
        p = loss.curvature(z, y)[:, output]
        expected = p * (1 - p) if loss.meets else p
        # Beside a smoothed corner some curvature is assumed.
        np.testing.assert_allclose(bend, expected, atol=3e-5)


def test_the_conjugate_is_the_highest_of_what_it_bounds(known: tuple[Loss, Array, Array]) -> None:
    """f*(u) = sup u·z − f(z): reached where u is the slope, and elsewhere searched for."""
    loss, z, y = known
    u = loss.slope(z, y)
    highest = by_row(u * z) - by_row(loss.value(z, y))
    np.testing.assert_allclose(by_row(loss.conjugate(u, y)), highest, atol=1e-9)
    shrunk = 0.6 * u
    for row in range(len(y)):

        def low(scores: Array, row: int = row) -> float:
            own = scores[None]
            return float(loss.value(own, y[row : row + 1]).sum() - (shrunk[row] * own).sum())

        found = minimize(low, z[row], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
        conjugate = loss.conjugate(shrunk[row : row + 1], y[row : row + 1]).sum()
        assert conjugate == pytest.approx(-found.fun, abs=1e-6)


def test_outside_its_domain_a_conjugate_is_infinite() -> None:
    for name, far in {
        "huber": 1.6,
        "log cosh": 1.1,
        "absolute": 1.1,
        "logistic": 1.1,
        "poisson": -1.1,
        "hinge": 1.1,
        "squared hinge": 1.0,
        "softmax": 1.1,
    }.items():
        loss, y = KNOWN[name]
        first = y[:1] if name != "poisson" else y[1:2]
        u = np.full_like(first, far)
        assert np.isinf(loss.conjugate(u, first)).any(), name


def test_no_score_is_below_the_infimum(known: tuple[Loss, Array, Array]) -> None:
    loss, z, y = known
    assert (by_row(loss.value(z, y)) >= by_row(loss.least(z, y)) - 1e-12).all()
    near = np.where(y > 0.5, 40.0, -40.0) if not loss.is_attained and y.max() <= 1 else None
    if near is not None:
        sure = np.isin(y, (0, 1)).all(axis=1)
        low = by_row(loss.value(near, y))[sure]
        np.testing.assert_allclose(low, by_row(loss.least(near, y))[sure], atol=1e-15)


@pytest.mark.parametrize("smoothed", [losses.absolute, losses.hinge])
def test_smoothing_is_from_below_and_vanishes_with_its_width(smoothed: object) -> None:
    assert callable(smoothed)
    z, y = np.linspace(-3, 3, 50)[:, None], np.where(np.arange(50) % 2, 1.0, -1.0)[:, None]
    for width in (1.0, 0.1, 1e-6):
        loss = smoothed(width)
        short = loss.true_value(z, y) - loss.value(z, y)
        assert (short >= -1e-15).all()
        assert (short <= width / 2 + 1e-15).all()
