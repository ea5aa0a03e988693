"""Which strengths each layer of a stack has."""

from typing import Any

import pytest

from regcli.config.model_section import Model
from regcli.config.schema import Regularization
from regcli.config.stack import Stack, complete_stack
from regcli.errors import ModelError
from regcli.models.layer_strengths import layer_strengths, layers_reached


def a_stack(*layers: Any) -> Stack:
    return complete_stack(Model.model_validate({"layers": list(layers)}), "multiclass", 3)


def dense(units: int, activation: str | None = None, **more: Any) -> dict[str, Any]:
    given = {} if activation is None else {"activation": activation}
    return {"Dense": {"units": units, **given, **more}}


def strengths(*layers: Any, **regularization: Any) -> dict[str, tuple[float, float]]:
    found = layer_strengths(a_stack(*layers), Regularization.model_validate(regularization))
    kernels = {name: own.kernel.numbers for name, own in found.items()}
    return {name: (numbers["l1"], numbers["l2"]) for name, numbers in kernels.items()}


def test_strengths_of_every_layer() -> None:
    given = {"l1": 0.1, "l2": 0.2}
    layers = (dense(8), dense(8, l1=0.5), dense(3, l2=0.0))
    assert strengths(*layers, **given) == {
        "dense": (0.1, 0.2),
        "dense_1": (0.5, 0.2),
        "dense_2": (0.1, 0.0),
    }
    assert strengths(*layers, **given, layers="hidden") == {
        "dense": (0.1, 0.2),
        "dense_1": (0.5, 0.2),
        "dense_2": (0.0, 0.0),
    }
    assert strengths(*layers, **given, layers=["dense_2"]) == {
        "dense": (0.0, 0.0),
        "dense_1": (0.5, 0.0),
        "dense_2": (0.1, 0.0),
    }
    assert strengths(**given, layers="hidden") == {"output": (0.0, 0.0)}
    assert strengths(**given, layers=["output"]) == {"output": (0.1, 0.2)}


@pytest.mark.parametrize(
    ("layers", "regularization", "path", "message"),
    [
        (
            [dense(8), {"Dropout": {"rate": 0.1}}],
            {"layers": ["dense", "dense_7"]},
            ("regularization", "layers", 1),
            "there is no layer, kind or weight 'dense_7'; did you mean 'dense'?",
        ),
        (
            [dense(8), {"Dropout": {"rate": 0.1}}],
            {"l1": 0.1, "layers": ["dropout"]},
            ("regularization", "layers", 0),
            "must be a layer with a kernel, got 'dropout', which is Dropout",
        ),
        (
            [dense(8), {"Dropout": {"rate": 0.1, "l2": 0.1}}],
            {},
            ("model", "layers", 1, "Dropout", "l2"),
            "Dropout has no kernel to regularize",
        ),
        (
            [{"TimeDistributed": {"layer": "Flatten", "l1": 0.1}}],
            {},
            ("model", "layers", 0, "TimeDistributed", "l1"),
            "TimeDistributed has no kernel to regularize",
        ),
        (
            [dense(8), {"LSTM": {"units": 2}}],
            {"group": "units", "group_strength": 0.1},
            ("regularization", "group"),
            "units requires layers of type Dense or Conv1D to Conv3D; 'lstm' is LSTM; name "
            "other layers in regularization.layers",
        ),
    ],
)
def test_strengths_that_would_do_nothing(
    layers: list[Any], regularization: Any, path: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(ModelError) as refused:
        strengths(*layers, **regularization)
    assert refused.value.path == path
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("regularization", "l1", "group"),
    [
        ({}, {"dense", "output"}, set()),
        ({"layers": "hidden"}, {"dense"}, set()),
        ({"layers": ["own"]}, set(), set()),
        ({"group": "inputs", "group_strength": 0.1}, {"dense", "output"}, {"dense"}),
        ({"group": "units", "group_strength": 0.1}, {"dense", "output"}, {"dense", "own"}),
    ],
)
def test_layers_that_a_strength_is_meant_for(
    regularization: dict[str, Any], l1: set[str], group: set[str]
) -> None:
    stack = a_stack("Flatten", dense(8), dense(8, name="own", l1=0), {"Dropout": {"rate": 0.1}})
    given = Regularization(**regularization)
    assert layers_reached(stack, given, "l1") == l1
    assert layers_reached(stack, given, "group_strength") == group
