"""Strengths read from other libraries' names, and what is said where that cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from regcli.config.counterpart import Counterpart
from regcli.config.counterparts import counterparts
from regcli.config.named_strengths import Translation, read_named_strengths, translate
from regcli.config.objective import Basis, ClassWeights
from regcli.errors import UsageError

LOGISTIC = Basis(rows=200, outputs=1, batch_size=32, family="logistic")
TWO = replace(LOGISTIC, family="two_scores", outputs=2)
SQUARED = Basis(rows=200, outputs=1, batch_size=32, family="squared", deviation=4.0)
NETWORK = replace(LOGISTIC, hidden=(16, 8), activation="relu")
REGRESSOR = replace(SQUARED, hidden=(16,), activation="tanh")
WEIGHTED = replace(
    LOGISTIC, class_weights=ClassWeights((("0", 3.0), ("no {braces}", 1.0)), 2.5, balanced=False)
)
UNLIKE = Basis(rows=200, outputs=1, batch_size=32, family=None, reason="no Conv2D layer")


def read(text: str, known: Sequence[Counterpart]) -> Translation:
    return translate(*read_named_strengths(text), known)


TRANSLATIONS = {
    "LogisticRegression:C=0.5": (LOGISTIC, 0.0, 0.005),
    "logisticregression: C = 0.5, l1_ratio = 1": (LOGISTIC, 0.01, 0.0),
    "sklearn:C=0.5,l1_ratio=0.5": (LOGISTIC, 0.005, 0.0025),
    "scikit-learn:C=0.5,l1_ratio=0.5": (TWO, 0.005, 0.005),
    "glmnet:lambda=0.1": (LOGISTIC, 0.1, 0.0),
    "glmnet:lambda=0.1,alpha=0": (TWO, 0.0, 0.05),
    "glmnet:lambda=0.2,alpha=0.5": (WEIGHTED, 0.25, 0.125),
    "glmnet:alpha=0.5,lambda=0.1": (SQUARED, 0.1, 0.0125),
    "Ridge:alpha=2": (SQUARED, 0.0, 0.01),
    "Lasso:alpha=2": (SQUARED, 4.0, 0.0),
    "ElasticNet:alpha=2": (SQUARED, 2.0, 1.0),
    "sklearn:alpha=2,l1_ratio=0.25": (SQUARED, 1.0, 1.5),
    "MLPClassifier:alpha=0.64": (NETWORK, 0.0, 0.01),
    "sklearn:alpha=0.64,batch_size=200": (NETWORK, 0.0, 0.0016),
    "MLPRegressor:alpha=0.64": (REGRESSOR, 0.0, 0.02),
    "torch:weight_decay=1e-4": (UNLIKE, 0.0, 5e-5),
    "PyTorch:weight_decay=0": (LOGISTIC, 0.0, 0.0),
}


@pytest.mark.parametrize("text", TRANSLATIONS)
def test_translations(text: str) -> None:
    basis, l1, l2 = TRANSLATIONS[text]
    found = read(text, counterparts(basis))
    assert tuple(found.strengths.values()) == pytest.approx((l1, l2))


@pytest.mark.parametrize("basis", [LOGISTIC, TWO, SQUARED, NETWORK, REGRESSOR, UNLIKE, WEIGHTED])
@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.3), (0.2, 0.0), (0.2, 0.3)])
def test_what_a_counterpart_is_given_reads_back(basis: Basis, l1: float, l2: float) -> None:
    for counterpart in counterparts(basis):
        values = counterpart.convert(l1, l2)
        if values is None:
            continue
        names = [parameter.name for parameter in counterpart.parameters]
        text = ",".join(f"{name}={value!r}" for name, value in zip(names, values, strict=True))
        found = read(f"{counterpart.name}:{text}", [counterpart])
        expected = 0.0 if counterpart.library == "PyTorch" else l1
        assert tuple(found.strengths.values()) == pytest.approx((expected, l2), abs=1e-15)


MISTAKES = {
    "C=0.5": "must be NAME:PARAMETER=VALUE,…, like torch:weight_decay=1e-4, got 'C=0.5'",
    "torch:": "must be NAME:PARAMETER=VALUE,…, like torch:weight_decay=1e-4, got 'torch:'",
    "torch:weight_decay": "must be NAME:PARAMETER=VALUE,…, like torch:weight_decay=1e-4, "
    "got 'torch:weight_decay'",
    "glmet:lambda=1": "must begin with a name that has this config's strengths, got 'glmet'; "
    "did you mean 'glmnet'? "
    "(known: Ridge (alpha), Lasso (alpha), ElasticNet (alpha, l1_ratio), glmnet (lambda, alpha), "
    "torch (weight_decay))",
    "Ridge:C=1": "must have the parameters of Ridge (alpha), got C",
    "sklearn:C=1": "must have the parameters of Ridge (alpha); Lasso (alpha); "
    "ElasticNet (alpha, l1_ratio), got C",
    "sklearn:alpha=1": "must be clear: write Ridge or Lasso or ElasticNet, got 'sklearn'",
    "Ridge:alpha=one": "alpha must be a number, got 'one'",
    "Ridge:alpha=-1": "alpha must be at least 0, got -1",
    "Ridge:alpha=nan": "alpha must be at least 0, got nan",
    "Ridge:alpha=inf": "alpha must be at least 0, got inf",
    "Ridge:alpha=1,alpha=2": "must not name a parameter twice, got alpha again",
    "ElasticNet:alpha=1,l1_ratio=2": "l1_ratio must be between 0 and 1, got 2",
    "ElasticNet:l1_ratio=1": "must have the parameters of "
    "ElasticNet (alpha, l1_ratio), got l1_ratio",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        read(text, counterparts(SQUARED))
    assert str(refused.value) == MISTAKES[text]


def test_a_c_of_zero_would_be_an_infinite_strength() -> None:
    with pytest.raises(UsageError) as refused:
        read("LogisticRegression:C=0", counterparts(LOGISTIC))
    assert str(refused.value) == "C must be above 0, got 0"


def test_which_libraries_know_a_model() -> None:
    def names(basis: Basis) -> list[str]:
        return [counterpart.name for counterpart in counterparts(basis)]

    assert names(LOGISTIC) == names(TWO) == ["LogisticRegression", "glmnet", "torch"]
    assert names(SQUARED) == ["Ridge", "Lasso", "ElasticNet", "glmnet", "torch"]
    assert names(replace(SQUARED, outputs=3, deviation=None))[-2:] == ["ElasticNet", "torch"]
    assert names(NETWORK) == ["MLPClassifier", "torch"]
    assert names(REGRESSOR) == ["MLPRegressor", "torch"]
    assert names(UNLIKE) == ["torch"]


def test_class_weights_have_their_names_too() -> None:
    logistic, glmnet, torch = counterparts(WEIGHTED)
    assert logistic.code.format(C=1, l1_ratio=0) == (
        'LogisticRegression(C=3*1, l1_ratio=0, solver="saga", '
        "class_weight={0: 3/3, 'no {braces}': 1/3})"
    )
    assert logistic.notes[1:] == (
        "saga does not converge with large class weights: they are divided by the largest, 3, "
        "and C is multiplied by it; the objective stays the same",
    )
    assert glmnet.code.format(**{"lambda": 1, "alpha": 0}) == (
        'glmnet(x, y, family = "binomial", weights = s[y], lambda = 1, alpha = 0, '
        "standardize = FALSE)"
    )
    assert glmnet.rule == "lambda = (l1 + 2·l2)/w, alpha = l1/(l1 + 2·l2), w = 2.5"
    assert "CrossEntropyLoss(weight=s) divides by the sum of a batch's weights" in torch.notes[0]


MILD = ClassWeights((("0", 2.0), ("1", 0.5)), 1.25, balanced=False)


def test_class_weights_that_are_not_large_stand_as_they_are() -> None:
    for weights, shown in (
        (MILD, "class_weight={0: 2, 1: 0.5}"),
        (replace(MILD, balanced=True), 'class_weight="balanced"'),
    ):
        logistic = counterparts(replace(LOGISTIC, class_weights=weights))[0]
        code = logistic.code.format(C=1, l1_ratio=0)
        assert code == f'LogisticRegression(C=1, l1_ratio=0, solver="saga", {shown})'
        assert len(logistic.notes) == 1


WEIGHTS: Mapping[str, tuple[float, ...]] = {
    "mapping": (0.1, 1.0, 6.5),
    "large": (0.1, 20.0, 6.5),
    "balanced": (0.5, 1.0, 25.0),
}


@pytest.mark.parametrize("family", ["logistic", "multinomial"])
@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize(("l1", "l2"), [(0.01, 0.0), (0.0, 0.01), (0.01, 0.005)])
def test_logistic_regression_with_class_weights_ends_at_our_optimum(
    family: Any, weights: str, l1: float, l2: float
) -> None:
    """What the code gives is solved, and no small change lowers our own objective from there."""
    x, classes = load_iris(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    count = 2 if family == "logistic" else 3
    y = classes % count if count == 2 else classes
    s = np.array(WEIGHTS[weights][-count:])
    given = ClassWeights(
        tuple((str(label), float(weight)) for label, weight in enumerate(s)),
        float(s[y].mean()),
        balanced=weights == "balanced",
    )
    basis = replace(LOGISTIC, rows=len(y), family=family, class_weights=given)
    known = counterparts(basis)[0]
    C, l1_ratio = known.convert(l1, l2) or (0.0, 0.0)
    made = eval(
        known.code.format(C=C, l1_ratio=l1_ratio).replace(")", ", tol=1e-8, max_iter=100000)"),
        {"LogisticRegression": LogisticRegression},
    )
    solved = made.fit(x, y)

    def objective(kernel: Any, bias: Any) -> float:
        z = x @ kernel.T + bias
        z = np.hstack([np.zeros_like(z), z]) if count == 2 else z
        losses = np.log(np.exp(z).sum(1)) - z[np.arange(len(y)), y]
        penalty = l1 * np.abs(kernel).sum() + l2 * (kernel**2).sum()
        return float((s[y] * losses).mean() + penalty)

    lowest = objective(solved.coef_, solved.intercept_)
    for place in np.ndindex(*solved.coef_.shape):
        for step in (-1e-3, 1e-3):
            kernel = solved.coef_.copy()
            kernel[place] += step
            assert objective(kernel, solved.intercept_) >= lowest - 1e-8
    for place in range(len(solved.intercept_)):
        for step in (-1e-3, 1e-3):
            bias = solved.intercept_.copy()
            bias[place] += step
            assert objective(solved.coef_, bias) >= lowest - 1e-8
