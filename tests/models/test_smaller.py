"""Smaller models: the same outputs, nothing dead left, and no layer that is not understood."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from regcli.errors import ShrinkError
from regcli.models.connectivity import measure_sparsity
from regcli.models.cost import call_seconds, model_size
from regcli.models.smaller import SmallerModel, make_smaller
from regcli.models.weights import read_weights
from regcli.results.shrinkage import relative_difference

from .shrunk import Rng, counts, fill, shrunk

L = keras.layers


def a_model(*layers: Any, shape: tuple[int, ...] = (4,)) -> keras.Sequential:
    return keras.Sequential([keras.Input(shape), *layers], name="model")


# Random stacks

ACTIVATIONS = ("relu", "sigmoid", "tanh", "softplus", "elu", "gelu", "linear", "silu")


def between(rng: Rng, conv: bool) -> list[Any]:
    """Layers that may stand behind a kernel: some, all or none."""
    dropout = L.SpatialDropout2D(0.2) if conv else L.Dropout(0.2)
    shared = (1, 2) if conv and rng.random() < 0.5 else None
    activations = [L.ReLU(), L.LeakyReLU(0.1), L.PReLU(shared_axes=shared), L.Activation("tanh")]
    layers = [L.BatchNormalization(), dropout, activations[rng.integers(4)], L.GaussianNoise(0.1)]
    return [layer for layer in layers if rng.random() < 0.4]


def dense(rng: Rng, units: int) -> Any:
    activation = ACTIVATIONS[rng.integers(len(ACTIVATIONS))]
    return L.Dense(units, activation=activation, use_bias=bool(rng.random() < 0.7))


def dense_stack(rng: Rng) -> keras.Sequential:
    hidden = [
        layer
        for _ in range(rng.integers(1, 4))
        for layer in (dense(rng, int(rng.integers(1, 9))), *between(rng, conv=False))
    ]
    return a_model(*hidden, L.Dense(3, activation="softmax"), shape=(6,))


def conv_stack(rng: Rng) -> keras.Sequential:
    layers: list[Any] = []
    for _ in range(rng.integers(1, 4)):
        padding = "same" if rng.random() < 0.5 else "valid"
        strides = 1 if padding == "valid" else int(rng.integers(1, 3))
        layers.append(
            L.Conv2D(
                int(rng.integers(1, 6)),
                (int(rng.integers(1, 3)), 2),
                padding=padding,
                strides=strides,
                use_bias=bool(rng.random() < 0.7),
                activation=ACTIVATIONS[rng.integers(len(ACTIVATIONS))],
            )
        )
        layers += between(rng, conv=True)
    pooling = L.MaxPooling2D(2, padding="same"), L.AveragePooling2D(2, padding="same")
    layers += [layer for layer in pooling if rng.random() < 0.4]
    ends = [L.Flatten(), L.GlobalMaxPooling2D(), L.GlobalAveragePooling2D(), L.Reshape((-1,))]
    layers.append(ends[rng.integers(4)])
    layers += between(rng, conv=False)
    return a_model(*layers, dense(rng, 4), L.Dense(2), shape=(7, 8, 3))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("stack", [dense_stack, conv_stack], ids=["dense", "convolutions"])
def test_outputs_stay_and_shrinking_again_finds_nothing(
    stack: Callable[[Rng], keras.Sequential], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    model = fill(stack(rng), rng)
    smaller = shrunk(model, rng, drop_inputs=bool(seed % 2))
    again = shrunk(smaller.model, rng, drop_inputs=True)
    assert [before == after for before, after in counts(again)] == [True] * len(again.units)
    assert [units.before for units in again.units] == [units.after for units in smaller.units]
    if smaller.live_inputs.any():
        np.testing.assert_array_equal(
            again.live_inputs, smaller.live_inputs[smaller.kept_inputs], strict=True
        )


@pytest.mark.parametrize("seed", range(6))
def test_what_is_left_is_what_the_sparsity_measures_call_live(seed: int) -> None:
    rng = np.random.default_rng(seed)
    layers = [L.Dense(7, activation="tanh"), L.Dense(6, activation="relu"), L.Dense(5), L.Dense(2)]
    model = fill(a_model(*layers, shape=(8,)), rng, density=0.4)
    measured = measure_sparsity(model, read_weights(model))
    smaller = shrunk(model, rng, drop_inputs=True)
    assert int(smaller.live_inputs.sum()) == measured.active_inputs
    left = {units.name: units.after for units in smaller.units[:-1]}
    assert left == {name: max(count, 1) for name, count in measured.live_units.items()}
    for layer, after in zip(smaller.model.layers, smaller.model.layers[1:], strict=False):
        if layer.units > 1:
            assert (np.asarray(layer.kernel) != 0).any(axis=0).all()
            assert (np.asarray(after.kernel) != 0).any(axis=1).all()


@pytest.mark.parametrize(
    "layers",
    [
        [L.Conv1D(4, 3, padding="causal"), L.MaxPooling1D(2), L.Conv1D(3, 2), L.Flatten()],
        [L.Conv3D(4, 2, padding="same"), L.AveragePooling3D(2), L.Conv3D(3, 1), L.Flatten()],
        [L.Dense(4, activation="relu"), L.Dense(5), L.Flatten()],
        [L.Reshape((-1,)), L.Dense(6), L.Reshape((3, 2)), L.Conv1D(4, 2), L.GlobalMaxPooling1D()],
        [L.Flatten(), L.Dense(5), L.ELU(), L.Dense(3), L.Softmax()],
    ],
    ids=["one axis", "three axes", "dense on tensors", "reshape", "softmax at the end"],
)
def test_other_stacks(layers: list[Any]) -> None:
    rng = np.random.default_rng(1)
    shape = (4, 4, 4, 2) if isinstance(layers[0], L.Conv3D) else (9, 3)
    output = [] if isinstance(layers[-1], L.Softmax) else [L.Dense(3)]
    shrunk(fill(a_model(*layers, *output, shape=shape), rng), rng, drop_inputs=True)


# Constants


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "exponential"])
@pytest.mark.parametrize("normalized", [False, True], ids=["plain", "normalized"])
@pytest.mark.parametrize("use_bias", [True, False])
def test_a_constant_goes_through_the_activation_into_the_next_bias(
    activation: str, normalized: bool, use_bias: bool
) -> None:
    rng = np.random.default_rng(0)
    middle = [L.BatchNormalization()] if normalized else []
    first, last = L.Dense(3), L.Dense(2, use_bias=use_bias)
    model = a_model(first, *middle, L.Activation(activation), last)
    for layer in model.layers:
        for weight in layer.weights:
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    kernel = np.array(first.kernel)
    kernel[:, 1] = 0
    first.kernel.assign(kernel)
    first.bias.assign([1, 2.5, 1])
    smaller = shrunk(model, rng)
    assert counts(smaller) == [(3, 2), (2, 2)]
    value = float(np.asarray(first.bias)[1])
    if normalized:
        gamma, beta, mean, variance = (float(np.asarray(w)[1]) for w in middle[0].weights)
        value = gamma * (value - mean) / np.sqrt(variance + middle[0].epsilon) + beta
    value = float(keras.activations.get(activation)(np.float32([[value]]))[0, 0])
    bias = np.asarray(last.bias) if use_bias else 0.0
    expected = bias + value * np.asarray(last.kernel)[1]
    folded = smaller.model.layers[-1]
    assert folded.use_bias
    np.testing.assert_allclose(np.asarray(folded.bias), expected, rtol=1e-6)


def constant_channel(bias: float, **second: Any) -> SmallerModel:
    """Two convolutions; the first one's middle channel is relu(bias) everywhere."""
    rng = np.random.default_rng(2)
    first = L.Conv2D(3, 2, activation="relu")
    model = a_model(first, L.Conv2D(2, **second), L.GlobalMaxPooling2D(), shape=(5, 5, 1))
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    kernel, biases = np.array(first.kernel), np.array(first.bias)
    kernel[..., 1], biases[1] = 0, bias
    first.kernel.assign(kernel)
    first.bias.assign(biases)
    return shrunk(model, rng)


