"""A form for layers that have weights and no stacked form of their own.

The layer itself is called on each member's weights, vectorised over the members. What it does must
treat every row by itself, draw nothing, and keep no state.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from regcli.stacked.stacking import Pass, Tensors


def by_member(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, _: Pass
) -> tuple[Any, Tensors]:
    """The layer's own call on every member's weights and inputs."""

    def call(x: Any, *own: Any) -> Any:
        given = (own, []) if layer.trainable else ([], own)
        return layer.stateless_call(*given, x)[0]

    return _vectorised(call, x, *weights), statistics


def _vectorised(call: Callable[..., Any], *stacked: Any) -> Any:
    """`call` on each member's tensors.

    The gradient is taken inside of a vectorised function too: taken around it, XLA would compile
    the program anew at every call.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def run(*stacked: Any) -> tuple[Any, Callable[[Any], Any]]:
        def backward(slope: Any) -> Any:
            return _map(_product_with_slope, [slope, *stacked])

        return _map(lambda given: call(*given), list(stacked)), backward

    def _product_with_slope(given: Tensors) -> Tensors:
        slope, *own = given
        with tf.GradientTape() as tape:
            tape.watch(own)
            outputs = call(*own)
        slopes: Tensors = tape.gradient(outputs, own, slope, unconnected_gradients="zero")
        return slopes

    return run(*stacked)


def _map(function: Callable[[Tensors], Any], stacked: Tensors) -> Any:
    return tf.vectorized_map(function, stacked, fallback_to_while_loop=False)
