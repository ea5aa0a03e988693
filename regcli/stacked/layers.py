"""Keras layers on stacked tensors: (members, rows, …) in, (members, rows, …) out.

A layer that owns weights, randomness or moving statistics has a stacked form: what its own `call`
computes, with a leading member axis. A layer without any of these treats every row by itself, so it
is called as it is, with members and rows folded into one axis. A layer that is neither is left to
the reference trainer.
"""

from collections.abc import Mapping
from dataclasses import replace

import keras
import tensorflow as tf

from regcli.stacked import convolutions, noise, recurrent
from regcli.stacked.by_member import by_member
from regcli.stacked.regularizers import activity
from regcli.stacked.stacking import (
    Form,
    Pass,
    align,
    finish,
    is_narrow,
    product,
    product_transposed,
)
from regcli.stacked.tensors import Tensor, Tensors


def dense(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, _: Pass
) -> tuple[Tensor, Tensors]:
    """x·W + b, from the kernel as it is or transposed."""
    kernel, *bias = weights
    is_transposed = is_narrow(layer) and kernel.shape[1] == layer.units
    y = product_transposed(x, kernel) if is_transposed else product(x, kernel)
    return finish(layer, y, bias), statistics


def batch_normalization(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    """Each member's own moments in training, its own moving ones otherwise."""
    x, back = _channels_last(x, layer.axis)
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
    return tf.transpose(x * align(scale, x) + align(shift, x), back), statistics


def _channels_last(x: Tensor, axis: int) -> tuple[Tensor, list[int]]:
    """`x` with a row's axis moved to the end, and the order of axes that moves it back.

    Args:
        axis: as Keras counts it, from the rows on or from the end.
    """
    rank = len(x.shape)
    place = axis + 1 if axis >= 0 else rank + axis
    order = [*(number for number in range(rank) if number != place), place]
    return tf.transpose(x, order), [order.index(number) for number in range(rank)]


def _moments(x: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance over all axes but members and channels, (members, channels) each."""
    places = list(range(2, len(x.shape) - 1))
    weight = tf.expand_dims(share, -1)
    mean = tf.reduce_sum(tf.reduce_mean(x, places) * weight, 1)
    off = tf.square(x - align(mean, x))
    return mean, tf.reduce_sum(tf.reduce_mean(off, places) * weight, 1)


def _axes(layer: keras.Layer, rank: int) -> set[int]:
    """The axes that a layer goes over, counted as Keras does of inputs (rows, …) of a rank."""
    axes = [layer.axis] if isinstance(layer.axis, int) else layer.axis
    return {axis % rank for axis in axes}


def layer_normalization(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    """Each row's own moments, with the fastest form for those over its last axis."""
    if _axes(layer, len(x.shape) - 1) != {len(x.shape) - 2}:
        return by_member(layer, weights, statistics, x, info)
    scales = iter(weights)
    mean, variance = tf.nn.moments(x, axes=[-1], keepdims=True)
    y = (x - mean) * tf.math.rsqrt(variance + layer.epsilon)
    y = y * align(next(scales), y) if layer.scale else y
    return (y + align(next(scales), y) if layer.center else y), statistics


def embedding(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    """One-hot times table: a gather's gradient would be a serial scatter."""
    tokens = tf.cast(x, tf.int32)
    found = product(tf.one_hot(tokens, layer.input_dim), weights[0])
    info.lookups.setdefault(id(layer), []).append((tokens, found))
    return found, statistics


def prelu(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, _: Pass
) -> tuple[Tensor, Tensors]:
    """A slope of its own for what is below zero; slopes (members, *a row's shape)."""
    return tf.nn.relu(x) - weights[0][:, tf.newaxis] * tf.nn.relu(-x), statistics


def time_distributed(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    """A layer at each step, with rows and steps folded into one axis.

    Keras calls the layer inside of it without what adds up its activity regularizer. Statistics
    over rows are those of one step after the other.
    """
    members, rows, steps = x.shape[:3]
    if info.training and _goes_by_batch(layer.layer):
        return _step_by_step(layer, weights, statistics, x, info)
    share = tf.repeat(info.share / steps, steps, axis=-1) if info.training else None
    inside = replace(info, share=share, scope=f"{info.scope}{layer.name}/")
    x = tf.reshape(x, [members, rows * steps, *x.shape[3:]])
    y, statistics = _called(layer.layer, weights, statistics, x, inside)
    return tf.reshape(y, [members, rows, steps, *y.shape[2:]]), statistics


def _goes_by_batch(layer: keras.Layer) -> bool:
    while isinstance(layer, keras.layers.TimeDistributed):
        layer = layer.layer
    return isinstance(layer, keras.layers.BatchNormalization)


def _step_by_step(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    inside, outputs = replace(info, scope=f"{info.scope}{layer.name}/"), []
    for step in range(x.shape[2]):
        y, statistics = _called(layer.layer, weights, statistics, x[:, :, step], inside)
        outputs.append(y)
    return tf.stack(outputs, axis=2), statistics


_MERGED = {
    "concat": lambda y, back: tf.concat([y, back], -1),
    "sum": tf.add,
    "ave": lambda y, back: (y + back) / 2,
    "mul": tf.multiply,
}


def bidirectional(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    """Two recurrent layers, one of them from the end on, and their outputs merged."""
    inside = replace(info, scope=f"{info.scope}{layer.name}/")
    half, held = len(weights) // 2, len(statistics) // 2
    y, _ = apply(layer.forward_layer, weights[:half], statistics[:held], x, inside)
    back, _ = apply(layer.backward_layer, weights[half:], statistics[held:], x, inside)
    if layer.return_sequences:
        back = tf.reverse(back, [2])
    return _MERGED[layer.merge_mode](y, back), statistics


def folded(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, _: Pass
) -> tuple[Tensor, Tensors]:
    """A layer that treats every row separately, with members and rows folded into one axis."""
    members, rows = x.shape[0], x.shape[1]
    y, _ = layer.stateless_call([], [], tf.reshape(x, [members * rows, *x.shape[2:]]))
    return tf.reshape(y, [members, rows, *y.shape[1:]]), statistics


FORMS: Mapping[type, Form] = {
    keras.layers.Dense: dense,
    keras.layers.Conv1D: convolutions.convolution,
    keras.layers.Conv2D: convolutions.convolution,
    keras.layers.Conv3D: convolutions.convolution,
    keras.layers.DepthwiseConv1D: convolutions.depthwise_convolution,
    keras.layers.DepthwiseConv2D: convolutions.depthwise_convolution,
    keras.layers.SeparableConv1D: convolutions.separable_convolution,
    keras.layers.SeparableConv2D: convolutions.separable_convolution,
    keras.layers.Conv1DTranspose: convolutions.transposed_convolution,
    keras.layers.Conv2DTranspose: convolutions.transposed_convolution,
    keras.layers.Conv3DTranspose: convolutions.transposed_convolution,
    keras.layers.MaxPooling1D: convolutions.max_pooling,
    keras.layers.MaxPooling2D: convolutions.max_pooling,
    keras.layers.MaxPooling3D: convolutions.max_pooling,
    keras.layers.BatchNormalization: batch_normalization,
    keras.layers.LayerNormalization: layer_normalization,
    keras.layers.GroupNormalization: by_member,
    keras.layers.RMSNormalization: by_member,
    keras.layers.EinsumDense: by_member,
    keras.layers.PReLU: prelu,
    keras.layers.Embedding: embedding,
    keras.layers.ReversibleEmbedding: embedding,
    keras.layers.Dropout: noise.dropout,
    keras.layers.SpatialDropout1D: noise.spatial_dropout,
    keras.layers.SpatialDropout2D: noise.spatial_dropout,
    keras.layers.SpatialDropout3D: noise.spatial_dropout,
    keras.layers.GaussianNoise: noise.gaussian_noise,
    keras.layers.GaussianDropout: noise.gaussian_dropout,
    keras.layers.AlphaDropout: noise.alpha_dropout,
    keras.layers.LSTM: recurrent.recurrent(recurrent.lstm, 2),
    keras.layers.GRU: recurrent.recurrent(recurrent.gru, 1),
    keras.layers.SimpleRNN: recurrent.recurrent(recurrent.simple, 1),
    keras.layers.ConvLSTM1D: recurrent.convolutional,
    keras.layers.ConvLSTM2D: recurrent.convolutional,
    keras.layers.ConvLSTM3D: recurrent.convolutional,
    keras.layers.TimeDistributed: time_distributed,
    keras.layers.Bidirectional: bidirectional,
}
_FOLDABLE = (
    "Activation ActivityRegularization ELU Flatten Identity LeakyReLU Permute ReLU RepeatVector "
    "Rescaling Reshape Softmax UnitNormalization AveragePooling1D AveragePooling2D "
    "AveragePooling3D GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D "
    "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D AdaptiveAveragePooling1D "
    "AdaptiveAveragePooling2D AdaptiveAveragePooling3D "
    "Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D "
    "ZeroPadding1D ZeroPadding2D ZeroPadding3D CategoryEncoding CenterCrop Resizing"
)
FOLDABLE = frozenset(getattr(keras.layers, name) for name in _FOLDABLE.split())


def apply(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    """A layer's outputs and new statistics; what its activities cost is left in `info`."""
    y, statistics = _called(layer, weights, statistics, x, info)
    if layer.activity_regularizer is not None:
        info.activities.append(activity(layer.activity_regularizer, y))
    return y, statistics


def _called(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    """A layer's form on its own variables. Keras counts the weights of a frozen one as statistics.

    A frozen BatchNormalization goes by its moving statistics.
    """
    form = FORMS.get(type(layer), folded)
    if layer.trainable or not statistics:
        return form(layer, weights, statistics, x, info)
    if form is batch_normalization:
        held, info = statistics[-2:], replace(info, share=None)
        return form(layer, statistics[:-2], held, x, info)[0], statistics
    return form(layer, statistics, [], x, info)[0], statistics
