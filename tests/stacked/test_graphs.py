"""Every kind of graph trains as it does in `fit`: four epochs, two members, an incomplete batch.

Gradients that are zero but for rounding are left out, as Adam would turn them into steps.
"""

from collections.abc import Callable
from typing import Any

import keras
import pytest

from regcli.stacked.refusals import why_not_model

from .graph_parity import assert_same_as_fit, data_for

L = keras.layers
Flow = keras.KerasTensor


def model_of(shape: tuple[int, ...], graph: Callable[[Flow], Flow]) -> keras.Model:
    entry = keras.Input(shape)
    return keras.Model(entry, L.Dense(1)(graph(entry)))


class Gain(L.Layer):  # type: ignore[misc]
    """A custom layer: each channel times a weight of its own, and a bend of its own."""

    def build(self, shape: tuple[int, ...]) -> None:
        self.gain = self.add_weight(shape=(shape[-1],), initializer="ones", name="gain")
        self.bend = self.add_weight(shape=(), initializer="zeros", name="bend")

    def call(self, x: Any) -> Any:
        return keras.ops.tanh(x * self.gain) + self.bend * keras.ops.square(x)


class Block(L.Layer):  # type: ignore[misc]
    """A custom layer of layers, called on two inputs."""

    def __init__(self, units: int, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.inner, self.outer = L.Dense(units, activation="tanh"), L.Dense(units)

    def build(self, one_shape: tuple[int, ...], other_shape: tuple[int, ...]) -> None:
        self.inner.build(one_shape)
        self.outer.build((*one_shape[:-1], self.inner.units))
        self.built = True

    def call(self, one: Any, other: Any) -> Any:
        return self.outer(self.inner(one)) + other


def residual(x: Flow) -> Flow:
    x = L.Dense(6, activation="tanh")(x)
    for _ in range(2):
        x = L.Add()([x, L.Dense(6)(L.Dense(4, activation="tanh")(x))])
    return x


def column_groups(x: Flow) -> Flow:
    """Two inputs by columns: the first four and the last two."""
    columns = L.Reshape((6, 1))(x)
    first, last = (L.Flatten()(L.Cropping1D(cut)(columns)) for cut in ((0, 2), (4, 0)))
    first, last = L.Dense(5, activation="tanh")(first), L.Dense(3, activation="elu")(last)
    return L.Concatenate()([first, last])


def branches(x: Flow) -> Flow:
    ways = [L.Dense(units, activation="tanh")(x) for units in (3, 4, 5)]
    joined = L.Concatenate(axis=1)(ways)
    return L.Concatenate()([joined, L.Dense(2, use_bias=False)(joined)])


def gate(x: Flow) -> Flow:
    return L.Multiply()([L.Dense(5, activation="sigmoid")(x), L.Dense(5, activation="tanh")(x)])


def merges(x: Flow) -> Flow:
    one, other = (L.Dense(4, activation="tanh")(x) for _ in range(2))
    kinds = (L.Average(), L.Maximum(), L.Minimum(), L.Subtract())
    joined = [layer([one, other]) for layer in kinds]
    product = L.Dot(axes=1, normalize=True)([one, L.Dense(4)(x)])
    return L.Concatenate()([*joined, product])


def shared_dense(x: Flow) -> Flow:
    """Called on two parts of a row, and once more on what they become."""
    both = L.Dense(4, activation="tanh")
    first, last = x[:, :4], x[:, 2:]
    return L.Add()([both(first), both(both(last))])


def shared_normalization(x: Flow) -> Flow:
    """Its statistics are updated call after call."""
    normal = L.BatchNormalization(momentum=0.8)
    one, other = (L.Dense(4, use_bias=False)(x) for _ in range(2))
    bend = L.Activation("tanh")
    return L.Add()([bend(normal(one)), bend(normal(other))])


def shared_embedding(x: Flow) -> Flow:
    table = L.Embedding(9, 3)
    first, last = table(x[:, :2]), table(x[:, 2:])
    return L.Concatenate()([L.Flatten()(first), L.GlobalAveragePooling1D()(last)])


def embedding_at_each_step(x: Flow) -> Flow:
    steps = L.TimeDistributed(L.Embedding(9, 3))(L.Reshape((2, 2))(x[:, 1:]))
    first = L.ReversibleEmbedding(9, 3)(x[:, :1])
    hidden = L.Flatten()(L.Dense(2, activation="tanh")(steps))
    return L.Concatenate()([hidden, L.Flatten()(first)])


def u_net(x: Flow) -> Flow:
    def convolved(x: Flow, filters: int) -> Flow:
        return L.Conv2D(filters, 3, padding="same", activation="elu")(x)

    kept = convolved(x, 3)
    deep = convolved(L.MaxPooling2D()(kept), 4)
    joined = L.Concatenate()([L.UpSampling2D()(deep), kept])
    return L.GlobalAveragePooling2D()(convolved(joined, 3))


def res_net(x: Flow) -> Flow:
    def normal(x: Flow, filters: int, strides: int = 1) -> Flow:
        x = L.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
        return L.BatchNormalization()(x)

    x = L.Activation("tanh")(normal(x, 4))
    inner = normal(L.Activation("tanh")(normal(x, 4)), 4)
    x = L.Activation("tanh")(L.Add()([x, inner]))
    inner = normal(L.Activation("tanh")(normal(x, 6, 2)), 6)
    shortcut = L.Conv2D(6, 1, strides=2, use_bias=False)(x)
    return L.GlobalAveragePooling2D()(L.Activation("tanh")(L.Add()([shortcut, inner])))


def transformer(x: Flow) -> Flow:
    x = L.Dense(6)(x)
    x = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(2, 3)(x, x)]))
    inner = L.Dense(6)(L.Dense(8, activation="gelu")(x))
    return L.GlobalAveragePooling1D()(L.LayerNormalization()(L.Add()([x, inner])))


