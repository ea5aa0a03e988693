"""A person's own arrays: NPZ files that hold x and y."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from regcli.data.dataset import Floats, Table, numbered_columns
from regcli.data.gaps import gap_message, require_finite
from regcli.data.targets import AskedTask, read_target
from regcli.errors import DataError

_NUMBER_KINDS = "biuf"

# What numpy and zipfile raise on damaged files; RuntimeError stands for encryption and for
# compression that this Python lacks.
_DAMAGE = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)


def load_npz(path: Path, task: AskedTask) -> Table:
    """The table of an NPZ file with x (rows, columns) or (rows, …) and y (rows,).

    Raises:
        DataError: the file is no NPZ file, an array is missing or pickled, or their shapes, types
            or values cannot be trained on.
    """
    with _opened(path) as archive:
        _require_arrays(archive, path)
        x, y = (_read(archive, name, path) for name in ("x", "y"))
    _require_shapes(x, y, path)
    columns = numbered_columns("x", x.shape[1:])
    inputs = _inputs(x, path)
    require_finite(inputs, columns, path)
    _require_target_values(y, path)
    return Table.of(path.name, inputs, read_target(y, task, f"{path}: array y"), columns)


@contextmanager
def _opened(path: Path) -> Iterator[NpzFile]:
    # Opened here, because numpy leaves a file open that turns out not to be a zip archive.
    with path.open("rb") as file:
        try:
            archive = np.load(file, allow_pickle=False)
        except _DAMAGE:
            archive = None
        if not isinstance(archive, NpzFile):
            advice = "write it with numpy.savez(path, x=x, y=y)"
            raise DataError(f"{path}: cannot be read as NPZ; {advice}")
        with archive:
            yield archive


def _require_arrays(archive: NpzFile, path: Path) -> None:
    missing = [name for name in ("x", "y") if name not in archive.files]
    if missing:
        lacks = f"it lacks {' and '.join(missing)}"
        held = ", ".join(map(repr, archive.files)) or "none"
        raise DataError(f"{path}: must hold the arrays x and y, {lacks} (it has {held})")


def _read(archive: NpzFile, name: str, path: Path) -> NDArray[Any]:
    try:
        values = archive[name]
    except _DAMAGE as error:
        if "Object arrays" in str(error):
            raise DataError(
                f"{path}: array {name} must be numbers, booleans or text; it holds pickled Python "
                "objects, which could run code and are never loaded"
            ) from None
        raise DataError(f"{path}: array {name} cannot be read: the file is damaged") from None
    if not isinstance(values, np.ndarray):
        raise DataError(f"{path}: array {name} must be a NumPy array, it is {len(values)} bytes")
    return values


def _require_shapes(x: NDArray[Any], y: NDArray[Any], path: Path) -> None:
    if x.ndim < 2 or 0 in x.shape[1:]:
        raise DataError(f"{path}: array x must have rows and columns, its shape is {x.shape}")
    if y.ndim != 1:
        raise DataError(f"{path}: array y must have the shape (rows,), its shape is {y.shape}")
    if len(x) != len(y):
        raise DataError(f"{path}: x and y must have as many rows, got {len(x)} and {len(y)}")
    if len(x) < 2:
        raise DataError(f"{path}: must have at least 2 rows, got {len(x)}")


def _inputs(x: NDArray[Any], path: Path) -> Floats:
    """The inputs as float32 where that holds every value of their type, as float64 otherwise."""
    if x.dtype.kind not in _NUMBER_KINDS:
        raise DataError(f"{path}: array x must hold numbers or booleans, its type is {x.dtype}")
    if np.can_cast(x.dtype, np.float32, casting="safe"):
        return x.astype(np.float32)
    return x.astype(np.float64)


def _require_target_values(y: NDArray[Any], path: Path) -> None:
    if y.dtype.kind in _NUMBER_KINDS:
        require_finite(y, ("y",), path)
    elif y.dtype.kind != "U":
        raise DataError(
            f"{path}: array y must hold numbers, booleans or text, its type is {y.dtype}"
        )
    elif (empty := np.strings.strip(y) == "").any():
        raise DataError(gap_message(path, "y", int(empty.argmax()), len(y)))
