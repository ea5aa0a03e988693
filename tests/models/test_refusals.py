"""What Keras refuses is said in one line, with its place in the config and Keras's reason."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from regcli.config.keras_parts import Layer, Loss, Optimizer
from regcli.config.model_section import Model
from regcli.config.schema import Regularization
from regcli.config.stack import Stack, complete_stack
from regcli.errors import ModelError
from regcli.models.build import build_model
from regcli.models.kernel_penalties import FREE
from regcli.models.layer_strengths import layer_strengths
from regcli.models.parts import make_loss, make_optimizer
from regcli.penalties.penalty import LayerStrengths


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
            "value between 0 and 1. Received: rate=2.0",
        ),
        (
            [{"Dense": {"units": 2, "kernel_constraint": {"MaxNorm": {"axis": 9}}}}],
            0,
            "a constraint of Dense does not fit its kernel of shape (4, 2): Invalid reduction "
            "dimension (9 for input with 2 dimension(s)",
        ),
        (
            [DENSE, {"Dense": {"units": 3, "bias_constraint": {"UnitNorm": {"axis": 1}}}}],
            1,
            "a constraint of Dense does not fit its bias of shape (3,): Invalid reduction "
            "dimension (1 for input with 1 dimension(s)",
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
            "Keras refuses Dense: Argument `scale` must be positive float. Received: scale=-1.0",
        ),
        (
            [{"TimeDistributed": {"layer": {"Dense": {"units": 2, "l2": -1}}}}],
            0,
            "the layer in TimeDistributed: Input should be greater than or equal to 0, got -1.0",
        ),
        (
            [{"TimeDistributed": {"layer": {"Dropout": {"rate": 7}}}}],
            0,
            "Keras refuses Dropout: Invalid value received for argument `rate`. Expected a float "
            "value between 0 and 1. Received: rate=7.0",
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
            "values. Received: boundaries=(1,) of length 1, and values=(0.1,) of length 1.",
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


HOSTILE = {"module": "planted", "class_name": "Anything", "config": {}, "registered_name": None}


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a package in the working folder leaves behind where it is imported."""
    trace = tmp_path / "trace"
    for name in ("planted", "keras_hub", "keras_cv", "keras_nlp"):
        text = f"open({str(trace)!r}, 'w').close()\nAnything = object\n"
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    return trace


@pytest.mark.parametrize("module", ["planted", "keras_hub", "keras.layers"])
@pytest.mark.parametrize(
    "argument",
    [
        "activation", "kernel_initializer", "kernel_constraint", "bias_regularizer", "dtype",
        "quantization_config", "use_bias", "activity_regularizer",
    ],
)  # fmt: skip
def test_no_mapping_gets_to_keras(argument: str, module: str, planted: Path) -> None:
    """A config is checked before; what a store holds may have been written by another hand."""
    arguments = {"units": 2, argument: HOSTILE | {"module": module}}
    error = refused_model({"Dense": arguments})
    assert error.path == ("model", "layers", 0)
    assert not planted.exists()


@pytest.mark.parametrize("kind", ["Lambda", "TFSMLayer", "deserialize", "TorchModuleWrapper"])
def test_no_layer_that_runs_code_is_made(kind: str) -> None:
    stack = Stack((Layer.model_validate({kind: {}}),), ("x",), (0,))
    with pytest.raises(ModelError) as refused:
        build_model(stack, {"x": LayerStrengths(FREE, FREE)}, (4,))
    assert refused.value.message == (
        f"Keras refuses {kind}: there is no '{kind}' among the Keras layers that regcli supports"
    )


@pytest.mark.parametrize(
    "optimizer",
    [
        {"name": "sgd", "learning_rate": HOSTILE},
        {"name": "sgd", "learning_rate": {"deserialize": {"config": HOSTILE}}},
        {"name": "sgd", "learning_rate": {"CosineDecay": {
            "initial_learning_rate": HOSTILE, "decay_steps": 2}}},
        {"name": "sgd", "name_": HOSTILE},
        {"name": "muon", "exclude_layers": [HOSTILE]},
        {"name": "deserialize", "config": HOSTILE},
        {"name": "get", "identifier": "sgd"},
    ],
)  # fmt: skip
def test_no_mapping_gets_to_an_optimizer(optimizer: Any, planted: Path) -> None:
    with pytest.raises(ModelError):
        make_optimizer(Optimizer.model_validate(optimizer))
    assert not planted.exists()


@pytest.mark.parametrize("loss", [{"name": "mse", "dtype": HOSTILE}, {"name": "get"}])
def test_no_mapping_gets_to_a_loss(loss: Any, planted: Path) -> None:
    with pytest.raises(ModelError):
        make_loss(Loss.model_validate(loss), "regression", keras.layers.Dense(1))
    assert not planted.exists()


def test_seeds_are_taken_in_the_order_of_keras_and_not_of_the_file() -> None:
    """So configs that differ in the order of keys alone, and have one id, have the same weights."""
    initializers = {"kernel_initializer": "he_normal", "recurrent_initializer": "random_normal"}
    weights = []
    for given in (initializers, dict(reversed(initializers.items()))):
        keras.utils.set_random_seed(3)
        layers = [{"SimpleRNN": {"units": 3, "dropout": 0, **given}}]
        stack = complete_stack(Model.model_validate({"layers": layers}), "regression", 1)
        model = build_model(stack, layer_strengths(stack, Regularization()), (5, 2))
        weights.append([np.asarray(variable) for variable in model.trainable_variables])
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_losses() -> None:
    loss = Loss.model_validate({"name": "Dice", "reduction": "mean", "dtype": "float12"})
    with pytest.raises(ModelError) as refused:
        make_loss(loss, "binary", keras.layers.Dense(1))
    assert refused.value.path == ("training", "loss")
    assert refused.value.message.startswith("Keras refuses Dice: ")
