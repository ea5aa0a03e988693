"""Under which names other libraries know a config's strengths, and reading those names back."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from regcli.config import conversions
from regcli.config.objective import Basis, ClassWeights
from regcli.config.problems import did_you_mean
from regcli.errors import UsageError
from regcli.penalties.penalty import ConcavePenalty
from regcli.penalties.penalty import Parameter as PenaltyParameter

FORM = "NAME:PARAMETER=VALUE,…"


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
    """Something in another library that minimises the same objective.

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


def counterparts(basis: Basis) -> tuple[Counterpart, ...]:
    """What knows the strengths of such a model; scikit-learn first, PyTorch, which is last, always.

    Args:
        basis: the model and its data.
    """
    found: list[Counterpart] = []
    if isinstance(basis.penalty, ConcavePenalty):
        found += _concave(basis, basis.penalty)
    elif basis.family and basis.hidden:
        found += _network(basis)
    elif basis.family == "squared":
        found += _squared(basis)
    elif basis.family:
        found += _likelihood(basis)
    return (*found, _torch(basis))


_STANDARDIZED = "on columns scaled as regcli scales them; glmnet would scale them in its own way"


def _torch(basis: Basis) -> Counterpart:
    mean = "beside a loss with reduction='mean'"
    if basis.class_weights:
        mean = (
            "beside the mean over rows of s·loss, from reduction='none'; CrossEntropyLoss(weight=s)"
            " divides by the sum of a batch's weights instead, which is another objective"
        )
    return Counterpart(
        library="PyTorch",
        name="torch",
        aliases=("pytorch",),
        parameters=(Parameter("weight_decay"),),
        convert=lambda l1, l2, **others: (conversions.to_weight_decay(l2),),
        invert=lambda weight_decay: (0.0, conversions.from_weight_decay(weight_decay)),
        code="torch.optim.Adam(parameters, weight_decay={weight_decay})",
        rule="weight_decay = 2·l2",
        back="l2 = weight_decay/2",
        notes=(
            f"{mean}; as well in SGD and others that add weight_decay·W "
            "to the gradient, but not in AdamW, which shrinks weights apart from it",
            "biases are regularized too, unless they are in a parameter group with weight_decay=0",
            basis.penalty.without_a_name,
        ),
    )


def _likelihood(basis: Basis) -> Iterator[Counterpart]:
    """Logistic regression. Two scores share l2: the one score that they make has half of it."""
    n, halves = basis.rows, 2 if basis.family == "two_scores" else 1
    family = "binomial" if basis.family == "logistic" else "multinomial"
    l2 = "l2" if halves == 2 else "2·l2"
    weights = basis.class_weights
    yield Counterpart(
        library="scikit-learn",
        name="LogisticRegression",
        aliases=("sklearn", "scikit-learn"),
        parameters=(Parameter("C", positive=True), Parameter("l1_ratio", 0.0, most=1)),
        convert=lambda l1, l2: conversions.to_logistic_regression(n, l1, l2 / halves),
        invert=lambda C, l1_ratio: _times(
            halves, *conversions.from_logistic_regression(n, C, l1_ratio)
        ),
        code=f"LogisticRegression(C={_times_largest(weights)}{{C}}, l1_ratio={{l1_ratio}}, "
        f'solver="saga"{_class_weight(weights)}{_fit(basis)})',
        rule=f"C = 1/(n·(l1 + {l2})), l1_ratio = l1/(l1 + {l2})",
        back=f"l1 = l1_ratio/(n·C), l2 = (1 − l1_ratio)/({'' if halves == 2 else '2·'}n·C)",
        notes=(
            'saga, because liblinear penalises the intercept; before 1.8 add penalty="elasticnet"',
            *_scaled_weights_note(weights),
            *(
                ("it has one score where this model has two, which share the weight between them",)
                if halves == 2
                else ()
            ),
        ),
    )
    yield _glmnet_likelihood(basis, family)


