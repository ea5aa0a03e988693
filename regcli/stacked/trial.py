"""Whether a call without a form may be made member by member: tried on a batch of made numbers.

Two members with different weights are called side by side, as a compiled program calls them, and
each by itself. A layer that passes treats every row separately, draws no random numbers, changes no
state, adds no loss, and has the outputs and gradients that it has in Keras.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.models.keras_private import GraphNode, mask_behind
from regcli.models.reasons import first_sentence
from regcli.stacked.by_member import node_by_member, node_of_one, own_variables
from regcli.stacked.tensors import Tensor, Tensors

_MEMBERS, _ROWS = 2, 5
_ORDERS = ([3, 0, 4, 1, 2], [2, 0])
"""Rows in another order, and some of them only."""
_TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}
_JOINS_ROWS = "does not treat every row separately"

Arrays = list[NDArray[Any]]


def why_not_by_member(node: GraphNode) -> str | None:
    """What is wrong with a call member by member, as the end of a sentence; None where nothing is.

    Args:
        node: of a layer that is built, or of a plain operation.
    """
    if any(x.shape[:1] != (None,) for x in node.outputs):
        return _JOINS_ROWS
    if any(None in x.shape[1:] for x in (*node.inputs, *node.outputs)):
        return "has an axis of unknown length"
    try:
        with _told_nothing():
            return next(_faults(node), None)
    except Exception as error:
        return f"fails on a trial batch: {first_sentence(error)}"


@contextmanager
def _told_nothing() -> Iterator[None]:
    """TensorFlow's own lines on what it cannot convert are held back: the reason is told."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _faults(node: GraphNode) -> Iterator[str]:
    inputs, values = _made_inputs(node), _made_values(node)
    for training in (True, False):
        alone = []
        for member in range(_MEMBERS):
            given = [part[member] for part in inputs]
            own = [part[member] for part in values]
            yield from _faults_of_state(node, own, given, training)
            outputs, slopes = _with_slopes(node, own, given, training)
            if any(isinstance(slope, tf.IndexedSlices) for slope in slopes):
                yield "looks up its weights by number, which Keras trains row by row"
            again, _ = _with_slopes(node, own, given, training)
            if not _are_equal(outputs, again):
                yield "draws random numbers"
            for order in _ORDERS:
                chosen, _ = _with_slopes(node, own, [part[order] for part in given], training)
                if not _are_equal([np.asarray(y)[order] for y in outputs], chosen):
                    yield _JOINS_ROWS
            alone.append([*outputs, *map(tf.convert_to_tensor, slopes)])
        together = _side_by_side(node, values, inputs, training)
        if not _are_equal([np.stack(parts) for parts in zip(*alone, strict=True)], together):
            yield "gives other numbers when it is called for several members at once"


def _faults_of_state(node: GraphNode, own: Arrays, given: Arrays, training: bool) -> Iterator[str]:
    """What a call leaves behind, besides its outputs."""
    layer = node.operation
    if not isinstance(layer, keras.Layer):
        return
    arguments, keywords = node.arguments(dict(zip(map(id, node.inputs), given, strict=True)))
    before = [(v, np.asarray(v)) for v in layer.variables]
    before += zip(own_variables(layer), own, strict=True)
    with keras.StatelessScope(before, collect_losses=True) as scope:
        outputs = layer(*arguments, **{**keywords, "training": training})
    for variable, value in {id(v): (v, value) for v, value in before}.values():
        if not np.array_equal(np.asarray(scope.get_current_value(variable)), value):
            is_own = "float" in variable.dtype
            yield "changes its own state in a call" if is_own else "draws random numbers"
    expected = 0 if layer.activity_regularizer is None else len(keras.tree.flatten(outputs))
    if len(scope.losses) > expected:
        yield "adds a loss of its own"
    if any(mask_behind(y) is not None for y in keras.tree.flatten(outputs)):
        yield "passes a mask to the layers after it"


def _with_slopes(
    node: GraphNode, own: Sequence[Any], given: Sequence[Any], training: bool
) -> tuple[Tensors, Tensors]:
    """One member's outputs, and the gradient of their weighted sum by its own variables."""
    inputs = [tf.constant(part) for part in given]
    sources = [tf.constant(value) for value in own]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        outputs = node_of_one(node, sources, inputs, training)
        total = _weighted_sum(outputs)
    return outputs, tape.gradient(total, sources, unconnected_gradients="zero")


def _side_by_side(node: GraphNode, values: Arrays, inputs: Arrays, training: bool) -> Tensors:
    """Outputs and gradients of all members, as a compiled program has them."""

    def of_all(values: Tensors, inputs: Tensors) -> Tensors:
        with tf.GradientTape() as tape:
            tape.watch(values)
            outputs = node_by_member(node, values, inputs, training)
            total = _weighted_sum(outputs)
        return [*outputs, *tape.gradient(total, values, unconnected_gradients="zero")]

    compiled = tf.function(of_all, jit_compile=True, autograph=False)
    found: Tensors = compiled(list(map(tf.constant, values)), list(map(tf.constant, inputs)))
    return found


def _weighted_sum(outputs: Tensors) -> Tensor:
    """One number that every output has a share in: places weigh 1, 2, 3, and again."""
    total = tf.zeros([])
    for y in outputs:
        if y.dtype.is_floating:
            size = y.shape[-1] if len(y.shape) else 1
            total += tf.reduce_sum(y * tf.cast(tf.range(size) % 3 + 1, y.dtype))
    return total


def _are_equal(found: Sequence[Any], wanted: Sequence[Any]) -> bool:
    pairs = [(np.asarray(one), np.asarray(other)) for one, other in zip(found, wanted, strict=True)]
    return all(
        one.shape == other.shape and np.allclose(one, other, equal_nan=True, **_TOLERANCE)
        for one, other in pairs
    )


def _made_inputs(node: GraphNode) -> Arrays:
    rng = np.random.default_rng(0)
    return [_made(rng, (_MEMBERS, _ROWS, *x.shape[1:]), x.dtype) for x in node.inputs]


def _made(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    if "float" in dtype:
        return rng.standard_normal(shape).astype(dtype)
    return rng.integers(0, 2, shape).astype(dtype)


def _made_values(node: GraphNode) -> Arrays:
    """Each member's own weights; what does not train is as it is, for it may be a table."""
    rng = np.random.default_rng(1)
    made = []
    for variable in own_variables(node.operation):
        value = np.asarray(variable)
        noise = 0.3 * rng.standard_normal((_MEMBERS, *value.shape)) * variable.trainable
        made.append((value + noise).astype(value.dtype))
    return made
