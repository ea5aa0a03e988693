"""Attention without dead heads: the same outputs from fewer of them."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from regcli.errors import ShrinkError
from regcli.models.cost import model_size
from regcli.models.smaller import make_smaller

from .shrunk import Rng, outputs, shrunk

L = keras.layers


def attended(use_bias: bool = True, **given: Any) -> keras.Model:
    """A block of a transformer on 5 tokens of 3 features."""
    rows = keras.Input((5, 3), name="rows")
    tokens = L.Dense(6, activation="tanh", name="embed")(rows)
    attention = L.MultiHeadAttention(4, 2, value_dim=3, use_bias=use_bias, name="heads", **given)
    flow = L.Add()([tokens, attention(tokens, tokens)])
    flow = L.LayerNormalization(name="norm")(flow)
    inner = L.Dense(8, activation="relu", name="inner")(flow)
    flow = L.Add()([flow, L.Dense(6, name="back")(inner)])
    return keras.Model(rows, L.Dense(2, name="end")(L.GlobalAveragePooling1D()(flow)), name="model")


def filled(model: keras.Model, rng: Rng) -> keras.Model:
    for weight in model.weights:
        weight.assign(rng.normal(size=weight.shape))
    return model


def cut(variable: keras.Variable, place: Any) -> None:
    values = np.array(variable)
    values[place] = 0
    variable.assign(values)


EVERY = slice(None)


@pytest.mark.parametrize("use_bias", [True, False])
def test_heads_go_whose_output_weights_or_values_are_zero(use_bias: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    model = filled(attended(use_bias), rng)
    heads = model.get_layer("heads")
    cut(heads.output_dense.kernel, 1)
    cut(heads.value_dense.kernel, (EVERY, 3))
    cut(model.get_layer("back").kernel, [0, 4])
    smaller = shrunk(model, rng)
    found = {units.name: (units.counted, units.before, units.after) for units in smaller.units}
    assert found["heads"] == ("heads", 4, 2)
    assert found["inner"] == ("units", 8, 6)
    assert found["embed"] == ("units", 6, 6)
    left = smaller.model.get_layer("heads")
    kept = np.array(heads.query_dense.kernel)[:, [0, 2]]
    np.testing.assert_array_equal(left.query_dense.kernel, kept)
    projections = 5 * (6 * 2 * 2 * 2 + 2 * 6 * 2 * 3)  # query and key; value and output
    others = 5 * (3 * 6 + 6 * 6 + 6 * 6) + 6 * 2
    assert model_size(smaller.model).flops == 2 * (projections + others)
    smaller.model.save(tmp_path / "small.keras")
    loaded = keras.models.load_model(tmp_path / "small.keras", safe_mode=True)
    rows = rng.normal(size=(7, 5, 3)).astype(np.float32)
    np.testing.assert_allclose(outputs(loaded, rows), outputs(model, rows), rtol=1e-4, atol=1e-5)


def test_where_no_head_lives_one_is_kept_and_the_bias_holds_the_rest() -> None:
    rng = np.random.default_rng(1)
    model = filled(attended(), rng)
    heads = model.get_layer("heads")
    cut(heads.value_dense.kernel, EVERY)
    smaller = shrunk(model, rng)
    left = smaller.model.get_layer("heads")
    assert left.num_heads == 1
    assert not np.asarray(left.output_dense.kernel).any()
    constant = np.einsum("hv,hvu->u", heads.value_dense.bias, heads.output_dense.kernel)
    expected = np.asarray(heads.output_dense.bias) + constant
    np.testing.assert_allclose(left.output_dense.bias, expected, rtol=1e-5)


def test_features_that_only_dead_heads_take_go_too() -> None:
    rng = np.random.default_rng(2)
    rows = keras.Input((5, 3))
    tokens, others = L.Dense(4, name="q")(rows), L.Dense(6, name="v")(rows)
    flow = L.MultiHeadAttention(3, 2, name="heads")(tokens, others, key=others)
    model = keras.Model(rows, L.Dense(2, name="end")(L.Flatten()(flow)), name="model")
    filled(model, rng)
    heads = model.get_layer("heads")
    cut(heads.output_dense.kernel, 2)
    for dense in (heads.value_dense, heads.key_dense):
        cut(dense.kernel, (1, [0, 1]))  # feature 1 is only for head 2
    cut(heads.query_dense.kernel, (3, 0))
    kernel = np.array(model.get_layer("end").kernel)
    kernel[2::4] = 0
    model.get_layer("end").kernel.assign(kernel)
    smaller = shrunk(model, rng)
    found = {units.name: (units.before, units.after) for units in smaller.units}
    assert found == {"q": (4, 4), "v": (6, 5), "heads": (3, 2), "end": (2, 2)}
    assert smaller.model.get_layer("heads").output.shape == (None, 5, 3)


def test_attention_between_two_sequences_may_be_causal() -> None:
    rng = np.random.default_rng(3)
    rows = keras.Input((5, 3))
    attention = L.MultiHeadAttention(2, 2, name="heads")
    flow = attention(rows, rows, use_causal_mask=True)
    model = keras.Model(rows, L.Dense(1)(L.Flatten()(flow)), name="model")
    filled(model, rng)
    cut(attention.output_dense.kernel, 0)
    assert shrunk(model, rng).model.get_layer("heads").num_heads == 1


def masked() -> keras.Model:
    rows = keras.Input((5, 3))
    mask = L.Dense(5, name="mask")(rows)
    flow = L.MultiHeadAttention(2, 2, name="heads")(rows, rows, attention_mask=mask)
    return keras.Model(rows, flow)


def gated() -> keras.Model:
    rows = keras.Input((5, 3))
    return keras.Model(rows, L.MultiHeadAttention(2, 2, use_gate=True, name="heads")(rows, rows))


def with_scores() -> keras.Model:
    rows = keras.Input((5, 3))
    heads = L.MultiHeadAttention(2, 2, name="heads")
    return keras.Model(rows, heads(rows, rows, return_attention_scores=True)[0])


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (masked, "is called with masks; shrink supports query, value and key"),
        (gated, "has a gate; shrink supports attention without"),
        (with_scores, "gives more than one row of features for a token; shrink supports one"),
    ],
)
def test_attention_that_is_not_understood_is_named(model: Any, message: str) -> None:
    with pytest.raises(ShrinkError) as refused:
        make_smaller(model(), drop_inputs=False)
    assert str(refused.value) == f"layer 'heads' {message}"
