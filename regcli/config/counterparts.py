"""The names of a config's strengths in other libraries."""

from collections.abc import Iterator

from regcli.config import conversions
from regcli.config.concave_counterparts import concave_counterparts
from regcli.config.counterpart import Counterpart, Parameter
from regcli.config.objective import Basis, ClassWeights
from regcli.penalties.penalty import ConcavePenalty


def counterparts(basis: Basis) -> tuple[Counterpart, ...]:
    """Counterparts of a model's strengths: scikit-learn's first, PyTorch's (always there) last.

    Args:
        basis: the model and its data.
    """
    found: list[Counterpart] = []
    if isinstance(basis.penalty, ConcavePenalty):
        found += concave_counterparts(basis, basis.penalty)
    elif basis.family and basis.hidden:
        found += _network(basis)
    elif basis.family == "squared":
        found += _squared(basis)
    elif basis.family:
        found += _likelihood(basis)
    return (*found, _torch(basis))


def libraries(basis: Basis) -> tuple[str, ...]:
    """The libraries that a person may look for."""
    return ("scikit-learn", "glmnet", *basis.penalty.elsewhere, "PyTorch")


_STANDARDIZED = "for columns scaled as regcli scales them; by default glmnet scales columns itself"


def _torch(basis: Basis) -> Counterpart:
    mean = "with a loss that has reduction='mean'"
    if basis.row_weights:
        s = "s·w" if basis.class_weights else "w"
        mean = f"with the mean over rows of {s}·loss, from reduction='none'"
    elif basis.class_weights:
        mean = (
            "with the mean over rows of s·loss, from reduction='none'; CrossEntropyLoss(weight=s) "
            "divides by the sum of a batch's weights instead, which is another objective"
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
            f"{mean}; the same for SGD and others that add weight_decay·W to the gradient, "
            "but not for AdamW, which shrinks weights in a separate step",
            "biases are regularized too, unless they are in a parameter group with weight_decay=0",
            basis.penalty.without_a_name,
        ),
    )


def _likelihood(basis: Basis) -> Iterator[Counterpart]:
    """Logistic regression. Two scores share l2: the single score has half of it."""
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
            "solver saga, because liblinear penalizes the intercept; before scikit-learn 1.8 add "
            'penalty="elasticnet"',
            *_scaled_weights_note(weights),
            *(
                ("it has one score; this model has two, which share the weights",)
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
            *(
                ("s[y] are the weights of the rows; glmnet divides them by their mean w",)
                if weights
                else ()
            ),
            *(ungrouped if family == "multinomial" else ()),
        ),
    )


_MOST_WEIGHT = 2.0
"""Largest class weight that saga is given as it is.

Its step size ignores the weights. With weights of 20, on standardized iris and wine, it ended 53 %
to 290 % above the optimum for any number of steps; with none above 1 it is as safe as without
weights.
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
        "saga does not converge with large class weights: they are divided by the largest, "
        f"{largest:.10g}, and C is multiplied by it; the objective stays the same",
    )


def _class_weight(weights: ClassWeights | None) -> str:
    """scikit-learn's argument, with braces doubled for `str.format`."""
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
    """Least squares: one estimator for only l2, one for only l1, one for both.

    Those with l1 divide weights of rows by their mean w, Ridge takes them as they are.
    """
    n, m, fit = basis.rows, basis.outputs, _fit(basis)
    aliases = ("sklearn", "scikit-learn")
    w = basis.row_weights.mean if basis.row_weights else 1.0
    of_rows = ".fit(x, y, sample_weight=w)" if basis.row_weights else ""
    over, times = ("/w", f"·w, w = {w:.10g}") if basis.row_weights else ("", "")
    mean = (f"it divides the weights by their mean, {w:.10g}",) if basis.row_weights else ()
    yield Counterpart(
        library="scikit-learn",
        name="Ridge",
        aliases=aliases,
        parameters=(Parameter("alpha"),),
        convert=lambda l1, l2: None if l1 else (conversions.to_ridge(n, m, l2),),
        invert=lambda alpha: (0.0, conversions.from_ridge(n, m, alpha)),
        code=f"Ridge(alpha={{alpha}}{fit}){of_rows}",
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
            (conversions.to_elastic_net(m, l1 / w, 0.0)[0],) if l1 and not l2 else None
        ),
        invert=lambda alpha: conversions.from_elastic_net(m, w * alpha, 1.0),
        code=f"Lasso(alpha={{alpha}}{fit}){of_rows}",
        rule=f"alpha = m·l1/2{over}",
        back=f"l1 = 2·alpha/m{times}, l2 = 0",
        limit="it has no l2",
        notes=mean,
    )
    yield Counterpart(
        library="scikit-learn",
        name="ElasticNet",
        aliases=aliases,
        parameters=(Parameter("alpha"), Parameter("l1_ratio", 0.5, most=1)),
        convert=lambda l1, l2: conversions.to_elastic_net(m, l1 / w, l2 / w) if l1 and l2 else None,
        invert=lambda alpha, l1_ratio: conversions.from_elastic_net(m, w * alpha, l1_ratio),
        code=f"ElasticNet(alpha={{alpha}}, l1_ratio={{l1_ratio}}{fit}){of_rows}",
        rule=f"alpha = m·(l1/2 + l2){over}, l1_ratio = (l1/2)/(l1/2 + l2)",
        back=f"l1 = 2·alpha·l1_ratio/m{times}, l2 = alpha·(1 − l1_ratio)/m{times}",
        limit="use Ridge where l1 is 0, Lasso where l2 is 0",
        notes=mean,
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
            "s is the standard deviation of the training targets (divided by n, not n − 1); "
            "glmnet divides the targets by it",
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
            f'it divides alpha by the batch size; solver="lbfgs" takes all n = {basis.rows:,} rows '
            f"at once, so alpha = {factor}n·l2",
        ),
    )


def _fit(basis: Basis) -> str:
    return "" if basis.has_bias else ", fit_intercept=False"


def _r_intercept(basis: Basis) -> str:
    return "" if basis.has_bias else ", intercept = FALSE"
