"""The elastic net l1·Σ|w| + l2·Σw² (Zou, Hastie 2005): with only l1 the lasso, with only l2 ridge.

Keras's convention: no ½ before l2, and no 1/n.
"""

from collections.abc import Iterator, Mapping

from regcli.penalties.arrays import Array, namespace, soft_threshold
from regcli.penalties.penalty import L1, L2, ElementwisePenalty, Numbers, Sum


class ElasticNet(ElementwisePenalty):
    """l1·Σ|w| + l2·Σw²."""

    name = "elastic_net"
    title = "elastic net"
    parameters = (L1, L2)
    words = (
        "The penalty is l1 times the sum of magnitudes plus l2 times the sum of squares of each "
        "kernel's weights, as in Keras's kernel_regularizer: no ½ before l2, and no 1/n.",
    )
    without_a_name = "PyTorch has no argument for l1: add l1·Σ|W| to the loss"

    def sums(self, numbers: Mapping[str, float]) -> Iterator[Sum]:
        """l1·Σ|W| + l2·ΣW²."""
        yield Sum(numbers["l1"], "Σ|{}|")
        yield Sum(numbers["l2"], "Σ{}²")

    def terms(self, w: Array, numbers: Numbers) -> Array:
        """l1·|w| + l2·w²."""
        xp = namespace(w)
        return numbers["l1"] * xp.abs(w) + numbers["l2"] * xp.square(w)

    def hold(self, w: Array, numbers: Numbers) -> Array:
        """l1 + 2·l2·|w|."""
        return numbers["l1"] + 2.0 * numbers["l2"] * namespace(w).abs(w)

    def slope(self, w: Array, numbers: Numbers) -> Array:
        """l1·sign(w) + 2·l2·w."""
        return numbers["l1"] * namespace(w).sign(w) + 2.0 * numbers["l2"] * w

    def terms_and_slope(self, w: Array, numbers: Numbers) -> tuple[Array, Array]:
        """Both from the same two products: w·(l1·sign(w) + l2·w), and l1·sign(w) + 2·l2·w."""
        sign_part, square_part = numbers["l1"] * namespace(w).sign(w), numbers["l2"] * w
        return w * (sign_part + square_part), sign_part + 2.0 * square_part

    def proximal_map(self, u: Array, step: Array, numbers: Numbers) -> Array:
        """S(u, d·l1)/(1 + 2·d·l2)."""
        l1, l2 = numbers["l1"], numbers["l2"]
        return soft_threshold(u, step * l1) / (1.0 + 2.0 * step * l2)

    def residual(self, w: Array, gradient: Array, numbers: Numbers) -> Array:
        """|g + 2·l2·w + l1·sign(w)| where a weight is not 0, max(|g| − l1, 0) where it is."""
        xp, l1 = namespace(w), numbers["l1"]
        pull = gradient + 2.0 * numbers["l2"] * w
        moved = xp.abs(pull + l1 * xp.sign(w))
        return xp.where(w != 0, moved, xp.maximum(xp.abs(pull) - l1, 0.0))

    def as_elastic_net(self, numbers: Mapping[str, float]) -> tuple[float, float]:
        """Its own l1 and l2."""
        return numbers["l1"], numbers["l2"]


ELASTIC_NET = ElasticNet()
