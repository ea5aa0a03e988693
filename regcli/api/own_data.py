"""A program's own arrays and frames, written once to a file that runs are stored with."""

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np

from regcli.api.own_arrays import labels, numbers
from regcli.api.packed_data import Arrays, as_polars, ending_of, is_frame, packed
from regcli.config.home import from_home
from regcli.errors import DataError, UsageError
from regcli.whole_files import replacing

FOLDER = "data"
"""Folder in the store for data that no file held."""
_DIGITS = 16
_TARGET = "target"
"""The name of a target beside a frame, where it has none of its own."""


def kept_file(data: object, target: str | None, runs: Path) -> tuple[Path, str | None]:
    """The file of some data, and the column to predict; None where that is not a matter of columns.

    Arrays and frames are written under a name that follows from what they hold, so that the same
    ones are written once.

    Args:
        data: arrays `(x, y)` or `Arrays`, a frame, or a frame and its target, or a path.
        target: the column to predict.
        runs: the folder of the store.

    Raises:
        DataError: they cannot be written as they are.
        UsageError: it is none of these.
        OSError: the file cannot be written.
    """
    if isinstance(data, str | os.PathLike):
        return from_home(Path(data)).absolute(), target
    if isinstance(data, Arrays):
        return _keep(data, runs), None
    if isinstance(data, tuple | list) and len(data) == 2:
        x, y = data
        if is_frame(x):
            frame, target = _with_target(x, y, target)
            return _keep(frame, runs), target
        if target is not None:
            raise UsageError("target: must be left out for arrays, of which y is the target")
        return _keep(Arrays(numbers(x, "x"), labels(y)), runs), None
    if is_frame(data):
        return _keep(as_polars(data), runs), target
    raise UsageError(
        "data: must be arrays (x, y), a frame of polars or pandas, or a path, got an object of "
        f"the type {type(data).__name__}"
    )


def _keep(content: Any, runs: Path) -> Path:
    """The file of what arrays or a frame hold, written unless it is there."""
    if isinstance(content, Arrays):
        name, written = _name_of_arrays(content), None
    else:
        written = packed(content)
        name = hashlib.sha256(written).hexdigest()[:_DIGITS]
    path = runs.absolute() / FOLDER / f"{name}{ending_of(content)}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as unfinished:
            unfinished.write_bytes(packed(content) if written is None else written)
    return path


def _name_of_arrays(content: Arrays) -> str:
    """A name for what arrays hold; a zip archive has the time in it too."""
    arrays = [content.x, np.zeros(0) if content.y is None else content.y]
    arrays += [] if content.fold_parts is None else [content.fold_parts]
    digest = hashlib.sha256(repr([(each.shape, each.dtype.str) for each in arrays]).encode())
    for each in arrays:
        digest.update(np.ascontiguousarray(each).data)
    return digest.hexdigest()[:_DIGITS]


def _with_target(x: Any, y: Any, target: str | None) -> tuple[Any, str]:
    """A frame with its target as one more column, and that column's name."""
    import polars as pl

    from regcli.api.pandas_frames import series_of

    frame = as_polars(x)
    name = str(target or getattr(y, "name", None) or _TARGET)
    if name in frame.columns:
        raise UsageError(f"data: the frame has a column {name!r} already; name another target")
    if type(y).__module__.startswith("pandas"):
        column = series_of(name, y)
    else:
        column = y.alias(name) if isinstance(y, pl.Series) else pl.Series(name, labels(y))
    if len(column) != len(frame):
        raise DataError(
            f"data: must have as many targets as rows, got {len(column):,} and {len(frame):,}"
        )
    return frame.with_columns(column), name
