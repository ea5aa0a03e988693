"""The recorded penalty against NumPy's float64, for every way to write a regularizer."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import pytest

from regcli.models.kernel_penalties import BothPenalties, KernelPenalty, regularizer_value
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.results.outcomes import Outcome

from .examples import Array, Fit, a_config, class_splits, labels, rows, splits_of

BOTH = {"L1L2": {"l1": 0.003, "l2": 0.02}}
COLUMNS = {"OrthogonalRegularizer": {"factor": 0.3, "mode": "columns"}}
ROWS = {"OrthogonalRegularizer": {"factor": 0.3}}
OWN = {"l1": 0.001, "l2": 0.01}
BIAS = {"l1": 0.03}


@pytest.fixture
def fit(uncompiled_fit: Fit) -> Fit:
    return uncompiled_fit


def l1_l2(l1: float, l2: float) -> Callable[[Array], float]:
    return lambda w: float(l1 * np.abs(w).sum() + l2 * (w**2).sum())


def orthogonal(factor: float, mode: str) -> Callable[[Array], float]:
    """factor · the mean of |cos| over pairs of rows or columns."""

    def value(w: Array) -> float:
        across = w if mode == "rows" else w.T
        directions = across / np.linalg.norm(across, axis=1, keepdims=True)
        cosines = np.abs(directions @ directions.T)
        return float(factor * cosines[np.triu_indices(len(across), 1)].mean())

    return value


@pytest.mark.parametrize(
    ("regularizer", "expected"),
    [
        (keras.regularizers.L1(0.02), l1_l2(0.02, 0)),
        (keras.regularizers.L2(0.3), l1_l2(0, 0.3)),
        (keras.regularizers.L1L2(0.1, 0.7), l1_l2(0.1, 0.7)),
        (keras.regularizers.OrthogonalRegularizer(0.3, "rows"), orthogonal(0.3, "rows")),
        (keras.regularizers.OrthogonalRegularizer(0.3, "columns"), orthogonal(0.3, "columns")),
        (KernelPenalty(ELASTIC_NET.strengths(l1=0.1, l2=0.7), shown_only=True), l1_l2(0.1, 0.7)),
        (
            BothPenalties(keras.regularizers.L2(0.3), keras.regularizers.L1(0.02)),
            l1_l2(0.02, 0.3),
        ),
    ],
    ids=lambda given: type(given).__name__,
)
@pytest.mark.parametrize("shape", [(6, 6), (6, 3), (3, 6)])
def test_a_regularizer_s_value_is_that_of_float64(
    regularizer: Any, expected: Callable[[Array], float], shape: tuple[int, int]
) -> None:
    weights = rows(shape[1:], shape[0])
    value = regularizer_value(regularizer, weights)
    assert value == pytest.approx(expected(weights.astype(np.float64)), rel=1e-13)


def check_penalty(outcome: Outcome, terms: Mapping[str, Callable[[Array], float]]) -> None:
    """The penalty of every part, without activities, and the objective that holds it."""
    expected = sum(
        term(outcome.weights[name].astype(np.float64))
        for key, term in terms.items()
        for name in [key.removesuffix("+")]
    )
    for scores in outcome.metrics.values():
        assert scores["penalty"] == pytest.approx(expected, rel=1e-12)
        minimised = scores["weighted_data_loss"]
        assert minimised is not None
        assert scores["objective"] == pytest.approx(minimised + expected, rel=1e-12)


def strengths_of(outcome: Outcome) -> dict[str, Callable[[Array], float]]:
    """The terms of the config's own strengths: kernels and, at a rank of 1, biases."""
    kernels = {n: l1_l2(**OWN) for n in outcome.weights if n.split("/")[-1].endswith("kernel")}
    return {n: term for n, term in kernels.items() if "recurrent" not in n}


