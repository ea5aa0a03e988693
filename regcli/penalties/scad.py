"""The smoothly clipped absolute deviation (SCAD; Fan, Li 2001): an l1 that ends at gamma·l1.

p(w) = l1·|w| for |w| ≤ l1; (2·gamma·l1·|w| − w² − l1²)/(2·(gamma − 1)) up to gamma·l1; l1²·(gamma +
1)/2 beyond, where it no longer shrinks a weight; plus l2·w². gamma is the authors' a, for which
they propose 3.7. Source: J. Fan and R. Li, Variable selection via nonconcave
penalized likelihood and its oracle properties, Journal of the American Statistical Association 96
(2001), 1348-1360.
"""

from collections.abc import Mapping
from types import MappingProxyType

from regcli.penalties.arrays import Array, namespace, soft_threshold
from regcli.penalties.penalty import L1, L2, NOT_CONVEX, ConcavePenalty, Numbers, Parameter


class SmoothlyClipped(ConcavePenalty):
    """Σ_j p(w_j) + l2·Σ_j w_j²."""

    name = "scad"
    title = "SCAD"
    parameters = (L1, L2, Parameter("gamma", default=3.7, above=2.0))
    words = (
        "The penalty is Σ scad(w; l1, gamma) over each kernel's weights, the smoothly clipped "
        "absolute deviation: scad(w; l1, gamma) = l1·|w| where |w| ≤ l1, (2·gamma·l1·|w| − w² − "
        "l1²)/(2·(gamma − 1)) up to gamma·l1, and l1²·(gamma + 1)/2 beyond: large weights are not "
        "shrunk. l2 times the sum of squares is added.",
        NOT_CONVEX,
    )
    without_a_name = "PyTorch has no argument for SCAD: add Σ scad(w; l1, gamma) to the loss"
    elsewhere = MappingProxyType({"skglm": "SCAD", "ncvreg": "SCAD"})

    def terms(self, w: Array, numbers: Numbers) -> Array:
        """l1·m − s²/(2·(gamma − 1)) + l2·w²; m = min(|w|, gamma·l1), s = max(m − l1, 0)."""
        xp, l1, gamma = namespace(w), numbers["l1"], numbers["gamma"]
        m = xp.minimum(xp.abs(w), gamma * l1)
        s = xp.maximum(m - l1, 0.0)
        return l1 * m - xp.square(s) / (2.0 * (gamma - 1.0)) + numbers["l2"] * xp.square(w)

    def hold(self, w: Array, numbers: Numbers) -> Array:
        """l1 where |w| ≤ l1, else max(gamma·l1 − |w|, 0)/(gamma − 1); and 2·l2·|w|."""
        xp, l1, gamma = namespace(w), numbers["l1"], numbers["gamma"]
        size = xp.abs(w)
        fading = xp.maximum(gamma * l1 - size, 0.0) / (gamma - 1.0)
        return xp.minimum(fading, l1) + 2.0 * numbers["l2"] * size

    def undamped_map(self, u: Array, step: Array, numbers: Numbers) -> Array:
        """The global minimiser of (w − u)²/(2d) + p(w), by its closed form.

        For d < gamma − 1 the objective is convex: S(u, d·l1) where |u| ≤ (1 + d)·l1;
        ((gamma − 1)·u − sign(u)·d·gamma·l1)/(gamma − 1 − d) up to gamma·l1; u beyond. For larger d
        only S(u, d·l1) and u can be minima: u where |u| is above l1·(gamma + 1 + d)/2, or for d
        above gamma + 1 above l1·√(d·(gamma + 1)), at which both have the same value.
        """
        xp, l1, gamma = namespace(u), numbers["l1"], numbers["gamma"]
        size, is_convex = xp.abs(u), step < gamma - 1.0
        soft = soft_threshold(u, step * l1)
        room = xp.where(is_convex, gamma - 1.0 - step, 1.0)
        between = ((gamma - 1.0) * size - step * gamma * l1) / room
        # If the divisor is tiny, rounding must not move a weight out of its piece.
        kept = xp.minimum(xp.maximum(between, l1), gamma * l1)
        beyond = xp.where(size <= gamma * l1, xp.sign(u) * kept, u)
        near = xp.where(size <= (1.0 + step) * l1, soft, beyond)
        halfway = l1 * (gamma + 1.0 + step) / 2.0
        far = xp.where(step <= gamma + 1.0, halfway, l1 * xp.sqrt(step * (gamma + 1.0)))
        return xp.where(is_convex, near, xp.where(size > far, u, soft))

    def divided(self, factor: float, numbers: Mapping[str, float]) -> Mapping[str, float] | None:
        """The same numbers for factor 1, else None: l1 is both a slope and an end of a piece."""
        return dict(numbers) if factor == 1 else None


SCAD = SmoothlyClipped()
