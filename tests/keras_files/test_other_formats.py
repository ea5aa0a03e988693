"""Files that are no `.keras` files, by their names and by what is in them."""

import os
import pickle
import zipfile
from pathlib import Path

import pytest
from keras_archives import write_keras

from regcli.errors import KerasFileError
from regcli.keras_files.keras_file import read_keras_file

AGAIN = "save the model again with model.save('model.keras')"
HDF5 = (
    "an HDF5 file (.h5): Keras does not apply its safe mode to these, so code in them would run "
    f"(CVE-2025-9905); open it where you trust it and {AGAIN}"
)
PICKLE = (
    "a pickle: to read one runs the code in it; build the model again where you trust the file "
    f"and {AGAIN}"
)
TORCH = (
    "a PyTorch file: it is a pickle, and to read one runs the code in it; build the model with "
    f"Keras and {AGAIN}"
)
SAVED_MODEL = (
    "a TensorFlow SavedModel, as model.export writes it: its graph may read and write files, and "
    f"has no layers to train; {AGAIN}"
)
ARRAYS = f"an archive of NumPy arrays: it has weights without layers; {AGAIN}"


def refusal(path: Path) -> str:
    with pytest.raises(KerasFileError) as refused:
        read_keras_file(path)
    return str(refused.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        *[("model.h5", HDF5), ("model.HDF5", HDF5), ("model.pkl", PICKLE), ("m.joblib", PICKLE)],
        *[("model.pt", TORCH), ("model.pth", TORCH), ("frozen.pb", SAVED_MODEL)],
        *[
            ("weights.npz", ARRAYS),
            ("m.onnx", f"an ONNX file; build the model with Keras and {AGAIN}"),
        ],
        ("m.tflite", f"a TensorFlow Lite file: its layers cannot be trained; {AGAIN}"),
        ("m.safetensors", f"a safetensors file: it has weights without layers; {AGAIN}"),
    ],
)
def test_names_of_other_formats(name: str, what: str, tmp_path: Path) -> None:
    """Whatever is in them: a person who has both is told which one to give."""
    path = write_keras(tmp_path / "m.keras").rename(tmp_path / name)
    assert refusal(path) == f"must be a .keras file; this is {what}"


def test_other_names(tmp_path: Path) -> None:
    path = write_keras(tmp_path / "m.keras").rename(tmp_path / "m.zip")
    assert refusal(path) == f"must be a .keras file; its name has the ending .zip; {AGAIN}"
    assert refusal(path.rename(tmp_path / "m")) == (
        f"must be a .keras file; its name has no ending; {AGAIN}"
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89HDF\r\n\x1a\n" + bytes(100), HDF5),
        (bytes(1024) + b"\x89HDF\r\n\x1a\n", HDF5),
        *[(pickle.dumps([1.0], protocol), PICKLE) for protocol in (2, 3, 4, 5)],
        (bytes(4) + b"TFL3", f"a TensorFlow Lite file: its layers cannot be trained; {AGAIN}"),
        (b"\x1f\x8b\x08", f"a gzip file; {AGAIN}"),
        (bytes(257) + b"ustar\0", f"a tar archive; {AGAIN}"),
        (b"PK\x05\x06" + bytes(18), f"an empty zip archive; {AGAIN}"),
        (b"#!/bin/sh\n", f"a script; {AGAIN}"),
        (b"cos\nsystem\n(S'id'\ntR.", f"an unknown format; {AGAIN}"),
        (b"", f"an empty file; {AGAIN}"),
    ],
)
def test_contents_of_other_formats(content: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    assert refusal(path) == f"must be a zip archive, as model.save writes it; this is {what}"


@pytest.mark.parametrize(
    ("member", "what"),
    [("archive/data.pkl", TORCH), ("x/saved_model.pb", SAVED_MODEL), ("kernel.npy", ARRAYS)],
)
def test_zip_archives_of_other_programs(member: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, b"x")
    assert refusal(path) == f"must be a .keras file; this is {what}"


def test_folders(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.mkdir()
    assert refusal(path) == f"must be a .keras file; this is a folder; {AGAIN}"
    (path / "saved_model.pb").write_bytes(b"")
    assert refusal(path) == f"must be a .keras file; this is {SAVED_MODEL}"


def test_what_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    assert refusal(path) == "cannot be read: No such file or directory"
    os.mkfifo(path)  # to open one would wait for somebody to write
    assert refusal(path) == "must be a regular file; this is a device, a pipe or a socket"


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    link = tmp_path / "link.keras"
    link.symlink_to(write_keras(tmp_path / "m.keras"))
    assert read_keras_file(link).architecture.layers == ("input", "dense")
