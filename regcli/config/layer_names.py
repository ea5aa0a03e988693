"""The names that a config's layers have: given ones, else those that Keras would count up."""

import re
from collections import Counter
from collections.abc import Sequence

from regcli.config.schema import Layer

OUTPUT = "output"
"""Name of the output layer where it follows from the target."""

_WORD_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])")


def layer_names(layers: Sequence[Layer]) -> tuple[str, ...]:
    """A unique name for each layer: `dense`, `dense_1`, `conv2d`, … in order."""
    taken = {layer.arguments["name"] for layer in layers if "name" in layer.arguments}
    counts: Counter[str] = Counter()
    names = []
    for layer in layers:
        name = layer.arguments.get("name")
        while name is None:
            stem = _WORD_STARTS.sub("_", layer.kind).lower()
            candidate = f"{stem}_{counts[stem]}" if counts[stem] else stem
            counts[stem] += 1
            name = None if candidate in taken else candidate
        names.append(str(name))
    return tuple(names)
