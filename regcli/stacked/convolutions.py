"""Convolutions and pooling on stacked tensors, (members, rows, places …, channels).

Windows are shifted slices of the padded input, so that everything else is one matrix product, or
one elementwise pass, over all members.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from regcli.stacked.stacking import (
    Pass,
    Tensors,
    finish,
    product,
    thin_product,
)


@dataclass(frozen=True)
class Window:
    """What a sliding window reads: the arguments of Keras's convolutions by their names."""

    kernel_size: Sequence[int]
    strides: Sequence[int]
    dilation_rate: Sequence[int]
    padding: str

    @classmethod
    def around_each_place(cls, kernel_size: Sequence[int]) -> "Window":
        """A window that leaves the places as many as they are."""
        ones = [1] * len(kernel_size)
        return cls(kernel_size, ones, ones, "same")


def convolution(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, _: Pass
) -> tuple[Any, Tensors]:
    """A convolution; several groups of channels each by themselves."""
    kernel, *bias = weights
    parts = (tf.split(whole, layer.groups, axis=-1) for whole in (x, kernel))
    outputs = [convolved(layer, part, own) for part, own in zip(*parts, strict=True)]
    return finish(layer, tf.concat(outputs, axis=-1), bias), statistics


def convolved(window: Any, x: Any, kernel: Any) -> Any:
    """Patches times kernels: shifted slices side by side, then one matrix product a member.

    Measured against nine products a kernel, extracted patches, a loop over members and a grouped
    convolution, this is the fastest form for several input channels.

    Args:
        window: a `Window`, or a Keras layer or cell that has its attributes.
        kernel: (members, offsets …, inputs, outputs).
    """
    patches = tf.concat(list(_all_windows(window, x)), axis=-1)
    flat = tf.reshape(kernel, [kernel.shape[0], -1, kernel.shape[-1]])
    return (thin_product if x.shape[-1] == 1 else product)(patches, flat)


def depthwise_convolution(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, _: Pass
) -> tuple[Any, Tensors]:
    """Each channel by itself."""
    kernel, *bias = weights
    return finish(layer, _by_channel(layer, kernel, x), bias), statistics


def separable_convolution(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, _: Pass
) -> tuple[Any, Tensors]:
    """Each channel by itself, then a matrix product over the channels of a place."""
    kernel, pointwise, *bias = weights
    y = product(
        _by_channel(layer, kernel, x), tf.reshape(pointwise, [x.shape[0], -1, layer.filters])
    )
    return finish(layer, y, bias), statistics


def _by_channel(layer: keras.Layer, kernel: Any, x: Any) -> Any:
    """Σ over offsets of window · weight; kernels (members, offsets …, channels, multiplier).

    Returns:
        (members, rows, places …, channels·multiplier), a channel's results side by side.
    """
    members, channels, multiplier = x.shape[0], x.shape[-1], kernel.shape[-1]
    offsets = math.prod(layer.kernel_size)
    by_offset = tf.unstack(tf.reshape(kernel, [members, offsets, channels, multiplier]), axis=1)
    windows = _all_windows(layer, x)
    terms = [
        window[..., tf.newaxis] * tf.reshape(own, [members, *[1] * (layer.rank + 1), channels, -1])
        for window, own in zip(windows, by_offset, strict=True)
    ]
    total = tf.add_n(terms)
    return tf.reshape(total, [*total.shape[:-2], channels * multiplier])


def transposed_convolution(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, _: Pass
) -> tuple[Any, Tensors]:
    """Every place's product with the kernel, laid out by the strides and added where they overlap.

    Kernels are (members, offsets …, outputs, inputs).
    """
    kernel, *bias = weights
    flat = tf.reshape(kernel, [x.shape[0], -1, x.shape[-1]])
    products = product(x, tf.transpose(flat, [0, 2, 1]))
    lengths = layer.compute_output_shape(x.shape[1:])[1:-1]
    cut = [_padding(layer, lengths[axis], span, axis)[0] for axis, span in enumerate(_spans(layer))]
    offsets = list(itertools.product(*(range(size) for size in layer.kernel_size)))
    laid = []
    for offset, part in zip(offsets, tf.split(products, len(offsets), axis=-1), strict=True):
        for axis, place in enumerate(offset):
            start = place * layer.dilation_rate[axis] - cut[axis]
            part = _laid_out(part, axis + 2, layer.strides[axis], start, lengths[axis])
        laid.append(part)
    return finish(layer, tf.add_n(laid), bias), statistics


