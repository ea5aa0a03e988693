"""What a penalty is, what its parameters are, and its strengths on one kernel as one value."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from regcli.penalties.arrays import Array, namespace, sum_by_halves
from regcli.penalties.covered_weights import KERNELS

Numbers = Mapping[str, Any]
"""Parameters by name: numbers, or arrays that broadcast to the weights, such as (members, 1)."""

Shape = tuple[int, int, int]
"""A kernel's own shape as (blocks, inputs, units); a Dense kernel has one block."""


@dataclass(frozen=True)
class Parameter:
    """A number of a penalty.

    Attributes:
        name: as formulas call it.
        default: where a config leaves it out.
        above: it must be above this number; None where it must be at least 0.
        key: what the config calls it.
        of_groups: whether it multiplies a sum over groups rather than over weights.
    """

    name: str
    default: float = 0.0
    above: float | None = None
    key: str = ""
    of_groups: bool = False

    @property
    def is_strength(self) -> bool:
        """Whether the penalty vanishes with it, rather than changes its shape."""
        return self.above is None

    @property
    def config_key(self) -> str:
        """What the config calls it."""
        return self.key or self.name

    def accepts(self, value: float) -> bool:
        """Whether a value keeps the rule."""
        least = value >= 0 if self.above is None else value > self.above
        return least and math.isfinite(value)


L1, L2 = Parameter("l1"), Parameter("l2")


@dataclass(frozen=True)
class Sum:
    """A term of a formula: a factor times the sums of kernels that share it.

    Attributes:
        factor: None where the form holds every number itself.
        form: with `{}` in place of the kernel, such as `Σ|{}|`.
    """

    factor: float | None
    form: str


class Penalty(ABC):
    """A penalty P(w) of one kernel, without the numbers that its parameters have.

    Shapes: w, u, step and gradient are (members, blocks, inputs, units), and a penalty of each
    weight by itself takes any shape; parameters (members, 1, 1, 1), or numbers.

    Attributes:
        name: what the config calls it.
        title: what messages call it.
        parameters: in the order in which they are listed.
        is_convex: whether an optimum with a convex loss can be certified.
        is_elementwise: whether each weight is penalized separately, so that any shape will do.
        without_a_name: what to do in a library that has only weight_decay.
        elsewhere: its names in other libraries, where they are exactly the same.
    """

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    without_a_name: str
    is_convex: bool = True
    is_elementwise: bool = True
    elsewhere: Mapping[str, str] = MappingProxyType({})

    def __repr__(self) -> str:
        return self.name

    @property
    @abstractmethod
    def words(self) -> tuple[str, ...]:
        """The formula in a sentence or two."""

    @abstractmethod
    def sums(self, numbers: Mapping[str, float]) -> Iterator[Sum]:
        """P's sums over weights, in the order in which a formula has them; those that are 0 too."""

    @abstractmethod
    def value(self, w: Array, numbers: Numbers) -> Array:
        """P of each member, (members,)."""

    @abstractmethod
    def value_and_slope(self, kernel: Array, numbers: Numbers, shape: Shape) -> tuple[Array, Array]:
        """P of stacked members, (members, 1), and its slope, (members, n); 0 at corners.

        Args:
            kernel: tensors (members, n); numbers (members, 1).
            shape: that n numbers stand in, beside whose axes the members' comes first.
        """

    @abstractmethod
    def proximal_map(self, u: Array, step: Array, numbers: Numbers) -> Array:
        """The w that minimises Σ_j (w_j − u_j)²/(2·d_j) + P(w), shaped like u.

        Args:
            step: d, the length of the gradient step that led to each u; 0 does not change a weight.
        """

    @abstractmethod
    def residual(self, w: Array, gradient: Array, numbers: Numbers) -> Array:
        """The distance from 0 to the subdifferential of data loss + P by each weight.

        It is 0 everywhere at a stationary point (Karush, Kuhn, Tucker), and only there.

        Args:
            gradient: of the data loss.
        """

    @abstractmethod
    def hold(self, w: Array, numbers: Numbers) -> Array:
        """The slope of P by each weight, in magnitude, and at a corner its steepest.

        It is what a gradient of the data loss has to match, in the weight's own units.
        """

    @abstractmethod
    def largest_l1(self, gradient: Array, numbers: Mapping[str, float]) -> float:
        """The smallest l1 from which weights that are all 0 are a stationary point.

        Args:
            gradient: of the data loss there, float64, (blocks, inputs, units).
        """

    @abstractmethod
    def as_elastic_net(self, numbers: Mapping[str, float]) -> tuple[float, float] | None:
        """The l1 and l2 with which Keras's L1L2 is the same penalty; None where it is another."""

    @property
    def transposed(self) -> "Penalty":
        """The same penalty of kernels that are kept transposed, (blocks, units, inputs)."""
        return self

    def strengths(self, **numbers: float) -> "Strengths":
        """Strengths with these parameters, the others at their defaults."""
        return Strengths(self, {p.name: numbers.get(p.name, p.default) for p in self.parameters})

    @property
    def shape_parameters(self) -> tuple[Parameter, ...]:
        """The parameters that are not strengths."""
        return tuple(parameter for parameter in self.parameters if not parameter.is_strength)

    def of(self, section: Any) -> "Strengths":
        """The strengths that a config's section has under the parameters' keys."""
        given = {p.name: getattr(section, p.config_key) for p in self.parameters}
        return self.strengths(**{name: value for name, value in given.items() if value is not None})


