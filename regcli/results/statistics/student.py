"""Student's t in plain floats: to import SciPy takes longer than to make a page."""

import math
from functools import lru_cache
from statistics import NormalDist

_ENOUGH = 1e-15
"""Relative change below which a series or an iteration has ended."""
_SMALL_STEP = 1e-8
"""A step of Newton's method after which the error is its square."""
_MOST_STEPS = 100_000
_LARGE = 30.0
"""From here on the series of `_gamma_quotient` has all digits of a float."""
_NEARLY_NORMAL = 1e3
"""Degrees of freedom from which on the continued fraction loses digits, and `_SERIES` has all."""
_SERIES = (1 / 4, 1 / 96, -1 / 384, -1 / 10240, 19 / 368640, 79 / 61931520, -55 / 49545216)
"""Of √(w/(1 − e^−w)) = 1 + w/4 + …, by powers of w."""


def tail(degrees: float, t: float) -> float:
    """How often a value is t or more, for t ≥ 0; to about 12 digits, however small it is.

    ½·I_x(degrees/2, ½) at x = degrees/(degrees + t²), with I the regularized incomplete beta
    function; that of the normal distribution for infinite degrees of freedom.

    Args:
        degrees: of freedom, any positive number or infinity. NaN is given back for others.
    """
    if not degrees > 0 or math.isnan(t):
        return math.nan
    if math.isinf(degrees):
        return math.erfc(t / math.sqrt(2)) / 2
    a, b, ratio = degrees / 2, 0.5, t * t / degrees
    if math.isinf(ratio) or ratio == 0:
        return 0.0 if ratio else 0.5
    if degrees > _NEARLY_NORMAL:
        return _nearly_normal_tail(degrees, ratio)
    x, rest = 1 / (1 + ratio), ratio / (1 + ratio)
    front = _gamma_quotient(a) / math.sqrt(math.pi)
    front *= math.exp(-a * math.log1p(ratio)) * math.sqrt(rest)
    if x < (a + 1) / (a + b + 2):
        return front / a * _beta_fraction(a, b, x) / 2
    return 0.5 - front / b * _beta_fraction(b, a, rest) / 2


def _nearly_normal_tail(degrees: float, ratio: float) -> float:
    """The tail at t = √(n·ratio) for n degrees of freedom, many of them.

    With y = √(n·log(1 + t²/n)) it is c·∫ e^(−y²/2)·√(w/(1 − e^−w)) dy from y on, with w = y²/n, of
    which each power of w has an integral that follows from the one before.
    """
    square = degrees * math.log1p(ratio)
    y, power = math.sqrt(square), math.exp(-square / 2)
    integral = math.sqrt(math.pi / 2) * math.erfc(y / math.sqrt(2))
    total, moment = integral, y
    for order, coefficient in enumerate(_SERIES, 1):
        integral = (moment * power + (2 * order - 1) * integral) / degrees
        moment *= square / degrees
        total += coefficient * integral
    return _gamma_quotient(degrees / 2) / math.sqrt(degrees * math.pi) * total


@lru_cache(maxsize=1024)
def quantile(degrees: float, share: float) -> float:
    """The value that a share of all values is below, for a share from ½ to 1; to about 13 digits.

    By Newton's method for the logarithm of the tail by that of the value. That function is concave
    and falls, so that no start leads astray.

    Args:
        degrees: as for `tail`.
    """
    if not degrees > 0 or not 0.5 <= share <= 1:
        return math.nan
    if share in (0.5, 1):
        return 0.0 if share < 1 else math.inf
    normal = NormalDist().inv_cdf(share)
    if math.isinf(degrees):
        return normal
    wanted, place = math.log(1 - share), math.log(_first_guess(degrees, normal))
    for _ in range(_MOST_STEPS):
        t = math.exp(place)
        above = tail(degrees, t)
        step = (math.log(above) - wanted) * above / (_density(degrees, t) * t)
        place += step
        if abs(step) < _SMALL_STEP:
            break
    return math.exp(place)


def _first_guess(degrees: float, z: float) -> float:
    """The quantile from that of the normal distribution, the closer the more degrees there are.

    Source: Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.7.5.
    """
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + (first + second / degrees) / degrees


def _density(degrees: float, t: float) -> float:
    """Γ((n+1)/2)/(Γ(n/2)·√(nπ)) · (1 + t²/n)^(−(n+1)/2) for n degrees of freedom."""
    power = math.exp(-(degrees + 1) / 2 * math.log1p(t * t / degrees))
    return _gamma_quotient(degrees / 2) / math.sqrt(degrees * math.pi) * power


def _gamma_quotient(a: float) -> float:
    """Γ(a + ½)/Γ(a) for a > 0.

    Of large a by its asymptotic series, which has no large numbers that cancel out; others are
    brought there by Γ(a + 1) = a·Γ(a).

    Source: NIST Digital Library of Mathematical Functions, 5.11.13.
    """
    factor = 1.0
    while a < _LARGE:
        factor *= a / (a + 0.5)
        a += 1
    squared = a * a
    series = -1 / 8 + (1 / 192 + (-1 / 640 + 17 / (14336 * squared)) / squared) / squared
    return factor * math.sqrt(a) * math.exp(series / a)


def _beta_fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method.

    Source: Press et al., Numerical Recipes, 3rd edition (2007), 6.4; it converges quickly for
    x < (a + 1)/(a + b + 2).
    """
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, _MOST_STEPS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            c, d = 1 + term / c, 1 / (1 + term * d)
            found *= c * d
        if abs(c * d - 1) <= _ENOUGH:
            break
    return found
