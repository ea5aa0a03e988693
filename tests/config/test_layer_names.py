"""Layers are named as Keras would name them."""

import pytest

from regcli.config import catalogue
from regcli.config.keras_parts import Layer
from regcli.config.layer_names import layer_names

ARGUMENTS: dict[str, dict[str, object]] = {
    "Activation": {"activation": "relu"},
    "CategoryEncoding": {"num_tokens": 3},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 3},
    "Bidirectional": {"layer": "LSTM"},
    "TimeDistributed": {"layer": "Dense"},
    "SpectralNormalization": {"layer": "Dense"},
    "Permute": {"dims": [1]},
    "Reshape": {"target_shape": [8]},
    "RandomPosterization": {"factor": 4},
}


def named(*layers: object) -> tuple[str, ...]:
    return layer_names([Layer.model_validate(layer) for layer in layers])


@pytest.mark.parametrize(
    ("kinds", "names"),
    [
        ([], ()),
        (["Dense", "Dense", "Dense"], ("dense", "dense_1", "dense_2")),
        (["Conv2D", "Flatten", "Convolution2D"], ("conv2d", "flatten", "conv2d_1")),
        (["MaxPooling2D", "MaxPool2D"], ("max_pooling2d", "max_pooling2d_1")),
        (["GlobalAvgPool1D"], ("global_average_pooling1d",)),
        (["LSTM", "ReLU", "PReLU", "GRU"], ("lstm", "re_lu", "p_re_lu", "gru")),
    ],
)
def test_names_are_counted_up(kinds: list[str], names: tuple[str, ...]) -> None:
    assert named(*kinds) == names


def test_given_names_stay_and_are_not_given_again() -> None:
    layers = [
        {"Dense": {"units": 1, "name": "top"}},
        {"Dense": {"units": 1}},
        {"Dense": {"units": 1, "name": "dense_1"}},
        {"Dense": {"units": 1}},
    ]
    assert named(*layers) == ("top", "dense", "dense_1", "dense_2")


@pytest.mark.slow
def test_names_are_those_that_keras_gives() -> None:
    import keras

    # Layers made of other layers count those up too, so they come last, and once.
    made_of_others = ["AugMix", "RandAugment", "RandomColorJitter"]
    left_out = {*made_of_others, *catalogue.GRAPH_ENTRIES}
    simple = [kind for kind in catalogue.names("layers") if kind not in left_out]
    kinds = [*simple, *reversed(simple), *made_of_others]
    keras.backend.clear_session()
    inner = {"LSTM": keras.layers.LSTM(1, name="a"), "Dense": keras.layers.Dense(1, name="b")}
    made = []
    for kind in kinds:
        known = catalogue.arguments("layers", kind)
        arguments: dict[str, object] = {
            name: 1 for name, default in known.items() if default == "required"
        }
        arguments |= ARGUMENTS.get(kind, {})
        if "layer" in arguments:
            arguments["layer"] = inner[str(arguments["layer"])]
        made.append(getattr(keras.layers, kind)(**arguments).name)
    assert named(*kinds) == tuple(made)
