"""Which layers are the output layer: what they compute says so, and where it does not, nobody."""

from typing import Any

import pytest

from regcli.config.model_section import Model
from regcli.config.stack import Stack, complete_stack
from regcli.config.task import Task
from regcli.errors import ModelError

OUTPUTS: dict[Task, int] = {"multiclass": 3, "binary": 1, "regression": 1}
HIDDEN = {"Dense": {"units": 8, "activation": "relu"}}
STEPS = {"Reshape": {"target_shape": [4, 2]}}
DROPOUT = {"Dropout": {"rate": 0.1}}


def a_stack(*layers: Any, task: Task = "multiclass", rank: int = 1) -> Stack:
    model = Model.model_validate({"layers": list(layers)})
    return complete_stack(model, task, OUTPUTS[task], rank)


def dense(units: int, activation: str | None = None, **more: Any) -> dict[str, Any]:
    given = {} if activation is None else {"activation": activation}
    return {"Dense": {"units": units, **given, **more}}


def then(activation: str) -> dict[str, Any]:
    return {"Activation": {"activation": activation}}


@pytest.mark.parametrize(
    ("task", "units", "activation"),
    [
        ("multiclass", 3, None),
        ("multiclass", 3, "softmax"),
        ("multiclass", 3, "linear"),
        ("binary", 1, None),
        ("binary", 1, "sigmoid"),
        ("binary", 2, None),
        ("binary", 2, "softmax"),
        ("regression", 1, None),
        ("regression", 1, "linear"),
        ("regression", 1, "exponential"),
        ("regression", 1, "softplus"),
    ],
)
def test_a_dense_layer_that_is_the_output(task: Task, units: int, activation: str | None) -> None:
    stack = a_stack(HIDDEN, dense(units, activation), task=task)
    assert (stack.names, stack.positions) == (("dense", "dense_1"), (0, 1))
    behind = [then(activation)] if activation else []
    apart = a_stack(HIDDEN, dense(units), *behind, task=task)
    written = apart.layers[-1].arguments.get("activation")
    assert (apart.names, apart.positions) == (("dense", "dense_1"), (0, 1))
    assert written == (None if activation == "linear" else activation)


@pytest.mark.parametrize(
    "behind",
    [
        ["Softmax"],
        [{"Softmax": {"axis": 1}}],
        [{"Softmax": {"name": "probabilities"}}],
        ["Identity", "Softmax"],
        [then("linear"), then("softmax")],
        ["Flatten", "Softmax"],
        [
            {"Reshape": {"target_shape": [3]}},
            {"Softmax": {"axis": -1}},
            {"Reshape": {"target_shape": [-1]}},
        ],
    ],
)
def test_probabilities_made_by_a_layer_of_their_own(behind: list[Any]) -> None:
    stack = a_stack(HIDDEN, dense(3, name="top", use_bias=False), *behind)
    assert (stack.names, stack.positions) == (("dense", "top"), (0, 1))
    assert stack.layers[-1].arguments == {
        "units": 3,
        "name": "top",
        "use_bias": False,
        "activation": "softmax",
    }


@pytest.mark.parametrize("layer", ["Flatten", "Identity", {"Reshape": {"target_shape": [3]}}])
def test_layers_behind_the_output_that_do_nothing(layer: Any) -> None:
    assert a_stack(dense(3), layer) == a_stack(dense(3))