def test_a_constant_channel_stays_in_front_of_padding_unless_it_is_zero() -> None:
    assert counts(constant_channel(1.0, kernel_size=2, padding="same"))[0] == (3, 3)
    assert counts(constant_channel(1.0, kernel_size=1, padding="same"))[0] == (3, 2)
    assert counts(constant_channel(1.0, kernel_size=2, padding="valid"))[0] == (3, 2)
    assert counts(constant_channel(-1.0, kernel_size=2, padding="same"))[0] == (3, 2)


@pytest.mark.parametrize(("columns", "left"), [(0, 2), (1, 3)])
def test_a_channel_behind_flatten_goes_if_all_its_columns_do(columns: int, left: int) -> None:
    rng = np.random.default_rng(0)
    model = a_model(L.Conv1D(3, 2), L.MaxPooling1D(2), L.Flatten(), L.Dense(2), shape=(9, 2))
    kernel = rng.normal(size=(12, 2))
    kernel[1::3] = 0
    kernel[1 : 1 + 3 * columns : 3] = 1
    model.layers[-1].kernel.assign(kernel)
    smaller = shrunk(model, rng)
    assert counts(smaller) == [(3, left), (2, 2)]
    assert smaller.model.layers[-1].kernel.shape == (4 * left, 2)


def test_where_nothing_lives_the_outputs_are_the_constants_they_were() -> None:
    rng = np.random.default_rng(0)
    model = fill(a_model(L.Dense(4), L.Dense(3, activation="tanh"), L.Dense(2)), rng, density=1)
    model.layers[1].kernel.assign(np.zeros((4, 3)))
    smaller = shrunk(model, rng, drop_inputs=True)
    assert counts(smaller) == [(4, 1), (3, 1), (2, 2)]
    assert (smaller.live_inputs.sum(), smaller.model.input_shape) == (0, (None, 1))


