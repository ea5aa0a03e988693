"""What Keras refuses is said in one line, with its place in the config and Keras's reason."""

from typing import Any

import keras
import pytest

from regcli.config.schema import Loss, Model, Optimizer, Regularization
from regcli.config.stack import complete_stack
from regcli.errors import ModelError
from regcli.nets.build import build_model, layer_strengths
from regcli.nets.parts import make_loss, make_optimizer


def refused_model(*layers: Any, shape: tuple[int, ...] = (4,)) -> ModelError:
    stack = complete_stack(Model.model_validate({"layers": list(layers)}), "regression", 1)
    with pytest.raises(ModelError) as refused:
        build_model(stack, layer_strengths(stack, Regularization()), shape)
    assert "\n" not in refused.value.message
    return refused.value


DENSE = {"Dense": {"units": 2}}


@pytest.mark.parametrize(
    ("layers", "position", "message"),
    [
        (
            [DENSE, {"Dropout": {"rate": 2}}],
            1,
            "Keras refuses Dropout: Invalid value received for argument `rate`. Expected a float "
            "value between 0 and 1. Received: rate=2",
        ),
        (
            [{"Dense": {"units": -3}}],
            0,
            "Keras refuses Dense: Received an invalid value for `units`, expected a positive "
            "integer. Received: units=-3",
        ),
        (
            [DENSE, {"Conv2D": {"filters": 2, "kernel_size": 3}}],
            1,
            "Conv2D does not fit its input of shape (2,): Input 0 with name 'None' of layer "
            "'conv2d' is incompatible with the layer: expected min_ndim=4, found ndim=2. "
            "Full shape received: (None, 2)",
        ),
        (
            [{"Reshape": {"target_shape": [3, 2]}}],
            0,
            "Reshape does not fit its input of shape (4,): The total size of the tensor must be "
            "unchanged. Received: input_shape=(4,), target_shape=(3, 2)",
        ),
        (
            [{"Dense": {"units": 2, "kernel_initializer": {"VarianceScaling": {"scale": -1}}}}],
            0,
            "Keras refuses Dense: Argument `scale` must be positive float. Received: scale=-1",
        ),
        (
            [{"TimeDistributed": {"layer": {"Dense": {"units": 2, "l2": -1}}}}],
            0,
            "the layer in TimeDistributed: Input should be greater than or equal to 0, got -1",
        ),
        (
            [{"TimeDistributed": {"layer": {"Dropout": {"rate": 7}}}}],
            0,
            "Keras refuses Dropout: Invalid value received for argument `rate`. Expected a float "
            "value between 0 and 1. Received: rate=7",
        ),
    ],
)
def test_layers(layers: list[Any], position: int, message: str) -> None:
    error = refused_model(*layers)
    assert error.path == ("model", "layers", position)
    assert error.message == message
    assert str(error) == f"model.layers.{position}: {message}"


def test_an_implied_output_that_does_not_fit_is_placed_at_the_layers() -> None:
    error = refused_model("Flatten", {"Reshape": {"target_shape": [0, 4]}})
    assert error.path[:2] == ("model", "layers")


@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        (
            {"name": "sgd", "momentum": 3},
            "Keras refuses SGD: `momentum` must be a float between [0, 1].",
        ),
        (
            {"name": "adam", "clipnorm": 1.0, "clipvalue": 1.0},
            "Keras refuses Adam: Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be "
            "set. Received: clipnorm=1.0, clipvalue=1.0, global_clipnorm=None",
        ),
        (
            {"learning_rate": {"PiecewiseConstantDecay": {"boundaries": [1], "values": [0.1]}}},
            "Keras refuses Adam: The length of boundaries should be 1 less than the length of "
            "values. Received: boundaries=[1] of length 1, and values=[0.1] of length 1.",
        ),
    ],
)
def test_optimizers(optimizer: Any, message: str) -> None:
    with pytest.raises(ModelError) as refused:
        make_optimizer(Optimizer.model_validate(optimizer))
    assert refused.value.path == ("training", "optimizer")
    assert refused.value.message == message.rstrip(".")


@pytest.mark.parametrize("reduction", ["sum", "none", None])
def test_losses_that_are_not_a_mean(reduction: str | None) -> None:
    loss = Loss.model_validate({"name": "mse", "reduction": reduction})
    with pytest.raises(ModelError) as refused:
        make_loss(loss, "regression", keras.layers.Dense(1))
    assert refused.value.path == ("training", "loss", "reduction")
    assert refused.value.message == (
        f"must be a mean, because data loss is the mean over rows, got {reduction!r}"
    )


def test_losses() -> None:
    loss = Loss.model_validate({"name": "Dice", "reduction": "mean", "dtype": "float12"})
    with pytest.raises(ModelError) as refused:
        make_loss(loss, "binary", keras.layers.Dense(1))
    assert refused.value.path == ("training", "loss")
    assert refused.value.message.startswith("Keras refuses Dice: ")
