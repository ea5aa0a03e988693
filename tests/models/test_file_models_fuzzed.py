"""Changed architectures and changed bytes: a model or one line, never another error, never code."""

import copy
import io
import json
import zipfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras_archives import function, part

from regcli.errors import KerasFileError
from regcli.keras_files.architecture_check import check_architecture
from regcli.keras_files.config_json import parse_config
from regcli.keras_files.keras_file import KerasFile, read_keras_file
from regcli.keras_files.refused import Refused
from regcli.models.file_models import fresh_model, model_with_weights

layers = keras.layers
CASES = ("stack", "graph")
MARK = Path("code-has-run")
HOSTILE = [
    function("os", "system"),
    function("builtins", "exec"),
    function("keras.utils", "get_file"),
    function("keras.config", "enable_unsafe_deserialization"),
    part("keras.layers", "Lambda", name="x", function={"class_name": "__lambda__", "config": {}}),
    part("subprocess", "Popen", args=["touch", str(MARK)]),
    {"class_name": "__tensor__", "config": {"value": [[1.0], [2, 3]], "dtype": "float32"}},
]
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-3, 2**40)
    | st.floats(allow_nan=True)
    | st.sampled_from(["", "relu", "dense", "Dense", "keras.layers", "a/b", "é", f"touch {MARK}"])
)
VALUES = st.recursive(
    PLAIN | st.sampled_from(HOSTILE),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside),
    max_leaves=5,
)


@cache
def files() -> dict[str, bytes]:
    """A stack and a graph as Keras saves them."""
    inputs = keras.Input((6, 4), name="rows")
    seen = layers.MultiHeadAttention(2, 3, name="seen")(inputs, inputs)
    joined = layers.Add(name="sum")([seen, inputs]) * np.arange(4, dtype=np.float32)
    flat = layers.LSTM(3, name="lstm")(joined[:, ::2])
    dense = layers.Dense(3, "relu", kernel_regularizer="l1", name="dense")
    stack = [keras.Input((8, 8, 1)), layers.Conv2D(2, 3), layers.BatchNormalization()]
    models = {
        "graph": keras.Model(inputs, layers.Dense(1, name="out")(flat)),
        "stack": keras.Sequential([*stack, layers.Dropout(0.1), layers.Flatten(), dense]),
    }
    return {name: saved(model) for name, model in models.items()}


def saved(model: keras.Model) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder, "m.keras")
        model.save(path)
        return path.read_bytes()


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else []
    inside = enumerate(value) if isinstance(value, list) else inside
    return [place, *(deeper for key, item in inside for deeper in places(item, (*place, key)))]


def at(value: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        value = value[key]
    return value


@st.composite
def changed(draw: st.DrawFn, config: Any) -> Any:
    """A config with up to three changes: other values, keys gone, parts of it in other places."""
    config = copy.deepcopy(config)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(places(config)[1:] or [()]))
        if not place:
            return draw(VALUES)
        parent, key = at(config, place[:-1]), place[-1]
        how = draw(st.sampled_from(["other", "gone", "moved", "twice"]))
        if how == "other":
            parent[key] = draw(VALUES)
        elif how == "gone":
            del parent[key]
        elif how == "twice" and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[key]))
        else:
            parent[key] = copy.deepcopy(at(config, draw(st.sampled_from(places(config)))))
    return config


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES)
@settings(max_examples=150)
@given(data=st.data())
def test_changed_architectures(case: str, data: st.DataObject) -> None:
    archive = zipfile.ZipFile(io.BytesIO(files()[case]))
    text = json.dumps(data.draw(changed(json.loads(archive.read("config.json")))))
    with suppress(Refused):
        architecture = check_architecture(parse_config(text.encode()))
        file = KerasFile(Path("m.keras"), architecture, archive.read("model.weights.h5"))
        for make in (fresh_model, model_with_weights):
            with suppress(KerasFileError):
                assert isinstance(make(file), keras.Model)
    assert not MARK.exists()


@settings(max_examples=300)
@given(data=st.data())
def test_changed_bytes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(files()["stack"])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    path = tmp_path_factory.getbasetemp() / "changed.keras"
    path.write_bytes(content)
    with suppress(KerasFileError):
        assert isinstance(read_keras_file(path), KerasFile)
