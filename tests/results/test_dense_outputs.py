"""What NumPy computes of stacks of Dense layers is what Keras computes of them."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from regcli.config.document import Document
from regcli.config.load import check
from regcli.config.schema import Config
from regcli.config.stack import complete_stack
from regcli.config.task import Task
from regcli.results.dense_outputs import dense_stack
from regcli.results.records import DataSummary
from regcli.training.row_outputs import row_outputs

RNG = np.random.default_rng(0)
ACTIVATIONS = [
    *("linear", "relu", "relu6", "elu", "sigmoid", "silu", "swish", "softplus", "softsign"),
    *("tanh", "softmax"),
]


def config_of(layers: list[Any], loss: str | None = None) -> Config:
    training = {} if loss is None else {"training": {"loss": loss}}
    data = {"dataset": {"name": "iris"}, "model": {"layers": layers}, **training}
    return check(Document("test", data))


def data_of(task: Task, classes: int = 0, shape: tuple[int, ...] = (5,)) -> DataSummary:
    return DataSummary(
        source="t.csv",
        fingerprint="f",
        task=task,
        rows={"train": 9},
        input_shape=shape,
        columns=tuple("abcde"),
        classes=tuple(f"class {number}" for number in range(classes)),
    )


def weights_of(config: Config, data: DataSummary) -> dict[str, NDArray[Any]]:
    """Random weights of the Dense layers of a model."""
    outputs = len(data.classes) if data.task == "multiclass" else 1
    stack = complete_stack(config.model, data.task, outputs)
    found, width = {}, data.input_shape[0]
    for layer, name in zip(stack.layers, stack.names, strict=True):
        if layer.kind == "Dense":
            units = layer.arguments["units"]
            found[f"{name}/kernel"] = RNG.normal(size=(width, units)).astype(np.float32)
            if layer.arguments.get("use_bias", True):
                found[f"{name}/bias"] = RNG.normal(size=units).astype(np.float32)
            width = units
    return found


def drawn_layers(rng: np.random.Generator) -> list[Any]:
    layers: list[Any] = []
    for _ in range(rng.integers(0, 4)):
        arguments = {"units": int(rng.integers(1, 40)), "activation": str(rng.choice(ACTIVATIONS))}
        if rng.uniform() < 0.3:
            arguments["use_bias"] = False
        # Without it a last layer might be meant as the output.
        layers += [{"Dense": arguments}, {"Dropout": {"rate": 0.5}}]
    return layers


ENDS: list[tuple[Task, int, list[Any]]] = [
    ("regression", 0, [{"Dense": {"units": 1}}]),
    ("regression", 0, [{"Dense": {"units": 1, "activation": "softplus"}}]),
    ("binary", 2, [{"Dense": {"units": 1}}]),
    ("binary", 2, [{"Dense": {"units": 1, "activation": "sigmoid"}}]),
    ("binary", 2, [{"Dense": {"units": 2, "activation": "softmax"}}]),
    ("binary", 2, [{"Dense": {"units": 2}}]),
    ("multiclass", 4, [{"Dense": {"units": 4}}]),
    ("multiclass", 4, [{"Dense": {"units": 4, "activation": "softmax"}}]),
]


@pytest.mark.parametrize(("task", "classes", "end"), ENDS)
def test_random_stacks_give_what_keras_gives(task: Task, classes: int, end: list[Any]) -> None:
    for seed in range(6):
        config = config_of([*drawn_layers(np.random.default_rng(seed)), *end])
        data = data_of(task, classes)
        weights = weights_of(config, data)
        blocks = [RNG.normal(size=(rows, 5)).astype(np.float32) * 3 for rows in (7, 1, 30)]
        stack = dense_stack(config, data, weights)
        assert stack is not None
        ours, keras = stack.outputs(blocks), row_outputs(config, data, weights, blocks, None)
        assert stack.scale is keras.scale
        assert (ours.dtype, ours.shape) == (np.float32, keras.values.shape)
        np.testing.assert_allclose(ours, keras.values, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_also_far_from_0(activation: str) -> None:
    layers = [{"Dense": {"units": 5, "activation": activation}}, {"Dense": {"units": 1}}]
    config = config_of(layers)
    data = data_of("regression")
    weights = weights_of(config, data)
    weights["dense/kernel"] = np.eye(5, dtype=np.float32)
    weights["dense/bias"] = np.zeros(5, np.float32)
    x = np.linspace(-200, 200, 500, dtype=np.float32).reshape(-1, 5)
    stack = dense_stack(config, data, weights)
    assert stack is not None
    keras = row_outputs(config, data, weights, [x], None).values
    np.testing.assert_allclose(stack.outputs([x]), keras, rtol=1e-5, atol=1e-4)


def test_wide_layers_take_memory_for_some_rows_at_a_time() -> None:
    config, data = config_of([{"Dense": {"units": 512}}]), data_of("regression")
    stack = dense_stack(config, data, weights_of(config, data))
    assert stack is not None
    x = RNG.normal(size=(50_000, 5)).astype(np.float32)
    tracemalloc.start()
    found = stack.outputs([x])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 30e6  # all rows of the layer would take 102 MB
    parts = stack.outputs(np.array_split(x, 40))
    np.testing.assert_allclose(found, parts, rtol=1e-5, atol=1e-5)


def test_no_rows_have_no_outputs() -> None:
    config, data = config_of([]), data_of("multiclass", 4)
    stack = dense_stack(config, data, weights_of(config, data))
    assert stack is not None
    assert stack.outputs([]).shape == (0, 4)


@pytest.mark.parametrize(
    ("layers", "loss"),
    [
        (["BatchNormalization"], None),
        ([{"Dense": {"units": 3, "activation": "gelu"}}, "LayerNormalization"], None),
        ([{"Dense": {"units": 3, "activation": "gelu"}}, {"Dropout": {"rate": 0.1}}], None),
        ([{"Dense": {"units": 1}}], "hinge"),
    ],
)
def test_what_it_does_not_know_is_left_to_keras(layers: list[Any], loss: str | None) -> None:
    config, data = config_of(layers, loss), data_of("binary", 2)
    assert dense_stack(config, data, weights_of(config, data)) is None


def test_rows_of_more_axes_are_left_to_keras() -> None:
    assert dense_stack(config_of(["Flatten"]), data_of("binary", 2, (5, 1)), {}) is None
