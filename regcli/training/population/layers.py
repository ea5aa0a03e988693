"""Keras layers on stacked tensors: (members, rows, …) in, (members, rows, …) out.

A layer that owns weights, randomness or moving statistics has a stacked form here: what its own
`call` computes, with a leading member axis. A layer without any of these treats every row by
itself, so it is called as it is, with members and rows folded into one axis. A layer that is
neither is left to the reference trainer.
"""

import itertools
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from regcli.training.population.streams import uniform

Tensors = list[Any]


@dataclass(frozen=True)
class Pass:
    """What a forward pass knows besides inputs and weights.

    Attributes:
        share: each row's share of the batch's mean, (rows,), 0 for rows that fill a batch up; None
            outside of training.
        keys: the random key of each member at this step, (members,) uint32.
        rates: dropout rates, (members, 1), by layer name.
        lookups: filled on the way: the tokens (members, …) that an Embedding looked up and what it
            found, (members, …, n), by layer name.
    """

    share: Any
    keys: Any
    rates: Mapping[str, Any]
    lookups: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def training(self) -> bool:
        """Whether layers behave as in training."""
        return self.share is not None


MAX_NARROW = 32
"""Most units of a layer whose kernel is kept turned."""

Form = Callable[[keras.Layer, Tensors, Tensors, Any, Pass], tuple[Any, Tensors]]
"""(layer, stacked weights, stacked statistics, inputs, pass) → outputs, new statistics."""


def align(per_member: Any, x: Any) -> Any:
    """(members, k) with as many axes as `x` has, (members, 1, …, 1, k)."""
    return tf.reshape(per_member, [per_member.shape[0], *[1] * (len(x.shape) - 2), -1])


def product(x: Any, kernel: Any) -> Any:
    """(members, …, i) times (members, i, o) → (members, …, o)."""
    members, inputs = x.shape[0], x.shape[-1]
    multiplied = tf.matmul(tf.reshape(x, [members, -1, inputs]), kernel)
    return tf.reshape(multiplied, [*x.shape[:-1], kernel.shape[-1]])


def product_turned(x: Any, kernel: Any) -> Any:
    """(members, …, i) times (members, o, i) → (members, …, o)."""
    members, inputs = x.shape[0], x.shape[-1]
    multiplied = tf.matmul(kernel, tf.reshape(x, [members, -1, inputs]), transpose_b=True)
    return tf.reshape(tf.transpose(multiplied, [0, 2, 1]), [*x.shape[:-1], kernel.shape[1]])


def is_narrow(layer: keras.Layer) -> bool:
    """Whether a layer's kernel is better kept turned, as (units, inputs).

    With few units a product's rows are too short for a processor's vectors: those of 10 units took
    4.6 µs a step, and 2.8 µs turned.
    """
    if not isinstance(layer, keras.layers.Dense):
        return False
    inputs, units = layer.kernel.shape
    return bool(units <= MAX_NARROW and units < inputs)


def dense(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, _: Pass
) -> tuple[Any, Tensors]:
    """x·W + b, from the kernel as it is or `turned`."""
    kernel = weights[0]
    is_turned = kernel.shape[1] == layer.units and is_narrow(layer)
    y = product_turned(x, kernel) if is_turned else product(x, kernel)
    return layer.activation(y + align(weights[1], y) if layer.use_bias else y), statistics


def convolution(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, _: Pass
) -> tuple[Any, Tensors]:
    """Patches times kernels: shifted slices side by side, then one matrix product a member.

    Measured against nine products a kernel, extracted patches, a loop over members and a grouped
    convolution, this is the fastest form for several input channels.
    """
    kernel, axes = weights[0], range(layer.rank)
    spans = [
        step * (size - 1) + 1
        for step, size in zip(layer.dilation_rate, layer.kernel_size, strict=True)
    ]
    sides = [_padding(layer, x.shape[2 + axis], spans[axis], axis) for axis in axes]
    x = tf.pad(x, [(0, 0), (0, 0), *sides, (0, 0)])
    windows = _windows(x, layer.kernel_size, layer.strides, layer.dilation_rate)
    patches = tf.concat(list(windows), axis=-1)
    kernel = tf.reshape(kernel, [kernel.shape[0], -1, kernel.shape[-1]])
    y = (thin_product if x.shape[-1] == 1 else product)(patches, kernel)
    return layer.activation(y + align(weights[1], y) if layer.use_bias else y), statistics