def _laid_out(x: Any, axis: int, stride: int, start: int, length: int) -> Any:
    """`x` along one axis at start, start + stride, … of `length` cells; what falls off is left out.

    Zeros are put between by reshaping: a strided scatter would be serial.
    """
    sides = [(0, 0)] * len(x.shape)
    if stride > 1:
        gaps = [*sides, (0, 0)]
        gaps[axis + 1] = (0, stride - 1)
        apart = tf.pad(tf.expand_dims(x, axis + 1), gaps)
        x = tf.reshape(apart, [*x.shape[:axis], -1, *x.shape[axis + 1 :]])
    inside = slice(max(-start, 0), max(min(x.shape[axis], length - start), 0))
    x = x[(slice(None),) * axis + (inside,)]
    before = min(max(start, 0), length)
    sides[axis] = (before, length - before - x.shape[axis])
    return tf.pad(x, sides)


def max_pooling(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, _: Pass
) -> tuple[Any, Tensors]:
    """The maximum by comparisons; a tie's gradient goes to the first, as in TensorFlow's kernel.

    XLA refuses to be both deterministic and the gradient of that kernel.
    """
    axes = range(len(layer.pool_size))
    sides = [_padding(layer, x.shape[2 + axis], layer.pool_size[axis], axis) for axis in axes]
    x = tf.pad(x, [(0, 0), (0, 0), *sides, (0, 0)], constant_values=-np.inf)
    if tuple(layer.strides) == tuple(layer.pool_size):
        return _largest_of_tiles(x, layer.pool_size), statistics
    return _largest(_windows(x, layer.pool_size, layer.strides, [1] * len(axes))), statistics


def _largest(windows: Iterable[Any]) -> Any:
    largest, *others = windows
    for other in others:
        largest = tf.where(other > largest, other, largest)
    return largest


def _largest_of_tiles(x: Any, sizes: Sequence[int]) -> Any:
    """The maximum over windows that do not overlap; what does not fill a window is left out.

    Its own gradient lays the tiles side by side. TensorFlow's would add up a tensor of the input's
    size for every offset of the window.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def run(whole: Any) -> tuple[Any, Callable[[Any], Any]]:
        tiles = list(_windows(whole, sizes, sizes, [1] * len(sizes)))
        largest = _largest(tiles)

        def gradient(upstream: Any) -> Any:
            slopes, is_open = [], tf.ones_like(largest, tf.bool)
            for tile in tiles:
                is_first = is_open & (tile == largest)
                slopes.append(tf.where(is_first, upstream, tf.zeros_like(upstream)))
                is_open = is_open & ~is_first
            return _laid_side_by_side(slopes, sizes)

        return largest, gradient

    cuts = (slice(length // size * size) for length, size in zip(x.shape[2:-1], sizes, strict=True))
    return run(x[(slice(None), slice(None), *cuts)])


def _laid_side_by_side(tiles: Sequence[Any], sizes: Sequence[int]) -> Any:
    """What `_windows` took apart: tiles (members, rows, places …, channels) in row-major order."""
    for axis in reversed(range(len(sizes))):
        place, size = 2 + axis, sizes[axis]
        shape = list(tiles[0].shape)
        shape[place] *= size
        groups = (tiles[start : start + size] for start in range(0, len(tiles), size))
        tiles = [tf.reshape(tf.stack(group, axis=place + 1), shape) for group in groups]
    return tiles[0]


def _all_windows(window: Any, x: Any) -> Iterator[Any]:
    """Every offset of a window on its padded input, as `_windows` gives them."""
    spans = _spans(window)
    sides = [_padding(window, x.shape[2 + axis], span, axis) for axis, span in enumerate(spans)]
    x = tf.pad(x, [(0, 0), (0, 0), *sides, (0, 0)])
    return _windows(x, window.kernel_size, window.strides, window.dilation_rate)


def _spans(window: Any) -> list[int]:
    """Cells that a window reaches over, on each axis."""
    return [
        step * (size - 1) + 1
        for step, size in zip(window.dilation_rate, window.kernel_size, strict=True)
    ]


def _padding(window: Any, size: int, span: int, axis: int) -> tuple[int, int]:
    """How many cells to add before and after one axis, by TensorFlow's rule for `same`."""
    if window.padding == "valid":
        return 0, 0
    if window.padding == "causal":
        return span - 1, 0
    stride = window.strides[axis]
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
