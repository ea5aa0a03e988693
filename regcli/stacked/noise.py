"""Layers that draw random numbers in training, on stacked tensors: each member from its own stream.

Keras draws one stream for a whole model, so only the distribution is the same as in `fit`.
"""

import math
import zlib
from collections.abc import Sequence

import keras
import tensorflow as tf

from regcli.stacked.stacking import Pass, align
from regcli.stacked.streams import normal, uniform
from regcli.stacked.tensors import Tensor, Tensors

_ALPHA = 1.6732632423543772 * 1.0507009873554805
"""What the self-normalizing activation, SELU, tends to on the left, without its sign."""


def dropout(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    """Zeros at each member's own rate, or at the layer's where rates do not differ."""
    if info.training:
        rate = info.rates.get(info.scope + layer.name)
        rate = tf.fill([x.shape[0], 1], float(layer.rate)) if rate is None else rate
        x = x * dropout_mask(info, layer.name, x, rate, _noise_shape(layer, x))
    return x, statistics


def spatial_dropout(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    """Zeros over whole channels of a row."""
    if info.training:
        shape = [x.shape[1], *[1] * (len(x.shape) - 3), x.shape[-1]]
        x = x * dropout_mask(info, layer.name, x, layer.rate, shape)
    return x, statistics


def gaussian_noise(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    """Normal numbers are added."""
    if info.training:
        x = x + layer.stddev * normal(_keys(info, layer.name), x.shape[1:])
    return x, statistics


def gaussian_dropout(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    """Normal numbers of mean 1 and variance rate / (1 − rate) are multiplied."""
    if info.training:
        deviation = math.sqrt(layer.rate / (1 - layer.rate))
        x = x * (1 + deviation * normal(_keys(info, layer.name), x.shape[1:]))
    return x, statistics


def alpha_dropout(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, info: Pass
) -> tuple[Tensor, Tensors]:
    """Dropped values become SELU's lower limit; then mean and variance are restored."""
    if info.training and layer.rate > 0:
        kept = uniform(_keys(info, layer.name), _noise_shape(layer, x)) >= layer.rate
        scale = ((1 - layer.rate) * (1 + layer.rate * _ALPHA**2)) ** -0.5
        x = scale * (tf.where(kept, x, -_ALPHA) + _ALPHA * layer.rate)
    return x, statistics


def dropout_mask(info: Pass, name: str, x: Tensor, rate: Tensor, shape: Sequence[int]) -> Tensor:
    """0 with probability `rate`, else 1 / (1 − rate).

    Args:
        name: tells this mask apart from the others of a step.
        rate: one number, or (members, 1).
        shape: of the mask without the members: the shape of `x`, or 1 where a number is shared.
    """
    rate = tf.convert_to_tensor(rate, tf.float32)
    rate = align(rate, x) if rate.shape.rank else rate
    kept = uniform(_keys(info, name), shape) >= rate
    return tf.where(kept, tf.math.divide_no_nan(1.0, 1 - rate), 0.0)


def _keys(info: Pass, name: str) -> Tensor:
    place = info.scope + name + info.turn
    return info.keys + tf.constant(zlib.crc32(place.encode()), tf.uint32)


def _noise_shape(layer: keras.Layer, x: Tensor) -> list[int]:
    given = layer.noise_shape or [None] * (len(x.shape) - 1)
    return [own if size is None else size for size, own in zip(given, x.shape[1:], strict=True)]
