"""Presets as Keras models: sizes counted by hand, and that each of them trains."""

from typing import Any

import keras
import numpy as np
import pytest

from regcli.config.model_section import Model
from regcli.errors import ModelError
from regcli.models.interface import Interface
from regcli.models.stack_source import StackSource


def built(shape: tuple[int, ...], /, **model: Any) -> keras.Model:
    columns = tuple(map(str, range(int(np.prod(shape)))))
    interface = Interface("multiclass", 10, shape, columns)
    return StackSource.of(Model.model_validate(model), interface).bare()


def test_a_residual_network_has_the_weights_of_basic_blocks() -> None:
    model = built((64,), preset="resnet-small", shape=[8, 8, 1], filters=[4, 8], blocks=2)

    def convolution(before: int, after: int, size: int = 3) -> int:
        return size * size * before * after + 4 * after  # and four numbers of its normalization

    blocks = [
        (convolution(1, 4)),
        *(2 * convolution(4, 4) for _ in range(2)),
        convolution(4, 8) + convolution(8, 8) + convolution(4, 8, 1),
        2 * convolution(8, 8),
    ]
    assert model.count_params() == sum(blocks) + 8 * 10 + 10
    assert sum(isinstance(layer, keras.layers.Add) for layer in model.layers) == 4
    assert model.get_layer("block_2_1").output.shape == (None, 4, 4, 8)


def test_a_transformer_has_the_weights_of_its_blocks() -> None:
    model = built((48,), preset="transformer-small", shape=[6, 8], width=8, heads=2, blocks=3)
    attention = 4 * (8 * 8 + 8)
    perceptron = 8 * 32 + 32 + 32 * 8 + 8
    block = attention + perceptron + 2 * 16
    assert model.count_params() == (8 * 8 + 6 * 8) + 3 * block + 16 + 8 * 10 + 10


def test_a_transformer_knows_the_order_of_steps() -> None:
    keras.utils.set_random_seed(0)
    model = built((12,), preset="transformer-small", shape=[4, 3])
    positions = model.get_layer("positions")
    positions.weights[1].assign(np.random.default_rng(0).normal(size=(4, 32)))
    x = np.random.default_rng(1).normal(size=(5, 4, 3)).astype(np.float32)
    there, back = (model.predict(own.reshape(5, 12), verbose=0) for own in (x, x[:, ::-1]))
    assert np.abs(there - back).max() > 1e-3


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        ({"preset": "mlp", "dropout": 0.1}, (16,)),
        ({"preset": "linear"}, (16,)),
        ({"preset": "cnn", "shape": [4, 4, 1], "filters": [4, 4]}, (16,)),
        ({"preset": "cnn"}, (8, 8, 3)),
        ({"preset": "resnet-small", "dropout": 0.1, "filters": [4, 8]}, (8, 8, 3)),
        ({"preset": "lstm", "units": [4, 4], "bidirectional": True, "dropout": 0.1}, (6, 3)),
        ({"preset": "lstm", "vocabulary": 50}, (12,)),
        ({"preset": "transformer-small", "shape": [4, 4], "dropout": 0.1}, (16,)),
        ({"preset": "transformer-small", "shape": [16], "vocabulary": 50, "width": 8}, (16,)),
    ],
)
def test_every_preset_trains(model: dict[str, Any], shape: tuple[int, ...]) -> None:
    made = built(shape, **model)
    made.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    rng = np.random.default_rng(0)
    x = rng.integers(0, 50, (20, *shape)).astype(np.float32)
    losses = made.fit(x, rng.integers(0, 10, 20), epochs=2, verbose=0).history["loss"]
    assert np.isfinite(losses).all()


def test_rows_that_a_preset_cannot_take() -> None:
    with pytest.raises(ModelError) as refused:
        built((64,), preset="cnn")
    assert refused.value.path == ("model", "preset")
    assert refused.value.message == (
        "cnn: Conv2D does not fit its input of shape (64,): Input 0 with name 'None' of layer "
        "'conv2d' is incompatible with the layer: expected min_ndim=4, found ndim=2. Full shape "
        "received: (None, 64); shape lays out a row, which has the shape 64"
    )
