"""Convex losses of a row's scores: value, slope, curvature, and the convex conjugate.

Shapes: scores z, targets y and slopes u are (rows, outputs). The conjugate f*(u) = sup_z u·z − f(z)
is infinite outside its domain; with it, any slopes bound the objective's minimum from below
(Fenchel duality; Boyd, Vandenberghe 2004, sections 3.3 and 5.1).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
OfScores = Callable[[Array, Array], Array]

_ROUNDING = 1e-12
"""How far outside a domain rounding may lead."""

_BESIDE = 1e-5
"""The curvature that is assumed beside a smoothed corner, as a share of that within: steps end near
where other corners may begin."""


@dataclass(frozen=True)
class Loss:
    """A convex loss. Its functions take (scores or slopes, targets).

    Attributes:
        value: of each score (rows, outputs), or of each row (rows, 1); its sum counts.
        slope: the derivative by each score, (rows, outputs).
        curvature: the second derivative by each score, (rows, outputs); where outputs meet, the
            probabilities p, of which it is diag(p) − p·pᵀ for a row.
        conjugate: f* at slopes, shaped as `value`.
        least: the infimum by scores; its first argument only gives the shape.
        constant: of targets and rows' weights (rows,), scores (outputs,) to start from.
        meets: whether outputs meet in it, as in softmax; else it is a sum over them.
        is_quadratic: whether the second derivative is the same everywhere.
        is_of_error: whether it is a function of z − y only.
        is_attained: whether a row's infimum is always taken at finite scores.
        exact: what is minimised, where `value` only smooths it from below; else None.
        clip: slopes inside the domain near those given; None where they are never far outside.
        of_width: the same loss smoothed over another width; None where it is not smoothed.
    """

    value: OfScores
    slope: OfScores
    curvature: OfScores
    conjugate: OfScores
    least: OfScores
    constant: OfScores
    meets: bool = False
    is_quadratic: bool = False
    is_of_error: bool = False
    is_attained: bool = True
    exact: OfScores | None = None
    clip: OfScores | None = None
    of_width: Callable[[float], "Loss"] | None = None

    def true_value(self, z: Array, y: Array) -> Array:
        """The loss itself, without smoothing."""
        return (self.exact or self.value)(z, y)


def squared() -> Loss:
    """(z − y)²."""
    return Loss(
        value=lambda z, y: (z - y) ** 2,
        slope=lambda z, y: 2 * (z - y),
        curvature=lambda z, y: np.full_like(z, 2.0),
        conjugate=lambda u, y: u * y + u**2 / 4,
        least=_zero,
        constant=_mean,
        is_quadratic=True,
        is_of_error=True,
    )


def huber(delta: float) -> Loss:
    """½e² for an error e = z − y of at most delta, δ|e| − ½δ² beyond."""
    return Loss(
        value=lambda z, y: _huber(z - y, delta),
        slope=lambda z, y: np.clip(z - y, -delta, delta),
        curvature=lambda z, y: (np.abs(z - y) <= delta).astype(np.float64),
        conjugate=lambda u, y: _inside(np.abs(u) <= delta * (1 + _ROUNDING), u * y + u**2 / 2),
        least=_zero,
        constant=_median,
        is_of_error=True,
    )


def log_cosh() -> Loss:
    """Log(cosh(z − y))."""

    def value(z: Array, y: Array) -> Array:
        e = np.abs(z - y)
        return np.asarray(e + np.log1p(np.exp(-2 * e)) - np.log(2))

    def conjugate(u: Array, y: Array) -> Array:
        kept = np.clip(u, -1, 1)
        halves = (_entropy(1 + kept) + _entropy(1 - kept)) / 2
        return _inside(np.abs(u) <= 1 + _ROUNDING, u * y + halves)

    return Loss(
        value=value,
        slope=lambda z, y: np.tanh(z - y),
        curvature=lambda z, y: 1 - np.tanh(z - y) ** 2,
        conjugate=conjugate,
        least=_zero,
        constant=_median,
        is_of_error=True,
    )


def logistic() -> Loss:
    """Log(1 + exp(z)) − y·z, for y from 0 to 1."""

    def conjugate(u: Array, y: Array) -> Array:
        p = u + y
        return _inside(_is_share(p), _entropy(p) + _entropy(1 - p))

    return Loss(
        value=lambda z, y: np.logaddexp(0, z) - y * z,
        slope=lambda z, y: _sigmoid(z) - y,
        curvature=lambda z, y: _sigmoid(z) * _sigmoid(-z),
        conjugate=conjugate,
        least=lambda z, y: -_entropy(y) - _entropy(1 - y),
        constant=lambda y, a: _logit(_mean(y, a)),
        is_attained=False,
    )


def softmax() -> Loss:
    """Log Σ_k exp(z_k) − Σ_k y_k·z_k, for y that sum to 1."""

    def value(z: Array, y: Array) -> Array:
        top = z.max(axis=1, keepdims=True)
        total = np.log(np.exp(z - top).sum(axis=1, keepdims=True))
        return np.asarray(total + ((top - z) * y).sum(axis=1, keepdims=True))

    def conjugate(u: Array, y: Array) -> Array:
        p = u + y
        inside = _is_share(p).all(axis=1, keepdims=True)
        inside &= np.abs(p.sum(axis=1, keepdims=True) - 1) <= _ROUNDING * 1e3
        return _inside(inside, _entropy(p).sum(axis=1, keepdims=True))

    return Loss(
        value=value,
        slope=lambda z, y: _probabilities(z) - y,
        curvature=lambda z, y: _probabilities(z),
        conjugate=conjugate,
        least=lambda z, y: -_entropy(y).sum(axis=1, keepdims=True),
        constant=lambda y, a: np.log(np.maximum(_mean(y, a), 1e-6)),
        meets=True,
        is_attained=False,
    )


def poisson() -> Loss:
    """Exp(z) − y·z, for y of 0 or more: a count's, whose mean is exp(z)."""

    def conjugate(u: Array, y: Array) -> Array:
        mean = u + y
        return _inside(mean >= -_ROUNDING * (1 + y), _entropy(mean) - np.maximum(mean, 0))

    return Loss(
        value=lambda z, y: np.exp(z) - y * z,
        slope=lambda z, y: np.exp(z) - y,
        curvature=lambda z, y: np.exp(z),
        conjugate=conjugate,
        least=lambda z, y: y - _entropy(y),
        constant=lambda y, a: np.log(np.maximum(_mean(y, a), 1e-6)),
        is_attained=False,
    )


