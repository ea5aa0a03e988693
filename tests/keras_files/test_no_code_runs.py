"""No code of a file runs, and nothing is written or asked for outside, whatever the file is."""

import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import h5py
import keras
import pytest
from keras_archives import function, graph, layer, part, stack, write_keras

from regcli.keras_files.allowed_classes import REFUSED

PROGRAM = Path(__file__).with_name("watched_reading.py")


def watched(how: str, *paths: Path) -> list[tuple[str, list[str]]]:
    """What came of each file, and what happened meanwhile."""
    command = [sys.executable, str(PROGRAM), how, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: list[tuple[str, list[str]]] = json.loads(done.stdout.splitlines()[-1])
    return told


def called_once(target: dict[str, Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """A graph in which something is called on plain values, as CVE-2025-1550 did."""
    node = {"args": list(args), "kwargs": kwargs}
    return graph({**target, "name": "x", "inbound_nodes": [node]}, last="x")


def with_code(folder: Path, mark: Path) -> Path:
    """A file whose code makes a file: saved by Keras itself, so that the code is alive."""
    path = folder / "lambda.keras"
    target = str(mark)  # code in a file keeps what it closes over, and has no imports
    code = keras.layers.Lambda(lambda x: (open(target, "w").close(), x)[1])  # noqa: PTH123
    model = keras.Sequential([keras.Input((4,)), code])
    mark.unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save(path)
    return path


def hostile_files(folder: Path, mark: Path) -> list[Path]:
    unsafe = "enable_unsafe_deserialization"
    cache = {"fname": "got", "origin": mark.as_uri(), "cache_dir": str(folder)}
    configs: list[Any] = [
        called_once(function("os", "system"), f"touch {mark}"),
        called_once(function("builtins", "exec"), f"open({str(mark)!r}, 'w')"),
        called_once(function("keras.config", unsafe)),
        called_once(function("keras.utils", "get_file"), **cache),
        called_once(function("keras.utils", "get_file"), **cache, extract=True),
        called_once(part("subprocess", "Popen", args=["touch", str(mark)])),
        stack(layer("Dense", "x", units=2, activation=function("os", "abort"))),
        stack(layer("StringLookup", "x", vocabulary="http://127.0.0.1:9/x")),
        stack(layer("TFSMLayer", "x", filepath=str(folder))),
        *(stack(layer(kind, "x")) for kind in REFUSED),
    ]
    return [
        write_keras(folder / f"{number}.keras", config) for number, config in enumerate(configs)
    ]


@pytest.mark.slow
def test_nothing_happens_but_the_reading_of_the_file(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    paths = [with_code(tmp_path, mark), *hostile_files(tmp_path, mark)]
    before = sorted(tmp_path.iterdir())
    told = watched("refuse", *paths)
    assert len(told) == len(paths)
    for path, (result, happened) in zip(paths, told, strict=True):
        assert result.startswith(f"KerasFileError: {path}: config.json: layer '"), result
        assert happened == []
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.slow
def test_the_code_is_alive_and_would_be_seen(tmp_path: Path) -> None:
    """The same file, loaded without safe mode, does what it is made for."""
    mark = tmp_path / "mark"
    path = with_code(tmp_path, mark)
    ((result, happened),) = watched("unsafe", path)
    assert result == "loaded"
    assert f"open {mark} to write" in happened
    assert mark.exists()


@pytest.mark.slow
def test_to_build_a_model_writes_and_asks_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]).save(path)
    assert watched("build", path) == [["read", []]]
    assert sorted(tmp_path.iterdir()) == [path]


def test_old_files_are_not_opened_as_hdf5(tmp_path: Path) -> None:
    """CVE-2025-9905: Keras reads them without its safe mode."""
    path = tmp_path / "model.keras"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(stack(layer("Lambda", "x")))
    (result, happened), *_ = watched("refuse", path)
    assert result.startswith(f"KerasFileError: {path}: must be a zip archive")
    assert happened == []