def causal_attention(x: Flow) -> Flow:
    x = L.MultiHeadAttention(2, 3, output_shape=5)(x, x, use_causal_mask=True)
    return L.Flatten()(x)


def cross_attention(x: Flow) -> Flow:
    asking, asked = L.Dense(4)(x[:, :2]), L.Dense(4, activation="tanh")(x[:, 2:])
    kinds = (
        L.MultiHeadAttention(2, 3, value_dim=2)(asking, asked),
        L.GroupQueryAttention(3, 4, 2)(asking, asked),
        L.Attention(use_scale=True)([asking, asked]),
        L.AdditiveAttention()([asking, asked]),
    )
    return L.Flatten()(L.Concatenate()(kinds))


def nested(x: Flow) -> Flow:
    """A graph and a stack inside of a graph, the first of which is called twice."""
    one, other = keras.Input((3,)), keras.Input((3,))
    hidden = L.Dense(4, activation="tanh")
    joined = L.Add()([hidden(one), L.Dense(4)(hidden(other))])
    inner = keras.Model([one, other], L.Activation("tanh")(joined))
    stack = keras.Sequential(
        [keras.Input((4,)), L.Dense(5, use_bias=False), L.BatchNormalization(), L.ReLU()]
    )
    first, last = x[:, :3], x[:, 3:]
    return stack(L.Multiply()([inner([first, last]), inner([last, first])]))


def operations(x: Flow) -> Flow:
    ops = keras.ops
    one, other = L.Dense(4)(x), L.Dense(4)(x)
    joined = ops.relu(one) + 0.5 * ops.tanh(other) - one * other / 3
    joined = ops.concatenate([joined, x[:, 1:3], ops.expand_dims(x[:, 0], 1)], axis=1)
    pairs = ops.reshape(joined, (-1, 7, 1)) * ops.softmax(ops.reshape(joined, (-1, 1, 7)))
    return L.Concatenate()([joined, ops.sum(pairs, axis=2), ops.mean(x, axis=-1, keepdims=True)])


def custom(x: Flow) -> Flow:
    x = Gain()(L.Dense(5)(x))
    return Gain()(Block(5)(x, L.Dense(5)(x)))


def adam() -> keras.optimizers.Optimizer:
    return keras.optimizers.Adam(0.01)


def sgd() -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(0.02, momentum=0.5)


def optimizer_for(name: str) -> Callable[[], keras.optimizers.Optimizer]:
    """Adam would turn rounding into steps: the bias of keys has a gradient of zero."""
    return sgd if "attention" in name or name == "transformer" else adam


ROW, STEPS, IMAGE = (6,), (5, 3), (6, 6, 2)
GRAPHS: dict[str, tuple[tuple[int, ...], Callable[[Flow], Flow]]] = {
    "residual": (ROW, residual),
    "column groups": (ROW, column_groups),
    "branches": (ROW, branches),
    "gate": (ROW, gate),
    "merges": (ROW, merges),
    "shared dense": (ROW, shared_dense),
    "shared normalization": (ROW, shared_normalization),
    "u-net": (IMAGE, u_net),
    "res-net": (IMAGE, res_net),
    "transformer": (STEPS, transformer),
    "causal attention": (STEPS, causal_attention),
    "cross attention": (STEPS, cross_attention),
    "nested": (ROW, nested),
    "operations": (ROW, operations),
    "custom": (ROW, custom),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", GRAPHS)
def test_four_epochs_equal_fit(name: str) -> None:
    shape, graph = GRAPHS[name]

    def build() -> keras.Model:
        return model_of(shape, graph)

    assert why_not_model(build()) is None
    assert_same_as_fit(build, optimizer_for(name), data_for(build()))


@pytest.mark.slow
@pytest.mark.parametrize(
    "optimizer",
    [
        adam,  # one member after the other, each token's slice by itself
        sgd,
        lambda: keras.optimizers.SGD(0.1, clipnorm=0.05),
    ],
)
@pytest.mark.parametrize("graph", [shared_embedding, embedding_at_each_step])
def test_several_lookups_in_one_table_equal_fit(
    graph: Callable[[Flow], Flow], optimizer: Callable[[], keras.optimizers.Optimizer]
) -> None:
    """Keras has a slice for each token of each lookup."""

    def build() -> keras.Model:
        return model_of((5,), graph)

    assert why_not_model(build()) is None
    assert_same_as_fit(build, optimizer, data_for(build(), tokens=9))
