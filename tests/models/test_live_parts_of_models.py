"""Through which layers columns and units are followed, to count those that still matter."""

from typing import Any

import keras
import numpy as np
import pytest

from regcli.models.connectivity import measure_sparsity
from regcli.models.smaller import make_smaller
from regcli.models.weights import read_weights
from regcli.results.records import Sparsity

L = keras.layers


def measured(*layers: Any, shape: tuple[int, ...] = (3,), zero: Any = ()) -> Sparsity:
    """The sparsity of a model whose named kernels' rows or columns are set to zero."""
    keras.backend.clear_session()
    model = keras.Sequential([keras.Input(shape), *layers], name="model")
    weights = {name: np.array(values) for name, values in read_weights(model).items()}
    for name, index in zero:
        weights[name][index] = 0
    return measure_sparsity(model, weights)


def a_net(*between: Any) -> list[Any]:
    return [L.Dense(4, name="first"), *between, L.Dense(2, name="last")]


EVERYTHING_BETWEEN = [
    L.BatchNormalization,
    lambda: L.Dropout(0.1),
    lambda: L.Activation("relu"),
    L.PReLU,
    lambda: L.GaussianNoise(0.1),
    lambda: L.ActivityRegularization(0.1),
]


@pytest.mark.parametrize("between", [[], EVERYTHING_BETWEEN], ids=["dense", "mixed"])
def test_dense_layers_are_followed(between: list[Any]) -> None:
    layers = a_net(*(make() for make in between))
    found = measured(
        *layers,
        zero=[
            ("first/kernel", (0, slice(None))),  # the first column goes nowhere
            ("last/kernel", (3, slice(None))),  # nor does the last unit
            ("first/kernel", (slice(None), 1)),  # nothing comes to the second
        ],
    )
    assert found.active_inputs == 2
    assert found.live_units == {"first": 2}
    assert [layer.name for layer in found.layers] == ["first", "last"]
    assert found.total == 3 * 4 + 4 * 2
    assert found.nonzero == 20 - (4 + 2 + 2)


@pytest.mark.parametrize(
    "layers",
    [
        [L.Dense(4, activation="softmax"), L.Dense(2)],
        [L.Dense(4), L.Activation("softmax"), L.Dense(2)],
        [L.Dense(4), L.Activation("glu"), L.Dense(2)],
        [L.Dense(4), L.LayerNormalization(), L.Dense(2)],
        [L.Reshape((3, 1)), L.Conv1DTranspose(2, 2), L.Flatten(), L.Dense(2)],
        [L.Dense(4, lora_rank=1), L.Dense(2)],
    ],
    ids=[
        "softmax",
        "softmax layer",
        "glu",
        "layer normalization",
        "transposed convolution",
        "lora",
    ],
)
def test_layers_that_mix_units_are_not_followed(layers: list[Any]) -> None:
    found = measured(*layers)
    assert found.active_inputs is None
    assert found.live_units == {}
    assert found.exact < 1


def test_softmax_at_the_end_mixes_nothing_that_is_counted() -> None:
    found = measured(L.Dense(4, name="first"), L.Dense(2, activation="softmax"))
    assert (found.active_inputs, found.live_units) == (3, {"first": 4})


def test_features_of_tensors_are_followed_at_every_place() -> None:
    first = ("first/kernel", (1, slice(None)))
    found = measured(L.Dense(4, name="first"), L.Dense(2), shape=(5, 3), zero=[first])
    assert (found.active_inputs, found.live_units) == (5 * 2, {"first": 4})


def a_convolutional_net() -> list[Any]:
    return [
        L.Reshape((6, 6, 2)),
        L.Conv2D(5, 3, padding="same", use_bias=False, name="first"),
        L.BatchNormalization(),
        L.MaxPooling2D(2),
        L.Conv2D(4, 2, use_bias=False, name="second"),
        L.Flatten(),
        L.Dense(6, name="third"),
        L.Dense(3, name="last"),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_channels_and_units_that_live_are_those_that_are_not_cut(seed: int) -> None:
    keras.backend.clear_session()
    model = keras.Sequential([keras.Input((72,)), *a_convolutional_net()])
    random = np.random.default_rng(seed)
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            units = random.random(layer.kernel.shape[-2:]) < (0.5 if layer.name != "third" else 0.1)
            layer.kernel.assign(random.normal(size=layer.kernel.shape) * units)
    found = measure_sparsity(model, read_weights(model))
    cut = make_smaller(model, drop_inputs=False)
    counts = {unit.name: unit.after for unit in cut.units}
    assert found.live_units == {name: counts[name] for name in ("first", "second", "third")}
    assert found.active_inputs is not None  # of what a Reshape is given nothing can be cut
    assert 0 < found.active_inputs <= int(cut.live_inputs.sum())


def test_kernels_are_named_by_their_layer_or_in_full() -> None:
    found = measured(
        L.SeparableConv1D(2, 2), L.Bidirectional(L.LSTM(2)), L.Dense(1, name="last"), shape=(4, 3)
    )
    assert [(layer.name, layer.shape) for layer in found.layers] == [
        ("separable_conv1d/depthwise_kernel", (2, 3, 1)),
        ("separable_conv1d/pointwise_kernel", (1, 3, 2)),
        ("bidirectional/forward_lstm/lstm_cell/kernel", (2, 8)),
        ("bidirectional/backward_lstm/lstm_cell/kernel", (2, 8)),
        ("last", (4, 1)),
    ]
