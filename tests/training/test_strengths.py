"""What a strength does to training: seen in one full-batch step, where it can be written down."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from regcli.results.outcomes import WarmStart, Weights

from .examples import Fit, a_config, binary_splits, rows, splits_of

RATE = 0.1
IMAGE = (4, 4, 1)
STEPS = (4, 3)
DENSE = {"Dense": {"units": 3, "activation": "tanh"}}

Strengths = dict[str, tuple[float, float]]
"""(l1, l2) by the name of the kernel they must apply to."""

CASES: dict[str, tuple[tuple[int, ...], list[Any], dict[str, Any], Strengths]] = {
    "all": (
        (4,),
        [DENSE],
        {"l1": 0.02, "l2": 0.05},
        {"dense/kernel": (0.02, 0.05), "output/kernel": (0.02, 0.05)},
    ),
    "hidden": ((4,), [DENSE], {"l2": 0.05, "layers": "hidden"}, {"dense/kernel": (0, 0.05)}),
    "hidden, with an output layer of its own": (
        (4,),
        [DENSE, {"Dense": {"units": 1}}],
        {"l2": 0.05, "layers": "hidden"},
        {"dense/kernel": (0, 0.05)},
    ),
    "by name": (
        (4,),
        [DENSE, {"Dense": {"units": 2, "name": "second"}}, {"Dense": {"units": 1}}],
        {"l1": 0.02, "layers": ["second"]},
        {"second/kernel": (0.02, 0)},
    ),
    "the implied output by name": (
        (4,),
        [DENSE],
        {"l1": 0.02, "layers": ["output"]},
        {"output/kernel": (0.02, 0)},
    ),
    "a layer's own": (
        (4,),
        [{"Dense": {"units": 3, "l1": 0.03}}, {"Dense": {"units": 3, "l2": 0}}],
        {"l2": 0.05},
        {"dense/kernel": (0.03, 0.05), "dense_1/kernel": (0, 0), "output/kernel": (0, 0.05)},
    ),
    "a layer's own where the config's does not apply": (
        (4,),
        [DENSE, {"Dense": {"units": 1, "l2": 0.03}}],
        {"l2": 0.05, "layers": "hidden"},
        {"dense/kernel": (0, 0.05), "dense_1/kernel": (0, 0.03)},
    ),
    "convolutions": (
        IMAGE,
        [
            {"Conv2D": {"filters": 2, "kernel_size": 2}},
            {"SeparableConv2D": {"filters": 2, "kernel_size": 2}},
            {"DepthwiseConv2D": {"kernel_size": 2}},
            "Flatten",
        ],
        {"l1": 0.02, "l2": 0.05},
        {
            "conv2d/kernel": (0.02, 0.05),
            "separable_conv2d/depthwise_kernel": (0.02, 0.05),
            "separable_conv2d/pointwise_kernel": (0.02, 0.05),
            "depthwise_conv2d/kernel": (0.02, 0.05),
            "output/kernel": (0.02, 0.05),
        },
    ),
    "recurrent layers": (
        STEPS,
        [
            {"Bidirectional": {"layer": {"LSTM": {"units": 2, "return_sequences": True}}}},
            {"LSTM": {"units": 2}},
        ],
        {"l2": 0.05},
        {
            "bidirectional/forward_lstm/lstm_cell/kernel": (0, 0.05),
            "bidirectional/backward_lstm/lstm_cell/kernel": (0, 0.05),
            "lstm/lstm_cell/kernel": (0, 0.05),
            "output/kernel": (0, 0.05),
        },
    ),
    "a wrapped layer's own": (
        STEPS,
        [
            {"TimeDistributed": {"layer": {"Dense": {"units": 2, "l1": 0.03}}, "l2": 0.04}},
            {"TimeDistributed": {"layer": {"Dense": {"units": 2}}}},
            "Flatten",
        ],
        {"l2": 0.05, "layers": "hidden"},
        {
            "time_distributed/dense/kernel": (0.03, 0.04),
            "time_distributed_1/dense/kernel": (0, 0.05),
        },
    ),
}


STEPS_DONE: dict[str, Weights] = {}


@pytest.fixture
def fit(uncompiled_fit: Fit) -> Fit:
    return uncompiled_fit


def one_step(
    fit: Fit,
    shape: tuple[int, ...],
    layers: list[Any],
    regularization: dict[str, Any],
    rate: float = RATE,
) -> Weights:
    """Weights after one step, which is taken once: cases without strengths are often alike."""
    key = repr((fit, shape, layers, regularization, rate))
    if key not in STEPS_DONE:
        STEPS_DONE[key] = take_step(fit, shape, layers, regularization, rate)
    return STEPS_DONE[key]


def take_step(
    fit: Fit,
    shape: tuple[int, ...],
    layers: list[Any],
    regularization: dict[str, Any],
    rate: float,
) -> Weights:
    optimizer = {"name": "sgd", "learning_rate": rate}
    training = {"optimizer": optimizer, "epochs": 1, "batch_size": 64}
    config = a_config(layers, regularization=regularization, training=training)
    return fit(config, binary_splits(shape, validation=0, test=0)).weights


def without_own(layer: Any) -> Any:
    """A layer as it is written without strengths of its own."""
    if not isinstance(layer, dict):
        return layer
    ((kind, arguments),) = layer.items()
    kept = {name: value for name, value in arguments.items() if name not in {"l1", "l2"}}
    if "layer" in kept:
        kept["layer"] = without_own(kept["layer"])
    return {kind: kept}


NOT_STACKED = ("convolutions", "recurrent layers", "a wrapped layer's own")


@pytest.mark.parametrize("case", [name for name in CASES if name not in NOT_STACKED])
def test_a_step_differs_by_the_gradient_of_the_penalty(fit: Fit, case: str) -> None:
    """With a strength, SGD moves each of its kernels by −rate·(l1·sign W + 2·l2·W) more."""
    check_step(fit, case)


@pytest.mark.slow
@pytest.mark.parametrize("case", NOT_STACKED)
def test_layers_that_are_not_stacked_are_pulled_as_well(reference_fit: Fit, case: str) -> None:
    check_step(reference_fit, case)


def check_step(fit: Fit, case: str) -> None:
    shape, layers, regularization, strengths = CASES[case]
    plain = [without_own(layer) for layer in layers]
    start = one_step(fit, shape, plain, {}, rate=0.0)
    free = one_step(fit, shape, plain, {})
    held = one_step(fit, shape, layers, regularization)
    assert set(strengths) <= set(start)
    assert list(held) == list(start)
    for name, before in start.items():
        l1, l2 = strengths.get(name, (0.0, 0.0))
        pull = -RATE * (l1 * np.sign(before) + 2 * l2 * before)
        assert_allclose(held[name] - free[name], pull, rtol=0, atol=1e-6, err_msg=name)
        assert (np.abs(pull).max() > 1e-4) == (l1 + l2 > 0), name


def test_zero_strength_changes_nothing_at_all(fit: Fit) -> None:
    free = one_step(fit, (4,), [DENSE], {})
    zero = one_step(fit, (4,), [{"Dense": {**DENSE["Dense"], "l1": 0, "l2": 0}}], {"layers": []})
    meant_elsewhere = one_step(fit, (4,), [DENSE], {"l1": 0.1, "l2": 0.1, "layers": []})
    for name, values in free.items():
        assert_array_equal(zero[name], values)
        assert_array_equal(meant_elsewhere[name], values)


@pytest.mark.parametrize("method", ["penalty", "proximal"])
def test_where_zeros_are_kept_biases_that_have_strengths_still_move(fit: Fit, method: str) -> None:
    start = WarmStart({"dense/kernel": np.zeros((4, 1)), "dense/bias": np.zeros(1)}, True)
    training = {"optimizer": {"name": "sgd", "learning_rate": RATE}}
    regularization = {"method": method, "bias": {"l2": 1e-4}}
    layers = [{"Dense": {"units": 1}}]
    config = a_config(layers, regularization=regularization, training=training)
    splits = splits_of(rows((4,), 4), np.array([0, 1, 1, 1]), classes=2, validation=0, test=0)
    weights = fit(config, splits, start=start).weights
    assert_array_equal(weights["dense/kernel"], 0)
    # Two steps up the slope of log(1 + exp(b)) − 0.75·b.
    first = RATE * 0.25
    second = first + RATE * (0.75 - 1 / (1 + np.exp(-first)))
    assert weights["dense/bias"] == pytest.approx([second], rel=1e-3)