def _glmnet_likelihood(basis: Basis, family: str) -> Counterpart:
    """It divides weights of rows by their mean w, and so has strengths that are divided by it."""
    weights = basis.class_weights
    w = weights.mean if weights else 1.0
    ungrouped = ('type.multinomial = "ungrouped", which is the default',)
    return Counterpart(
        library="glmnet",
        name="glmnet",
        parameters=(Parameter("lambda"), Parameter("alpha", 1.0, most=1)),
        convert=lambda l1, l2: conversions.to_glmnet_likelihood(l1 / w, l2 / w),
        invert=lambda penalty, alpha: conversions.from_glmnet_likelihood(w * penalty, alpha),
        code=f'glmnet(x, y, family = "{family}"{", weights = s[y]" if weights else ""}, '
        f"lambda = {{lambda}}, alpha = {{alpha}}, standardize = FALSE{_r_intercept(basis)})",
        rule=f"lambda = (l1 + 2·l2)/w, alpha = l1/(l1 + 2·l2), w = {w:.10g}"
        if weights
        else "lambda = l1 + 2·l2, alpha = l1/lambda",
        back=f"l1 = w·lambda·alpha, l2 = w·lambda·(1 − alpha)/2, w = {w:.10g}"
        if weights
        else "l1 = lambda·alpha, l2 = lambda·(1 − alpha)/2",
        notes=(
            _STANDARDIZED,
            *(("s[y] are the rows' weights, which it divides by their mean w",) if weights else ()),
            *(ungrouped if family == "multinomial" else ()),
        ),
    )


_MOST_WEIGHT = 2.0
"""Largest class weight that saga is given as it is.

The length of its steps takes no account of weights. With some of 20, on standardized iris and wine,
it ended 53 % to 290 % above the optimum however many steps it took; with none above 1 it is as safe
as without weights.
"""


def _largest_weight(weights: ClassWeights | None) -> float | None:
    """What saga needs the weights of classes divided by, if anything."""
    largest = max((weight for _, weight in weights.by_class), default=0.0) if weights else 0.0
    return largest if largest > _MOST_WEIGHT else None


def _times_largest(weights: ClassWeights | None) -> str:
    largest = _largest_weight(weights)
    return "" if largest is None else f"{largest:.10g}*"


def _scaled_weights_note(weights: ClassWeights | None) -> tuple[str, ...]:
    largest = _largest_weight(weights)
    if largest is None:
        return ()
    return (
        "saga does not converge under large class weights: all are divided by the largest, "
        f"{largest:.10g}, and C is multiplied by it, which is the same objective",
    )


def _class_weight(weights: ClassWeights | None) -> str:
    """scikit-learn's argument, with braces as `str.format` wants them."""
    if weights is None:
        return ""
    largest = _largest_weight(weights)
    if weights.balanced and largest is None:
        return ', class_weight="balanced"'
    divisor = "" if largest is None else f"/{largest:.10g}"
    given = ", ".join(
        f"{_label(name)}: {weight:.10g}{divisor}" for name, weight in weights.by_class
    )
    return f", class_weight={{{{{given}}}}}"


def _label(name: str) -> str:
    """A class as Python would write it: numbers are numbers in most people's targets."""
    written = name if name.isdecimal() else repr(name)
    return written.replace("{", "{{").replace("}", "}}")


def _times(factor: int, l1: float, l2: float) -> tuple[float, float]:
    return l1, factor * l2