@pytest.mark.parametrize(
    ("task", "layers"),
    [
        ("multiclass", [dense(4)]),
        ("multiclass", [dense(4, "sigmoid"), DROPOUT]),
        ("multiclass", [{"LSTM": {"units": 3}}]),
        ("multiclass", [STEPS, {"Bidirectional": {"layer": {"LSTM": {"units": 3}}}}]),
        ("multiclass", ["Flatten"]),
        ("multiclass", [DROPOUT, "BatchNormalization"]),
        ("multiclass", [dense(3, "relu"), dense(8, "relu")]),
        ("multiclass", [STEPS, dense(3), "Flatten"]),
        ("multiclass", [{"Embedding": {"input_dim": 9, "output_dim": 3}}, dense(3), "Flatten"]),
        (
            "multiclass",
            [
                STEPS,
                {"Conv1D": {"filters": 3, "kernel_size": 2, "activation": "relu"}},
                "GlobalMaxPooling1D",
            ],
        ),
        ("binary", [dense(3)]),
        ("regression", [dense(2)]),
        ("regression", [dense(8, "softplus")]),
    ],
)
def test_hidden_layers_get_an_output_behind_them(task: Task, layers: list[Any]) -> None:
    stack = a_stack(*layers, task=task)
    assert stack.names[-1] == "output"
    assert stack.positions == (*range(len(layers)), None)
    assert stack.layers[-1].kind == "Dense"
    assert stack.layers[-1].arguments == {"units": OUTPUTS[task]}


def test_flattened_steps_are_hidden_where_the_rows_are_tensors() -> None:
    assert a_stack(dense(3), "Flatten", rank=2).names == ("dense", "flatten", "output")


def test_no_layers_are_the_output_alone() -> None:
    stack = a_stack()
    assert (stack.names, stack.positions) == (("output",), (None,))


@pytest.mark.parametrize(
    ("taken", "name"), [(["output"], "output_1"), (["output", "output_1"], "output_2")]
)
def test_a_layer_that_is_called_output_already(taken: list[str], name: str) -> None:
    layers = [dense(8, name=given) for given in taken]
    assert a_stack(*layers).names == (*taken, name)


SOFTMAX_OR_NONE = "with activation softmax or none"
HIDDEN_3 = ") or a hidden layer (write the output layer too: Dense: {units: 3})"
HIDDEN_1 = ") or a hidden layer (write the output layer too: Dense: {units: 1})"
WRITE_3 = f"(write it {SOFTMAX_OR_NONE}{HIDDEN_3}"
LAST_3 = f"(write it last, {SOFTMAX_OR_NONE}{HIDDEN_3}"
NEEDS_3 = f"(3 classes need units: 3, {SOFTMAX_OR_NONE}{HIDDEN_3}"
MUST_BE_DENSE = f"(write it as Dense: {{units: 3}}, {SOFTMAX_OR_NONE}{HIDDEN_3}"
COUNTS = "; if the target is a count or another quantity, set dataset.task: regression"
POSITIVE = "with no activation, exponential or softplus"


