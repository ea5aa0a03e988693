"""Random numbers of many members at once, each from its own stream.

A number is a hash of the member's key and of its place: it does not depend on which other members
are trained beside it, nor in which order.
"""

import math
from collections.abc import Sequence
from typing import Any

import tensorflow as tf


def mix(x: Any) -> Any:
    """An invertible hash of 32-bit integers, elementwise (Wellons's `lowbias32`, 2018)."""
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = _folded(x, shift) * tf.constant(factor, tf.uint32)
    return _folded(x, 16)


def _folded(x: Any, shift: int) -> Any:
    return tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, tf.constant(shift, tf.uint32)))


def step_keys(seeds: Any, steps: Any) -> Any:
    """A key for each member at its own step; both (members,) integers, keys (members,) uint32."""
    odd = tf.constant(0x9E3779B9, tf.uint32)
    return tf.bitwise.bitwise_xor(
        mix(tf.cast(seeds, tf.uint32)), mix(tf.cast(steps, tf.uint32) + odd)
    )


def uniform(keys: Any, shape: Sequence[int]) -> Any:
    """Numbers in [0, 1), (members, *shape), with 24 random bits each."""
    places = tf.cast(tf.range(tf.TensorShape(shape).num_elements()), tf.uint32)
    hashed = mix(tf.bitwise.bitwise_xor(mix(places)[tf.newaxis], mix(keys)[:, tf.newaxis]))
    bits = tf.cast(tf.bitwise.right_shift(hashed, tf.constant(8, tf.uint32)), tf.int32)
    return tf.reshape(tf.cast(bits, tf.float32) * 2.0**-24, [keys.shape[0], *shape])


def normal(keys: Any, shape: Sequence[int]) -> Any:
    """Numbers of a standard normal distribution, (members, *shape).

    A number is the quantile of a uniform one in the middle of its cell, at most 5.5 in size. The
    last cell takes the one before's: TensorFlow's own kernel rounds its middle to 1.
    """
    centred = tf.minimum(2 * uniform(keys, shape) - 1 + 2.0**-24, 1 - 2.0**-23)
    return math.sqrt(2) * tf.math.erfinv(centred)
