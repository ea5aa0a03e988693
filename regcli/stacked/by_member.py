"""A form for layers that have weights and no stacked form of their own.

The layer itself is called on each member's weights, vectorised over the members. What it does must
treat every row separately, draw no random numbers, and keep no state.
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from regcli.stacked.stacking import Pass
from regcli.stacked.tensors import Tensor, Tensors


def by_member(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Tensor, _: Pass
) -> tuple[Tensor, Tensors]:
    """The layer's own call on every member's weights and inputs."""

    def call(x: Tensor, *own: Tensor) -> Tensor:
        given = (own, []) if layer.trainable else ([], own)
        return layer.stateless_call(*given, x)[0]

    return _vectorised(call, x, *weights), statistics


def _vectorised(call: Callable[..., Tensor], *stacked: Tensor) -> Tensor:
    """`call` on each member's tensors.

    The gradient is taken inside of a vectorised function too: taken around it, XLA would compile
    the program anew at every call.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def run(*stacked: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        def backward(slope: Tensor) -> Tensor:
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


def _map(function: Callable[[Tensors], Tensor], stacked: Tensors) -> Tensor:
    return tf.vectorized_map(function, stacked, fallback_to_while_loop=False)
