"""Arrays in files of a cache, which are mapped into memory rather than read.

What the system holds of them in memory gives way to what processes need.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from regcli.errors import DataError


@dataclass(frozen=True)
class RowFiles:
    """The folder of a cache.

    A file appears in it whole or not at all, under a name that follows from its content: so
    processes can share it, and a file that is there already is used as it is.
    """

    folder: Path

    def kept(
        self, name: str, shape: Sequence[int], fill: Callable[[NDArray[np.float32]], None]
    ) -> NDArray[np.float32]:
        """Rows by their name: the stored ones, else new ones; read-only.

        Args:
            name: follows from all that the values follow from.
            fill: writes the values into the array (rows, …) that it is given.

        Raises:
            DataError: the folder cannot be written to, or the disk has too little room.
        """
        found = _opened(self.folder / f"{name}.npy", tuple(shape))
        if found is not None:
            return found
        with contextlib.ExitStack() as until_end:
            path, array = self.begin(shape, np.float32, until_end)
            fill(array)
            return self.finish(path, array, name)

    def begin(
        self,
        shape: Sequence[int],
        dtype: type[np.generic],
        until_end: contextlib.ExitStack,
        order: Literal["C", "F"] = "C",
    ) -> tuple[Path, NDArray[Any]]:
        """A new array in a file, which is gone at the end of a context unless it is finished.

        Args:
            order: F for one that is written a column at a time.

        Raises:
            DataError: the folder cannot be written to, or the disk has too little room.
        """
        path = until_end.enter_context(self.passing("rows.npy"))
        array = open_memmap(path, "w+", dtype=dtype, shape=tuple(shape), fortran_order=order == "F")
        _require_place(path)
        return path, array

    def finish(self, path: Path, array: NDArray[Any], name: str) -> NDArray[Any]:
        """Give an array that `begin` gave its name; read-only from then on."""
        assert isinstance(array, np.memmap)
        array.flush()
        # Opened under its first name: under the other one another process may remove it.
        rows = np.asarray(np.load(path, mmap_mode="r"))
        path.replace(self.folder / f"{name}.npy")
        return rows

    def remove(self, fingerprint: str) -> None:
        """Remove the rows of a table; what cannot be removed stays."""
        for path in self.folder.glob(f"{fingerprint}-*.npy"):
            with contextlib.suppress(OSError):
                path.unlink()

    @contextlib.contextmanager
    def passing(self, name: str) -> Iterator[Path]:
        """A path to write to and read from, whose file is gone after the context.

        Raises:
            DataError: the folder cannot be written to.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, path = tempfile.mkstemp(f"-{name}", ".", self.folder)
        except OSError as error:
            raise DataError(
                f"{self.folder}: rows cannot be written there: {error.strerror or error}"
            ) from None
        os.fchmod(handle, 0o644)
        os.close(handle)
        try:
            yield Path(path)
        finally:
            Path(path).unlink(missing_ok=True)


def _require_place(path: Path) -> None:
    """Have the disk set aside what a mapped file will take: writing into a gap ends the process.

    Raises:
        DataError: there is too little room.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    with path.open("r+b") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        except OSError as error:
            raise DataError(
                f"{path.parent}: must have room for the rows, about "
                f"{path.stat().st_size / 1e9:.3g} GB are needed: {error.strerror or error}"
            ) from None


def _opened(path: Path, shape: tuple[int, ...]) -> NDArray[np.float32] | None:
    """Stored rows; None where there are none, or others."""
    try:
        array = np.asarray(np.load(path, mmap_mode="r"))
    except (OSError, ValueError, EOFError):
        return None
    return array if array.shape == shape and array.dtype == np.float32 else None
