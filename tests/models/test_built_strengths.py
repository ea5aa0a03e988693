"""Strengths that are put on a model after it is built, against what Keras itself adds up."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose

from regcli.config.schema import Regularization
from regcli.errors import ModelError
from regcli.models.built_strengths import (
    attach_regularizers,
    built_strengths,
    strengths_reached,
)
from regcli.models.weights import read_weights

L = keras.layers


def nested() -> keras.Model:
    """A model in a model, recurrent layers in a wrapper, and a layer with an own regularizer."""
    inner = keras.Sequential([keras.Input((4, 2)), L.Conv1D(3, 2, name="conv")], name="back")
    rows = keras.Input((4, 2))
    both = L.Bidirectional(L.LSTM(2, name="lstm"), name="both")(inner(rows))
    wide = L.Dense(3, name="wide", kernel_regularizer=keras.regularizers.L2(0.5))(both)
    normal = L.LayerNormalization(name="norm")(wide)
    outputs = L.Activation("softmax")(L.Dense(2, name="top")(normal))
    return keras.Model(rows, outputs, name="model")


class Subclassed(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(name="own")
        self.first = L.Dense(3, name="first")
        self.second = L.Dense(2, name="second")

    def call(self, x: Any) -> Any:
        return self.second(self.first(x))


def subclassed() -> keras.Model:
    model = Subclassed()
    model(np.zeros((1, 2), np.float32))
    return model


def section(**keys: Any) -> Regularization:
    return Regularization.model_validate(keys)


def added(model: keras.Model, **keys: Any) -> float:
    """What Keras adds to the loss once strengths are attached."""
    attach_regularizers(model, built_strengths(model, section(**keys)), proximal=False)
    return float(sum(model.losses))


def expected(model: keras.Model, terms: Mapping[str, tuple[float, float]]) -> float:
    weights = {name: w.astype(np.float64) for name, w in read_weights(model).items()}
    found = 0.0
    for end, (l1, l2) in terms.items():
        (w,) = [w for name, w in weights.items() if name.endswith(end)]
        found += float(l1 * np.abs(w).sum() + l2 * (w**2).sum())
    return found


CELL = "lstm/lstm_cell"


@pytest.mark.parametrize(
    ("given", "terms"),
    [
        ({"layers": ["conv"], "l1": 0.1}, {"conv/kernel": (0.1, 0)}),
        ({"layers": ["back"], "l1": 0.1}, {"conv/kernel": (0.1, 0)}),
        ({"layers": ["Conv1D", "norm/gamma"], "l2": 1}, {"conv/kernel": (0, 1), "gamma": (0, 1)}),
        (
            {"layers": ["both/recurrent_kernel"], "l2": 0.1},
            {f"{way}_{CELL}/recurrent_kernel": (0, 0.1) for way in ("forward", "backward")},
        ),
        (
            {"layers": ["LSTM"], "l2": 0.1},
            {f"{way}_{CELL}/kernel": (0, 0.1) for way in ("forward", "backward")},
        ),
        (
            {"layers": "hidden", "l1": 0.1, "groups": [{"layers": ["top"], "l2": 2}]},
            {
                "conv/kernel": (0.1, 0),
                **{f"{way}_{CELL}/kernel": (0.1, 0) for way in ("forward", "backward")},
                "wide/kernel": (0.1, 0),
                "top/kernel": (0, 2),
            },
        ),
        ({"layers": ["top"], "bias": {"l1": 3}, "l1": 0.1}, {"top/kernel": (0.1, 0)}),  # b is 0
    ],
)
def test_keras_adds_up_what_is_attached(
    given: dict[str, Any], terms: dict[str, tuple[float, float]]
) -> None:
    model = nested()
    assert_allclose(added(model, **given), expected(model, terms) + own(model), rtol=1e-5)


def own(model: keras.Model) -> float:
    return expected(model, {"wide/kernel": (0, 0.5)})


@pytest.mark.parametrize(
    ("existing", "terms"),
    [("add", (0.1, 0.5)), ("replace", (0.1, 0.0)), ("keep", (0.0, 0.5)), (None, (0.1, 0.5))],
)
def test_regularizers_of_the_model_itself(existing: str | None, terms: tuple[float, float]) -> None:
    model = nested()
    found = added(model, layers=["wide"], l1=0.1, existing=existing)
    assert_allclose(found, expected(model, {"wide/kernel": terms}), rtol=1e-5)


def test_regularizers_of_the_model_itself_may_be_refused() -> None:
    with pytest.raises(ModelError) as refused:
        built_strengths(nested(), section(existing="error"))
    assert refused.value.path == ("regularization", "existing")
    assert refused.value.message == (
        "the model has regularizers of its own on weights that strengths are for: wide/kernel; "
        "remove them, or write existing: add, replace or keep"
    )
    free = section(layers=["top"], existing="error")
    assert built_strengths(nested(), free)


def test_strengths_of_a_subclassed_model() -> None:
    model = subclassed()
    assert_allclose(
        added(model, layers=["fir*"], l1=0.1),
        expected(model, {"first/kernel": (0.1, 0)}),
        rtol=1e-5,
    )
    with pytest.raises(ModelError) as refused:
        built_strengths(model, section(layers="hidden"))
    assert refused.value.message == (
        "hidden requires that one layer gives the model's output; this model has no such layer, "
        "name its layers"
    )


def test_what_a_strength_is_meant_for() -> None:
    asked = section(
        layers=["wide", "gamma"], groups=[{"layers": "conv", "l1": 0.1}, {"layers": "top", "l2": 1}]
    )
    model = nested()
    assert strengths_reached(model, asked, "l1") == {"wide/kernel", "norm/gamma"}


def test_groups_must_not_overlap() -> None:
    asked = section(groups=[{"layers": "Dense", "l1": 0.1}, {"layers": ["t*"], "l1": 1}])
    with pytest.raises(ModelError) as refused:
        built_strengths(nested(), asked)
    assert refused.value.path == ("regularization", "groups", 1, "layers")
    assert refused.value.message == (
        "groups must not overlap, got top/kernel, which is in group 0 too"
    )


def test_proximal_strengths_show_in_the_loss_without_a_gradient() -> None:
    model, asked = nested(), section(layers=["top"], l1=0.1)
    attach_regularizers(model, built_strengths(model, asked), proximal=True)
    kernel = model.get_layer("top").kernel
    import tensorflow as tf

    with tf.GradientTape() as tape:
        value = kernel.regularizer(kernel)
    assert_allclose(float(value), expected(model, {"top/kernel": (0.1, 0)}), rtol=1e-5)
    assert tape.gradient(value, kernel.value) is None
