"""The convex problem that a Keras model is has Keras's own objective, at any weights."""

from typing import Any

import keras
import numpy as np
import pytest

from regcli.penalties.sparse_groups import INPUT_GROUPS
from regcli.training.full_batch import FullBatch
from regcli.training.one_layer import one_layer

L, Losses = keras.layers, keras.losses

NUMBERS = np.random.default_rng(1).normal(0, 2, (30, 1)).astype(np.float32)
YES_NO = (np.arange(30)[:, None] % 2).astype(np.float32)
NUMBERED = (np.arange(30) % 3).astype(np.float32)
ONE_HOT = np.eye(3, dtype=np.float32)[NUMBERED.astype(int)]
COUNTS = np.random.default_rng(2).poisson(3, (30, 1)).astype(np.float32)

CASES: dict[str, tuple[list[Any], keras.losses.Loss, Any]] = {
    "squared": ([L.Dense(1)], Losses.MeanSquaredError(), NUMBERS),
    "squared by class": ([L.Dense(3)], Losses.MeanSquaredError(), ONE_HOT),
    "huber": ([L.Dense(1)], Losses.Huber(delta=0.5), NUMBERS),
    "log cosh": ([L.Dense(1)], Losses.LogCosh(), NUMBERS),
    "absolute": ([L.Dense(1)], Losses.MeanAbsoluteError(), NUMBERS),
    "scores": ([L.Dense(1)], Losses.BinaryCrossentropy(from_logits=True), YES_NO),
    "sigmoid": ([L.Dense(1, "sigmoid")], Losses.BinaryCrossentropy(), YES_NO),
    "sigmoid behind": ([L.Dense(1), L.Activation("sigmoid")], Losses.BinaryCrossentropy(), YES_NO),
    "smoothed": (
        [L.Dense(1)],
        Losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.2),
        YES_NO,
    ),
    "each a yes or no": ([L.Dense(3)], Losses.BinaryCrossentropy(from_logits=True), ONE_HOT),
    "class numbers": (
        [L.Dense(3)],
        Losses.SparseCategoricalCrossentropy(from_logits=True),
        NUMBERED,
    ),
    "softmax": ([L.Dense(3, "softmax")], Losses.CategoricalCrossentropy(), ONE_HOT),
    "softmax behind": ([L.Dense(3), L.Softmax()], Losses.CategoricalCrossentropy(), ONE_HOT),
    "smoothed classes": (
        [L.Dense(3)],
        Losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        ONE_HOT,
    ),
    "poisson": ([L.Dense(1, "exponential")], Losses.Poisson(), COUNTS),
    "hinge": ([L.Dense(1)], Losses.Hinge(), YES_NO),
    "squared hinge": ([L.Dense(1)], Losses.SquaredHinge(), YES_NO),
    "no bias": ([L.Dense(1, use_bias=False)], Losses.MeanSquaredError(), NUMBERS),
    "a penalty of its own": (
        [L.Dense(1, kernel_regularizer="l1l2", bias_regularizer=keras.regularizers.L2(0.3))],
        Losses.MeanSquaredError(),
        NUMBERS,
    ),
    "layers before": (
        [L.Reshape((4, 1)), L.Rescaling(0.5), L.Flatten(), L.Dropout(0.5), L.Dense(1)],
        Losses.MeanSquaredError(),
        NUMBERS,
    ),
}


@pytest.mark.parametrize("counted", [False, True], ids=["", "rows with weights"])
@pytest.mark.parametrize("case", CASES)
def test_the_objective_is_keras_s_own(case: str, counted: bool) -> None:
    layers, loss, targets = CASES[case]
    random = np.random.default_rng(0)
    x = random.normal(size=(30, 4)).astype(np.float32)
    model = keras.Sequential([keras.Input((4,)), *layers])
    values = [random.normal(0, 1.5, v.shape).astype(np.float32) for v in model.trainable_variables]
    for variable, value in zip(model.trainable_variables, values, strict=True):
        variable.assign(value)
    weights = random.uniform(0.1, 3, 30).astype(np.float32) if counted else None
    by_row = np.asarray(loss.call(targets, model(x, training=False)), np.float64)
    data_loss = (by_row * (1 if weights is None else weights)).mean()

    layer = one_layer(model, loss)
    assert layer is not None
    strengths = {0: INPUT_GROUPS.strengths(l1=0.02, l2=0.03, group=0.05)}
    own = layer.strengths(strengths)
    problem = layer.problem(FullBatch(x, targets, weights))
    solution = problem.solve(own, 10_000)
    kernel, bias = values[0], values[1] if len(values) > 1 else None
    measured = problem.measure(kernel, bias, own, solution)
    w = kernel.astype(np.float64)
    expected = data_loss + float(sum(model.losses))
    expected += 0.02 * np.abs(w).sum() + 0.03 * (w**2).sum()
    expected += 0.05 * np.sqrt((w**2).sum(axis=1)).sum()
    assert measured.value == pytest.approx(expected, rel=2e-5)
    best = problem.measure(solution.kernel, solution.bias, own, solution)
    assert best.gap <= (1e-6 if case in ("absolute", "hinge") else 1e-9)
    assert best.value <= measured.value


@pytest.mark.parametrize(
    ("layers", "loss"),
    [
        ([L.Dense(2, "tanh"), L.Dense(1)], Losses.MeanSquaredError()),
        ([L.Dense(1, "sigmoid")], Losses.MeanSquaredError()),
        ([L.Dense(1, activity_regularizer="l2")], Losses.MeanSquaredError()),
        ([L.Dense(1, kernel_regularizer="orthogonal_regularizer")], Losses.MeanSquaredError()),
        ([L.Dense(1)], Losses.Poisson()),
        ([L.Dense(1)], Losses.MeanAbsolutePercentageError()),
        ([L.Dense(3, "softmax")], Losses.CategoricalFocalCrossentropy()),
        ([L.Dense(1), L.Rescaling(2.0)], Losses.MeanSquaredError()),
        ([L.Reshape((2, 2)), L.Dense(1), L.Flatten()], Losses.MeanSquaredError()),
    ],
    ids=[
        "two layers",
        "sigmoid under a squared error",
        "an activity regularizer",
        "an orthogonal regularizer",
        "Poisson without exponential",
        "percentage error",
        "focal loss",
        "a scaled output",
        "a row of rows",
    ],
)
def test_other_models_are_left_to_the_steps_of_nets(layers: Any, loss: Any) -> None:
    assert one_layer(keras.Sequential([keras.Input((4,)), *layers]), loss) is None
