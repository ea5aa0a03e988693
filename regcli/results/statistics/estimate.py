"""A mean, how uncertain it is, and what follows from that: intervals and p values."""

import math
from dataclasses import dataclass

from regcli.results.statistics.student import quantile, tail

LEVEL = 0.95
"""Coverage of an interval, unless another is asked for."""


@dataclass(frozen=True)
class Estimate:
    """A mean with the variance of that mean.

    Attributes:
        mean: in the unit of what was averaged.
        variance: of the mean, in the unit's square; NaN where it cannot be known.
        degrees: of freedom of the variance, for Student's t; infinite where it is known exactly.
    """

    mean: float
    variance: float
    degrees: float

    @property
    def standard_error(self) -> float:
        """Standard deviation of the mean; NaN where it cannot be known."""
        return math.sqrt(self.variance)

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """The lower and the upper end of the mean's t interval; infinite where nothing is known."""
        half = self.half_width(level)
        return self.mean - half, self.mean + half

    def half_width(self, level: float = LEVEL) -> float:
        """Half of the interval's width."""
        if math.isnan(self.variance):
            return math.inf
        return quantile(self.degrees, (1 + level) / 2) * self.standard_error

    def p_value(self) -> float:
        """How often |t| would be as large if the true mean were 0, by Student's t; 1 if unknown."""
        if math.isnan(self.variance) or self.mean == 0:
            return 1.0
        if self.variance == 0:
            return 0.0
        return 2 * tail(self.degrees, abs(self.mean) / self.standard_error)


def share_interval(estimate: Estimate, level: float = LEVEL) -> tuple[float, float]:
    """The interval of a share, such as an accuracy: within 0 … 1, and not empty at its ends.

    Wilson's score interval for p(1 − p)/n = variance, which gives n; with t's quantile in place of
    the normal one. Where all rows agree, so that the variance is 0, n is degrees + 1.

    Source: Wilson, E. B. (1927), Probable inference, the law of succession, and statistical
    inference, JASA 22.
    """
    p, variance = estimate.mean, estimate.variance
    if math.isnan(variance) or estimate.degrees < 1:  # one row tells nothing
        return 0.0, 1.0
    n = p * (1 - p) / variance if variance > 0 and 0 < p < 1 else estimate.degrees + 1
    if not math.isfinite(n):
        return p, p
    z = quantile(estimate.degrees, (1 + level) / 2)
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At p = 0 and p = 1 that end is p itself, whatever the rounding.
    lower = 0.0 if p == 0 else max(0.0, middle - half)
    upper = 1.0 if p == 1 else min(1.0, middle + half)
    return lower, upper
