"""Recurrent layers on stacked tensors, over sequences of any length.

A short sequence is unrolled. A long one is a loop whose gradient is written here: forward it keeps
the states, backward it takes each step's vector-Jacobian product. So compiling takes as long for a
thousand steps as for one, and XLA need not differentiate a loop, which it cannot on a CPU.
"""

import functools
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from regcli.stacked.convolutions import Window, convolved
from regcli.stacked.noise import dropout_mask
from regcli.stacked.stacking import Form, Pass, Tensors, align, product

MAX_UNROLLED = 4
"""Longest sequence that is unrolled: each step adds to compiling."""

Step = Callable[[Tensors, Any, Tensors], Tensors]
"""(weights, a step's inputs, states) → new states, of which the first is the output."""
Cell = Callable[[Any, Tensors, Tensors, Any, Tensors], Tensors]
"""(Keras's cell, dropout masks, weights, a step's projected inputs, states) → new states.

Weights are the recurrent kernel (members, units, gates·units) and a recurrent bias if there is one;
inputs (members, rows, gates·units); masks and states (members, rows, units).
"""


def recurrent(cell: Cell, states: int) -> Form:
    """The form of a layer that runs a cell with that many states along the axis after the rows."""

    def form(
        layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, info: Pass
    ) -> tuple[Any, Tensors]:
        kernel, inner, bias = _sorted(weights)
        start = [tf.zeros([*x.shape[:2], layer.units])] * states
        held = _masks(layer, "recurrent_dropout", start[0], info)

        def step(weights: Tensors, given: Any, states: Tensors) -> Tensors:
            return cell(layer.cell, held, weights, given, states)

        inputs = _in_order(layer, x)
        projected = _masked(product, inputs, kernel, _input_masks(layer, inputs, info))
        projected = projected if bias is None else projected + align(bias, projected)
        return _run(layer, step, inner, projected, start), statistics

    return form


def convolutional(
    layer: keras.Layer, weights: Tensors, statistics: Tensors, x: Any, info: Pass
) -> tuple[Any, Tensors]:
    """Long short-term memory of images: what is a matrix product in LSTM is a convolution here."""
    kernel, inner, bias = _sorted(weights)
    inputs = _in_order(layer, x)

    def of_every_step(x: Any, kernel: Any) -> Any:
        members, steps, rows = x.shape[:3]
        y = convolved(layer.cell, tf.reshape(x, [members, steps * rows, *x.shape[3:]]), kernel)
        return tf.reshape(y, [members, steps, rows, *y.shape[2:]])

    projected = _masked(of_every_step, inputs, kernel, _input_masks(layer, inputs, info))
    projected = projected if bias is None else projected + align(bias, projected)
    start = [tf.zeros([*x.shape[:2], *projected.shape[3:-1], layer.filters])] * 2
    held = _masks(layer, "recurrent_dropout", start[0], info)
    window = Window.around_each_place(layer.kernel_size)

    def step(weights: Tensors, given: Any, states: Tensors) -> Tensors:
        convolve = functools.partial(convolved, window)
        return _remember(layer.cell, given + _masked(convolve, states[0], weights[0], held), states)

    return _run(layer, step, inner, projected, start), statistics


def _sorted(weights: Tensors) -> tuple[Any, Tensors, Any]:
    """The kernel, what a step needs, and the bias that all steps' inputs share; None if none."""
    kernel, inner, *bias = weights
    if bias and len(bias[0].shape) == 3:  # GRU's two biases: one outside of a gate, one inside
        return kernel, [inner, bias[0][:, 1]], bias[0][:, 0]
    return kernel, [inner], bias[0] if bias else None


def _in_order(layer: keras.Layer, x: Any) -> Any:
    """(members, rows, steps, …) as (members, steps, rows, …), in the order that a layer goes."""
    inputs = tf.transpose(x, [0, 2, 1, *range(3, len(x.shape))])
    return tf.reverse(inputs, [1]) if layer.go_backwards else inputs


def _run(layer: keras.Layer, step: Step, inner: Tensors, projected: Any, start: Tensors) -> Any:
    loop = unrolled if projected.shape[1] <= MAX_UNROLLED else scan
    return loop(step, inner, projected, start, layer.return_sequences)


def _input_masks(layer: keras.Layer, inputs: Any, info: Pass) -> Tensors:
    return [mask[:, tf.newaxis] for mask in _masks(layer, "dropout", inputs[:, 0], info)]


def _masks(layer: keras.Layer, argument: str, x: Any, info: Pass) -> Tensors:
    """Dropout masks in the shape of `x`, the same at all steps; as many as Keras draws, or none."""
    rate = getattr(layer.cell, argument)
    if not info.training or not rate:
        return []
    count = getattr(layer.cell, "dropout_mask_count", 1)
    names = (f"{layer.name}/{argument}/{number}" for number in range(count))
    return [dropout_mask(info, name, x, rate, x.shape[1:]) for name in names]


def _masked(times: Callable[[Any, Any], Any], x: Any, kernel: Any, masks: Tensors) -> Any:
    """`times(x, kernel)`; with several masks, each gate's part of the kernel has its own."""
    if not masks:
        return times(x, kernel)
    parts = zip(tf.split(kernel, len(masks), axis=-1), masks, strict=True)
    return tf.concat([times(x * mask, part) for part, mask in parts], axis=-1)


# Cells


