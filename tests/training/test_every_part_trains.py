"""Every layer, optimizer, schedule and loss that a config may name trains."""

import math
from collections.abc import Iterator
from typing import Any

import keras
import pytest

from regcli.config import catalogue
from regcli.data.dataset import Splits
from regcli.results.outcomes import Outcome
from regcli.results.records import RunState

from .examples import Fit, a_config, binary_splits, class_splits, labels, number_splits, splits_of


def images(*kinds: str, **arguments: Any) -> list[Any]:
    return [{kind: arguments} for kind in kinds]


JOINED = ("add", "average", "maximum", "minimum", "multiply", "subtract")

STACKS: dict[str, tuple[tuple[int, ...], list[Any]]] = {
    "rows": (
        (8,),
        [
            {"Rescaling": {"scale": 0.5}},
            {"GaussianNoise": {"stddev": 0.1}},
            {"SpectralNormalization": {"layer": {"Dense": {"units": 8}}}},
            "BatchNormalization",
            {"Activation": {"activation": "relu"}},
            {"GaussianDropout": {"rate": 0.1}},
            {"EinsumDense": {"equation": "ab,bc->ac", "output_shape": 8, "bias_axes": "c"}},
            "LayerNormalization",
            "LeakyReLU",
            {"AlphaDropout": {"rate": 0.1}},
            {"Dense": {"units": 8}},
            {"GroupNormalization": {"groups": 2}},
            "ELU",
            "RMSNormalization",
            "PReLU",
            "UnitNormalization",
            "ReLU",
            {"ActivityRegularization": {"l2": 0.01}},
            "Identity",
            {"Dropout": {"rate": 0.1}},
            "Softmax",
            {"RepeatVector": {"n": 2}},
            "Flatten",
        ],
    ),
    "a graph": (
        (8,),
        [
            {"Input": {"columns": ["x_0", "x_1", "x_5"], "name": "some"}},
            {"Dense": {"units": 4, "name": "a"}},
            {"Dense": {"units": 4, "name": "b", "inputs": "input"}},
            {"Shared": {"of": "a", "inputs": "some", "name": "again"}},
            *(
                {kind: {"inputs": ["a", "b"], "name": kind.lower()}}
                for kind in ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")
            ),
            {"Dot": {"axes": 1, "inputs": ["a", "b"]}},
            {"Concatenate": {"inputs": [*JOINED, "dot", "again"]}},
        ],
    ),
    "attention": (
        (6, 4),
        [
            {"Dense": {"units": 4, "name": "steps"}},
            {"MultiHeadAttention": {"num_heads": 2, "key_dim": 4}},
            {
                "GroupQueryAttention": {
                    "head_dim": 4,
                    "num_query_heads": 2,
                    "num_key_value_heads": 1,
                    "inputs": ["multi_head_attention", "steps"],
                }
            },
            {"Attention": {"use_scale": True}},
            {"AdditiveAttention": {"inputs": ["attention", "steps"]}},
            "Flatten",
        ],
    ),
    "sequences": (
        (16, 4),
        [
            {"ZeroPadding1D": {"padding": 1}},
            {"Conv1D": {"filters": 4, "kernel_size": 3}},
            {"SpatialDropout1D": {"rate": 0.1}},
            {"SeparableConv1D": {"filters": 4, "kernel_size": 3, "padding": "same"}},
            {"DepthwiseConv1D": {"kernel_size": 3, "padding": "same"}},
            {"MaxPooling1D": {"pool_size": 2}},
            {"AveragePooling1D": {"pool_size": 2}},
            {"UpSampling1D": {"size": 2}},
            {"Conv1DTranspose": {"filters": 4, "kernel_size": 2}},
            {"Cropping1D": {"cropping": 1}},
            {"AdaptiveAveragePooling1D": {"output_size": 4}},
            {"AdaptiveMaxPooling1D": {"output_size": 3}},
            {"TimeDistributed": {"layer": {"Dense": {"units": 3}}}},
            {"Permute": {"dims": [2, 1]}},
            {"GlobalAveragePooling1D": {"keepdims": True}},
            "GlobalMaxPooling1D",
        ],
    ),
    "recurrent layers": (
        (5, 3),
        [
            {"Masking": {"mask_value": 0.0}},
            {"LSTM": {"units": 3, "return_sequences": True}},
            {"Bidirectional": {"layer": {"GRU": {"units": 2, "return_sequences": True}}}},
            {"GRU": {"units": 3, "return_sequences": True}},
            {"SimpleRNN": {"units": 3}},
        ],
    ),
    "images": (
        (12, 12, 3),
        [
            {"ZeroPadding2D": {"padding": 1}},
            {"Conv2D": {"filters": 4, "kernel_size": 3}},
            {"SpatialDropout2D": {"rate": 0.1}},
            {"SeparableConv2D": {"filters": 4, "kernel_size": 3}},
            {"DepthwiseConv2D": {"kernel_size": 3, "padding": "same"}},
            {"MaxPooling2D": {"pool_size": 2}},
            {"Conv2DTranspose": {"filters": 4, "kernel_size": 3}},
            {"AveragePooling2D": {"pool_size": 2}},
            {"UpSampling2D": {"size": 2}},
            {"Cropping2D": {"cropping": 1}},
            {"AdaptiveAveragePooling2D": {"output_size": 3}},
            {"AdaptiveMaxPooling2D": {"output_size": 2}},
            {"GlobalAveragePooling2D": {"keepdims": True}},
            "GlobalMaxPooling2D",
            {"Reshape": {"target_shape": [2, 2]}},
            "Flatten",
        ],
    ),
    "volumes": (
        (6, 6, 6, 1),
        [
            {"ZeroPadding3D": {"padding": 1}},
            {"Conv3D": {"filters": 2, "kernel_size": 3}},
            {"SpatialDropout3D": {"rate": 0.1}},
            {"MaxPooling3D": {"pool_size": 2}},
            {"Conv3DTranspose": {"filters": 2, "kernel_size": 2}},
            {"AveragePooling3D": {"pool_size": 2}},
            {"UpSampling3D": {"size": 2}},
            {"AdaptiveAveragePooling3D": {"output_size": 2}},
            {"ZeroPadding3D": {"padding": 1}},
            {"AdaptiveMaxPooling3D": {"output_size": 2}},
            {"Cropping3D": {"cropping": [[0, 0], [0, 0], [1, 0]]}},
            {"GlobalAveragePooling3D": {"keepdims": True}},
            "GlobalMaxPooling3D",
        ],
    ),
    "films in one dimension": (
        (3, 4, 2),
        [{"ConvLSTM1D": {"filters": 2, "kernel_size": 2}}, "Flatten"],
    ),
    "films in two dimensions": (
        (2, 3, 3, 1),
        [{"ConvLSTM2D": {"filters": 2, "kernel_size": 2}}, "Flatten"],
    ),
    "films in three dimensions": (
        (2, 3, 3, 3, 1),
        [{"ConvLSTM3D": {"filters": 2, "kernel_size": 2}}, "Flatten"],
    ),
    "tokens": (
        (5,),
        [{"Embedding": {"input_dim": 10, "output_dim": 3}}, "Flatten"],
    ),
    "tokens with a way back": (
        (5,),
        [{"ReversibleEmbedding": {"input_dim": 10, "output_dim": 3}}, "Flatten"],
    ),
    "categories": ((3,), [{"CategoryEncoding": {"num_tokens": 10, "output_mode": "multi_hot"}}]),
    "sounds": (
        (256,),
        [
            {"MelSpectrogram": {"fft_length": 64, "sequence_stride": 32, "num_mel_bins": 8}},
            {"Reshape": {"target_shape": [-1]}},
        ],
    ),
    "sounds as they are": (
        (256, 1),
        [{"STFTSpectrogram": {"frame_length": 64, "frame_step": 64, "fft_length": 64}}, "Flatten"],
    ),
    "images moved": (
        (8, 8, 3),
        [
            {"RandomFlip": {"mode": "horizontal"}},
            {"RandomRotation": {"factor": 0.1}},
            {"RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1}},
            {"RandomZoom": {"height_factor": 0.1}},
            {"RandomShear": {"x_factor": 0.1}},
            {"RandomPerspective": {"factor": 0.5, "scale": 0.1}},
            {"RandomElasticTransform": {"factor": 0.5}},
            {"RandomCrop": {"height": 7, "width": 7}},
            {"Resizing": {"height": 6, "width": 6}},
            {"CenterCrop": {"height": 4, "width": 4}},
            "Flatten",
        ],
    ),
    "images coloured": (
        (8, 8, 3),
        [
            {"Equalization": {"value_range": [0, 1]}},
            {"RandomBrightness": {"factor": 0.1, "value_range": [0, 1]}},
            {"RandomContrast": {"factor": 0.1, "value_range": [0, 1]}},
            {"RandomColorDegeneration": {"factor": 0.1, "value_range": [0, 1]}},
            {"RandomHue": {"factor": 0.1, "value_range": [0, 1]}},
            {"RandomSaturation": {"factor": 0.1, "value_range": [0, 1]}},
            {"RandomSharpness": {"factor": 0.1, "value_range": [0, 1]}},
            {"RandomGrayscale": {"factor": 0.1}},
            {"RandomInvert": {"factor": 0.1, "value_range": [0, 1]}},
            {"RandomPosterization": {"factor": 4, "value_range": [0, 1]}},
            {"RandomGaussianBlur": {"factor": 0.1, "value_range": [0, 1]}},
            {"RandomErasing": {"factor": 0.1, "value_range": [0, 1]}},
            {"RandomColorJitter": {"value_range": [0, 1], "brightness_factor": 0.1}},
            {"Solarization": {"value_range": [0, 1]}},
            {"ContrastLimitedAdaptiveHistogramEqualization": {"value_range": [0, 1]}},
            "Flatten",
        ],
    ),
    "images changed at random": (
        (8, 8, 3),
        [
            {"AugMix": {"value_range": [0, 1]}},
            {"RandAugment": {"value_range": [0, 1]}},
            {"AutoContrast": {"value_range": [0, 1]}},
            "Flatten",
        ],
    ),
}
SLOW = {
    "rows",
    "sequences",
    "images",
    "volumes",
    "recurrent layers",
    "images moved",
    "images coloured",
    "images changed at random",
    "films in three dimensions",
}
SCHEDULES: dict[str, dict[str, Any]] = {
    "CosineDecay": {"initial_learning_rate": 0.01, "decay_steps": 5},
    "CosineDecayRestarts": {"initial_learning_rate": 0.01, "first_decay_steps": 2},
    "ExponentialDecay": {"initial_learning_rate": 0.01, "decay_steps": 5, "decay_rate": 0.9},
    "InverseTimeDecay": {"initial_learning_rate": 0.01, "decay_steps": 5, "decay_rate": 0.9},
    "PiecewiseConstantDecay": {"boundaries": [1, 2], "values": [0.1, 0.01, 0.001]},
    "PolynomialDecay": {"initial_learning_rate": 0.01, "decay_steps": 5},
}
POSITIVE = {"Dense": {"units": 4, "activation": "relu"}}


def assert_trained(outcome: Outcome) -> None:
    assert outcome.state is RunState.FINISHED, outcome.message
    assert outcome.epochs == 1
    assert all(math.isfinite(value) for values in outcome.history.values() for value in values)
    scores = [value for part in outcome.metrics.values() for value in part.values()]
    assert all(value is not None and math.isfinite(value) for value in scores)


def data_for(stack: str, shape: tuple[int, ...]) -> Splits:
    made = binary_splits(shape, 12)
    if stack in {"tokens", "tokens with a way back", "categories"}:
        x = abs(made.table.x * 3).clip(0, 9).round()
        return splits_of(x, labels(12), classes=2)
    if stack.startswith("images "):
        return splits_of(abs(made.table.x) % 1, labels(12), classes=2)
    return made


def layer_kinds(layers: list[Any]) -> Iterator[str]:
    for layer in layers:
        if isinstance(layer, str):
            yield layer
            continue
        for kind, arguments in layer.items():
            yield kind
            if "layer" in arguments:
                yield from layer_kinds([arguments["layer"]])


@pytest.mark.parametrize(
    "stack", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in STACKS]
)
def test_layers_train(reference_fit: Fit, stack: str) -> None:
    shape, layers = STACKS[stack]
    config = a_config(
        layers, regularization={"l1": 1e-4, "l2": 1e-3}, training={"epochs": 1, "batch_size": 4}
    )
    outcome = reference_fit(config, data_for(stack, shape))
    assert_trained(outcome)
    assert outcome.sparsity is not None
    assert outcome.sparsity.total == sum(
        values.size
        for name, values in outcome.weights.items()
        if name.rsplit("/", 1)[-1] in {"kernel", "depthwise_kernel", "pointwise_kernel"}
    )