class ElementwisePenalty(Penalty):
    """A penalty Σ_j p(w_j) of each weight separately; p has its only corner at 0."""

    @abstractmethod
    def terms(self, w: Array, numbers: Numbers) -> Array:
        """P's term p(w_j) of each weight, shaped like w."""

    def slope(self, w: Array, numbers: Numbers) -> Array:
        """The derivative p'(w_j) by each weight; 0 where the weight is 0."""
        return namespace(w).sign(w) * self.hold(w, numbers)

    def terms_and_slope(self, w: Array, numbers: Numbers) -> tuple[Array, Array]:
        """Both at once, for penalties that can compute them more cheaply together."""
        return self.terms(w, numbers), self.slope(w, numbers)

    def value(self, w: Array, numbers: Numbers) -> Array:
        """See `Penalty`."""
        import tensorflow as tf

        return tf.reduce_sum(self.terms(w, numbers), [1, 2, 3])

    def value_and_slope(self, kernel: Array, numbers: Numbers, shape: Shape) -> tuple[Array, Array]:
        """See `Penalty`."""
        del shape
        terms, slope = self.terms_and_slope(kernel, numbers)
        return sum_by_halves(terms), slope

    def residual(self, w: Array, gradient: Array, numbers: Numbers) -> Array:
        """|g + p'(w)| where a weight is not 0, max(|g| − l1, 0) where it is."""
        xp = namespace(w)
        moved = xp.abs(gradient + self.slope(w, numbers))
        return xp.where(w != 0, moved, xp.maximum(xp.abs(gradient) - numbers["l1"], 0.0))

    def largest_l1(self, gradient: Array, numbers: Mapping[str, float]) -> float:
        """max_j |g_j|: p rises from 0 with the slope l1, for all these penalties.

        Where p is concave the empty model is a local minimum then; others may be lower.
        """
        del numbers
        return float(abs(gradient).max())


NOT_CONVEX = (
    "The penalty is not convex: the weights that training ends with need not be the global optimum."
)
"""A sentence in `words` for a penalty that is concave away from 0."""