def _squared(basis: Basis) -> Iterator[Counterpart]:
    """Least squares: an estimator for l2 alone, one for l1 alone, one for both."""
    n, m, fit = basis.rows, basis.outputs, _fit(basis)
    aliases = ("sklearn", "scikit-learn")
    yield Counterpart(
        library="scikit-learn",
        name="Ridge",
        aliases=aliases,
        parameters=(Parameter("alpha"),),
        convert=lambda l1, l2: None if l1 else (conversions.to_ridge(n, m, l2),),
        invert=lambda alpha: (0.0, conversions.from_ridge(n, m, alpha)),
        code=f"Ridge(alpha={{alpha}}{fit})",
        rule="alpha = n·m·l2",
        back="l1 = 0, l2 = alpha/(n·m)",
        limit="it has no l1",
    )
    yield Counterpart(
        library="scikit-learn",
        name="Lasso",
        aliases=aliases,
        parameters=(Parameter("alpha"),),
        convert=lambda l1, l2: (
            (conversions.to_elastic_net(m, l1, 0.0)[0],) if l1 and not l2 else None
        ),
        invert=lambda alpha: conversions.from_elastic_net(m, alpha, 1.0),
        code=f"Lasso(alpha={{alpha}}{fit})",
        rule="alpha = m·l1/2",
        back="l1 = 2·alpha/m, l2 = 0",
        limit="it has no l2",
    )
    yield Counterpart(
        library="scikit-learn",
        name="ElasticNet",
        aliases=aliases,
        parameters=(Parameter("alpha"), Parameter("l1_ratio", 0.5, most=1)),
        convert=lambda l1, l2: conversions.to_elastic_net(m, l1, l2) if l1 and l2 else None,
        invert=lambda alpha, l1_ratio: conversions.from_elastic_net(m, alpha, l1_ratio),
        code=f"ElasticNet(alpha={{alpha}}, l1_ratio={{l1_ratio}}{fit})",
        rule="alpha = m·(l1/2 + l2), l1_ratio = (l1/2)/(l1/2 + l2)",
        back="l1 = 2·alpha·l1_ratio/m, l2 = alpha·(1 − l1_ratio)/m",
        limit="Ridge and Lasso are its ends",
    )
    if basis.deviation:
        yield _gaussian(basis, basis.deviation)


def _gaussian(basis: Basis, s: float) -> Counterpart:
    return Counterpart(
        library="glmnet",
        name="glmnet",
        parameters=(Parameter("lambda"), Parameter("alpha", 1.0, most=1)),
        convert=lambda l1, l2: conversions.to_glmnet_gaussian(s, l1, l2),
        invert=lambda penalty, alpha: conversions.from_glmnet_gaussian(s, penalty, alpha),
        code='glmnet(x, y, family = "gaussian", lambda = {lambda}, alpha = {alpha}, '
        f"standardize = FALSE{_r_intercept(basis)})",
        rule=f"lambda = l1/2 + s·l2, alpha = (l1/2)/lambda, s = {s:.10g}",
        back=f"l1 = 2·lambda·alpha, l2 = lambda·(1 − alpha)/s, s = {s:.10g}",
        notes=(
            "s is the standard deviation of the training targets (of n, not n − 1), by which "
            "glmnet divides them",
            _STANDARDIZED,
        ),
    )


def _network(basis: Basis) -> Iterator[Counterpart]:
    """scikit-learn's networks, for a stack of Dense layers with one activation."""
    regression = basis.family == "squared"
    to_alpha = conversions.to_mlp_regressor if regression else conversions.to_mlp_classifier
    to_l2 = conversions.from_mlp_regressor if regression else conversions.from_mlp_classifier
    factor, name = ("", "MLPRegressor") if regression else ("2·", "MLPClassifier")
    sizes = ", ".join(map(str, basis.hidden)) + ("," if len(basis.hidden) == 1 else "")
    yield Counterpart(
        library="scikit-learn",
        name=name,
        aliases=("sklearn", "scikit-learn"),
        parameters=(
            Parameter("alpha"),
            Parameter("batch_size", float(basis.batch_size), positive=True),
        ),
        convert=lambda l1, l2: (
            None if l1 else (to_alpha(basis.batch_size, l2), float(basis.batch_size))
        ),
        invert=lambda alpha, batch_size: (0.0, to_l2(batch_size, alpha)),
        code=f'{name}(hidden_layer_sizes=({sizes}), activation="{basis.activation}", '
        "alpha={alpha}, batch_size={batch_size})",
        rule=f"alpha = {factor}batch_size·l2",
        back=f"l2 = alpha/({factor}batch_size)" if factor else "l2 = alpha/batch_size",
        limit=f"{name} has one alpha for all kernels, and no l1",
        notes=(
            f'it divides alpha by the rows of a batch; solver="lbfgs" takes all n = {basis.rows:,} '
            f"at a time, so that alpha = {factor}n·l2",
        ),
    )


def libraries(basis: Basis) -> tuple[str, ...]:
    """The libraries that a person may look for."""
    return ("scikit-learn", "glmnet", *basis.penalty.elsewhere, "PyTorch")