@tf.custom_gradient  # type: ignore[untyped-decorator]
def thin_product(patches: Any, kernel: Any) -> tuple[Any, Callable[[Any], tuple[Any, Any]]]:
    """As `product`, for patches of few numbers: one multiplication of whole rows for each of them.

    A matrix product over so few runs at a tenth of the processor's speed. Its gradient by the
    kernel, which sums over many rows, does not.
    """
    members, width, filters = kernel.shape
    y = tf.add_n(
        [
            patches[..., place, tf.newaxis] * align(kernel[:, place], patches)
            for place in range(width)
        ]
    )

    def gradient(upstream: Any) -> tuple[Any, Any]:
        rows = tf.reshape(upstream, [members, -1, filters])
        by_patch = tf.reshape(tf.matmul(rows, kernel, transpose_b=True), patches.shape)
        flat = tf.reshape(patches, [members, -1, width])
        return by_patch, tf.matmul(flat, rows, transpose_a=True)

    return y, gradient


def _padding(layer: keras.Layer, size: int, span: int, axis: int) -> tuple[int, int]:
    """How many cells to add before and after one axis, by TensorFlow's rule for `same`."""
    if layer.padding == "valid":
        return 0, 0
    if layer.padding == "causal":
        return span - 1, 0
    stride = layer.strides[axis]
    total = max((-(-size // stride) - 1) * stride + span - size, 0)
    return total // 2, total - total // 2


def _windows(
    x: Any, sizes: Sequence[int], strides: Sequence[int], steps: Sequence[int]
) -> Iterator[Any]:
    """Every offset of a sliding window, in row-major order, as a strided slice of `x`."""
    counts = [
        (length - step * (size - 1) - 1) // stride + 1
        for length, size, stride, step in zip(x.shape[2:-1], sizes, strides, steps, strict=True)
    ]
    for offset in itertools.product(*(range(size) for size in sizes)):
        starts = [place * step for place, step in zip(offset, steps, strict=True)]
        cuts = (
            slice(start, start + (count - 1) * stride + 1, stride)
            for start, count, stride in zip(starts, counts, strides, strict=True)
        )
        yield x[(slice(None), slice(None), *cuts)]


def max_pooling(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, _: Pass
) -> tuple[Any, Tensors]:
    """The maximum by comparisons; a tie's gradient goes to the first, as in TensorFlow's kernel.

    XLA refuses to be both deterministic and the gradient of that kernel.
    """
    axes = range(len(layer.pool_size))
    sides = [_padding(layer, x.shape[2 + axis], layer.pool_size[axis], axis) for axis in axes]
    x = tf.pad(x, [(0, 0), (0, 0), *sides, (0, 0)], constant_values=-np.inf)
    largest, *others = _windows(x, layer.pool_size, layer.strides, [1] * len(axes))
    for other in others:
        largest = tf.where(other > largest, other, largest)
    return largest, statistics


def batch_normalization(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, info: Pass
) -> tuple[Any, Tensors]:
    """Each member's own moments in training, its own moving ones otherwise."""
    scales = iter(weights)
    gamma = next(scales) if layer.scale else None
    beta = next(scales) if layer.center else None
    mean, variance = statistics
    if info.training:
        mean, variance = _moments(x, info.share)
        statistics = [
            kept * layer.momentum + new * (1 - layer.momentum)
            for kept, new in zip(statistics, (mean, variance), strict=True)
        ]
    scale = tf.math.rsqrt(variance + layer.epsilon)
    scale = scale if gamma is None else scale * gamma
    shift = -mean * scale if beta is None else beta - mean * scale
    return x * align(scale, x) + align(shift, x), statistics


def _moments(x: Any, share: Any) -> tuple[Any, Any]:
    """Mean and variance over all axes but members and channels, (members, channels) each."""
    places = list(range(2, len(x.shape) - 1))
    weight = tf.reshape(share, [-1, 1])
    mean = tf.reduce_sum(tf.reduce_mean(x, places) * weight, 1)
    off = tf.square(x - align(mean, x))
    return mean, tf.reduce_sum(tf.reduce_mean(off, places) * weight, 1)


def layer_normalization(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, _: Pass
) -> tuple[Any, Tensors]:
    """Each row's own moments over its last axis."""
    scales = iter(weights)
    mean, variance = tf.nn.moments(x, axes=[-1], keepdims=True)
    y = (x - mean) * tf.math.rsqrt(variance + layer.epsilon)
    y = y * align(next(scales), y) if layer.scale else y
    return (y + align(next(scales), y) if layer.center else y), statistics


def embedding(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, info: Pass
) -> tuple[Any, Tensors]:
    """One-hot times table: a gather's gradient would be a serial scatter."""
    tokens = tf.cast(x, tf.int32)
    found = product(tf.one_hot(tokens, layer.input_dim), weights[0])
    info.lookups[layer.name] = (tokens, found)
    return found, statistics


def dropout(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, info: Pass
) -> tuple[Any, Tensors]:
    """Zeros at each member's own rate, drawn from its own stream."""
    if not info.training:
        return x, statistics
    salt = tf.constant(zlib.crc32(layer.name.encode()), tf.uint32)
    rate = align(info.rates[layer.name], x)
    kept = uniform(info.keys + salt, x.shape[1:]) >= rate
    return tf.where(kept, tf.math.divide_no_nan(x, 1 - rate), tf.zeros_like(x)), statistics


def recurrent(step: Callable[..., tuple[Any, Any]]) -> Form:
    """A recurrent layer as a loop over time that is unrolled: XLA has no lists to loop with."""

    def form(
        layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, _: Pass
    ) -> tuple[Any, Tensors]:
        zeros = tf.zeros([x.shape[0], x.shape[1], layer.units])
        state, outputs = (zeros, zeros), []
        projected = product(x, weights[0])
        for time in range(x.shape[2]):
            state = step(layer.cell, weights, projected[:, :, time], state)
            outputs.append(state[0])
        y = tf.stack(outputs, axis=2) if layer.return_sequences else outputs[-1]
        return y, statistics

    return form


def _lstm_step(
    cell: Any, weights: Tensors, projected: Any, state: tuple[Any, Any]
) -> tuple[Any, Any]:
    hidden, memory = state
    z = projected + tf.matmul(hidden, weights[1])
    z = z + align(weights[2], z) if cell.use_bias else z
    enter, forget, candidate, leave = tf.split(z, 4, axis=-1)
    gate = cell.recurrent_activation
    memory = gate(forget) * memory + gate(enter) * cell.activation(candidate)
    return gate(leave) * cell.activation(memory), memory


def _gru_step(
    cell: Any, weights: Tensors, projected: Any, state: tuple[Any, Any]
) -> tuple[Any, Any]:
    hidden = state[0]
    inner = tf.matmul(hidden, weights[1])
    if cell.use_bias:
        projected = projected + weights[2][:, tf.newaxis, 0]
        inner = inner + weights[2][:, tf.newaxis, 1]
    (z, r, h), (z_in, r_in, h_in) = tf.split(projected, 3, axis=-1), tf.split(inner, 3, axis=-1)
    update, reset = cell.recurrent_activation(z + z_in), cell.recurrent_activation(r + r_in)
    hidden = update * hidden + (1 - update) * cell.activation(h + reset * h_in)
    return hidden, hidden


def folded(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, _: Pass
) -> tuple[Any, Tensors]:
    """A layer that treats every row by itself, with members and rows folded into one axis."""
    members, rows = x.shape[0], x.shape[1]
    y = layer(tf.reshape(x, [members * rows, *x.shape[2:]]))
    return tf.reshape(y, [members, rows, *y.shape[1:]]), statistics


FORMS: Mapping[type, Form] = {
    keras.layers.Dense: dense,
    keras.layers.Conv1D: convolution,
    keras.layers.Conv2D: convolution,
    keras.layers.MaxPooling1D: max_pooling,
    keras.layers.MaxPooling2D: max_pooling,
    keras.layers.MaxPooling3D: max_pooling,
    keras.layers.BatchNormalization: batch_normalization,
    keras.layers.LayerNormalization: layer_normalization,
    keras.layers.Embedding: embedding,
    keras.layers.Dropout: dropout,
    keras.layers.LSTM: recurrent(_lstm_step),
    keras.layers.GRU: recurrent(_gru_step),
}
_FOLDABLE = (
    "Activation ELU Flatten Identity LeakyReLU Permute ReLU RepeatVector Rescaling Reshape Softmax "
    "UnitNormalization AveragePooling1D AveragePooling2D AveragePooling3D "
    "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D "
    "GlobalMaxPooling2D GlobalMaxPooling3D Cropping1D Cropping2D Cropping3D UpSampling1D "
    "UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D"
)
FOLDABLE = frozenset(getattr(keras.layers, name) for name in _FOLDABLE.split())


def stacked_call(
    model: keras.Sequential, weights: Sequence[Any], statistics: Sequence[Any], x: Any, info: Pass
) -> tuple[Any, Tensors]:
    """A whole model on stacked tensors.

    Args:
        weights: the trainable variables, (members, *shape) each, in the model's order.
        statistics: the floating non-trainable variables, likewise.
        x: inputs (members, rows, …).

    Returns:
        Outputs (members, rows, outputs) and the new statistics.
    """
    waiting, kept, after = list(weights), list(statistics), []
    for layer in model.layers:
        own = [waiting.pop(0) for _ in layer.trainable_variables]
        mine = [kept.pop(0) for variable in layer.non_trainable_variables if is_statistic(variable)]
        x, mine = FORMS.get(type(layer), folded)(layer, own, mine, x, info)
        after += mine
    return x, after


def is_statistic(variable: keras.Variable) -> bool:
    """Whether a non-trainable variable is a member's own state, not a random generator's."""
    return "float" in str(variable.dtype)
