"""What a file is that is no `.keras` file: told by its content, whatever its name says."""

import stat
from pathlib import Path

from regcli.keras_files.refused import SAVE_AGAIN, Refused

_ZIP = b"PK\x03\x04"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_HDF5_OFFSETS = (0, 512, 1024, 2048)
"""Where HDF5 may begin: a file may have a block of a person's own in front."""
_STARTS = {
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x93NUMPY": "a NumPy array",
    b"Rar!": "a RAR archive",
    b"PK\x05\x06": "an empty zip archive",
    b"#!": "a script",
}
_PICKLE_PROTOCOLS = frozenset(range(2, 6))
_HDF5_ADVICE = (
    "an HDF5 file (.h5): Keras does not apply its safe mode to these, so code in them would run "
    "(CVE-2025-9905); open it where you trust it and " + SAVE_AGAIN
)
_PICKLE_ADVICE = (
    "a pickle: to read one runs the code in it; build the model again where you trust the file "
    "and " + SAVE_AGAIN
)
_TORCH_ADVICE = (
    "a PyTorch file: it is a pickle, and to read one runs the code in it; build the model with "
    "Keras and " + SAVE_AGAIN
)
_SAVED_MODEL_ADVICE = (
    "a TensorFlow SavedModel, as model.export writes it: its graph may read and write files, and "
    "has no layers to train; " + SAVE_AGAIN
)
_BY_NAME = {
    ".h5": _HDF5_ADVICE,
    ".hdf5": _HDF5_ADVICE,
    ".pkl": _PICKLE_ADVICE,
    ".pickle": _PICKLE_ADVICE,
    ".joblib": _PICKLE_ADVICE,
    ".pt": _TORCH_ADVICE,
    ".pth": _TORCH_ADVICE,
    ".pb": _SAVED_MODEL_ADVICE,
    ".npz": "an archive of NumPy arrays: it has weights without layers; " + SAVE_AGAIN,
    ".onnx": "an ONNX file; build the model with Keras and " + SAVE_AGAIN,
    ".tflite": "a TensorFlow Lite file: its layers cannot be trained; " + SAVE_AGAIN,
    ".safetensors": "a safetensors file: it has weights without layers; " + SAVE_AGAIN,
}


def check_name(path: Path) -> None:
    """Refuse what is no file, or has the name of another format.

    Raises:
        Refused: with what it is.
        OSError: it cannot be looked at.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise Refused(_folder(path))
    if not stat.S_ISREG(mode):
        raise Refused("must be a regular file; this is a device, a pipe or a socket")
    ending = path.suffix.lower()
    if ending in _BY_NAME:
        raise Refused(f"must be a .keras file; this is {_BY_NAME[ending]}")
    if ending != ".keras":
        shown = f"the ending {path.suffix}" if ending else "no ending"
        raise Refused(f"must be a .keras file; its name has {shown}; {SAVE_AGAIN}")


def check_start(data: bytes) -> None:
    """Refuse content that is no zip archive.

    Raises:
        Refused: with what it looks like.
    """
    if not data.startswith(_ZIP):
        raise Refused(f"must be a zip archive, as model.save writes it; this is {_content(data)}")


def check_member_names(names: list[str]) -> None:
    """Refuse zip archives of other programs, which their members give away.

    Raises:
        Refused: with what it is.
    """
    last = {name.rsplit("/", 1)[-1] for name in names}
    if "data.pkl" in last:
        raise Refused(f"must be a .keras file; this is {_TORCH_ADVICE}")
    if "saved_model.pb" in last:
        raise Refused(f"must be a .keras file; this is {_SAVED_MODEL_ADVICE}")
    if names and all(name.endswith(".npy") for name in names):
        raise Refused(f"must be a .keras file; this is {_BY_NAME['.npz']}")


def _folder(path: Path) -> str:
    if (path / "saved_model.pb").exists():
        return f"must be a .keras file; this is {_SAVED_MODEL_ADVICE}"
    return f"must be a .keras file; this is a folder; {SAVE_AGAIN}"


def _content(data: bytes) -> str:
    if any(data[offset:].startswith(_HDF5) for offset in _HDF5_OFFSETS):
        return _HDF5_ADVICE
    if len(data) > 2 and data[0] == 0x80 and data[1] in _PICKLE_PROTOCOLS:
        return _PICKLE_ADVICE
    if data[4:8] == b"TFL3":
        return _BY_NAME[".tflite"]
    if data[257:262] == b"ustar":
        return f"a tar archive; {SAVE_AGAIN}"
    for start, name in _STARTS.items():
        if data.startswith(start):
            return f"{name}; {SAVE_AGAIN}"
    return f"{'an unknown format' if data else 'an empty file'}; {SAVE_AGAIN}"