def why_no_concave(basis: Basis) -> str:
    """What skglm and ncvreg lack of a model whose penalty is concave; empty where they have it."""
    if basis.reason or basis.hidden:
        return basis.reason or "no networks"
    if basis.class_weights:
        return "no class weights"
    if basis.family not in ("squared", "logistic") or basis.outputs > 1:
        return "no such loss of several outputs"
    if isinstance(basis.penalty, ConcavePenalty) and _Divided.of(basis, basis.penalty) is None:
        return (
            f"half the squared error, and half of {basis.penalty.title} is none with other numbers"
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
        """None where the divided penalty is none with other numbers."""
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


def _concave(basis: Basis, penalty: ConcavePenalty) -> Iterator[Counterpart]:
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
        limit="it has no l2 beside this penalty",
        notes=() if is_halved else ("for targets of −1 and 1",),
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
        limit="it needs an l1",
        notes=(
            "it scales columns to mean 0 and mean square 1 itself: the same only for training "
            "columns that are so already, as dataset.scale: standard makes them",
        ),
    )


def _fit(basis: Basis) -> str:
    return "" if basis.has_bias else ", fit_intercept=False"


def _r_intercept(basis: Basis) -> str:
    return "" if basis.has_bias else ", intercept = FALSE"


# Reading `--from`


@dataclass(frozen=True)
class Translation:
    """Strengths read from another library's names.

    Attributes:
        values: by the other library's names.
        strengths: by regcli's.
    """

    counterpart: Counterpart
    values: Mapping[str, float]
    strengths: Mapping[str, float]


def read_named_strengths(text: str) -> tuple[str, dict[str, float]]:
    """The name and the numbers in `LogisticRegression:C=0.5`.

    Raises:
        UsageError: for another form, a parameter given twice, or what is no number.
    """
    name, colon, given = text.partition(":")
    assignments = [item.partition("=") for item in given.split(",")]
    if not colon or not all(key.strip() and value.strip() for key, _, value in assignments):
        raise UsageError(f"must be {FORM}, like torch:weight_decay=1e-4, got '{text}'")
    values: dict[str, float] = {}
    for key, _, value in assignments:
        if key.strip() in values:
            raise UsageError(f"must not name a parameter twice, got {key.strip()} again")
        values[key.strip()] = _number(key.strip(), value)
    return name.strip(), values


def translate(name: str, values: Mapping[str, float], known: Sequence[Counterpart]) -> Translation:
    """Strengths in another library by regcli's names.

    Args:
        name: a counterpart's; `sklearn` stands for the one of scikit-learn's with such parameters.
        values: its parameters; those with defaults may be left out.
        known: the counterparts of the config.

    Raises:
        UsageError: for an unknown name or parameter, or a value that is refused.
    """
    chosen = _choose(name, values, known)
    complete = {p.name: values.get(p.name, p.default or 0.0) for p in chosen.parameters}
    for parameter in chosen.parameters:
        if not parameter.accepts(complete[parameter.name]):
            got = f"{complete[parameter.name]:g}"
            raise UsageError(f"{parameter.name} must be {parameter.rule}, got {got}")
    found = chosen.invert(*complete.values())
    return Translation(chosen, complete, dict(zip(chosen.strengths, found, strict=True)))


def _number(key: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{key} must be a number, got '{text.strip()}'") from None


def _choose(name: str, values: Mapping[str, float], known: Sequence[Counterpart]) -> Counterpart:
    named = [c for c in known if name.lower() in {c.name.lower(), *c.aliases}]
    if not named:
        every = ", ".join(map(str, known))
        near = did_you_mean(name, [word for c in known for word in (c.name, *c.aliases)])
        raise UsageError(f"this config's strengths have no name in '{name}'{near} (known: {every})")
    fitting = [c for c in named if c.takes(values)]
    if len(fitting) > 1:
        names = " or ".join(c.name for c in fitting)
        raise UsageError(f"{name} must say which is meant, {names}, got '{name}' alone")
    if not fitting:
        theirs = "; ".join(map(str, named))
        raise UsageError(f"{name} must have the parameters of {theirs}, got {', '.join(values)}")
    return fitting[0]
