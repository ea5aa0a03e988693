"""Every stacked form of a layer trains as the layer does in `fit`: 20 epochs, partial batches."""

from typing import Any

import numpy as np
import pytest

from regcli.data.dataset import Splits

from .examples import a_config, binary_splits, labels, splits_of
from .populations import assert_same_training, train_by_fit, train_together

SGD = {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9}
ADAM = {"name": "adam", "learning_rate": 0.01}
STEPS, IMAGE = (12, 3), (8, 8, 2)

# What only shifts the inputs of a normalization over rows has a gradient of zero but for rounding,
# and Adam divides a gradient by its own size: it would turn rounding into steps. So no bias stands
# before one, and no `beta` with nothing but a Dense layer between.
STACKS: dict[str, tuple[tuple[int, ...], dict[str, Any], list[Any]]] = {
    "dense": (
        (6,),
        ADAM,
        [
            {"Dense": {"units": 7, "activation": "tanh"}},
            {"Dense": {"units": 5, "use_bias": False}},
            {"Activation": {"activation": "gelu"}},
        ],
    ),
    "activations": (
        (6,),
        SGD,
        [
            {"Rescaling": {"scale": 0.5, "offset": 0.1}},
            {"Dense": {"units": 6}},
            {"LeakyReLU": {"negative_slope": 0.3}},
            {"Dense": {"units": 6}},
            "ELU",
            {"Dense": {"units": 6}},
            {"ReLU": {"max_value": 2.0, "negative_slope": 0.1}},
            "UnitNormalization",
            {"Dense": {"units": 6}},
            "Softmax",
            "Identity",
            {"Dense": {"units": 1}},
        ],
    ),
    "normalization over rows": (
        (6,),
        ADAM,
        [
            {"Dense": {"units": 7, "use_bias": False}},
            {"BatchNormalization": {"momentum": 0.8}},
            {"Activation": {"activation": "tanh"}},
            {"Dense": {"units": 5, "use_bias": False}},
            {"BatchNormalization": {"scale": False, "epsilon": 0.01}},
            {"Activation": {"activation": "tanh"}},
            {"Dense": {"units": 4, "use_bias": False}},
            {"BatchNormalization": {"center": False}},
        ],
    ),
    "normalization within a row": (
        (6,),
        ADAM,
        [
            {"Dense": {"units": 7}},
            "LayerNormalization",
            {"Dense": {"units": 5, "activation": "tanh"}},
            {"LayerNormalization": {"scale": False, "epsilon": 0.01}},
            {"Dense": {"units": 5, "activation": "tanh"}},
            {"LayerNormalization": {"center": False}},
        ],
    ),
    "convolutions of sequences": (
        STEPS,
        ADAM,
        [
            {"Conv1D": {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same"}},
            {"Activation": {"activation": "tanh"}},
            {"Conv1D": {"filters": 3, "kernel_size": 2, "dilation_rate": 2, "padding": "causal"}},
            {"MaxPooling1D": {"pool_size": 2}},
            {"Conv1D": {"filters": 3, "kernel_size": 2, "use_bias": False}},
            "GlobalAveragePooling1D",
        ],
    ),
    "sequences": (
        STEPS,
        ADAM,
        [
            {"ZeroPadding1D": {"padding": [1, 2]}},
            {"Conv1D": {"filters": 4, "kernel_size": 4, "strides": 3, "activation": "tanh"}},
            {"UpSampling1D": {"size": 3}},
            {"Cropping1D": {"cropping": [1, 2]}},
            {"AveragePooling1D": {"pool_size": 2, "strides": 1, "padding": "same"}},
            {"MaxPooling1D": {"pool_size": 3, "strides": 2, "padding": "same"}},
            {"LayerNormalization": {}},
            {"Permute": {"dims": [2, 1]}},
            {"Dense": {"units": 3, "activation": "tanh"}},
            "GlobalMaxPooling1D",
            {"RepeatVector": {"n": 2}},
            {"Reshape": {"target_shape": [-1]}},
        ],
    ),
    "convolutions of images, normalized": (
        IMAGE,
        ADAM,
        [
            {"Conv2D": {"filters": 4, "kernel_size": 3, "use_bias": False}},
            "BatchNormalization",
            {"Activation": {"activation": "tanh"}},
            {"MaxPooling2D": {"pool_size": 2}},
            {"Conv2D": {"filters": 3, "kernel_size": [2, 3], "strides": 2, "padding": "same"}},
            "GlobalAveragePooling2D",
        ],
    ),
    "images": (
        IMAGE,
        SGD,
        [
            {"ZeroPadding2D": {"padding": 1}},
            {"Conv2D": {"filters": 3, "kernel_size": 3, "strides": 2, "activation": "elu"}},
            {"Conv2D": {"filters": 3, "kernel_size": 2, "dilation_rate": 2, "padding": "same"}},
            {"AveragePooling2D": {"pool_size": 2, "strides": 1}},
            {"MaxPooling2D": {"pool_size": 3, "strides": 2, "padding": "same"}},
            {"UpSampling2D": {"size": 2}},
            {"Cropping2D": {"cropping": 1}},
            "Flatten",
            {"Dense": {"units": 4, "activation": "tanh"}},
        ],
    ),
    "long short-term memory": (
        (5, 3),
        ADAM,
        [
            {"LSTM": {"units": 4, "return_sequences": True}},
            {"LSTM": {"units": 3, "use_bias": False, "recurrent_activation": "hard_sigmoid"}},
        ],
    ),
    "gated recurrent units": (
        (5, 3),
        ADAM,
        [
            {"GRU": {"units": 4, "return_sequences": True}},
            {"GRU": {"units": 3, "use_bias": False, "activation": "softsign"}},
        ],
    ),
    "volumes": (
        (5, 5, 4, 2),
        SGD,
        [
            {"MaxPooling3D": {"pool_size": 2, "padding": "same"}},
            {"AveragePooling3D": {"pool_size": 2, "strides": 1}},
            "GlobalAveragePooling3D",
            {"Dense": {"units": 4, "activation": "tanh"}},
        ],
    ),
    "tokens": (
        (5,),
        SGD,
        [
            {"Embedding": {"input_dim": 10, "output_dim": 3}},
            {"Conv1D": {"filters": 4, "kernel_size": 2}},
            "Flatten",
            {"Dense": {"units": 4, "activation": "tanh"}},
        ],
    ),
}


def splits_for(stack: str, shape: tuple[int, ...]) -> Splits:
    made = binary_splits(shape)
    if shape == (5,):
        return splits_of(np.abs(made.table.x * 3).clip(0, 9).round(), labels(), classes=2)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("stack", STACKS)
def test_twenty_epochs_equal_fit(stack: str) -> None:
    """20 training rows in batches of 7: an epoch's last batch has 6."""
    shape, optimizer, layers = STACKS[stack]
    splits = splits_for(stack, shape)
    config = a_config(
        layers,
        regularization={"l2": 0.003},
        training={"epochs": 20, "batch_size": 7, "optimizer": optimizer, "seed": 4},
    )
    (ours,) = train_together([config], splits)
    assert ours.history["loss"][-1] < ours.history["loss"][0] - 0.01
    assert_same_training(ours, train_by_fit(config, splits))
