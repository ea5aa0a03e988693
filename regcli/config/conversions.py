"""Strengths under the names that other libraries give them, and back.

Here F = mean over n rows of the loss + l1·Σ|W| + l2·ΣW². Others divide F by another number, or
write the penalty with other numbers, so that the same minimum has other names. Each pair of
functions compares the two objectives term by term; `m` counts the outputs of a squared error, which
Keras averages over them too. All arguments are at least 0, and counts at least 1.
"""

import math


def to_logistic_regression(n: int, l1: float, l2: float) -> tuple[float, float]:
    """C and l1_ratio of scikit-learn's LogisticRegression, one output or several.

    It minimises C·Σᵢ lossᵢ + l1_ratio·Σ|W| + (1 − l1_ratio)/2·ΣW², which is n·C·F: so
    C = 1/(n·(l1 + 2·l2)) and l1_ratio = l1/(l1 + 2·l2). Without strengths C is infinite.
    """
    both = l1 + 2 * l2
    return (1 / (n * both), l1 / both) if both else (math.inf, 0.0)


def from_logistic_regression(n: int, C: float, l1_ratio: float) -> tuple[float, float]:
    """l1 = l1_ratio/(n·C) and l2 = (1 − l1_ratio)/(2·n·C), for C above 0."""
    return l1_ratio / (n * C), (1 - l1_ratio) / (2 * n * C)


def to_ridge(n: int, m: int, l2: float) -> float:
    """Alpha of scikit-learn's Ridge: it minimises ‖Y − XW‖² + alpha·ΣW² = n·m·F."""
    return n * m * l2


def from_ridge(n: int, m: int, alpha: float) -> float:
    """l2 = alpha/(n·m)."""
    return alpha / (n * m)


def to_elastic_net(m: int, l1: float, l2: float) -> tuple[float, float]:
    """Alpha and l1_ratio of scikit-learn's ElasticNet, of which Lasso is l1_ratio 1.

    For each output it minimises ‖y − Xw‖²/(2n) + alpha·l1_ratio·Σ|w| +
    alpha·(1 − l1_ratio)/2·Σw², together m/2·F: so alpha = m·(l1/2 + l2) and
    l1_ratio = (l1/2)/(l1/2 + l2).
    """
    both = l1 / 2 + l2
    return m * both, l1 / 2 / both if both else 1.0


def from_elastic_net(m: int, alpha: float, l1_ratio: float) -> tuple[float, float]:
    """l1 = 2·alpha·l1_ratio/m and l2 = alpha·(1 − l1_ratio)/m."""
    return 2 * alpha * l1_ratio / m, alpha * (1 - l1_ratio) / m


def to_glmnet_likelihood(l1: float, l2: float) -> tuple[float, float]:
    """Lambda and alpha of glmnet for classes, families `binomial` and `multinomial` (ungrouped).

    It minimises −loglik/n + lambda·((1 − alpha)/2·ΣW² + alpha·Σ|W|) = F: so lambda = l1 + 2·l2 and
    alpha = l1/lambda. From Friedman, Hastie and Tibshirani, Regularization Paths for Generalized
    Linear Models via Coordinate Descent, Journal of Statistical Software 33 (2010), 1-22.
    """
    both = l1 + 2 * l2
    return both, l1 / both if both else 1.0


def from_glmnet_likelihood(penalty: float, alpha: float) -> tuple[float, float]:
    """l1 = lambda·alpha and l2 = lambda·(1 − alpha)/2."""
    return penalty * alpha, penalty * (1 - alpha) / 2


def to_glmnet_gaussian(deviation: float, l1: float, l2: float) -> tuple[float, float]:
    """Lambda and alpha of glmnet for one quantity, family `gaussian`.

    It divides y by its standard deviation s (of n, not n − 1) first, and multiplies lambda by s
    again: in terms of y as it is, it minimises ‖y − Xw‖²/(2n) + lambda·(alpha·Σ|w| +
    (1 − alpha)/(2·s)·Σw²) = F/2. So lambda = l1/2 + s·l2 and alpha = (l1/2)/lambda. Source as of
    `to_glmnet_likelihood`; what it does to y is described in the help of glmnet.

    Args:
        deviation: s, above 0, in units of y.
    """
    both = l1 / 2 + deviation * l2
    return both, l1 / 2 / both if both else 1.0


def from_glmnet_gaussian(deviation: float, penalty: float, alpha: float) -> tuple[float, float]:
    """l1 = 2·lambda·alpha and l2 = lambda·(1 − alpha)/s."""
    return 2 * penalty * alpha, penalty * (1 - alpha) / deviation


def to_mlp_classifier(rows: int, l2: float) -> float:
    """Alpha of scikit-learn's MLPClassifier: its loss is mean loss + alpha/(2·rows)·ΣW².

    Args:
        rows: of the batch that its solver takes at a time: all of them with lbfgs.
    """
    return 2 * rows * l2


def from_mlp_classifier(rows: int, alpha: float) -> float:
    """l2 = alpha/(2·rows)."""
    return alpha / (2 * rows)


def to_mlp_regressor(rows: int, l2: float) -> float:
    """Alpha of scikit-learn's MLPRegressor, one output: mean (y − z)²/2 + alpha/(2·rows)·ΣW²."""
    return rows * l2


def from_mlp_regressor(rows: int, alpha: float) -> float:
    """l2 = alpha/rows."""
    return alpha / rows


def to_weight_decay(l2: float) -> float:
    """PyTorch's weight_decay of SGD, Adam and the like: it adds weight_decay·W to the gradient."""
    return 2 * l2


def from_weight_decay(weight_decay: float) -> float:
    """l2 = weight_decay/2."""
    return weight_decay / 2
