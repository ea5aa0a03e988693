"""Data sets in Keras's cache, `$KERAS_HOME/datasets`, which is only read.

Nothing is fetched: `keras.datasets` would. Those that Keras keeps as pickled objects are in
`config.catalogue.PICKLED`, and refused.
"""

import gzip
import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.data.columns.gaps import faults_of_numbers, faults_together
from regcli.data.dataset import Table, Target, numbered_columns
from regcli.data.files.archives import read_kept
from regcli.data.files.regular_files import require_regular_file
from regcli.data.free_memory import require_memory
from regcli.data.named.kept_files import require_kept
from regcli.errors import DataError

SHA256: dict[str, str] = {
    "mnist": "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    "boston_housing": "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
}
"""Of the files that Keras names a hash for, from `keras.datasets`."""
_SIDE = 28
_TRAIN, _TEST = 60_000, 10_000
_CLOTHES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag"),
    "Ankle boot",
)
_DIGITS = tuple(map(str, range(10)))
_OF_TOWNS = (
    *("CRIM", "ZN", "INDUS", "CHAS", "NOX", "RM", "AGE", "DIS", "RAD", "TAX", "PTRATIO", "B"),
    "LSTAT",
)
_BYTES = 8
"""How an IDX file says that its values are bytes."""


def load(name: str) -> Table:
    """A data set with its own values, Keras's training rows before its test rows.

    Raises:
        DataError: it is not in the cache, or what is there is something else.
    """
    return LOADERS[name]()


FILES: Mapping[str, tuple[str, ...]] = {
    "mnist": ("mnist.npz",),
    "fashion_mnist": tuple(
        f"fashion-mnist/{part}-{kind}-ubyte.gz"
        for part in ("train", "t10k")
        for kind in ("images-idx3", "labels-idx1")
    ),
    "boston_housing": ("boston_housing.npz",),
}
"""Where the cache has each data set."""


def require_usable(name: str) -> None:
    """Refuse a data set that is not in the cache, or not as Keras fetches it; it is not loaded.

    Raises:
        DataError: says what to do.
    """
    for file in FILES[name]:
        _require(cache_folder() / file, name)
        if name in SHA256:
            require_regular_file(cache_folder() / file)
            _require_unchanged(cache_folder() / file, name)


def cache_folder() -> Path:
    """Where Keras keeps data sets."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "datasets"


def _require(path: Path, name: str) -> None:
    require_kept(path, name, "Keras", _fetching(name))


def _require_unchanged(path: Path, name: str) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SHA256[name]:
        raise DataError(
            f"{path}: must be the file that Keras fetches, its SHA-256 is {digest[:12]}… instead "
            f'of {SHA256[name][:12]}…; delete it and run python -c "{_fetching(name)}" once, or '
            "read a file of your own with dataset.file"
        )


def _fetching(name: str) -> str:
    return f"import keras; keras.datasets.{name}.load_data()"


def _mnist() -> Table:
    path = cache_folder() / "mnist.npz"
    _require(path, "mnist")
    arrays = read_kept(path, ["x_train", "y_train", "x_test", "y_test"])
    for part, rows in {"train": _TRAIN, "test": _TEST}.items():
        _require_array(path, f"x_{part}", arrays, (rows, _SIDE, _SIDE), "u1")
        _require_array(path, f"y_{part}", arrays, (rows,), "u1")
    _require_unchanged(path, "mnist")
    x = np.concatenate([arrays["x_train"], arrays["x_test"]])
    y = np.concatenate([arrays["y_train"], arrays["y_test"]])
    return _of_images("mnist", x, y, _DIGITS, path)


def _fashion_mnist() -> Table:
    folder = cache_folder() / "fashion-mnist"
    x, y = [], []
    for part, rows in {"train": _TRAIN, "t10k": _TEST}.items():
        x.append(_read_idx(folder / f"{part}-images-idx3-ubyte.gz", (rows, _SIDE, _SIDE)))
        y.append(_read_idx(folder / f"{part}-labels-idx1-ubyte.gz", (rows,)))
    return _of_images("fashion_mnist", np.concatenate(x), np.concatenate(y), _CLOTHES, folder)


def _boston_housing() -> Table:
    path = cache_folder() / "boston_housing.npz"
    _require(path, "boston_housing")
    arrays = read_kept(path, ["x", "y"])
    _require_array(path, "x", arrays, (506, len(_OF_TOWNS)), "f8")
    _require_array(path, "y", arrays, (506,), "f8")
    _require_unchanged(path, "boston_housing")
    faults = faults_of_numbers(arrays["x"], _OF_TOWNS, path)
    faults += faults_of_numbers(arrays["y"], ("y",), path)
    if faults:
        raise DataError(*faults_together(faults, path))
    target = Target(arrays["y"].astype(np.float32), "regression", ())
    return Table.of("boston_housing", arrays["x"], target, _OF_TOWNS)


LOADERS: Mapping[str, Callable[[], Table]] = {
    "mnist": _mnist,
    "fashion_mnist": _fashion_mnist,
    "boston_housing": _boston_housing,
}


def _of_images(
    name: str, x: NDArray[np.uint8], y: NDArray[np.uint8], classes: tuple[str, ...], path: Path
) -> Table:
    if sorted(set(y.tolist())) != [*range(len(classes))]:
        raise DataError(f"{path}: must have the labels 0 to {len(classes) - 1}, it has others")
    require_memory(4 * x.size, f"{path}: ")
    images = x.astype(np.float32)[..., np.newaxis]
    columns = numbered_columns("x", images.shape[1:])
    return Table.of(name, images, Target(y.astype(np.int32), "multiclass", classes), columns)


def _require_array(
    path: Path, name: str, arrays: Mapping[str, NDArray[Any]], shape: tuple[int, ...], kind: str
) -> None:
    found = arrays[name]
    if found.shape != shape or found.dtype != np.dtype(kind):
        raise DataError(
            f"{path}: array {name} must have the shape {shape} and the type {np.dtype(kind)}, as "
            f"Keras keeps it, it has {found.shape} and {found.dtype}"
        )


def _read_idx(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The bytes of a packed IDX file, whose head says their shape."""
    _require(path, "fashion_mnist")
    require_regular_file(path)
    head = struct.pack(f">BBBB{len(shape)}I", 0, 0, _BYTES, len(shape), *shape)
    wanted = len(head) + int(np.prod(shape))
    require_memory(5 * wanted, f"{path}: ")
    try:
        with gzip.open(path, "rb") as file:
            content = file.read(wanted + 1)
    except (OSError, EOFError, zlib.error):
        raise DataError(f"{path}: cannot be read: it is damaged or cut off") from None
    if len(content) != wanted or not content.startswith(head):
        raise DataError(f"{path}: must hold bytes of the shape {shape}, as Keras keeps them")
    return np.frombuffer(content, np.uint8, offset=len(head)).reshape(shape)