def test_a_channel_with_gamma_zero_is_its_beta() -> None:
    rng = np.random.default_rng(0)
    normalization = L.BatchNormalization()
    model = fill(a_model(L.Dense(3), normalization, L.Dense(2)), rng, density=1)
    for weight in (model.layers[0].kernel, model.layers[2].kernel):
        weight.assign(rng.normal(size=weight.shape))
    normalization.gamma.assign([1, 0, 1])
    assert counts(shrunk(model, rng)) == [(3, 2), (2, 2)]


# Inputs


def scaled_model() -> keras.Sequential:
    scaling = L.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[1.0, 4.0, 9.0, 16.0])
    first = L.Dense(3, activation="relu")
    model = a_model(scaling, first, L.Dense(2))
    kernel = np.ones((4, 3))
    kernel[[0, 2]] = 0
    first.kernel.assign(kernel * [[1, 2, 3]])
    return model


def test_inputs_are_dropped_with_their_scaling() -> None:
    rng = np.random.default_rng(0)
    smaller = shrunk(scaled_model(), rng, drop_inputs=True)
    assert smaller.model.input_shape == (None, 2)
    np.testing.assert_array_equal(smaller.kept_inputs, [False, True, False, True])
    np.testing.assert_array_equal(smaller.model.layers[0].input_mean, [2, 4])


def test_without_dropping_the_columns_stay_with_zero_rows() -> None:
    rng = np.random.default_rng(0)
    model = scaled_model()
    model.layers[2].kernel.assign([[1, 1], [0, 0], [1, 1]])
    smaller = shrunk(model, rng)
    assert smaller.model.input_shape == (None, 4)
    assert smaller.kept_inputs.all()
    np.testing.assert_array_equal(smaller.live_inputs, [False, True, False, True])
    np.testing.assert_array_equal(
        np.asarray(smaller.model.layers[1].kernel), [[0, 0], [1, 3], [0, 0], [1, 3]]
    )


def test_of_tensors_whole_channels_are_dropped() -> None:
    rng = np.random.default_rng(0)
    model = fill(a_model(L.Conv1D(3, 2), L.Flatten(), L.Dense(1), shape=(4, 2)), rng, density=1)
    kernel = rng.normal(size=(2, 2, 3))
    kernel[:, 0] = 0
    model.layers[0].kernel.assign(kernel)
    model.layers[2].kernel.assign(np.ones((9, 1)))
    smaller = shrunk(model, rng, drop_inputs=True)
    assert smaller.model.input_shape == (None, 4, 1)
    np.testing.assert_array_equal(smaller.kept_inputs, [False, True] * 4)


