"""Keras models of `.keras` files: what Keras saved comes back, with start weights or its own."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras_archives import called, graph, layer, stack, tensor, write_keras, write_members
from numpy.testing import assert_array_equal

from regcli.errors import KerasFileError
from regcli.keras_files.keras_file import read_keras_file
from regcli.models.file_models import fresh_model, model_with_weights

layers = keras.layers


def mlp() -> keras.Model:
    dense = layers.Dense(8, "relu", kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2))
    out = layers.Dense(3, "softmax", kernel_constraint=keras.constraints.MaxNorm(2))
    return keras.Sequential([keras.Input((4,)), dense, layers.Dropout(0.2), out])


def without_an_input() -> keras.Model:
    model = keras.Sequential([layers.Dense(3), layers.Dense(1)])
    model.build((None, 4))
    return model


def cnn() -> keras.Model:
    return keras.Sequential(
        [
            *(keras.Input((8, 8, 1)), layers.Rescaling(1 / 255), layers.RandomFlip()),
            *(layers.Conv2D(4, 3), layers.BatchNormalization(), layers.ReLU()),
            *(layers.SeparableConv2D(3, 2), layers.GlobalAveragePooling2D(), layers.Dense(2)),
        ]
    )


def residual_with_operations() -> keras.Model:
    inputs = keras.Input((8,))
    hidden = layers.Dense(8, keras.activations.gelu, name="hidden")(inputs)
    joined = layers.Add()([inputs, hidden]) * np.arange(8, dtype=np.float32)
    turned = keras.ops.exp(-joined)[:, ::-1][..., None][..., 0]
    chosen = keras.ops.where(joined > 0, turned, -np.inf)
    both = keras.ops.concatenate([keras.ops.nan_to_num(chosen), joined], axis=-1)
    return keras.Model(inputs, layers.Dense(1)(both))


def shared_and_nested() -> keras.Model:
    first, second = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    tower = keras.Sequential([keras.Input((4,)), layers.Dense(3, "tanh")], name="tower")
    norm = layers.LayerNormalization()
    joined = layers.Concatenate()([norm(tower(first)), norm(tower(second))])
    return keras.Model([first, second], layers.Dense(1)(joined))


def attention() -> keras.Model:
    inputs = keras.Input((6, 4))
    seen = layers.LayerNormalization()(layers.MultiHeadAttention(2, 3)(inputs, inputs) + inputs)
    return keras.Model(inputs, layers.Dense(1)(layers.GlobalAveragePooling1D()(seen)))


def recurrent() -> keras.Model:
    return keras.Sequential(
        [
            *(keras.Input((6, 3)), layers.Bidirectional(layers.LSTM(4, return_sequences=True))),
            layers.TimeDistributed(layers.Dense(3)),
            *(layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)]), layers.Dense(1)),
        ]
    )


def embedded() -> keras.Model:
    stack = [layers.Embedding(10, 3), layers.SpectralNormalization(layers.Conv1D(2, 2))]
    return keras.Sequential([keras.Input((5,)), *stack, layers.Flatten(), layers.Dense(1)])


def half_precision() -> keras.Model:
    dense = layers.Dense(3, dtype="bfloat16")
    return keras.Sequential([keras.Input((4,)), dense, layers.Dense(1, dtype="mixed_float16")])


def mobile_net() -> keras.Model:
    return keras.applications.MobileNetV3Small(input_shape=(32, 32, 3), weights=None, classes=4)


MODELS = [
    *(mlp, without_an_input, cnn, residual_with_operations, shared_and_nested),
    *(attention, recurrent, embedded, half_precision),
    pytest.param(mobile_net, marks=pytest.mark.slow),
]


def rows(model: keras.Model) -> Any:
    numbers = np.random.default_rng(0)
    values = [numbers.random((4, *shape[1:])).astype(np.float32) for shape in shapes(model)]
    return values if len(values) > 1 else values[0]


def shapes(model: keras.Model) -> list[tuple[int, ...]]:
    return [tuple(tensor.shape) for tensor in model.inputs]


def saved(model: keras.Model, folder: Path) -> Path:
    path = folder / "größe.keras"
    model.save(path)
    return path


@pytest.mark.parametrize("build", MODELS)
def test_models_come_back_with_their_weights(
    build: Callable[[], keras.Model], tmp_path: Path
) -> None:
    model = build()
    for number, variable in enumerate(model.variables):
        variable.assign(variable + 0.01 * number if "float" in variable.dtype else variable)
    read = model_with_weights(read_keras_file(saved(model, tmp_path)))
    given = rows(model)
    assert_array_equal(read(given, training=False), model(given, training=False))
    assert [path.name for path in tmp_path.iterdir()] == ["größe.keras"]


@pytest.mark.parametrize("build", MODELS)
def test_fresh_models_are_those_that_keras_would_make(
    build: Callable[[], keras.Model], tmp_path: Path
) -> None:
    """Of the same seed, although memory is taken later; and another seed gives other weights."""
    path = saved(build(), tmp_path)
    file = read_keras_file(path)
    keras.utils.set_random_seed(3)
    fresh = fresh_model(file)
    keras.utils.set_random_seed(3)
    theirs = keras.models.model_from_json(zipfile.ZipFile(path).read("config.json").decode())
    for ours, expected in zip(fresh.variables, theirs.variables, strict=True):
        assert_array_equal(ours.numpy(), expected.numpy(), err_msg=ours.path)
    keras.utils.set_random_seed(4)
    other = fresh_model(file)
    assert any(
        not np.array_equal(one.numpy(), two.numpy())
        for one, two in zip(fresh.trainable_variables, other.trainable_variables, strict=True)
    )


def test_a_fresh_model_is_uncompiled_and_trains(tmp_path: Path) -> None:
    model = mlp()
    model.compile("adam", "sparse_categorical_crossentropy")
    fresh = fresh_model(read_keras_file(saved(model, tmp_path)))
    assert not fresh.compiled
    fresh.compile("sgd", "sparse_categorical_crossentropy")
    history = fresh.fit(rows(fresh), np.arange(4) % 3, epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]


def test_how_a_model_was_compiled_does_not_count(tmp_path: Path) -> None:
    model = mlp()
    plain = read_keras_file(saved(model, tmp_path))
    model.compile("adam", "sparse_categorical_crossentropy")
    compiled = read_keras_file(saved(model, tmp_path))
    assert compiled.architecture_fingerprint == plain.architecture_fingerprint
    assert compiled.weights_fingerprint != plain.weights_fingerprint  # the optimizer's numbers


def test_fingerprints_of_a_model_that_is_saved_twice(tmp_path: Path) -> None:
    model = shared_and_nested()
    first = read_keras_file(saved(model, tmp_path))
    second = read_keras_file(saved(keras.models.load_model(first.path), tmp_path))
    assert second.architecture_fingerprint == first.architecture_fingerprint
    assert second.weights_fingerprint == first.weights_fingerprint


def refusal(call: Callable[[], Any], path: Path) -> str:
    with pytest.raises(KerasFileError) as refused:
        call()
    return str(refused.value).removeprefix(f"{path}: ")


def test_weights_are_counted_before_memory_is_taken(tmp_path: Path) -> None:
    """A terabyte of weights in a file of two kilobytes, in one layer or in a stack of them."""
    path = write_keras(tmp_path / "m.keras", stack(layer("Dense", "x", units=10**12)))
    assert refusal(lambda: fresh_model(read_keras_file(path)), path) == (
        "the architecture must not have more weights than the file has bytes for them; it has "
        "5,000,000,000,000, and model.weights.h5 has 2,008 bytes; save the model again with "
        "model.save('model.keras')"
    )
    assert mlp().count_params() == 67  # nothing is left over for the next model to fill


def test_what_keras_refuses(tmp_path: Path) -> None:
    config = graph(called(layer("Dot", "x", axes=7), [tensor("input")] * 2), last="x")
    path = write_keras(tmp_path / "m.keras", config)
    assert refusal(lambda: fresh_model(read_keras_file(path)), path).startswith(
        "Keras refuses the architecture: "
    )
    path = write_keras(path, stack(layer("Dense", "x", units=2, kernel_initializer="nowhere")))
    assert refusal(lambda: fresh_model(read_keras_file(path)), path) == (
        "Keras refuses the architecture: Could not interpret initializer identifier: nowhere"
    )


def with_weights_of(path: Path, other: Path) -> Path:
    config = zipfile.ZipFile(path).read("config.json")
    weights = zipfile.ZipFile(other).read("model.weights.h5")
    mixed = path.with_name("mixed.keras")
    return write_members(mixed, [("config.json", config), ("model.weights.h5", weights)])


def test_weights_of_another_model(tmp_path: Path) -> None:
    small, large = tmp_path / "small.keras", tmp_path / "large.keras"
    keras.Sequential([keras.Input((4,)), layers.Dense(2, name="d")], name="m").save(small)
    keras.Sequential([keras.Input((4,)), layers.Dense(3, name="d")], name="m").save(large)
    path = with_weights_of(small, large)
    assert refusal(lambda: model_with_weights(read_keras_file(path)), path) == (
        "model.weights.h5 does not fit the architecture: layer 'd': The shape of the target "
        "variable and the shape of the target value in `variable.assign(value)` must match. "
        "variable.shape=(4, 2), Received: value.shape=(4, 3); save the model "
        "again with model.save('model.keras')"
    )


def test_weights_that_are_no_numbers(tmp_path: Path) -> None:
    path = write_keras(tmp_path / "m.keras")
    assert refusal(lambda: model_with_weights(read_keras_file(path)), path).startswith(
        "model.weights.h5: is damaged ("
    )


@pytest.mark.slow
def test_exported_models_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "exported.keras"
    mlp().export(tmp_path / "exported", verbose=False)
    shutil.move(tmp_path / "exported", path)
    assert refusal(lambda: read_keras_file(path), path).startswith(
        "must be a .keras file; this is a TensorFlow SavedModel, as model.export writes it: "
    )


@keras.saving.register_keras_serializable("tests")
class Doubled(keras.layers.Layer):
    """A layer of a person's own."""

    def call(self, inputs: Any) -> Any:
        return inputs * 2


def test_layers_that_the_caller_allows(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), Doubled(name="twice"), layers.Dense(2)])
    path = saved(model, tmp_path)
    assert "Doubled is refused: only the layers" in refusal(lambda: read_keras_file(path), path)
    file = read_keras_file(path, {"tests>Doubled": Doubled})
    assert_array_equal(model_with_weights(file)(rows(model)), model(rows(model)))
