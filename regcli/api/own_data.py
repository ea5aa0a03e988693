"""A program's own arrays and frames, written once to a file that runs are stored with."""

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.api.own_arrays import labels, numbers
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
        data: arrays `(x, y)`, a frame, or a frame and its target, or a path.
        target: the column to predict.
        runs: the folder of the store.

    Raises:
        DataError: they cannot be written as they are.
        UsageError: it is none of these.
        OSError: the file cannot be written.
    """
    if isinstance(data, str | os.PathLike):
        return from_home(Path(data)).absolute(), target
    if isinstance(data, tuple | list) and len(data) == 2:
        x, y = data
        if _is_frame(x):
            frame, target = _with_target(x, y, target)
            return _keep(frame, runs), target
        if target is not None:
            raise UsageError("target: must be left out for arrays, of which y is the target")
        return _keep(_Arrays(numbers(x, "x"), labels(y)), runs), None
    if _is_frame(data):
        return _keep(_as_polars(data), runs), target
    raise UsageError(
        "data: must be arrays (x, y), a frame of polars or pandas, or a path, got an object of "
        f"the type {type(data).__name__}"
    )


@contextmanager
def as_file(rows: object) -> Iterator[Path]:
    """A file with some rows to predict, for a while; errors call it `data`.

    Args:
        rows: an array x, or a frame.

    Raises:
        DataError: they cannot be written as they are; or of the block, without the file's place.
    """
    content = _as_polars(rows) if _is_frame(rows) else _Arrays(numbers(rows, "x"), None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"data{_ending(content)}"
        path.write_bytes(_written(content))
        try:
            yield path
        except DataError as error:
            problems = (problem.replace(str(path), "data") for problem in error.problems)
            raise DataError(*problems) from None


@dataclass(frozen=True, eq=False)
class _Arrays:
    """What an archive of arrays is to hold; no y where rows are to be predicted."""

    x: NDArray[Any]
    y: NDArray[Any] | None


def _keep(content: Any, runs: Path) -> Path:
    """The file of what arrays or a frame hold, written unless it is there."""
    if isinstance(content, _Arrays):
        name, written = _name_of_arrays(content), None
    else:
        written = _written(content)
        name = hashlib.sha256(written).hexdigest()[:_DIGITS]
    path = runs.absolute() / FOLDER / f"{name}{_ending(content)}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as unfinished:
            unfinished.write_bytes(_written(content) if written is None else written)
    return path


def _ending(content: Any) -> str:
    return ".npz" if isinstance(content, _Arrays) else ".parquet"


def _name_of_arrays(content: _Arrays) -> str:
    """A name for what arrays hold; a zip archive has the time in it too."""
    arrays = [content.x, np.zeros(0) if content.y is None else content.y]
    digest = hashlib.sha256(repr([(each.shape, each.dtype.str) for each in arrays]).encode())
    for each in arrays:
        digest.update(np.ascontiguousarray(each).data)
    return digest.hexdigest()[:_DIGITS]


def _written(content: Any) -> bytes:
    buffer = io.BytesIO()
    if not isinstance(content, _Arrays):
        content.write_parquet(buffer)
    elif content.y is None:
        np.savez(buffer, x=content.x)
    else:
        np.savez(buffer, x=content.x, y=content.y)
    return buffer.getvalue()


def _is_frame(data: object) -> bool:
    kind = type(data)
    package = kind.__module__.partition(".")[0]
    return package in {"polars", "pandas"} and kind.__name__ in {"DataFrame", "LazyFrame"}


def _as_polars(frame: Any) -> Any:
    if type(frame).__module__.startswith("pandas"):
        from regcli.api.pandas_frames import from_pandas

        return from_pandas(frame)
    return frame.collect() if type(frame).__name__ == "LazyFrame" else frame


def _with_target(x: Any, y: Any, target: str | None) -> tuple[Any, str]:
    """A frame with its target as one more column, and that column's name."""
    import polars as pl

    from regcli.api.pandas_frames import series_of

    frame = _as_polars(x)
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
