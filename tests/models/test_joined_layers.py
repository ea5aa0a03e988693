"""Graphs of a config as Keras models: what they compute, and that files hold only Keras's parts."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from regcli.config.model_section import Model
from regcli.config.schema import Regularization
from regcli.errors import ModelError
from regcli.models.build import build_model
from regcli.models.interface import Interface
from regcli.models.joined_layers import continued
from regcli.models.stack_source import StackSource

COLUMNS = ("age", "city=Oslo", "city=Rome", "pay", "city missing")
X = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
L = keras.layers


def source(*layers: Any, shape: tuple[int, ...] = (5,)) -> StackSource:
    columns = COLUMNS if shape == (5,) else tuple(map(str, range(int(np.prod(shape)))))
    interface = Interface("regression", 1, shape, columns)
    return StackSource.of(Model.model_validate({"layers": list(layers)}), interface)


def built(*layers: Any, shape: tuple[int, ...] = (5,)) -> keras.Model:
    keras.utils.set_random_seed(3)
    return source(*layers, shape=shape).bare()


def dense(name: str, units: int = 4, **given: Any) -> dict[str, Any]:
    return {"Dense": {"units": units, "name": name, "activation": "tanh", **given}}


def test_a_skip_connection_is_keras_s_own() -> None:
    model = built(dense("a"), dense("b"), {"Add": {"inputs": ["a", "b"], "name": "sum"}})
    keras.utils.set_random_seed(3)
    rows = keras.Input((5,))
    a = L.Dense(4, activation="tanh")(rows)
    b = L.Dense(4, activation="tanh")(a)
    own = keras.Model(rows, L.Dense(1)(L.Add()([a, b])))
    assert_array_equal(model.predict(X, verbose=0), own.predict(X, verbose=0))


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ("age", [0]),
        (["pay", "age"], [0, 3]),
        ("city", [1, 2, 4]),
        (["city", "age"], [0, 1, 2, 4]),
        ("*", [0, 1, 2, 3, 4]),
        (["city=Rome", "pay"], [2, 3]),
    ],
)
def test_an_input_is_the_columns_that_it_names(columns: Any, chosen: list[int]) -> None:
    taken = {"Input": {"columns": columns, "name": "some"}}
    model = built(taken, {"Dense": {"units": 1, "name": "d", "use_bias": False}})
    kernel = np.asarray(model.get_layer("d").kernel)
    expected = X[:, chosen] @ kernel
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, rtol=1e-5)


def test_a_shared_layer_has_one_kernel() -> None:
    model = built(
        dense("a", 5),
        {"Shared": {"of": "a", "name": "twice"}},
        {"Shared": {"of": "twice", "name": "thrice"}},
    )
    kernel, bias = (np.asarray(v) for v in model.get_layer("a").weights)
    flow = X
    for _ in range(3):
        flow = np.tanh(flow @ kernel + bias)
    out = model.get_layer("output")
    expected = flow @ np.asarray(out.kernel) + np.asarray(out.bias)
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, rtol=1e-5)
    assert len(model.trainable_variables) == 4


def test_attention_takes_query_value_and_key() -> None:
    heads = {"num_heads": 2, "key_dim": 3}
    model = built(
        {"Reshape": {"target_shape": [5, 1], "name": "steps"}},
        {"Dense": {"units": 4, "name": "q"}},
        {"Dense": {"units": 4, "name": "v", "inputs": "steps"}},
        {"MultiHeadAttention": {**heads, "inputs": ["q", "v"], "name": "cross"}},
        {"MultiHeadAttention": {**heads, "name": "own"}},
        {"Attention": {"inputs": ["own", "v", "q"]}},
        {"Attention": {}},
        "Flatten",
    )
    q, v, cross = (model.get_layer(name) for name in ("q", "v", "cross"))
    attended = keras.Model(model.inputs, cross.output).predict(X, verbose=0)
    query, value = (keras.Model(model.inputs, at.output).predict(X, verbose=0) for at in (q, v))
    assert_array_equal(attended, cross(query, value))
    own, at = model.get_layer("own"), model.get_layer("attention")
    steps = own(attended, attended)
    assert_array_equal(keras.Model(model.inputs, own.output).predict(X, verbose=0), steps)
    mixed = keras.Model(model.inputs, at.output).predict(X, verbose=0)
    assert_array_equal(mixed, at([steps, value, query]))
    assert model.output_shape == (None, 1)


def test_a_file_holds_only_layers_of_keras(tmp_path: Path) -> None:
    model = built(
        {"Input": {"columns": ["city", "age"], "name": "left"}},
        dense("a"),
        {"Input": {"columns": "pay", "name": "right"}},
        dense("b"),
        {"Concatenate": {"inputs": ["a", "b"]}},
    )
    scaled = continued(model, [L.Rescaling(0.5)], [L.Rescaling(2.0)], (5,), "model")
    scaled.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras", safe_mode=True)
    expected = 2 * model.predict(X / 2, verbose=0)
    np.testing.assert_allclose(loaded.predict(X, verbose=0), expected, rtol=1e-6)
    modules = {layer["module"] for layer in loaded.get_config()["layers"]}
    assert modules == {"keras.layers"}
    names = [variable.path for variable in scaled.trainable_variables]
    assert names == [variable.path for variable in model.trainable_variables]


def test_strengths_reach_each_layer_of_a_graph() -> None:
    made = source(dense("a"), dense("b", inputs="input", l1=0.5), {"Add": {"inputs": ["a", "b"]}})
    strengths = made.strengths(Regularization(l1=0.1))
    model = made.build(strengths)
    kernels = {
        layer.name: np.abs(np.asarray(layer.kernel)).sum()
        for layer in model.layers
        if hasattr(layer, "kernel")
    }
    expected = 0.1 * kernels["a"] + 0.5 * kernels["b"] + 0.1 * kernels["output"]
    np.testing.assert_allclose(sum(map(float, model.losses)), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("layers", "path", "message"),
    [
        (
            [dense("a", 2), dense("b", 3), {"Add": {"inputs": ["a", "b"]}}],
            ("model", "layers", 2),
            "Add does not fit its inputs of shapes (2,) and (3,): Inputs have incompatible shapes. "
            "Received shapes (2,) and (3,)",
        ),
        (
            [dense("a"), {"Conv1D": {"filters": 2, "kernel_size": 1, "inputs": "a"}}],
            ("model", "layers", 1),
            "Conv1D does not fit its input of shape (4,): Input 0 with name 'None' of layer "
            "'conv1d' is incompatible with the layer: expected min_ndim=3, found ndim=2. Full "
            "shape received: (None, 4)",
        ),
        (
            [{"Input": {"columns": ["age", "cty"]}}],
            ("model", "layers", 0, "Input", "columns"),
            "there is no column 'cty'; inputs: age, city=Oslo, city=Rome, pay, city missing",
        ),
    ],
)
def test_what_does_not_fit(layers: list[Any], path: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ModelError) as refused:
        built(*layers)
    assert (refused.value.path, refused.value.message) == (path, message)


def test_columns_are_of_tables() -> None:
    with pytest.raises(ModelError) as refused:
        built({"Input": {"columns": "0"}}, "Flatten", shape=(2, 3))
    assert refused.value.message == "Input chooses columns, and a row has the shape (2, 3)"


def test_a_layer_may_be_called_input() -> None:
    model = built(dense("input"), dense("b"), {"Add": {"inputs": ["input", "b"]}})
    assert model.get_layer("input").kernel.shape == (5, 4)


def test_build_model_needs_the_columns_only_where_a_graph_chooses_some() -> None:
    own = source(dense("a", 5), {"Shared": {"of": "a"}})
    model = build_model(own.stack, own.strengths(Regularization()), (5,))
    assert model.output_shape == (None, 1)
