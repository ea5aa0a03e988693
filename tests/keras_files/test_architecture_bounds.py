"""Architectures that are no architectures, or are made to keep Keras busy."""

import json
from pathlib import Path
from typing import Any

import pytest
from keras_archives import DENSE, called, graph, layer, part, stack, tensor, write_keras

from regcli.errors import KerasFileError
from regcli.keras_files.keras_file import read_keras_file

BUILD = (
    "give the function that builds the model instead of its file (model: {python: FILE:FUNCTION})"
)
AGAIN = "save the model again with model.save('model.keras')"


def refusal(folder: Path, config: Any) -> str:
    path = write_keras(folder / "m.keras", config)
    with pytest.raises(KerasFileError) as refused:
        read_keras_file(path)
    start, text = f"{path}: config.json: ", str(refused.value)
    assert text.startswith(start)
    return text.removeprefix(start)


def deep(levels: int) -> str:
    return '{"class_name": ' + "[" * levels + "]" * levels + "}"


def nested(levels: int, calls: int) -> dict[str, Any]:
    """A model in a model in a model, each called several times."""
    inner = called(layer("Dense", "dense", units=4), tensor("input"))
    for level in range(levels):
        model = graph(inner, last=inner["name"])
        nodes = [{"args": [tensor("input")], "kwargs": {}}] * calls
        config = {**model["config"], "name": f"inner{level}"}
        inner = {**model, "config": config, "name": f"inner{level}", "inbound_nodes": nodes}
    return graph(inner, last=inner["name"])


STRANGE: dict[str, tuple[Any, str]] = {
    "no JSON": (
        "{",
        "must be JSON in UTF-8 (Expecting property name enclosed in double quotes: line "
        "1 column 2 (char 1)); " + AGAIN,
    ),
    "another encoding": (
        '{"größe": 1}'.encode("latin-1"),
        "must be JSON in UTF-8 ('utf-8' codec can't decode byte 0xf6 in position 4: "
        "invalid start byte); " + AGAIN,
    ),
    "an integer of a million digits": (
        "1" * 10**6,
        "must be JSON in UTF-8 (Exceeds the limit (4300 digits) for integer string "
        "conversion: value has 1000000 digits; use sys.set_int_max_str_digits() to "
        "increase the limit); " + AGAIN,
    ),
    "no object": ("[]", f"must be the object of a model; {AGAIN}"),
    "an object of nothing": ("{}", f"must be the object of a model; {AGAIN}"),
    "a layer alone": (
        DENSE,
        "must be a Sequential or Functional model; this is keras.layers.Dense; " + AGAIN,
    ),
    "a tensor alone": (
        tensor("x"),
        "must be a Sequential or Functional model; this is __keras_tensor__; " + AGAIN,
    ),
    "a key twice": (
        '{"class_name": 1, "class_name": 2}',
        f"must not have a key twice in one object; 'class_name' is; {AGAIN}",
    ),
    "many levels": (deep(200), f"must have at most 100 levels; it has more; {BUILD}"),
    "a million levels": (deep(10**6), f"must have at most 100 levels; it has more; {BUILD}"),
    "many values": (
        json.dumps([0] * 10**6),
        f"must have at most 1,000,000 values; it has more; {BUILD}",
    ),
    "a long text": (
        json.dumps(["x" * 10_001]),
        f"texts must have at most 10,000 characters; one has 10,001; {BUILD}",
    ),
    "half a character": (r'["\ud800"]', r"texts must be valid Unicode; '\ud800' is not; " + AGAIN),
    "a large integer": (
        json.dumps([2**64 + 1]),
        f"integers must be between −2⁶⁴ and 2⁶⁴; one is beyond; {AGAIN}",
    ),
    "layers that are none": (
        stack(part("keras.initializers", "Zeros", name="x")),
        f"layer 'x': Zeros is no layer; {AGAIN}",
    ),
    "a layer that is a number": (
        stack(3),
        f"each layer must be an object with a class_name; {AGAIN}",
    ),  # type: ignore[arg-type]
    "two layers of one name": (
        stack(DENSE, DENSE),
        f"the names of layers must differ; 'dense' is there twice; {AGAIN}",
    ),
    "a layer of two names": (
        stack({**DENSE, "name": "other"}),
        f"layer 'dense': a layer must have one name, here 'dense'; got 'other'; {AGAIN}",
    ),
    "a name that TensorFlow does not run": (
        stack(layer("Dense", "größe", units=2)),
        "layer 'größe': names of layers may have letters of English, digits and _ . / > "
        "- only, because TensorFlow runs no others; rename the layer",
    ),
    "an unknown argument of a model": (
        part("keras", "Sequential", name="x", layers=[], run="x"),
        f"Sequential has an unknown argument 'run'; {AGAIN}",
    ),
    "a model without layers": (
        part("keras", "Sequential", name="x"),
        f"Sequential must have a list of layers; {AGAIN}",
    ),
    "an unknown key": (
        stack({**DENSE, "run": "x"}),
        f"layer 'dense': keras.layers.Dense has an unknown key 'run'; {AGAIN}",
    ),
    "a config that is a text": (
        stack({**DENSE, "config": "x", "name": "x"}),
        f"layer 'x': Dense must have a config that is an object; got 'x'; {AGAIN}",
    ),
    "a call of another form": (
        graph({**called(DENSE), "inbound_nodes": [["input", 0, 0]]}, last="dense"),
        f"layer 'dense': a call must have args and kwargs; {AGAIN}",
    ),
    "many calls": (
        nested(3, 100),
        "layer 'inner2' > layer 'inner1' > layer 'input': a model must have at most "
        "20,000 calls of layers, counting models inside it each time; this one has more; "
        "" + BUILD,
    ),
    "a long loop": (
        stack(
            layer("RepeatVector", "repeat", n=10**9), layer("LSTM", "lstm", units=2, unroll=True)
        ),
        "layer 'lstm' > unroll: sizes must be at most 10,000 in a model with steps that "
        "are unrolled or split; one is 1,000,000,000; " + BUILD,
    ),
    "many parts": (
        graph(
            called(
                part("keras.src.ops.numpy", "Split", name="split", indices_or_sections=10**6),
                tensor("input"),
            ),
            last="split",
        ),
        "layer 'split': sizes must be at most 10,000 in a model with steps that are "
        "unrolled or split; one is 1,000,000; " + BUILD,
    ),
    "a slice of objects": (
        graph(
            called(
                part("keras.src.ops.numpy", "GetItem", name="x"),
                tensor("input"),
                {
                    "class_name": "__slice__",
                    "config": {"start": part("os", "x"), "stop": 1, "step": 1},
                },
            ),
            last="x",
        ),
        f"layer 'x' > args: __slice__ must have integers or nulls as start, stop and step; {AGAIN}",
    ),
}


@pytest.mark.parametrize("what", STRANGE)
def test_strange_architectures(what: str, tmp_path: Path) -> None:
    config, message = STRANGE[what]
    assert refusal(tmp_path, config) == message