def test_regularizers_of_layers_beside_strengths(fit: Fit) -> None:
    """Square kernels: along the wrong axis there would be another number, but no error."""
    layers = [
        {"Dense": {"units": 4, "kernel_regularizer": COLUMNS, "bias_regularizer": "l1"}},
        {"BatchNormalization": {"gamma_regularizer": "l2", "beta_regularizer": BOTH}},
        {"PReLU": {"alpha_regularizer": {"L1": {"l1": 0.02}}}},
        {"Dense": {"units": 4, "kernel_regularizer": BOTH, "bias_regularizer": "l1_l2"}},
        {"Dense": {"units": 4, "kernel_regularizer": "l1_l2"}},
        {"Dense": {"units": 4, "kernel_regularizer": ROWS}},
    ]
    config = a_config(
        layers,
        regularization={**OWN, "bias": BIAS},
        training={"class_weight": {"0": 3.0}, "epochs": 1},
    )
    outcome = fit(config, class_splits())
    biases = {f"{n}+": l1_l2(**BIAS, l2=0) for n in outcome.weights if n.endswith("/bias")}
    named = {
        "dense/kernel": orthogonal(0.3, "columns"),
        "dense/bias": l1_l2(0.01, 0),
        "batch_normalization/gamma": l1_l2(0, 0.01),
        "batch_normalization/beta": l1_l2(0.003, 0.02),
        "p_re_lu/alpha": l1_l2(0.02, 0),
        "dense_1/kernel": l1_l2(0.003, 0.02),
        "dense_3/kernel": orthogonal(0.3, "rows"),
    }
    own = {f"{name}+": term for name, term in strengths_of(outcome).items()}
    check_penalty(outcome, {**named, **own, **biases})


def test_regularizers_inside_wrappers_and_of_other_weights(fit: Fit) -> None:
    gru = {"GRU": {"units": 3, "kernel_regularizer": BOTH, "recurrent_regularizer": "l2"}}
    dense = {"Dense": {"units": 3, "kernel_regularizer": "l1"}}
    separable = {"depthwise_regularizer": BOTH, "pointwise_regularizer": "l2"}
    layers = [
        {"SeparableConv1D": {"filters": 3, "kernel_size": 2, **separable}},
        {"TimeDistributed": {"layer": dense}},
        {"Bidirectional": {"layer": gru}},
    ]
    y = labels(60, 3)
    splits = splits_of(rows((6, 2), 60), y, classes=3)
    config = a_config(
        layers,
        regularization={**OWN, "method": "proximal"},
        training={"class_weight": "balanced", "epochs": 1, "polish": 0},
    )
    outcome = fit(config, splits)
    named = {}
    for name in outcome.weights:
        owner, last = name.split("/")[0], name.split("/")[-1]
        if last in {"recurrent_kernel", "pointwise_kernel"}:
            named[name] = l1_l2(0, 0.01)
        elif owner == "time_distributed" and last == "kernel":
            named[name] = l1_l2(0.01, 0)
        elif owner != "output" and last in {"kernel", "depthwise_kernel"}:
            named[name] = l1_l2(0.003, 0.02)
    assert len(named) == 7
    own = {f"{name}+": term for name, term in strengths_of(outcome).items()}
    check_penalty(outcome, {**named, **own})


def test_activities_count_by_rows(fit: Fit) -> None:
    layers = [{"Dense": {"units": 4, "activity_regularizer": BOTH}}]
    splits = class_splits()
    outcome = fit(a_config(layers, training={"class_weight": {"0": 3.0}, "epochs": 1}), splits)
    kernel, bias = (outcome.weights[f"dense/{n}"].astype(np.float64) for n in ("kernel", "bias"))
    for name, part in splits.parts():
        assert part is not None
        y = part.x.astype(np.float64) @ kernel + bias
        expected = l1_l2(0.003, 0.02)(y) / len(y)
        assert outcome.metrics[name]["penalty"] == pytest.approx(expected, rel=1e-5)
