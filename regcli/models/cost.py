"""What a model costs: its numbers, its arithmetic, and the time of a call on the CPU."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.models.keras_private import GraphNode, graph_nodes
from regcli.models.weights import kernel_names, read_weights

BATCH_SIZES = (1, 256)
"""Rows of a call whose time is measured."""

_WARM_UP = 5
_CALLS = 51
_PATIENCE = 2.0
"""Seconds after which no further round of calls begins."""


@dataclass(frozen=True)
class Size:
    """Numbers that a model holds, and the arithmetic of one row; see `results.shrinkage.Cost`."""

    parameters: int
    nonzero: int
    flops: int


def model_size(model: keras.Model) -> Size:
    """Count a model's numbers and the multiply-adds of its kernels.

    A kernel's weights are each used once at every place of the layer's output, in every call of the
    layer; taps that reach beyond a padded tensor are counted too, as they are elsewhere.
    """
    numbers = read_weights(model)
    flops = sum(
        2 * prod(flow.shape[1:-1]) * prod(kernel.shape)
        for node in graph_nodes(model) or ()
        for kernel, flow in _kernels(node)
    )
    return Size(
        parameters=sum(values.size for values in numbers.values()),
        nonzero=sum(int(np.count_nonzero(numbers[name])) for name in kernel_names(model)),
        flops=flops,
    )


def _kernels(node: GraphNode) -> Iterator[tuple[keras.Variable, keras.KerasTensor]]:
    """The kernels of a call, each with a tensor that has the places where it is used."""
    layer = node.operation
    if isinstance(layer, keras.layers.MultiHeadAttention):
        query, value, key = node.inputs[0], node.inputs[1], node.inputs[-1]
        yield from ((layer.query_dense.kernel, query), (layer.output_dense.kernel, query))
        yield from ((layer.value_dense.kernel, value), (layer.key_dense.kernel, key))
    elif hasattr(layer, "kernel"):
        yield layer.kernel, node.outputs[0]


def call_seconds(
    models: Sequence[tuple[keras.Model, NDArray[np.float32]]], count: int
) -> tuple[float, ...]:
    """Median time of a call of each model on `count` rows.

    Each is a compiled program on the CPU. Calls of the models alternate, so that whatever else the
    machine does slows all of them.

    Args:
        models: each with rows (rows, …), of which `count` are taken, again from the first one where
            there are fewer.
    """
    with tf.device("/CPU:0"):
        calls = [_compiled(model, _repeated(rows, count)) for model, rows in models]
        for _ in range(_WARM_UP):
            for call in calls:
                call()
        times: list[list[float]] = [[] for _ in calls]
        deadline = time.perf_counter() + _PATIENCE
        while not times[0] or (len(times[0]) < _CALLS and time.perf_counter() < deadline):
            for call, taken in zip(calls, times, strict=True):
                started = time.perf_counter()
                call()
                taken.append(time.perf_counter() - started)
    return tuple(statistics.median(taken) for taken in times)


def _compiled(model: keras.Model, rows: NDArray[np.float32]) -> Callable[[], Any]:
    program = tf.function(lambda x: model(x, training=False), autograph=False)
    given = tf.constant(rows)
    return lambda: program(given).numpy()


def _repeated(rows: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    return np.take(rows, np.arange(count) % len(rows), axis=0)