def test_no_layer_is_left_out() -> None:
    tried = {kind_of(kind) for _, layers in STACKS.values() for kind in layer_kinds(layers)}
    assert tried == {kind_of(kind) for kind in catalogue.names("layers")}


def kind_of(name: str) -> object:
    """A class of Keras, which may have two names; `Shared` is no layer of Keras."""
    return getattr(keras.layers, name, name)


@pytest.mark.parametrize("name", catalogue.names("optimizers"))
def test_optimizers_train(reference_fit: Fit, name: str) -> None:
    splits = binary_splits(validation=0)
    config = a_config([POSITIVE], training={"optimizer": name, "epochs": 1})
    outcome = reference_fit(config, splits)
    assert_trained(outcome)


@pytest.mark.parametrize("name", catalogue.names("schedules"))
def test_schedules_train(reference_fit: Fit, name: str) -> None:
    optimizer = {"name": "sgd", "learning_rate": {name: SCHEDULES[name]}}
    config = a_config([POSITIVE], training={"optimizer": optimizer, "epochs": 1})
    assert_trained(reference_fit(config, binary_splits(validation=0)))


def test_a_schedule_is_followed(fit: Fit) -> None:
    """With a rate that falls to 0 after the first step, the other steps change nothing."""
    rates = {"PiecewiseConstantDecay": {"boundaries": [0], "values": [0.1, 0.0]}}

    def kernel(epochs: int) -> Any:
        optimizer = {"name": "sgd", "learning_rate": rates}
        config = a_config([], training={"optimizer": optimizer, "epochs": epochs, "batch_size": 64})
        return fit(config, binary_splits()).weights["output/kernel"].tolist()

    once = kernel(1)
    optimizer = {"name": "sgd", "learning_rate": 0.1}
    config = a_config([], training={"optimizer": optimizer, "epochs": 1, "batch_size": 64})
    assert once == fit(config, binary_splits()).weights["output/kernel"].tolist()
    assert kernel(3) == once


@pytest.mark.parametrize("name", catalogue.names("losses"))
def test_losses_train(reference_fit: Fit, name: str) -> None:
    without = {"validation": 0}
    if "Categorical" in name or "Divergence" in name or name == "CosineSimilarity":
        output = {"Dense": {"units": 3, "activation": "softmax"}}
        layers, splits = [output], class_splits(**without)
    elif "Binary" in name or "Hinge" in name or name in {"Dice", "Tversky", "Poisson"}:
        output = {"Dense": {"units": 1, "activation": "sigmoid"}}
        layers, splits = [output], binary_splits(**without)
    else:
        layers, splits = [POSITIVE], number_splits(**without)
    outcome = reference_fit(a_config(layers, training={"loss": name, "epochs": 1}), splits)
    assert_trained(outcome)
    for part in ("train", "test"):
        scores = outcome.metrics[part]
        assert scores["objective"] == scores["data_loss"]
