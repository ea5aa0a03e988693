"""The names of a concave penalty's strengths in skglm and ncvreg."""

from collections.abc import Iterator
from dataclasses import dataclass

from regcli.config import conversions
from regcli.config.counterpart import Counterpart, Parameter
from regcli.config.objective import Basis
from regcli.penalties.penalty import ConcavePenalty
from regcli.penalties.penalty import Parameter as PenaltyParameter


def why_no_concave(basis: Basis) -> str:
    """What skglm and ncvreg lack of a model whose penalty is concave; empty where they have it."""
    if basis.reason or basis.hidden:
        return basis.reason or "no networks"
    if basis.class_weights or basis.row_weights:
        return "no class weights" if basis.class_weights else "no weights of rows"
    if basis.family not in ("squared", "logistic") or basis.outputs > 1:
        return "no such loss of several outputs"
    if isinstance(basis.penalty, ConcavePenalty) and _Divided.of(basis, basis.penalty) is None:
        return (
            "half the squared error, and half of this penalty is not "
            f"{basis.penalty.title} with other parameters"
        )
    return ""


@dataclass(frozen=True)
class _Divided:
    """A concave penalty in libraries that divide the objective: they halve the squared error.

    Attributes:
        factor: by what they divide it.
        shape: the parameter that shapes the penalty, which both call gamma.
        times: by what their gamma is multiplied.
    """

    penalty: ConcavePenalty
    factor: float
    shape: PenaltyParameter
    times: float

    @classmethod
    def of(cls, basis: Basis, penalty: ConcavePenalty) -> "_Divided | None":
        """None where the divided penalty is not the same penalty with other numbers."""
        factor, (shape,) = 2.0 if basis.family == "squared" else 1.0, penalty.shape_parameters
        divided = penalty.divided(factor, penalty.strengths(l1=1.0).numbers)
        if divided is None:
            return None
        return cls(penalty, factor, shape, divided[shape.name] / shape.default)

    @property
    def names(self) -> tuple[str, str, str]:
        """What the penalty's parameters are called."""
        return "l1", "l2", self.shape.name

    def theirs(self, l1: float, l2: float, gamma: float) -> tuple[float, float, float]:
        """Their numbers for these."""
        return self._times(self.factor, l1, l2, gamma)

    def ours(self, l1: float, l2: float, gamma: float) -> tuple[float, float, float]:
        """These numbers for theirs."""
        return self._times(1 / self.factor, l1, l2, gamma)

    def _times(self, factor: float, *given: float) -> tuple[float, float, float]:
        found = self.penalty.divided(factor, dict(zip(self.names, given, strict=True)))
        assert found is not None
        l1, l2, gamma = (found[name] for name in self.names)
        return l1, l2, gamma

    @property
    def rule(self) -> str:
        """The formula of their gamma."""
        return f"its gamma = {self.times:g}·gamma" if self.times != 1 else "its gamma = gamma"

    @property
    def back(self) -> str:
        """The formula of ours."""
        return f"gamma = its gamma/{self.times:g}" if self.times != 1 else "gamma = its gamma"


def concave_counterparts(basis: Basis, penalty: ConcavePenalty) -> Iterator[Counterpart]:
    """The names of a penalty that is concave away from 0, in libraries that have it."""
    divided = _Divided.of(basis, penalty)
    if divided is None or why_no_concave(basis):
        return
    yield _skglm(basis, divided)
    if basis.has_bias:
        yield _ncvreg(divided)


def _skglm(basis: Basis, divided: _Divided) -> Counterpart:
    is_halved, name = divided.factor == 2, divided.penalty.elsewhere["skglm"]
    return Counterpart(
        library="skglm",
        name="skglm",
        aliases=(name.lower(),),
        parameters=(Parameter("alpha"), Parameter("gamma", positive=True)),
        convert=lambda l1, l2, gamma: None if l2 else divided.theirs(l1, l2, gamma)[::2],
        invert=lambda alpha, gamma: divided.ours(alpha, 0.0, gamma),
        strengths=divided.names,
        code=f"GeneralizedLinearEstimator({'Quadratic' if is_halved else 'Logistic'}(), "
        f"{name}({{alpha}}, gamma={{gamma}}), AndersonCD(fit_intercept={basis.has_bias}))",
        rule=f"alpha = l1{'/2' if is_halved else ''}, {divided.rule}",
        back=f"l1 = {'2·' if is_halved else ''}alpha, l2 = 0, {divided.back}",
        limit="it has no l2 with this penalty",
        notes=() if is_halved else ("the classes are −1 and 1",),
    )


def _ncvreg(divided: _Divided) -> Counterpart:
    """It writes l1 and l2 as glmnet does, and always has an intercept."""
    is_halved, name = divided.factor == 2, divided.penalty.elsewhere["ncvreg"]

    def convert(l1: float, l2: float, gamma: float) -> tuple[float, float, float] | None:
        l1, l2, gamma = divided.theirs(l1, l2, gamma)
        return (*conversions.to_glmnet_likelihood(l1, l2), gamma) if l1 else None

    def invert(both: float, alpha: float, gamma: float) -> tuple[float, float, float]:
        return divided.ours(*conversions.from_glmnet_likelihood(both, alpha), gamma)

    return Counterpart(
        library="ncvreg",
        name="ncvreg",
        parameters=(
            Parameter("lambda"),
            Parameter("alpha", 1.0, positive=True, most=1),
            Parameter("gamma", divided.shape.default, positive=True),
        ),
        convert=convert,
        invert=invert,
        strengths=divided.names,
        code=f'ncvreg(x, y, family = "{"gaussian" if is_halved else "binomial"}", '
        f'penalty = "{name}", lambda = {{lambda}}, alpha = {{alpha}}, gamma = {{gamma}})',
        rule=f"lambda = (l1 + 2·l2){'/2' if is_halved else ''}, alpha = l1/(l1 + 2·l2), "
        f"{divided.rule}",
        back=f"l1 = {'2·' if is_halved else ''}lambda·alpha, "
        f"l2 = lambda·(1 − alpha){'' if is_halved else '/2'}, {divided.back}",
        limit="it needs l1 above 0",
        notes=(
            "it scales columns to mean 0 and mean square 1: results are the same only if the "
            "training columns are scaled so already, as with dataset.scale: standard",
        ),
    )
