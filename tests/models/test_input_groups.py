"""Groups of inputs are refused where the first kernel's rows are not the data's columns."""

from typing import Any

import pytest

from regcli.config.model_section import Model
from regcli.config.schema import Regularization
from regcli.config.stack import complete_stack
from regcli.errors import ModelError
from regcli.models.build import build_model
from regcli.models.layer_strengths import layer_strengths

RULE = (
    "inputs requires that the first kernel takes the columns directly, like Dense after layers "
    "that keep columns separate; got "
)
DENSE = {"Dense": {"units": 3}}
CONV1D = {"Conv1D": {"filters": 2, "kernel_size": 2}}
CONV2D = {"Conv2D": {"filters": 2, "kernel_size": 2}}


def build(layers: list[Any], shape: tuple[int, ...]) -> Any:
    regularization = Regularization(group="inputs", group_strength=0.1)
    stack = complete_stack(Model.model_validate({"layers": layers}), "regression", 1)
    return build_model(stack, layer_strengths(stack, regularization), shape)


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ([], (4,)),
        ([DENSE], (1,)),
        (["BatchNormalization", {"Dropout": {"rate": 0.1}}, "Flatten", DENSE], (4,)),
        (["Flatten", DENSE], (4, 4, 1)),
        ([{"Reshape": {"target_shape": [-1]}}, DENSE], (4, 3)),
        ([{"LSTM": {"units": 2}}], (5, 3)),
        ([{"Bidirectional": {"layer": {"GRU": {"units": 2}}}}], (5, 3)),
        ([{"Masking": {"mask_value": 0}}, {"SimpleRNN": {"units": 2}}], (5, 3)),
        ([{"TimeDistributed": {"layer": DENSE}}, "Flatten"], (5, 3)),
        ([CONV1D, "Flatten"], (5, 3)),
        ([{"ZeroPadding2D": {"padding": 1}}, "MaxPooling2D", CONV2D, "Flatten"], (6, 6, 3)),
        (["GlobalAveragePooling1D", DENSE], (5, 3)),
    ],
    ids=str,
)
def test_rows_that_are_columns(layers: list[Any], shape: tuple[int, ...]) -> None:
    build(layers, shape)


@pytest.mark.parametrize(
    ("layers", "shape", "found"),
    [
        (
            [{"Reshape": {"target_shape": [4, 4, 1]}}, CONV2D, "Flatten"],
            (16,),
            "'reshape', which is Reshape, before the first kernel",
        ),
        (
            [{"Reshape": {"target_shape": [4, 4]}}, {"LSTM": {"units": 2}}],
            (16,),
            "'reshape', which is Reshape, before the first kernel",
        ),
        (
            [{"Embedding": {"input_dim": 9, "output_dim": 2}}, "Flatten", DENSE],
            (4,),
            "'embedding', which is Embedding, before the first kernel",
        ),
        (
            ["MaxPooling2D", "Flatten", DENSE],
            (4, 4, 3),
            "'flatten', which is Flatten, before the first kernel",
        ),
        (
            ["LayerNormalization", DENSE],
            (4,),
            "'layer_normalization', which is LayerNormalization, before the first kernel",
        ),
        (
            [{"Activation": {"activation": "softmax"}}, DENSE],
            (4,),
            "'activation', which is Activation, before the first kernel",
        ),
        (
            [CONV2D, "Flatten"],
            (4, 4, 1),
            "'conv2d', which takes one feature at 16 positions: all weights are one group",
        ),
        (
            [{"Conv1DTranspose": {"filters": 2, "kernel_size": 2}}, "Flatten"],
            (5, 3),
            "'conv1d_transpose', which is Conv1DTranspose: its kernel has no row for each column",
        ),
        (
            [{"Conv1D": {"filters": 2, "kernel_size": 2, "groups": 2}}, "Flatten"],
            (5, 4),
            "'conv1d', which is Conv1D: its kernel has no row for each column",
        ),
    ],
    ids=str,
)
def test_rows_that_are_something_else(
    layers: list[Any], shape: tuple[int, ...], found: str
) -> None:
    with pytest.raises(ModelError) as refused:
        build(layers, shape)
    assert refused.value.path == ("regularization", "group")
    assert refused.value.message == RULE + found
