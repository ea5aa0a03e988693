"""One way to write a formula for NumPy's arrays and TensorFlow's tensors.

Both libraries have abs, sign, square, sqrt, maximum, minimum, where, zeros_like and ones_like under
those names. A formula in these words is the same program for TensorFlow as if it were written with
`tf`, and float64 for NumPy.
"""

from typing import Any

Array = Any
"""A NumPy array or a TensorFlow tensor; each function's docstring says which shapes."""


def namespace(array: Array) -> Any:
    """The library whose functions work on an array: `numpy`, else `tensorflow`."""
    import numpy as np

    if isinstance(array, np.ndarray | np.generic | float | int):
        return np
    import tensorflow as tf

    return tf


def soft_threshold(u: Array, threshold: Array) -> Array:
    """S(u, t) = sign(u)·max(|u| − t, 0), the proximal map of t·Σ|w|; shaped like u."""
    xp = namespace(u)
    return xp.sign(u) * xp.maximum(xp.abs(u) - threshold, 0.0)


def sum_by_halves(terms: Array) -> Array:
    """Sum of non-negative terms, (members, n) → (members, 1), in steps of 32; only for tensors.

    XLA turns a long sum into a chain of scalar additions on a CPU. The relu changes nothing and
    keeps XLA from joining the steps into one such chain.
    """
    import tensorflow as tf

    while terms.shape[1] > 32:
        terms = tf.pad(terms, [[0, 0], [0, -terms.shape[1] % 32]])
        terms = tf.nn.relu(tf.reduce_sum(tf.reshape(terms, [terms.shape[0], 32, -1]), axis=1))
    return tf.reduce_sum(terms, axis=1, keepdims=True)