class ConcavePenalty(ElementwisePenalty):
    """Σ_j p(w_j) + l2·Σ_j w_j², whose p rises from 0 with the slope l1 and ends level.

    It is not convex: what solvers find is a stationary point, and may depend on where they start.
    """

    is_convex = False

    @abstractmethod
    def undamped_map(self, u: Array, step: Array, numbers: Numbers) -> Array:
        """The w that minimises Σ_j (w_j − u_j)²/(2·d_j) + p(w_j), l2 left aside.

        It is the global minimiser, also where a long step makes this problem non-convex.
        """

    @abstractmethod
    def divided(self, factor: float, numbers: Mapping[str, float]) -> Mapping[str, float] | None:
        """Parameters with which the penalty is P/factor; None where there are none."""

    def proximal_map(self, u: Array, step: Array, numbers: Numbers) -> Array:
        """The map of p at u/c for a step d/c, c = 1 + 2·d·l2: squares join the distance."""
        damping = 1.0 + 2.0 * step * numbers["l2"]
        return self.undamped_map(u / damping, step / damping, numbers)

    def sums(self, numbers: Mapping[str, float]) -> Iterator[Sum]:
        """Σ p(W; l1, …) + l2·ΣW²."""
        if numbers["l1"]:
            own = (numbers[p.name] for p in self.parameters if p.name != "l2")
            yield Sum(None, f"Σ {self.name}({{}}; {', '.join(f'{number:.10g}' for number in own)})")
        yield Sum(numbers["l2"], "Σ{}²")

    def as_elastic_net(self, numbers: Mapping[str, float]) -> tuple[float, float] | None:
        """Its l2 where p has no strength."""
        return None if numbers["l1"] else (0.0, numbers["l2"])

    def tangent(self, w: Array, numbers: Numbers) -> Array:
        """p'(|w_j|): the l1 of each weight with which l1·|w| touches p at w_j from above.

        The tangent of a concave p is never below it, up to a constant (Zou, Li 2008, One-step
        sparse estimates in nonconcave penalized likelihood models, Annals of Statistics 36).
        """
        return self.hold(w, {**numbers, "l2": 0.0})


@dataclass(frozen=True)
class Strengths:
    """A penalty and its parameters on one kernel or bias: one value from config to kernel.

    Attributes:
        numbers: every parameter by name.
    """

    penalty: Penalty
    numbers: Mapping[str, float]

    @property
    def any(self) -> bool:
        """Whether one of them is above 0, so that there is a penalty at all."""
        return any(self.numbers[p.name] for p in self.penalty.parameters if p.is_strength)

    @property
    def is_elastic_net(self) -> bool:
        """Whether Keras's L1L2 is the same penalty."""
        return self.penalty.as_elastic_net(self.numbers) is not None

    @property
    def is_convex(self) -> bool:
        """Whether it is convex with these numbers."""
        return self.penalty.is_convex or self.is_elastic_net

    def having(self, **numbers: float | None) -> "Strengths":
        """The same with some parameters replaced; None leaves one as it is."""
        given = {name: value for name, value in numbers.items() if value is not None}
        return Strengths(self.penalty, {**self.numbers, **given})


@dataclass(frozen=True)
class LayerStrengths:
    """The strengths of one layer.

    Attributes:
        kernel: of its kernels.
        bias: of its bias.
        named: of single weights that the config names, in place of those above; a strength of 0
            is one too.
        replaced, kept: names of the weights on which the model has regularizers of its own that
            are removed, or that count in place of strengths.
    """

    kernel: Strengths
    bias: Strengths
    named: Mapping[str, Strengths] = field(default_factory=dict)
    replaced: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()

    def of(self, weight: str) -> Strengths | None:
        """The strengths of a weight by its name, such as `kernel`; None where none can reach it."""
        found = self.named.get(weight)
        if found is None and weight in KERNELS:
            return self.kernel
        return self.bias if found is None and weight == "bias" else found

    def having(self, **numbers: float | None) -> "LayerStrengths":
        """The same with some parameters of kernels replaced; None leaves one as it is."""
        named = {
            weight: own.having(**numbers) if weight in KERNELS else own
            for weight, own in self.named.items()
        }
        return replace(self, kernel=self.kernel.having(**numbers), named=named)