def lstm(cell: Any, masks: Tensors, weights: Tensors, given: Any, states: Tensors) -> Tensors:
    """Long short-term memory: output and memory."""
    return _remember(cell, given + _masked(product, states[0], weights[0], masks), states)


def _remember(cell: Any, z: Any, states: Tensors) -> Tensors:
    memory = states[1]
    enter, forget, candidate, leave = tf.split(z, 4, axis=-1)
    gate = cell.recurrent_activation
    memory = gate(forget) * memory + gate(enter) * cell.activation(candidate)
    return [gate(leave) * cell.activation(memory), memory]


def gru(cell: Any, masks: Tensors, weights: Tensors, given: Any, states: Tensors) -> Tensors:
    """A gated recurrent unit, its reset gate after the product with the kernel or before it."""
    (hidden,), (kernel, *bias) = states, weights
    gate = cell.recurrent_activation
    if cell.reset_after:
        inner = _masked(product, hidden, kernel, masks)
        inner = inner + align(bias[0], inner) if bias else inner
        (z, r, h), (z_in, r_in, h_in) = tf.split(given, 3, axis=-1), tf.split(inner, 3, axis=-1)
        update = gate(z + z_in)
        candidate = cell.activation(h + gate(r + r_in) * h_in)
    else:
        outer, own = tf.split(kernel, [2 * cell.units, cell.units], axis=-1)
        inner = _masked(product, hidden, outer, masks[:2])
        both, h = tf.split(given, [2 * cell.units, cell.units], axis=-1)
        update, reset = tf.split(gate(both + inner), 2, axis=-1)
        candidate = cell.activation(h + _masked(product, reset * hidden, own, masks[2:]))
    return [update * hidden + (1 - update) * candidate]


def simple(cell: Any, masks: Tensors, weights: Tensors, given: Any, states: Tensors) -> Tensors:
    """An activation of inputs and last outputs."""
    return [cell.activation(given + _masked(product, states[0], weights[0], masks))]


# Loops over steps: inputs (members, steps, rows, …); outputs (members, rows, steps, …) of every
# step, or (members, rows, …) of the last.


def unrolled(step: Step, weights: Tensors, inputs: Any, start: Tensors, every: bool) -> Any:
    """One step after the other, each with operations of its own."""
    states, outputs = start, []
    for time in range(inputs.shape[1]):
        states = step(weights, inputs[:, time], states)
        outputs.append(states[0])
    return tf.stack(outputs, axis=2) if every else outputs[-1]


def scan(step: Step, weights: Tensors, inputs: Any, start: Tensors, every: bool) -> Any:
    """A loop with a gradient for inputs and weights; the states before the first step get none."""

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def run(inputs: Any, *weights: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
        history = _forward(step, list(weights), inputs, start)

        def backward(slope: Any) -> tuple[Any, ...]:
            return _backward(step, list(weights), inputs, history, slope)

        return history[0][1:] if every else history[0][-1], backward

    outputs = run(inputs, *weights)
    return tf.transpose(outputs, [1, 2, 0, *range(3, len(outputs.shape))]) if every else outputs


def _forward(step: Step, weights: Tensors, inputs: Any, start: Tensors) -> Tensors:
    """Each state before the first step and after every step, (steps + 1, members, rows, …)."""
    steps = inputs.shape[1]
    kept = [_room(steps + 1, state).write(0, state) for state in start]

    def body(time: Any, states: Tensors, kept: Tensors) -> tuple[Any, Tensors, Tensors]:
        states = step(weights, inputs[:, time], states)
        kept = [array.write(time + 1, state) for array, state in zip(kept, states, strict=True)]
        return time + 1, states, kept

    *_, kept = tf.while_loop(lambda time, *_: time < steps, body, (0, start, kept))
    return [array.stack() for array in kept]


def _backward(
    step: Step, weights: Tensors, inputs: Any, history: Tensors, slope: Any
) -> tuple[Any, ...]:
    """Gradients of the inputs and of each weight.

    Args:
        history: as `_forward` gives it.
        slope: the gradient of every step's output, (steps, members, rows, …), or of the last's.
    """
    steps, every = inputs.shape[1], len(slope.shape) == len(history[0].shape)
    slopes = [tf.zeros_like(states[0]) for states in history]
    slopes[0] = slopes[0] if every else slope
    room = _room(steps, inputs[:, 0])
    totals = [tf.zeros_like(weight) for weight in weights]

    def body(left: Any, slopes: Tensors, totals: Tensors, room: Any) -> tuple[Any, ...]:
        time = left - 1
        if every:
            slopes = [slopes[0] + slope[time], *slopes[1:]]
        given = [tf.identity(weight) for weight in weights]
        sources = [inputs[:, time], [states[time] for states in history], given]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            after = step(given, sources[0], sources[1])
        by_input, slopes, by_weight = tape.gradient(after, sources, slopes)
        totals = [total + new for total, new in zip(totals, by_weight, strict=True)]
        return time, slopes, totals, room.write(time, by_input)

    *_, totals, room = tf.while_loop(lambda left, *_: left > 0, body, (steps, slopes, totals, room))
    by_input = room.stack()
    return tf.transpose(by_input, [1, 0, *range(2, len(by_input.shape))]), *totals


def _room(steps: int, like: Any) -> Any:
    return tf.TensorArray(like.dtype, steps, element_shape=like.shape)
