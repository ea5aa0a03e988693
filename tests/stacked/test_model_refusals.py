"""Models that a population cannot train say why, and a person's own layers are tried."""

from collections.abc import Callable
from typing import Any

import keras
import pytest
import tensorflow as tf

from regcli.stacked.refusals import called_by_member, why_not_model

L = keras.layers
ENTRY = keras.Input((4,))
STEPS = keras.Input((3, 4))


class Plain(L.Layer):  # type: ignore[misc]
    """A layer of a person: one weight for each column."""

    def build(self, shape: tuple[int, ...]) -> None:
        self.kernel = self.add_weight(shape=(shape[-1],), name="kernel")

    def call(self, x: Any) -> Any:
        return x * self.kernel


class Random(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.generator = keras.random.SeedGenerator(1)

    def call(self, x: Any, training: bool = False) -> Any:
        noise = keras.random.normal(keras.ops.shape(x), seed=self.generator)
        return super().call(x) + (noise if training else 0.0)


class TensorFlowRandom(Plain):
    def call(self, x: Any) -> Any:
        return super().call(x) + tf.random.normal(tf.shape(x))


class Centred(Plain):
    """Takes off the mean over the rows."""

    def call(self, x: Any) -> Any:
        return super().call(x) - keras.ops.mean(x, axis=0, keepdims=True)


class Counting(Plain):
    def build(self, shape: tuple[int, ...]) -> None:
        super().build(shape)
        self.mean = self.add_weight(shape=(), trainable=False, name="mean")

    def call(self, x: Any, training: bool = False) -> Any:
        if training:
            self.mean.assign(self.mean + 1.0)
        return super().call(x) + self.mean


class WithTable(Plain):
    """A constant of its own, which does not train."""

    def build(self, shape: tuple[int, ...]) -> None:
        super().build(shape)
        self.table = self.add_weight(shape=(shape[-1],), trainable=False, name="table")

    def call(self, x: Any) -> Any:
        return super().call(x) + self.table


class Costly(Plain):
    def call(self, x: Any) -> Any:
        self.add_loss(keras.ops.sum(keras.ops.square(x)))
        return super().call(x)


class Hiding(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.supports_masking = True

    def compute_mask(self, x: Any, previous: Any = None) -> Any:
        return keras.ops.any(x > 0, axis=-1)


class LookingUp(Plain):
    def call(self, x: Any) -> Any:
        numbers = keras.ops.cast(x > 0, "int32")
        return keras.ops.take(self.kernel, numbers, axis=0) * x


class InPython(Plain):
    """What XLA cannot compile."""

    def call(self, x: Any) -> Any:
        y = super().call(x)
        return tf.ensure_shape(tf.numpy_function(lambda values: values, [y], tf.float32), y.shape)


class Subclassed(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.inner = L.Dense(1)

    def call(self, x: Any) -> Any:
        return self.inner(x)


def subclassed() -> keras.Model:
    model = Subclassed()
    model(tf.ones((1, 4)))
    return model


def of(*layers: Any) -> Callable[[], keras.Model]:
    return lambda: keras.Sequential([ENTRY, *(layer() for layer in layers)])


def graph(entry: keras.KerasTensor, make: Callable[[Any], Any]) -> Callable[[], keras.Model]:
    return lambda: keras.Model(entry, make(entry))


REFUSED: dict[str, tuple[Callable[[], keras.Model], str]] = {
    "several outputs": (
        graph(ENTRY, lambda x: [L.Dense(1)(x), L.Dense(1)(x)]),
        "the model has 2 outputs",
    ),
    "several inputs": (
        lambda: keras.Model([ENTRY, STEPS], L.Add()([L.Dense(1)(ENTRY), L.Dense(1)(STEPS)])),
        "the model has 2 inputs",
    ),
    "subclassed": (
        subclassed,
        "Subclassed has no graph of layers: it is not built, or its class has its own call",
    ),
    "fixed batch": (
        lambda: keras.Sequential([keras.Input(batch_shape=(8, 4)), L.Dense(1)]),
        "the model's input has a fixed batch size",
    ),
    "precision": (
        lambda: keras.Sequential([ENTRY, L.Dense(1, dtype="float16")]),
        "Dense computes in float16",
    ),
    "within a model": (
        lambda: keras.Sequential([ENTRY, keras.Sequential([ENTRY, L.Dropout(0.5, seed=1)])]),
        "Dropout has seed=1",
    ),
    "masked call": (
        graph(STEPS, lambda x: L.LSTM(2)(x, mask=x[:, :, 0] > 0)),
        "LSTM is called with mask",
    ),
    "states of another": (
        graph(STEPS, lambda x: L.GRU(4)(x, initial_state=x[:, 0])),
        "GRU is called with initial_state",
    ),
    "attention with dropout": (
        graph(STEPS, lambda x: L.MultiHeadAttention(2, 2, dropout=0.1)(x, x)),
        "MultiHeadAttention has dropout=0.1",
    ),
    "rows joined": (
        graph(ENTRY, lambda x: L.Concatenate(axis=0)([x, x])),
        "Concatenate joins rows",
    ),
    "rows joined from the end": (
        graph(ENTRY, lambda x: L.Concatenate(axis=-2)([x, x])),
        "Concatenate joins rows",
    ),
    "a constant joined": (
        graph(ENTRY, lambda x: L.Add()([x, tf.ones((1, 4))])),
        "Add joins a constant",
    ),
    "operation over rows": (
        graph(ENTRY, lambda x: x - keras.ops.mean(x, axis=0, keepdims=True)),
        "the operation Mean does not treat every row separately",
    ),
    "columns against rows": (
        graph(ENTRY, lambda x: keras.ops.matmul(keras.ops.transpose(x), x)),
        "the operation Transpose does not treat every row separately",
    ),
    "rows in another order": (
        graph(ENTRY, lambda x: keras.ops.flip(x, axis=0)),
        "the operation Flip does not treat every row separately",
    ),
    "mask": (
        lambda: keras.Sequential([STEPS, L.Masking(), L.LSTM(2)]),
        "the layer Masking passes a mask to the layers after it",
    ),
    "random": (of(Random), "the layer Random draws random numbers"),
    "random of TensorFlow": (
        of(TensorFlowRandom),
        "the layer TensorFlowRandom draws random numbers",
    ),
    "over rows": (of(Centred), "the layer Centred does not treat every row separately"),
    "state": (of(Counting), "the layer Counting changes its own state in a call"),
    "loss": (of(Costly), "the layer Costly adds a loss of its own"),
    "own mask": (of(Hiding), "the layer Hiding passes a mask to the layers after it"),
    "look-up": (
        of(LookingUp),
        "the layer LookingUp looks up its weights by number, which Keras trains row by row",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_reasons(case: str) -> None:
    make, reason = REFUSED[case]
    assert why_not_model(make()) == reason


def test_what_cannot_be_compiled_is_refused() -> None:
    reason = why_not_model(of(InPython)())
    assert reason is not None
    assert reason.startswith("the layer InPython fails on a trial batch: ")


@pytest.mark.slow
@pytest.mark.parametrize("layer", [Plain, WithTable])
def test_layers_of_a_person_are_called_member_by_member(layer: type) -> None:
    model = of(layer, lambda: L.Dense(1))()
    assert why_not_model(model) is None
    assert called_by_member(model) == (layer.__name__,)


def test_layers_of_keras_are_not_told_of() -> None:
    model = keras.Model(ENTRY, L.Dense(1)(L.Add()([ENTRY, keras.ops.tanh(ENTRY)])))
    assert called_by_member(model) == ()
