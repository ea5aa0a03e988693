"""A model whose layers stand in its config, as boxes from the rows to the output layer."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from regcli.config.graph_layers import INPUT, ROWS, SHARED
from regcli.config.keras_parts import Layer
from regcli.config.stack import Stack
from regcli.one_line import shortened
from regcli.report.counts import counted
from regcli.report.outline_view import shape_text
from regcli.report.plots.boxes import Box, Boxes, first_and_last, sentence

MOST_BOXES = 40
_MOST_LETTERS = 80
"""Of what the config says of one layer."""


def model_boxes(
    key: str,
    title: str,
    stack: Stack,
    input_shape: tuple[int, ...],
    parameters: Mapping[str, int],
    notes: Sequence[str] = (),
) -> Boxes:
    """A box for the rows and for each layer; of many the first and the last.

    Args:
        input_shape: of one row.
        parameters: numbers of each layer by its name; layers without any may be left out.
    """
    every = list(_boxes(stack, input_shape, parameters))
    boxes = first_and_last(every, MOST_BOXES)
    reported = list(notes)
    if len(boxes) < len(every):
        left_out = len(every) - len(boxes) + 1
        reported.append(f"{left_out} of {len(every) - 1} layers are left out in the middle")
    lines = "; ".join(sentence(box, boxes) for box in boxes)
    return Boxes(key, title, f"Layers from top to bottom: {lines}.", boxes, reported)


def _boxes(
    stack: Stack, input_shape: tuple[int, ...], parameters: Mapping[str, int]
) -> Iterator[Box]:
    yield Box(ROWS, "one row", f"shape {shape_text(input_shape)}")
    places: dict[str, int] = {}
    for place, (layer, name, joint) in enumerate(
        zip(stack.layers, stack.names, stack.joints, strict=True), start=1
    ):
        # Whole rows have a name that a layer may have too: no layer comes before an `Input`.
        known = {} if layer.kind == INPUT else places
        takes = tuple(dict.fromkeys(known.get(source, 0) for source in joint.sources))
        count = parameters.get(name, 0)
        size = counted(count, "parameter") if count else ""
        is_shared = layer.kind == SHARED
        yield Box(name, layer.kind, layer_detail(layer), size, takes, is_shared)
        places[name] = place


def layer_detail(layer: Layer) -> str:
    """What a config says of a layer's size: `64 units, relu`."""
    given = layer.arguments | {"l1": layer.l1, "l2": layer.l2}
    texts = (
        word(_value_text(given[key])) for key, word in _WORDS.items() if given.get(key) is not None
    )
    return shortened(", ".join(filter(None, texts)), _MOST_LETTERS)


def _counting(noun: str) -> Callable[[str], str]:
    return lambda text: f"{text} {noun}" + ("" if text == "1" else "s")


def _naming(before: str) -> Callable[[str], str]:
    return lambda text: f"{before} {text}"


_WORDS: Mapping[str, Callable[[str], str]] = {
    "columns": lambda text: text,
    "of": _naming("with the weights of"),
    "layer": _naming("of"),
    "units": _counting("unit"),
    "filters": _counting("filter"),
    "kernel_size": _naming("kernel"),
    "pool_size": _naming("pool"),
    "strides": _naming("strides"),
    "num_heads": _counting("head"),
    "key_dim": _naming("keys of"),
    "input_dim": _naming("of"),
    "output_dim": _naming("to"),
    "target_shape": _naming("to"),
    "rate": _naming("rate"),
    "activation": lambda text: "" if text == "linear" else text,
    "l1": _naming("l1"),
    "l2": _naming("l2"),
}
"""What is said of arguments, in this order."""


def _value_text(value: Any) -> str:
    """`3×3` of sizes, `a, b` of names, the name alone of a part of Keras with its arguments."""
    if isinstance(value, Mapping):
        return str(value.get("name") or next(iter(value), ""))
    if isinstance(value, list | tuple):
        mark = ", " if any(isinstance(each, str) for each in value) else "×"
        return mark.join(map(_value_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