def squared_hinge() -> Loss:
    """max(0, 1 − y·z)², for y of −1 and 1."""
    return Loss(
        value=lambda z, y: np.maximum(0, 1 - y * z) ** 2,
        slope=lambda z, y: -2 * y * np.maximum(0, 1 - y * z),
        curvature=lambda z, y: np.where(y * z < 1, 2.0, 0.0),
        conjugate=lambda u, y: _inside(u * y <= _ROUNDING, u * y + u**2 / 4),
        least=_zero,
        constant=_zero_start,
    )


def absolute(width: float) -> Loss:
    """|z − y|, smoothed for errors below a width."""
    return Loss(
        value=lambda z, y: _huber(z - y, width) / width,
        slope=lambda z, y: np.clip((z - y) / width, -1, 1),
        curvature=lambda z, y: np.where(np.abs(z - y) <= width, 1.0, _BESIDE) / width,
        conjugate=lambda u, y: _inside(np.abs(u) <= 1 + _ROUNDING, u * y + width * u**2 / 2),
        least=_zero,
        constant=_median,
        is_of_error=True,
        exact=lambda z, y: np.abs(z - y),
        clip=lambda u, y: np.clip(u, -1, 1),
        of_width=absolute,
    )


def hinge(width: float) -> Loss:
    """max(0, 1 − y·z), for y of −1 and 1, smoothed for margins from 1 − width to 1."""

    def value(z: Array, y: Array) -> Array:
        short = np.maximum(0, 1 - y * z)
        return np.where(short <= width, short**2 / (2 * width), short - width / 2)

    def conjugate(u: Array, y: Array) -> Array:
        inside = (u * y <= _ROUNDING) & (u * y >= -1 - _ROUNDING)
        return _inside(inside, u * y + width * u**2 / 2)

    return Loss(
        value=value,
        slope=lambda z, y: -y * np.clip((1 - y * z) / width, 0, 1),
        curvature=lambda z, y: np.where((y * z <= 1) & (y * z >= 1 - width), 1.0, _BESIDE) / width,
        conjugate=conjugate,
        least=_zero,
        constant=_zero_start,
        exact=lambda z, y: np.maximum(0, 1 - y * z),
        clip=lambda u, y: y * np.clip(u * y, -1, 0),
        of_width=hinge,
    )


def _huber(e: Array, delta: float) -> Array:
    size = np.abs(e)
    return np.where(size <= delta, e**2 / 2, delta * size - delta**2 / 2)


def _sigmoid(z: Array) -> Array:
    return np.exp(-np.logaddexp(0, -z))


def _logit(p: Array) -> Array:
    kept = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(kept) - np.log1p(-kept))


def _probabilities(z: Array) -> Array:
    raised = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _entropy(p: Array) -> Array:
    """p·log(p), 0 at 0."""
    kept = np.maximum(p, 0)
    return kept * np.log(np.where(kept > 0, kept, 1))


def _is_share(p: Array) -> NDArray[np.bool_]:
    return (p >= -_ROUNDING) & (p <= 1 + _ROUNDING)


def _inside(condition: NDArray[np.bool_], value: Array) -> Array:
    return np.where(condition, value, np.inf)


def _zero(z: Array, y: Array) -> Array:
    del y
    return np.zeros_like(z)


def _mean(y: Array, a: Array) -> Array:
    return np.asarray(a @ y / a.sum())


def _median(y: Array, a: Array) -> Array:
    return np.median(y[a > 0], axis=0)


def _zero_start(y: Array, a: Array) -> Array:
    del a
    return np.zeros(y.shape[1])
