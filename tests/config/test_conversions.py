"""Strengths under other names: the other library's optimum is the optimum of regcli's objective.

Whether it is, is asked of the objective itself, written out in float64: at a minimum of
F = data loss + l1·Σ|W| + l2·ΣW² the gradient g of the smooth part is −l1·sign(W) where W is not 0,
and between −l1 and l1 where it is.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge

from regcli.config import conversions

LOADERS: dict[str, Callable[..., Any]] = {
    "breast_cancer": load_breast_cancer,
    "digits": load_digits,
    "diabetes": load_diabetes,
    "wine": load_wine,
}


def standardized(name: str) -> tuple[Any, Any]:
    x, y = LOADERS[name](return_X_y=True)
    if name == "digits":
        x, y = x[::3], y[::3]  # to be solved in seconds
    width = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(width > 0, width, 1), y


def softmax(z: Any) -> Any:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def slopes(name: str, W: Any, b: Any) -> tuple[Any, Any]:
    """Gradient of the data loss in W (inputs, outputs) and b (outputs,)."""
    x, y = standardized(name)
    z = x @ W + b
    if name == "diabetes":
        error = 2 * (z - y[:, None]) / W.shape[1]
    elif W.shape[1] == 1:
        error = 1 / (1 + np.exp(-z)) - y[:, None]
    else:
        error = softmax(z) - np.eye(W.shape[1])[y]
    return x.T @ error / len(x), error.mean(axis=0)


def strongest(name: str) -> float:
    """The largest strength that leaves a weight: the steepest slope at W = 0, b fitted."""
    x, y = standardized(name)
    if name == "diabetes":
        return float(np.abs(2 * x.T @ (y - y.mean())).max() / len(x))
    classes = y[:, None] if y.max() == 1 else np.eye(y.max() + 1)[y]
    return float(np.abs(x.T @ (classes - classes.mean(axis=0))).max() / len(x))


def residual(name: str, model: Any, l1: float, l2: float) -> float:
    """How far a solution is from the conditions of regcli's optimum, in shares of λmax."""
    W, b = np.atleast_2d(model.coef_).T, np.atleast_1d(model.intercept_)
    slope, slope_of_b = slopes(name, W, b)
    smooth = slope + 2 * l2 * W
    at_zero = np.maximum(np.abs(smooth) - l1, 0)
    elsewhere = np.abs(smooth + l1 * np.sign(W))
    worst = max(np.where(W == 0, at_zero, elsewhere).max(), np.abs(slope_of_b).max())
    return float(worst / strongest(name))


STRENGTHS = {"l1": (0.1, 0.0), "l2": (0.0, 0.01), "both": (0.05, 0.001)}
"""l1 in shares of λmax, and l2, as in the table of known optima."""


@pytest.mark.parametrize("name", ["breast_cancer", "wine"])
@pytest.mark.parametrize("which", STRENGTHS)
def test_logistic_regression(name: str, which: str) -> None:
    check_logistic_regression(name, which)


@pytest.mark.slow
@pytest.mark.parametrize("which", ["l2", "both"])
def test_logistic_regression_of_ten_classes(which: str) -> None:
    check_logistic_regression("digits", which)


def check_logistic_regression(name: str, which: str) -> None:
    x, y = standardized(name)
    share, l2 = STRENGTHS[which]
    l1 = share * strongest(name)
    C, l1_ratio = conversions.to_logistic_regression(len(x), l1, l2)
    solver = "saga" if l1 else "lbfgs"
    options: dict[str, Any] = {"tol": 1e-8, "max_iter": 100_000, "random_state": 0}
    model = LogisticRegression(C=C, l1_ratio=l1_ratio, solver=solver, **options).fit(x, y)
    assert residual(name, model, l1, l2) < 1e-6
    assert conversions.from_logistic_regression(len(x), C, l1_ratio) == pytest.approx((l1, l2))
    # A strength that is off by a hundredth is noticed.
    assert residual(name, model, 1.01 * l1, 1.01 * l2) > 1e-5


@pytest.mark.parametrize("which", STRENGTHS)
def test_least_squares(which: str) -> None:
    x, y = standardized("diabetes")
    share, l2 = STRENGTHS[which]
    l1 = share * strongest("diabetes")
    alpha, l1_ratio = conversions.to_elastic_net(1, l1, l2)
    options: dict[str, Any] = {"tol": 1e-14, "max_iter": 100_000}
    if which == "l2":
        alpha = conversions.to_ridge(len(x), 1, l2)
        assert conversions.from_ridge(len(x), 1, alpha) == pytest.approx(l2)
        model = Ridge(alpha=alpha, solver="cholesky")
    elif which == "l1":
        assert l1_ratio == 1
        model = Lasso(alpha=alpha, **options)
    else:
        model = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, **options)
    model.fit(x, y)
    assert residual("diabetes", model, l1, l2) < 1e-6
    assert residual("diabetes", model, 1.01 * l1, 1.01 * l2) > 1e-5


