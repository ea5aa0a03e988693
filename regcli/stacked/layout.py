"""How a population is spread over a machine: members in a program, programs at a time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from regcli.models.keras_private import GraphNode
from regcli.stacked.model_graph import flat_calls

MAX_SIZE = 256
"""Most members in one program: from some dozens on, more of them are not faster."""
MIN_SIZE = 2
"""Fewest slots of a program: XLA compiles an axis of one member to other sums than of several, and
a member's bits do not depend on the other members."""

_COPIES = 4
"""Weights, two slots of an optimizer and gradients, which a step reads and writes."""
_CACHES = 2.5
"""How many times a core's second-level cache a program may fill before steps get slower."""
_DEFAULT_CACHE = 1 << 20
_DEFAULT_MEMORY = 1 << 32
_SHARE_OF_MEMORY = 0.25


@dataclass(frozen=True)
class Layout:
    """Members in a program, and programs, each with a thread of its own."""

    size: int
    threads: int


def plan_layout(
    members: int, model: keras.Model, batch_size: int, threads: int, memory: int | None
) -> Layout:
    """Programs that fit a core's cache, all of one size and all equally often full.

    Args:
        members: how many there are to train, stored ones included: a sweep that is resumed must
            have the same layout.
        threads: most programs at a time: cores of a CPU, 1 for a GPU.
        memory: bytes that this process may take; None where the system does not say.
    """
    weights = sum(int(math.prod(v.shape)) for v in model.trainable_variables)
    cached = _CACHES * _second_level_cache() / (4 * _COPIES * max(1, weights))
    share = (_DEFAULT_MEMORY if memory is None else memory) * _SHARE_OF_MEMORY / threads
    fitting = share / _member_bytes(model, batch_size)
    size = max(MIN_SIZE, min(round(cached), math.floor(fitting), MAX_SIZE))
    return even_layout(members, size, threads)


def even_layout(members: int, size: int, threads: int) -> Layout:
    """At most `size` members in a program, over whole rounds of all threads.

    A program has two slots at least, of which one stays empty where there is but one member.
    """
    size, threads = max(size, MIN_SIZE), min(threads, math.ceil(members / MIN_SIZE))
    rounds = math.ceil(members / (threads * size))
    return Layout(max(MIN_SIZE, math.ceil(members / (threads * rounds))), threads)


def largest_row(model: keras.Model) -> int:
    """The most numbers that a layer takes or gives for one row."""
    flows = (flow for call in flat_calls(model) for flow in (*call.inputs, *call.outputs))
    return max(1, *(_numbers(flow.shape[1:]) for flow in flows))


def _member_bytes(model: keras.Model, batch_size: int) -> int:
    """About how much memory one member of a program takes: weights and a batch's activations."""
    weights = sum(int(math.prod(v.shape)) for v in model.variables)
    activations = sum(map(_activations, flat_calls(model)))
    return 4 * (8 * weights + 4 * batch_size * activations) + 1


def _activations(call: GraphNode) -> int:
    """Numbers a call holds for one row, beside outputs a convolution's patches, and all steps."""
    layer, shapes = call.operation, [flow.shape[1:] for flow in call.inputs]
    outputs = sum(_numbers(flow.shape[1:]) for flow in call.outputs)
    cells = [part.cell for part in _directions(layer) if hasattr(part, "cell")]
    if cells:
        # Gates, and two states, at each step; a convolution's units are filters at every place.
        steps, places = shapes[0][0], _numbers(call.outputs[0].shape[1:-1])
        units = sum(2 * int(cell.kernel.shape[-1]) for cell in cells)
        return outputs + int(steps) * units * (places if hasattr(cells[0], "filters") else 1)
    if "Attention" in type(layer).__name__:
        return outputs + _weighed(layer, shapes)
    if not hasattr(layer, "kernel_size"):
        return outputs
    offsets = int(math.prod(layer.kernel_size))
    if "Transpose" in type(layer).__name__:
        inputs = _numbers(shapes[0])
        return outputs + inputs // int(shapes[0][-1]) * offsets * int(layer.filters)
    places = _numbers(call.outputs[0].shape[1:-1])
    return outputs + places * offsets * int(shapes[0][-1])


def _weighed(layer: keras.Layer, shapes: Sequence[Sequence[int]]) -> int:
    """Numbers of attention: each head's queries, keys, values, and how places weigh each other."""
    heads = getattr(layer, "num_heads", getattr(layer, "num_query_heads", 1))
    width = getattr(layer, "key_dim", getattr(layer, "head_dim", shapes[0][-1]))
    asking, asked = (_numbers(shape[:-1]) for shape in (shapes[0], shapes[-1]))
    return int(heads * ((2 * asking + 2 * asked) * width + 2 * asking * asked))


def _directions(layer: keras.Layer) -> list[keras.Layer]:
    both = isinstance(layer, keras.layers.Bidirectional)
    return [layer.forward_layer, layer.backward_layer] if both else [layer]


def _numbers(shape: Sequence[int | None]) -> int:
    return math.prod(size or 1 for size in shape)


def _second_level_cache() -> int:
    """Bytes of a core's second-level cache, as Linux tells; a common size elsewhere."""
    told = Path("/sys/devices/system/cpu/cpu0/cache/index2/size")
    try:
        text = told.read_text(encoding="ascii").strip()
        return int(text.removesuffix("K")) * 1024
    except (OSError, ValueError):
        return _DEFAULT_CACHE