def test_a_reshape_to_a_tensor_keeps_what_it_is_given() -> None:
    rng = np.random.default_rng(0)
    model = a_model(L.Reshape((2, 2)), L.Conv1D(2, 1), L.Flatten(), L.Dense(1))
    model.layers[1].kernel.assign(np.zeros((1, 2, 2)))
    smaller = shrunk(model, rng, drop_inputs=True)
    assert smaller.kept_inputs.all()


# Refusals


TAKEN = (
    "shrink supports Dense, Conv1D to Conv3D, BatchNormalization, Rescaling, activations, pooling, "
    "padding, cropping, upsampling, dropout, noise, Flatten, Reshape, LayerNormalization, "
    "MultiHeadAttention, Concatenate, and Add, Subtract, Multiply, Average, Maximum and Minimum"
)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (lambda: [L.LSTM(2, name="a")], f"layer 'a' is of type LSTM; {TAKEN}"),
        (
            lambda: [L.GroupNormalization(2, name="a")],
            f"layer 'a' is of type GroupNormalization; {TAKEN}",
        ),
        (
            lambda: [L.Dense(2, activation="softmax", name="a")],
            "layer 'a' has the activation softmax, which mixes units; shrink supports it only "
            "at the end",
        ),
        (
            lambda: [L.Dense(2), L.Softmax(name="a")],
            "layer 'a' has the activation softmax, which mixes units; shrink supports it only "
            "at the end",
        ),
        (
            lambda: [L.Dense(2, activation="glu", name="a")],
            "layer 'a' has the activation glu, which pairs units; shrink does not support it",
        ),
        (
            lambda: [L.Conv1D(4, 2, groups=2, name="a")],
            "layer 'a' is a convolution in 2 groups; shrink supports one group",
        ),
        (
            lambda: [L.BatchNormalization(axis=1, name="a")],
            "layer 'a' normalizes axis 1; shrink supports the last axis",
        ),
        (
            lambda: [L.Dense(2, lora_rank=1, name="a")],
            "layer 'a' has LoRA or quantized weights; shrink supports plain kernels",
        ),
        (
            lambda: [L.MaxPooling1D(2, data_format="channels_first", name="a")],
            "layer 'a' has its channels first; shrink supports channels_last",
        ),
    ],
)
def test_a_layer_that_is_not_understood_is_named(
    layers: Callable[[], list[Any]], message: str
) -> None:
    model = a_model(*layers(), L.Flatten(), L.Dense(2), shape=(4, 4))
    with pytest.raises(ShrinkError) as refused:
        make_smaller(model, drop_inputs=False)
    assert str(refused.value) == message


# Costs


def test_sizes() -> None:
    layers = [L.Conv2D(3, 2), L.BatchNormalization(), L.Dropout(0.1), L.Flatten(), L.Dense(4)]
    model = a_model(*layers, shape=(5, 5, 2))
    model.layers[-1].kernel.assign(np.eye(48, 4))
    size = model_size(model)
    assert size.parameters == (2 * 2 * 2 * 3 + 3) + 4 * 3 + (48 * 4 + 4)
    assert size.nonzero == 24 + 4
    assert size.flops == 2 * (16 * 24 + 48 * 4)


def test_calls_take_time() -> None:
    model = a_model(L.Dense(2))
    rows = np.ones((3, 4), np.float32)
    times = call_seconds([(model, rows), (model, rows)], 7)
    assert len(times) == 2
    assert all(seconds > 0 for seconds in times)


@pytest.mark.parametrize(
    ("expected", "found", "difference"),
    [
        ([[1, -4]], [[1, -4]], 0.0),
        ([[1, -4]], [[1.5, -4]], 0.125),
        ([[0, 0]], [[0, 0]], 0.0),
        ([[0, 0]], [[0, 1]], np.inf),
        ([[1, np.nan]], [[1, np.nan]], np.nan),
        ([[1, 2]], [[1, np.inf]], np.nan),
        ([[1, 2]], [[1]], np.inf),
    ],
)
def test_differences_are_relative_to_the_largest_output(
    expected: Any, found: Any, difference: float
) -> None:
    found_difference = relative_difference(np.float32(expected), np.float32(found))
    assert found_difference == pytest.approx(difference, nan_ok=True)
