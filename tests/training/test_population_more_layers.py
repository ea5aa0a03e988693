"""Layers that a population trains member by member, or by loops, train as in `fit`.

Two members of different strengths and seeds, a few epochs, an incomplete last batch.
"""

from typing import Any

import pytest

from .examples import a_config, binary_splits, class_splits
from .populations import assert_same_training, moved, train_by_fit, train_together

ADAM = {"name": "adam", "learning_rate": 0.01}
ROWS, STEPS, IMAGE, VOLUME = (6,), (12, 3), (6, 6, 4), (4, 4, 3, 2)
SQUARE = {"L2": {"l2": 0.02}}
BOTH = {"L1L2": {"l1": 0.004, "l2": 0.03}}
TANH = {"Activation": {"activation": "tanh"}}

# Gradients that are zero but for rounding are left out, as Adam would turn them into steps.
STACKS: dict[str, tuple[tuple[int, ...], list[Any]]] = {
    "separable convolutions": (
        IMAGE,
        [
            {"SeparableConv2D": {"filters": 3, "kernel_size": 2, "depth_multiplier": 2}},
            {"DepthwiseConv2D": {"kernel_size": 3, "strides": 2, "padding": "same"}},
            {"Conv2D": {"filters": 4, "kernel_size": 2, "activation": "tanh"}},
            "Flatten",
        ],
    ),
    "grouped and transposed convolutions": (
        IMAGE,
        [
            {"Conv2D": {"filters": 4, "kernel_size": 3, "groups": 2, "strides": 2}},
            {"Conv2DTranspose": {"filters": 3, "kernel_size": [3, 2], "strides": 2}},
            {"Conv2DTranspose": {"filters": 2, "kernel_size": 4, "padding": "same", "strides": 3}},
            {"AdaptiveAveragePooling2D": {"output_size": 4}},
            TANH,
            "Flatten",
        ],
    ),
    "convolutions of sequences": (
        STEPS,
        [
            {"SeparableConv1D": {"filters": 4, "kernel_size": 3, "padding": "same"}},
            {"DepthwiseConv1D": {"kernel_size": 2, "use_bias": False, "activation": "tanh"}},
            {"Conv1DTranspose": {"filters": 3, "kernel_size": 2, "padding": "same"}},
            {"Conv1DTranspose": {"filters": 3, "kernel_size": 3, "strides": 2, "use_bias": False}},
            "GlobalAveragePooling1D",
        ],
    ),
    "volumes": (
        VOLUME,
        [
            {"Conv3D": {"filters": 3, "kernel_size": 2, "padding": "same", "activation": "elu"}},
            {"Conv3DTranspose": {"filters": 2, "kernel_size": 2, "strides": [1, 2, 1]}},
            "GlobalAveragePooling3D",
            {"Dense": {"units": 1}},
        ],
    ),
    "long recurrent layers": (
        STEPS,
        [
            {"GRU": {"units": 3, "return_sequences": True, "go_backwards": True}},
            {"GRU": {"units": 3, "return_sequences": True, "reset_after": False}},
            {"LSTM": {"units": 3, "use_bias": False, "go_backwards": True}},
        ],
    ),
    "short recurrent layers": (
        (4, 3),
        [
            {"GRU": {"units": 3, "return_sequences": True, "reset_after": False}},
            {"SimpleRNN": {"units": 4, "use_bias": False}},
        ],
    ),
    "films": (
        (3, 4, 3, 2),
        [
            {"ConvLSTM2D": {"filters": 3, "kernel_size": 2, "return_sequences": True}},
            {"TimeDistributed": {"layer": {"Conv2D": {"filters": 2, "kernel_size": 2}}}},
            {"TimeDistributed": {"layer": "Flatten"}},
            "Flatten",
        ],
    ),
    "wrappers": (
        STEPS,
        [
            {"Bidirectional": {"layer": {"SimpleRNN": {"units": 2, "return_sequences": True}}}},
            {"TimeDistributed": {"layer": {"Dense": {"units": 3, "l2": 0.1}}}},
            {"Bidirectional": {"layer": {"SimpleRNN": {"units": 3}}, "merge_mode": "ave"}},
        ],
    ),
    "normalization at each step": (
        (3, 4, 3),
        [
            {"Dense": {"units": 3, "use_bias": False}},
            {"TimeDistributed": {"layer": {"BatchNormalization": {"momentum": 0.8}}}},
            TANH,
            {"TimeDistributed": {"layer": {"TimeDistributed": {"layer": "BatchNormalization"}}}},
            TANH,
            "Flatten",
        ],
    ),
    "normalizations": (
        (4, 3, 4),
        [
            {"GroupNormalization": {"groups": 2}},
            "PReLU",
            "RMSNormalization",
            {"LayerNormalization": {"axis": [1, 2]}},
            {"PReLU": {"shared_axes": [1, 2], "alpha_initializer": "ones"}},
            {"EinsumDense": {"equation": "abcd,de->abce", "output_shape": [4, 3, 2]}},
            {"BatchNormalization": {"axis": 1}},
            TANH,
            "Flatten",
        ],
    ),
    "constraints": (
        IMAGE,
        [
            {"Conv2D": {"filters": 3, "kernel_size": 2, "kernel_constraint": "non_neg"}},
            {"PReLU": {"alpha_constraint": {"MaxNorm": {"max_value": 0.1, "axis": [0, 1]}}}},
            "Flatten",
            {"Dense": {"units": 5, "kernel_constraint": {"MaxNorm": {"max_value": 0.9}}}},
            {"Dense": {"units": 4, "kernel_constraint": "unit_norm", "activation": "tanh"}},
            {"Dense": {"units": 3, "bias_constraint": {"MinMaxNorm": {"min_value": 0.1}}}},
        ],
    ),
    "regularizers": (
        (5, 3),
        [
            {
                "LSTM": {
                    "units": 4,
                    "return_sequences": True,
                    "recurrent_initializer": "glorot_uniform",  # one far from orthogonal
                    "recurrent_regularizer": {"OrthogonalRegularizer": {"factor": 0.1}},
                    "activity_regularizer": SQUARE,
                }
            },
            {
                "Bidirectional": {
                    "layer": {"SimpleRNN": {"units": 2, "activity_regularizer": SQUARE}}
                }
            },
            {"ActivityRegularization": {"l2": 0.1}},
            {"Dense": {"units": 4, "activation": "tanh", "bias_regularizer": BOTH}},
            {"Dense": {"units": 3, "activity_regularizer": BOTH}},
        ],
    ),
    "frozen layers": (
        (12, 3),
        [
            {"Dense": {"units": 4, "trainable": False}},
            {"BatchNormalization": {"trainable": False}},
            {"TimeDistributed": {"layer": {"Dense": {"units": 3, "trainable": False}}}},
            {"SimpleRNN": {"units": 3, "trainable": False, "return_sequences": True}},
            {"Bidirectional": {"layer": {"SimpleRNN": {"units": 2}}, "trainable": False}},
            {"Dense": {"units": 4, "activation": "tanh"}},
        ],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("stack", STACKS)
def test_three_epochs_equal_fit(stack: str) -> None:
    shape, layers = STACKS[stack]
    splits = binary_splits(shape)
    configs = [
        a_config(
            layers,
            regularization={"l2": l2},
            training={"epochs": 3, "batch_size": 7, "optimizer": ADAM, "seed": seed},
        )
        for l2, seed in ((0.003, 4), (0.05, 5))
    ]
    other, ours = train_together(configs, splits)
    assert ours.history["loss"][-1] < ours.history["loss"][0]
    assert moved(ours, other) > 0.01
    assert_same_training(ours, train_by_fit(configs[1], splits))


@pytest.mark.slow
def test_a_kernel_s_own_regularizer_stands_beside_the_strengths() -> None:
    """Orthogonal regularization is compared with l2, and may be added to it."""
    orthogonal = {"OrthogonalRegularizer": {"factor": 0.05}}
    layers = [{"Dense": {"units": 5, "activation": "tanh", "kernel_regularizer": orthogonal}}]
    config = a_config(layers, regularization={"l2": 0.02})
    splits = class_splits()
    (ours,) = train_together([config], splits)
    assert_same_training(ours, train_by_fit(config, splits))
    without = a_config([{"Dense": {"units": 5, "activation": "tanh"}}], regularization={"l2": 0.02})
    assert moved(train_by_fit(without, splits), ours) > 1e-4
