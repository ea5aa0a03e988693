"""The outline of a model says what Keras computes from what, whatever kind of model it is."""

from collections.abc import Callable

import keras
import pytest

from regcli.config.outline import Operation, Outline, Regularized, with_depths
from regcli.models.kernel_penalties import make_regularizer
from regcli.models.read_outline import read_outline
from regcli.penalties.mcp import MCP
from regcli.report.outline_view import outline_document, outline_view
from regcli.report.sink import as_screen

L = keras.layers
R = keras.regularizers


def shown(model: keras.Model) -> str:
    """What a screen shows, without a border of spaces."""
    text = as_screen(outline_view(read_outline(model), "model").report())
    return "\n".join(line.removeprefix(" ").rstrip() for line in text.splitlines())


def by_name(outline: Outline) -> dict[str, Operation]:
    return {operation.name: operation for _, operation in with_depths(outline.operations)}


def a_stack() -> keras.Model:
    layers = [L.Dense(4, activation="relu", name="hidden"), L.Dropout(0.5, name="drop")]
    return keras.Sequential([keras.Input((8,)), *layers, L.Dense(3, name="output")])


def a_net() -> keras.Model:
    """Two inputs, a model inside, a sum, a layer that is called twice, and a plain operation."""
    image, tags = keras.Input((8, 8, 1), name="image"), keras.Input((5,), name="tags")
    conv = L.Conv2D(8, 3, padding="same", kernel_regularizer=R.L1(0.01), name="conv")
    block = keras.Sequential([conv, L.BatchNormalization(name="norm")], name="block")
    summed = L.Add(name="sum")([block(image), L.Conv2D(8, 1, name="skip")(image)])
    shared = L.Dense(5, name="shared", activity_regularizer=R.L2(0.5))
    twice = shared(shared(tags)) * 2.0
    flat = L.GlobalAveragePooling2D(name="pool")(summed)
    both = L.Concatenate(name="both")([flat, twice])
    output = L.Dense(1, name="output", bias_regularizer=R.L1L2(1e-4, 0.25))(both)
    return keras.Model([image, tags], output, name="net")


def test_a_stack_is_shown_in_order() -> None:
    outline = read_outline(a_stack())
    assert outline.is_chain
    assert shown(a_stack()) == (
        "layer    kind      output   parameters\n"
        "──────────────────────────────────────\n"
        "input    input     8\n"
        "hidden   Dense     4                36\n"
        "drop     Dropout   4\n"
        "output   Dense     3                15\n"
        "\n"
        "51 parameters"
    )


def test_a_graph_is_shown_with_what_each_layer_takes() -> None:
    model = a_net()
    outline = read_outline(model)
    assert not outline.is_chain
    assert outline.inputs == (("image", (8, 8, 1)), ("tags", (5,)))
    assert outline.outputs == ("output",)
    found = by_name(outline)
    assert {name: operation.takes for name, operation in found.items()} == {
        "block": ("image",),
        "conv": ("image",),
        "norm": ("conv",),
        "skip": ("image",),
        "sum": ("block", "skip"),
        "pool": ("sum",),
        "shared": ("tags",),
        "shared#2": ("shared",),
        "multiply": ("shared#2",),
        "both": ("pool", "multiply"),
        "output": ("both",),
    }
    assert [operation.name for operation in found["block"].inside] == ["conv", "norm"]
    assert found["sum"].shape == (8, 8, 8)
    assert (outline.parameters, outline.trained) == (model.count_params(), 80 + 16 + 16 + 30 + 14)
    assert shown(model).splitlines()[-1] == "172 parameters, 16 of them not trained"


def test_lines_come_after_what_they_take() -> None:
    outline = read_outline(a_net())
    known = {name for name, _ in outline.inputs}
    for operation in outline.operations:
        assert set(operation.takes) <= known
        known.add(operation.name)


def test_regularized_weights_and_their_strengths() -> None:
    found = by_name(read_outline(a_net()))
    assert {name: own.regularized for name, own in found.items() if own.regularized} == {
        "conv": (Regularized("kernel", "l1 0.01"),),
        "shared": (Regularized("outputs", "l2 0.5"),),
        "shared#2": (Regularized("outputs", "l2 0.5"),),
        "output": (Regularized("bias", "l1 0.0001, l2 0.25"),),
    }
    assert found["shared#2"].shares
    assert (found["shared"].parameters, found["shared#2"].parameters) == (30, 0)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: R.L1L2(0.0, 0.0), ""),
        (lambda: R.OrthogonalRegularizer(0.5), "OrthogonalRegularizer(factor=0.5, mode=rows)"),
        (lambda: make_regularizer(MCP.strengths(l1=0.1, gamma=3.0), False), "mcp: l1 0.1, gamma 3"),
    ],
)
def test_other_regularizers(make: Callable[[], R.Regularizer], text: str) -> None:
    model = keras.Sequential([keras.Input((8,)), L.Dense(4, kernel_regularizer=make(), name="one")])
    (one,) = read_outline(model).operations
    assert one.regularized == ((Regularized("kernel", text),) if text else ())


def test_weights_that_stay_as_they_are() -> None:
    model = a_stack()
    model.get_layer("hidden").trainable = False
    assert "hidden   Dense     4                36   not trained\n" in shown(model)
    assert shown(model).endswith("51 parameters, 36 of them not trained")


def test_names_of_weights_within_wrappers() -> None:
    inner = L.LSTM(3, kernel_regularizer=R.L2(0.5), name="lstm")
    model = keras.Sequential([keras.Input((4, 2)), L.Bidirectional(inner, name="both")])
    (both,) = read_outline(model).operations
    assert both.parameters == model.count_params()
    assert [own.weights for own in both.regularized] == [
        "forward_lstm/lstm_cell/kernel",
        "backward_lstm/lstm_cell/kernel",
    ]


def test_a_model_inside_a_chain_is_a_chain() -> None:
    inside = keras.Sequential([L.Dense(3, name="a"), L.Dense(2, name="b")], name="inside")
    model = keras.Sequential([keras.Input((4,)), inside, L.Dense(1, name="c")])
    assert read_outline(model).is_chain
    assert [line.split()[0] for line in shown(model).splitlines()[2:7]] == [
        *("input", "inside", "a", "b", "c")
    ]
    assert shown(model).splitlines()[4] == "  a      Dense        3                15"


class Own(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.first = L.Dense(3, name="first")

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return self.first(x)


def test_a_class_with_a_call_of_its_own() -> None:
    model = Own()
    model(keras.ops.zeros((1, 4)))
    assert shown(model) == (
        "layer   kind    parameters\n"
        "──────────────────────────\n"
        "first   Dense           15\n"
        "\n"
        "15 parameters; its class has a call of its own: what takes what is not known"
    )


def test_a_document_names_every_part() -> None:
    document = outline_document(read_outline(a_net()))
    block = next(each for each in document["operations"] if each["name"] == "block")
    assert block.pop("inside")[0] == {
        "name": "conv",
        "kind": "Conv2D",
        "shape": [8, 8, 8],
        "takes": ["image"],
        "parameters": 80,
        "trained": 80,
        "regularized": {"kernel": "l1 0.01"},
        "shares": False,
        "inside": [],
    }
    assert document["inputs"] == [
        {"name": "image", "shape": [8, 8, 1]},
        {"name": "tags", "shape": [5]},
    ]
    assert (document["outputs"], document["has_graph"], document["parameters"]) == (
        ["output"],
        True,
        172,
    )