@pytest.mark.parametrize(
    ("task", "layers", "written", "readings"),
    [
        *(
            ("multiclass", [dense(3, a)], f"Dense with 3 units and activation {a}", WRITE_3)
            for a in ("relu", "sigmoid", "tanh", "log_softmax", "exponential", "softplus")
        ),
        ("multiclass", [dense(3), DROPOUT], "Dense with 3 units, then Dropout", LAST_3),
        (
            "multiclass",
            [dense(3, "softmax"), DROPOUT],
            "Dense with 3 units and activation softmax, then Dropout",
            LAST_3,
        ),
        (
            "multiclass",
            [dense(3), "BatchNormalization", "Softmax"],
            "Dense with 3 units, then BatchNormalization, then Softmax",
            LAST_3,
        ),
        (
            "multiclass",
            [dense(3, "softmax"), then("softmax")],
            "Dense with 3 units and activation softmax, then Activation softmax",
            LAST_3,
        ),
        (
            "multiclass",
            [dense(3, "relu"), "Softmax"],
            "Dense with 3 units and activation relu, then Softmax",
            LAST_3,
        ),
        ("multiclass", [dense(3), "ReLU"], "Dense with 3 units, then ReLU", LAST_3),
        ("multiclass", [dense(3), "PReLU"], "Dense with 3 units, then PReLU", LAST_3),
        (
            "multiclass",
            [dense(3), {"Softmax": {"axis": 0}}],
            "Dense with 3 units, then Softmax",
            LAST_3,
        ),
        (
            "multiclass",
            [dense(3), {"Rescaling": {"scale": 2}}],
            "Dense with 3 units, then Rescaling",
            LAST_3,
        ),
        (
            "multiclass",
            [dense(3, activity_regularizer="l2"), "Softmax"],
            "Dense with 3 units, then Softmax",
            LAST_3,
        ),
        ("multiclass", [dense(1)], "Dense with 1 unit", NEEDS_3),
        (
            "multiclass",
            [dense(1, "sigmoid")],
            "Dense with 1 unit and activation sigmoid",
            NEEDS_3,
        ),
        (
            "multiclass",
            [dense(1, "exponential")],
            "Dense with 1 unit and activation exponential",
            NEEDS_3 + COUNTS,
        ),
        (
            "binary",
            [dense(1), then("softplus")],
            "Dense with 1 unit, then Activation softplus",
            f"(write it last, with activation sigmoid or none{HIDDEN_1}{COUNTS}",
        ),
        (
            "multiclass",
            [dense(10, "softmax")],
            "Dense with 10 units and activation softmax",
            NEEDS_3,
        ),
        ("multiclass", [dense(4), "Softmax"], "Dense with 4 units, then Softmax", NEEDS_3),
        ("multiclass", ["Softmax"], "Softmax", MUST_BE_DENSE),
        (
            "multiclass",
            [{"LSTM": {"units": 3}}, "Softmax"],
            "LSTM with 3 units, then Softmax",
            MUST_BE_DENSE,
        ),
        (
            "multiclass",
            [{"EinsumDense": {"equation": "ab,bc->ac", "output_shape": 3}}],
            "EinsumDense",
            MUST_BE_DENSE,
        ),
        (
            "multiclass",
            [{"SpectralNormalization": {"layer": dense(3)}}],
            "SpectralNormalization",
            MUST_BE_DENSE,
        ),
        (
            "multiclass",
            [{"Conv1D": {"filters": 3, "kernel_size": 2}}, "GlobalAveragePooling1D", "Softmax"],
            "Conv1D with 3 filters, then GlobalAveragePooling1D, then Softmax",
            MUST_BE_DENSE,
        ),
        (
            "multiclass",
            [{"Conv1D": {"filters": 3, "kernel_size": 2}}, "GlobalAveragePooling1D"],
            "Conv1D with 3 filters, then GlobalAveragePooling1D",
            MUST_BE_DENSE,
        ),
        (
            "binary",
            [dense(1, "softmax")],
            "Dense with 1 unit and activation softmax",
            f"(write it with activation sigmoid or none{HIDDEN_1}",
        ),
        (
            "binary",
            [dense(1, "tanh")],
            "Dense with 1 unit and activation tanh",
            f"(write it with activation sigmoid or none{HIDDEN_1}",
        ),
        (
            "binary",
            [dense(2, "sigmoid")],
            "Dense with 2 units and activation sigmoid",
            f"(write it {SOFTMAX_OR_NONE}{HIDDEN_1}",
        ),
        (
            "binary",
            [dense(3, "softmax")],
            "Dense with 3 units and activation softmax",
            f"(2 classes need units: 1, or 2, with activation sigmoid or none{HIDDEN_1}",
        ),
        (
            "regression",
            [dense(1, "relu")],
            "Dense with 1 unit and activation relu",
            f"(write it {POSITIVE}{HIDDEN_1}",
        ),
        (
            "regression",
            [dense(1), then("sigmoid")],
            "Dense with 1 unit, then Activation sigmoid",
            f"(write it last, {POSITIVE}{HIDDEN_1}",
        ),
        (
            "regression",
            [dense(5, "softmax")],
            "Dense with 5 units and activation softmax",
            f"(a continuous target needs units: 1, {POSITIVE}{HIDDEN_1}",
        ),
    ],
)
def test_endings_that_may_be_meant_either_way(
    task: Task, layers: list[Any], written: str, readings: str
) -> None:
    with pytest.raises(ModelError) as refused:
        a_stack(*layers, task=task)
    assert refused.value.path == ("model", "layers", 0)
    assert refused.value.message == f"{written} can be the output layer {readings}"
    assert a_stack(*layers, dense(OUTPUTS[task]), task=task).positions[-1] == len(layers)