def test_least_squares_of_several_outputs() -> None:
    """Keras's mean is over rows and outputs: F = ‖Y − XW − b‖²/(n·m) + l1·Σ|W| + l2·ΣW²."""
    x, y = standardized("wine")
    Y, (n, m), l2 = np.eye(3)[y], (len(x), 3), 0.02
    W = Ridge(alpha=conversions.to_ridge(n, m, l2)).fit(x, Y)
    error = x @ W.coef_.T + W.intercept_ - Y
    assert np.abs(2 * x.T @ error / (n * m) + 2 * l2 * W.coef_.T).max() < 1e-10
    alpha, l1_ratio = conversions.to_elastic_net(m, 0.01, l2)
    net = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, tol=1e-14, max_iter=100_000).fit(x, Y)
    smooth = 2 * x.T @ (x @ net.coef_.T + net.intercept_ - Y) / (n * m) + 2 * l2 * net.coef_.T
    kept = net.coef_.T != 0
    assert 0 < kept.sum() < kept.size
    assert np.abs(smooth + 0.01 * np.sign(net.coef_.T))[kept].max() < 1e-8
    assert np.abs(smooth[~kept]).max() < 0.01 + 1e-8


# glmnet is not here to be asked: its objectives, as its authors write them, are


RATES = [(0.02, 0.3), (0.5, 0.0), (0.0, 0.7)]


@pytest.mark.parametrize(("l1", "l2"), RATES)
def test_glmnet_for_classes(l1: float, l2: float) -> None:
    """−loglik/n + λ·((1 − α)/2·ΣW² + α·Σ|W|) is the same number as F."""
    W = np.random.default_rng(0).standard_normal((4, 3))
    lamda, alpha = conversions.to_glmnet_likelihood(l1, l2)
    theirs = lamda * ((1 - alpha) / 2 * (W**2).sum() + alpha * np.abs(W).sum())
    assert theirs == pytest.approx(l1 * np.abs(W).sum() + l2 * (W**2).sum())


@pytest.mark.parametrize(("l1", "l2"), RATES)
def test_glmnet_for_quantities(l1: float, l2: float) -> None:
    """With y/s and λ/s, the minimum of glmnet's objective is s times smaller than that of F."""
    x, y = standardized("diabetes")
    n, s = len(x), y.std()
    W = np.random.default_rng(0).standard_normal(10)
    lamda, alpha = conversions.to_glmnet_gaussian(s, l1, l2)
    inside = W / s

    def glmnet() -> float:
        fit = ((y / s - x @ inside) ** 2).sum() / (2 * n)
        ridge, lasso = (1 - alpha) / 2 * (inside**2).sum(), alpha * np.abs(inside).sum()
        return float(fit + lamda / s * (ridge + lasso))

    F = ((y - x @ W) ** 2).mean() + l1 * np.abs(W).sum() + l2 * (W**2).sum()
    assert glmnet() == pytest.approx(F / (2 * s**2))


POSITIVE = st.floats(1e-9, 1e6)
RATIO = st.floats(0, 1)
COUNT = st.integers(1, 10**6)


@given(COUNT, st.integers(1, 100), POSITIVE, POSITIVE, POSITIVE)
def test_every_name_reads_back(n: int, m: int, s: float, l1: float, l2: float) -> None:
    # 1 − l1_ratio has lost the digits of an l2 that is far smaller than l1.
    both = pytest.approx((l1, l2), rel=1e-9, abs=1e-14 * (l1 + l2))
    c = conversions
    assert c.from_logistic_regression(n, *c.to_logistic_regression(n, l1, l2)) == both
    assert c.from_elastic_net(m, *c.to_elastic_net(m, l1, l2)) == both
    assert c.from_glmnet_likelihood(*c.to_glmnet_likelihood(l1, l2)) == both
    alone = pytest.approx(l2, rel=1e-9)
    assert c.from_ridge(n, m, c.to_ridge(n, m, l2)) == alone
    assert c.from_mlp_classifier(n, c.to_mlp_classifier(n, l2)) == alone
    assert c.from_mlp_regressor(n, c.to_mlp_regressor(n, l2)) == alone
    assert c.from_weight_decay(c.to_weight_decay(l2)) == alone


@given(POSITIVE, st.floats(1e-3, 1), st.floats(1e-3, 1e3))
def test_glmnet_for_quantities_reads_back(lamda: float, alpha: float, s: float) -> None:
    l1, l2 = conversions.from_glmnet_gaussian(s, lamda, alpha)
    assert conversions.to_glmnet_gaussian(s, l1, l2) == pytest.approx((lamda, alpha), rel=1e-6)


def test_no_strength_at_all() -> None:
    assert conversions.to_logistic_regression(100, 0, 0) == (np.inf, 0)
    assert conversions.to_elastic_net(1, 0, 0)[0] == 0
    assert conversions.to_glmnet_likelihood(0, 0)[0] == 0
    assert conversions.to_glmnet_gaussian(2.0, 0, 0)[0] == 0
