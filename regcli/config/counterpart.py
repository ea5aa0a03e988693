"""A counterpart: a function or class of another library that minimizes the same objective."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Parameter:
    """A number of another library.

    Attributes:
        default: what it is where it is not given; None where it must be.
        positive: whether 0 is refused.
        most: the largest value.
    """

    name: str
    default: float | None = None
    positive: bool = False
    most: float = math.inf

    @property
    def rule(self) -> str:
        """Which values it may have."""
        least = "above 0" if self.positive else "at least 0"
        return least if math.isinf(self.most) else f"between 0 and {self.most:g}"

    def accepts(self, value: float) -> bool:
        """Whether a value keeps the rule."""
        above_least = value > 0 if self.positive else value >= 0
        return math.isfinite(value) and above_least and value <= self.most


@dataclass(frozen=True)
class Counterpart:
    """A function or class of another library that minimizes the same objective.

    Attributes:
        library: scikit-learn, glmnet, skglm, ncvreg or PyTorch.
        name: what `--from` calls it; aliases are other words for it.
        convert: the penalty's numbers, those of groups left out, to the values of `parameters`;
            None where it cannot have such strengths.
        invert: the other way.
        code: how it is written, with the parameters in braces.
        rule: formulas of the parameters.
        back: formulas of the penalty's numbers.
        strengths: what `invert` gives, by regcli's names.
        limit: which strengths it cannot have, in words.
        notes: what has to be known to get the same numbers.
    """

    library: str
    name: str
    parameters: tuple[Parameter, ...]
    convert: Callable[..., tuple[float, ...] | None] = field(repr=False)
    invert: Callable[..., tuple[float, ...]] = field(repr=False)
    code: str
    rule: str
    back: str
    strengths: tuple[str, ...] = ("l1", "l2")
    aliases: tuple[str, ...] = ()
    limit: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} ({', '.join(parameter.name for parameter in self.parameters)})"

    def takes(self, values: Mapping[str, float]) -> bool:
        """Whether these are names of its parameters, and none that it needs is missing."""
        needed = {parameter.name for parameter in self.parameters if parameter.default is None}
        return needed <= values.keys() <= {parameter.name for parameter in self.parameters}
