"""Architectures that name what they must not, each in the style of a known attack."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from keras_archives import (
    DENSE,
    WEIGHTS,
    called,
    function,
    graph,
    layer,
    part,
    stack,
    tensor,
    write_keras,
)

from regcli.errors import KerasFileError
from regcli.keras_files.keras_file import KerasFile, read_keras_file

BUILD = (
    "give the function that builds the model instead of its file (model: {python: FILE:FUNCTION})"
)
AGAIN = "save the model again with model.save('model.keras')"
FUNCTIONS = f"the only functions that are read are the activations of Keras; {BUILD}"
LISTED = (
    "only the layers and other parts of Keras that take no code and no files are read; for a class "
    "of your own, " + BUILD
)
LAMBDA = f"it runs Python code that the file holds; use layers or keras.ops, or {BUILD}"
LOOKUP = (
    "it reads its vocabulary from a path or an address; encode text before it reaches the model"
)


def read(folder: Path, config: Any, **custom: Any) -> KerasFile:
    return read_keras_file(write_keras(folder / "m.keras", config), custom)


def refusal(folder: Path, config: Any) -> str:
    with pytest.raises(KerasFileError) as refused:
        read(folder, config)
    start, text = f"{folder / 'm.keras'}: config.json: ", str(refused.value)
    assert text.startswith(start)
    return text.removeprefix(start)


def of_module(module: str, kind: str, /, name: str = "x", **config: Any) -> dict[str, Any]:
    return part(module, kind, name=name, **config)


TYPES = (
    "bfloat16, bool, float16, float32, float64, int16, int32, int64, int8, mixed_bfloat16, "
    "mixed_float16, uint16, uint32, uint8"
)
UNSAFE = "enable_unsafe_deserialization"
CODE = {"class_name": "__lambda__", "config": {"value": ["4wAAAAA=", None, None]}}
ATTACKS: dict[str, tuple[Any, str]] = {
    "CVE-2024-3660, code in a Lambda": (
        stack(layer("Lambda", "x", function=CODE)),
        f"layer 'x': keras.layers.Lambda is refused: {LAMBDA}",
    ),
    "code beside any argument": (
        stack(layer("Dense", "x", units=2, activation=CODE)),
        "layer 'x' > activation: __lambda__ is refused: it is Python code that the file holds "
        f"(CVE-2024-3660); {BUILD}",
    ),
    "CVE-2025-1550, a function of any module called in a graph": (
        graph(
            {**function("os", "system"), "name": "x"}
            | {"inbound_nodes": [{"args": ["touch /tmp/x"], "kwargs": {}}]},
            last="x",
        ),
        f"layer 'x': the function os.system is refused: {FUNCTIONS}",
    ),
    "CVE-2025-1550, a class of any module": (
        stack(of_module("subprocess", "Popen", args=["touch", "/tmp/x"])),
        f"layer 'x': subprocess.Popen is refused: {LISTED}",
    ),
    "CVE-2025-9906, safe mode switched off by a function of Keras": (
        stack(layer("Dense", "x", units=2, activation=function("keras.config", UNSAFE))),
        f"layer 'x' > activation: the function keras.config.{UNSAFE} is refused: {FUNCTIONS}",
    ),
    "CVE-2025-8747, a download by a function of Keras": (
        stack(
            layer(
                "Lambda",
                "x",
                function=function("keras.utils", "get_file"),
                arguments={"origin": "http://localhost:9/x", "cache_dir": "/tmp"},
            )
        ),
        f"layer 'x': keras.layers.Lambda is refused: {LAMBDA}",
    ),
    "CVE-2025-12060, unpacking by a function of Keras": (
        graph(
            {**function("keras.utils", "get_file"), "name": "x"}
            | {"inbound_nodes": [{"args": ["x.tar"], "kwargs": {"extract": True}}]},
            last="x",
        ),
        f"layer 'x': the function keras.utils.get_file is refused: {FUNCTIONS}",
    ),
    "CVE-2025-12058, a vocabulary at a path": (
        stack(layer("StringLookup", "x", vocabulary="/etc/passwd")),
        f"layer 'x': keras.layers.StringLookup is refused: {LOOKUP}",
    ),
    "CVE-2025-12058, a vocabulary at an address": (
        stack(layer("TextVectorization", "x", vocabulary="http://169.254.169.254/x")),
        f"layer 'x': keras.layers.TextVectorization is refused: {LOOKUP}",
    ),
    "CVE-2025-49655, a module of PyTorch": (
        stack(layer("TorchModuleWrapper", "x", module={"class_name": "__bytes__", "config": {}})),
        "layer 'x': keras.layers.TorchModuleWrapper is refused: it unpickles a PyTorch module, "
        f"which runs code; {BUILD}",
    ),
    "a SavedModel at a path": (
        stack(layer("TFSMLayer", "x", filepath="/tmp/x")),
        "layer 'x': keras.layers.TFSMLayer is refused: it loads a TensorFlow SavedModel from a "
        f"path; {BUILD}",
    ),
    "a class by its private module": (
        stack(of_module("keras.src.layers.core.lambda_layer", "Lambda")),
        f"layer 'x': keras.src.layers.core.lambda_layer.Lambda is refused: {LAMBDA}",
    ),
    "a class by an older name of its module": (
        stack(of_module("tf_keras.layers", "Dense", units=2)),
        f"layer 'x': tf_keras.layers.Dense is refused: {LISTED}",
    ),
    "a class without a module, as old files have it": (
        stack({"class_name": "Dense", "config": {"name": "x", "units": 2}}),
        f"layer 'x': Dense is refused: {LISTED}",
    ),
    "a module that is another one for Keras": (
        stack(of_module("keras.layers.", "Dense", units=2)),
        f"layer 'x': keras.layers..Dense is refused: {LISTED}",
    ),
    "a class of a person's own": (
        stack({**of_module("my_layers", "Mine"), "registered_name": "mine>Mine"}),
        f"layer 'x': my_layers.Mine is refused: {LISTED}",
    ),
    "a class in a layer in a layer": (
        stack(layer("TimeDistributed", "x", layer=layer("Lambda", "y", function=CODE))),
        f"layer 'x' > layer: keras.layers.Lambda is refused: {LAMBDA}",
    ),
    "a class in a model in a model": (
        stack(
            {**stack(layer("Lambda", "y"))}
            | {"config": {**stack(layer("Lambda", "y"))["config"], "name": "inner"}}
        ),
        f"layer 'inner' > layer 'y': keras.layers.Lambda is refused: {LAMBDA}",
    ),
    "a class in an initializer": (
        stack(layer("Dense", "x", kernel_initializer=part("keras.initializers", "Code"))),
        f"layer 'x' > kernel_initializer: keras.initializers.Code is refused: {LISTED}",
    ),
    "a class in the arguments of a call": (
        graph(
            called(layer("Dense", "x", units=2), tensor("input"), y=[[part("os", "x")]]), last="x"
        ),
        f"layer 'x' > kwargs > y: os.x is refused: {LISTED}",
    ),
    "a class where no class is expected": (
        stack(layer("Dense", "x", units={"a": [{"b": part("os", "x")}]})),
        f"layer 'x' > units > a > b: os.x is refused: {LISTED}",
    ),
    "a class in the shapes that a layer is built for": (
        stack({**DENSE, "build_config": {"input_shape": [None, part("os", "x")]}}),
        f"layer 'dense' > build_config: must be shapes; got {{'input_shape': [None, "
        f"{{'module': 'os', 'class_name': 'x', 'config': {{}}, 'regis…; {AGAIN}",
    ),
    "an object in a text": (
        stack(layer("Dense", "x", activation=json.dumps(part("os", "x")))),
        'objects inside texts are refused; \'{"module": "os", "class_name": "x", "con\' is one; '
        + AGAIN,
    ),
    "a class of TensorFlow": (
        stack(
            layer("Dense", "x", y={"class_name": "__typespec__", "spec_name": "x", "module": "os"})
        ),
        "layer 'x' > y: os.__typespec__ is refused: it names a class of TensorFlow; " + AGAIN,
    ),
    "an object that is no object": (
        stack(layer("Dense", "x", y={"module": "os", "config": {}})),
        "layer 'x' > y: an object must have a class_name that is a text; got None; " + AGAIN,
    ),
    "an array of objects": (
        stack(
            layer(
                "Dense", "x", y={"class_name": "__numpy__", "config": {"value": "x", "dtype": "O"}}
            )
        ),
        "layer 'x' > y: __numpy__ must have a dtype among bfloat16, bool, float16, float32, "
        f"float64, int16, int32, int64, int8, uint16, uint32, uint8; {AGAIN}",
    ),
    "quantized weights": (
        stack(layer("Dense", "x", dtype=part("keras", "QuantizedDTypePolicy", mode="int8"))),
        "layer 'x' > dtype: keras.QuantizedDTypePolicy is refused: quantized weights cannot be "
        "trained; save the model before it is quantized",
    ),
    "an unknown type of numbers": (
        stack(layer("Dense", "x", dtype=part("keras", "DTypePolicy", name="complex64"))),
        f"layer 'x' > dtype: the type must be one of {TYPES}; got 'complex64'; {AGAIN}",
    ),
    "quantized weights by a name": (
        stack(layer("Dense", "x", dtype="int8_from_float32")),
        f"layer 'x' > dtype: the type must be one of {TYPES}; got 'int8_from_float32'; {AGAIN}",
    ),
    "a function as a model": (
        function("keras.activations", "relu"),
        f"must be a Sequential or Functional model; this is keras.activations.function; {AGAIN}",
    ),
    "a function as a layer": (
        stack({**function("keras.activations", "relu"), "name": "x"}),
        f"layer 'x': function is no layer; {AGAIN}",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks(attack: str, tmp_path: Path) -> None:
    config, message = ATTACKS[attack]
    assert refusal(tmp_path, config) == message
    assert [path.name for path in tmp_path.iterdir()] == ["m.keras"]


def test_what_is_read_does_not_load_keras(tmp_path: Path) -> None:
    path = write_keras(tmp_path / "m.keras")
    program = (
        "import sys; from pathlib import Path; "
        "from regcli.keras_files.keras_file import read_keras_file; "
        f"print(read_keras_file(Path({str(path)!r})).architecture.layers); "
        "print({'keras', 'tensorflow', 'h5py', 'numpy', 'pickle'} & sys.modules.keys())"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert shown.stdout.splitlines() == ["('input', 'dense')", "set()"], shown.stderr


def test_only_what_was_looked_at_is_kept(tmp_path: Path) -> None:
    """How a model was compiled, and names that Keras would look up elsewhere, are left out."""
    dense = {**DENSE, "registered_name": "other>Dense", "compile_config": part("os", "x")}
    file = read(tmp_path, {**stack(dense), "compile_config": {"loss": part("os", "x")}})
    assert json.loads(file.architecture.text) == stack(DENSE)


def test_a_shared_object_has_a_number_of_its_own(tmp_path: Path) -> None:
    """Keras writes its address in memory, which is another one each time."""

    def shared(address: int) -> dict[str, Any]:
        regularizer = part("keras.regularizers", "L2", l2=0.1) | {"shared_object_id": address}
        return stack(
            *(layer("Dense", name, units=2, kernel_regularizer=regularizer) for name in "ab")
        )

    first, second = (read(tmp_path, shared(address)) for address in (140280649997840, 7))
    assert first.architecture_fingerprint == second.architecture_fingerprint
    assert first.architecture.text.count('"shared_object_id":1') == 2


def test_fingerprints_tell_files_apart(tmp_path: Path) -> None:
    config = stack(DENSE)
    again = dict(reversed(config.items()))
    other = stack(layer("Dense", "dense", units=3))
    file = read(tmp_path, config)
    assert read(tmp_path, again).architecture_fingerprint == file.architecture_fingerprint
    assert read(tmp_path, other).architecture_fingerprint != file.architecture_fingerprint
    changed = read_keras_file(write_keras(tmp_path / "m.keras", config, WEIGHTS + b"x"))
    assert changed.architecture_fingerprint == file.architecture_fingerprint
    assert changed.weights_fingerprint != file.weights_fingerprint


def test_classes_of_a_person_s_own_are_those_that_are_allowed(tmp_path: Path) -> None:
    """What is in their configs is looked at as in any other."""
    own = {**of_module("mine", "Mine", units=2), "registered_name": "mine>Mine"}
    assert read(tmp_path, stack(own), **{"mine>Mine": object}).architecture.layers == ("input", "x")
    own["config"]["activation"] = function("os", "system")
    with pytest.raises(KerasFileError, match=r"'x' > activation: the function os\.system"):
        read(tmp_path, stack(own), **{"mine>Mine": object})
    own["config"]["activation"] = function("mine", "mine>act")
    read(tmp_path, stack(own), **{"mine>Mine": object, "mine>act": print})
    own["class_name"] = "__lambda__"
    with pytest.raises(KerasFileError, match=r"mine\.__lambda__ is refused: it is Python code"):
        read(tmp_path, stack(own), **{"mine>Mine": object})
