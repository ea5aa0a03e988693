"""The minimax concave penalty (MCP; Zhang 2010): an l1 penalty that levels off for large weights.

p(w) = l1·|w| − w²/(2·gamma) for |w| ≤ gamma·l1, and gamma·l1²/2 beyond, where it no longer shrinks
a weight; plus l2·w². As gamma grows it becomes l1·|w|. Source: C.-H. Zhang, Nearly
unbiased variable selection under minimax concave penalty, Annals of Statistics 38 (2010), 894-942.
"""

from collections.abc import Mapping
from types import MappingProxyType

from regcli.penalties.arrays import Array, namespace, soft_threshold
from regcli.penalties.penalty import L1, L2, NOT_CONVEX, ConcavePenalty, Numbers, Parameter


class MinimaxConcave(ConcavePenalty):
    """Σ_j p(w_j) + l2·Σ_j w_j²."""

    name = "mcp"
    title = "MCP"
    parameters = (L1, L2, Parameter("gamma", default=3.0, above=1.0))
    words = (
        "The penalty is Σ mcp(w; l1, gamma) over each kernel's weights, the minimax concave "
        "penalty: mcp(w; l1, gamma) = l1·|w| − w²/(2·gamma) where |w| ≤ gamma·l1, and "
        "gamma·l1²/2 beyond: large weights are not shrunk. l2 times the sum of squares is added.",
        NOT_CONVEX,
    )
    without_a_name = "PyTorch has no argument for MCP: add Σ mcp(w; l1, gamma) to the loss"
    elsewhere = MappingProxyType({"skglm": "MCPenalty", "ncvreg": "MCP"})

    def terms(self, w: Array, numbers: Numbers) -> Array:
        """l1·m − m²/(2·gamma) + l2·w², where m = min(|w|, gamma·l1)."""
        xp, l1, gamma = namespace(w), numbers["l1"], numbers["gamma"]
        m = xp.minimum(xp.abs(w), gamma * l1)
        return l1 * m - xp.square(m) / (2.0 * gamma) + numbers["l2"] * xp.square(w)

    def hold(self, w: Array, numbers: Numbers) -> Array:
        """max(l1 − |w|/gamma, 0) + 2·l2·|w|."""
        xp = namespace(w)
        size = xp.abs(w)
        rising = xp.maximum(numbers["l1"] - size / numbers["gamma"], 0.0)
        return rising + 2.0 * numbers["l2"] * size

    def undamped_map(self, u: Array, step: Array, numbers: Numbers) -> Array:
        """The global minimiser of (w − u)²/(2d) + p(w), by its closed form.

        For d < gamma the objective is convex: S(u, d·l1)/(1 − d/gamma) where |u| ≤ gamma·l1, and u
        beyond (firm thresholding). For d ≥ gamma only 0 and u can be minima, of values u²/(2d) and
        gamma·l1²/2: u where |u| > l1·√(d·gamma), and else 0.
        """
        xp, l1, gamma = namespace(u), numbers["l1"], numbers["gamma"]
        size, is_convex = xp.abs(u), step < gamma
        room = xp.where(is_convex, 1.0 - step / gamma, 1.0)
        # If the divisor is tiny, rounding must not move a weight to where p is constant.
        within = xp.minimum(soft_threshold(size, step * l1) / room, gamma * l1)
        firm = xp.where(size <= gamma * l1, xp.sign(u) * within, u)
        hard = xp.where(size > l1 * xp.sqrt(step * gamma), u, xp.zeros_like(u))
        return xp.where(is_convex, firm, hard)

    def divided(self, factor: float, numbers: Mapping[str, float]) -> Mapping[str, float]:
        """l1/k and gamma·k: (l1/k)·|w| − w²/(2·k·gamma) up to the same gamma·l1."""
        l1, l2, gamma = numbers["l1"], numbers["l2"], numbers["gamma"]
        return {"l1": l1 / factor, "l2": l2 / factor, "gamma": gamma * factor}


MCP = MinimaxConcave()
