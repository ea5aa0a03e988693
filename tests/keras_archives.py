"""`.keras` files made by hand: without TensorFlow, and as hostile as a test needs them."""

import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

WEIGHTS = b"\x89HDF\r\n\x1a\n" + bytes(2000)
"""Begins as HDF5 does. What is in it matters only where weights are asked for."""
NAMES = ("metadata.json", "config.json", "model.weights.h5")


def part(module: str, kind: str, /, **config: Any) -> dict[str, Any]:
    """An object as Keras writes it."""
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


def layer(kind: str, name: str, /, **config: Any) -> dict[str, Any]:
    return part("keras.layers", kind, name=name, **config)


def function(module: str, name: str) -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


INPUT = layer("InputLayer", "input", batch_shape=[None, 4], dtype="float32")


def stack(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """A Sequential model of four columns."""
    return part("keras", "Sequential", name="model", trainable=True, layers=[INPUT, *layers])


def tensor(name: str, shape: Sequence[int | None] = (None, 4)) -> dict[str, Any]:
    """The output of a layer."""
    config = {"shape": list(shape), "dtype": "float32", "keras_history": [name, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


def called(layer: Mapping[str, Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """A layer of a graph with one call."""
    nodes = [{"args": list(args), "kwargs": kwargs}] if args else []
    return {**layer, "name": layer["config"]["name"], "inbound_nodes": nodes}


def graph(*layers: Mapping[str, Any], last: str) -> dict[str, Any]:
    """A Functional model of four columns."""
    return part(
        "keras.src.models.functional",
        "Functional",
        name="model",
        trainable=True,
        layers=[called(INPUT), *layers],
        input_layers=["input", 0, 0],
        output_layers=[last, 0, 0],
    )


DENSE = layer("Dense", "dense", units=2)


def write_keras(path: Path, config: Any = None, weights: bytes = WEIGHTS) -> Path:
    """A file as Keras writes it."""
    text = config if isinstance(config, bytes | str) else json.dumps(config or stack(DENSE))
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in zip(
            NAMES, ('{"keras_version": "3.15.1"}', text, weights), strict=True
        ):
            archive.writestr(name, content)
    return path


def write_members(path: Path, members: Sequence[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
    """An archive of any members in their order."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def members(config: Any = None, **more: bytes) -> list[tuple[str | zipfile.ZipInfo, bytes]]:
    """The members that there have to be."""
    text = json.dumps(config or stack(DENSE)).encode()
    return [("config.json", text), ("model.weights.h5", WEIGHTS), *more.items()]


def in_list(path: Path, name: str) -> int:
    """Where a member's entry in the list of members begins."""
    data = path.read_bytes()
    return data.rindex(b"PK\x01\x02", 0, data.rindex(name.encode()))


def patch(path: Path, at: int, form: str, *values: int) -> None:
    """Overwrite numbers in a file."""
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, at, *values)
    path.write_bytes(data)
