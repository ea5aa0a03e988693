"""Members' states on disk while they train, so that being killed costs at most a minute.

One file per member, replaced as a whole: a population continues with other program sizes than it
was stopped with. What is read back is bit for bit what was written: numbers are kept as arrays,
histories as JSON, whose floats read back exactly.
"""

import json
import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.version import __version__

Arrays = list[NDArray[Any]]

SECONDS_BETWEEN = 30.0
"""Members are saved after the first epoch that ends so long after the last save."""

_TRIES = 5
"""Times that a state is read, where Python fails and not the file: 3.11 may
raise a SystemError while two threads parse source, as NumPy does with the head of an array and
TensorFlow with a function (python/cpython issue 106905)."""

_WRITER = f"regcli {__version__}, keras {keras.__version__}"
"""Whose order of variables a state has; another's is not read."""


@dataclass(frozen=True)
class SavedMember:
    """A member in training.

    Attributes:
        state: everything that training changes, as its program orders it.
        progress: epochs, history and patience, as plain data.
        best: its best weights so far, where early stopping keeps them.
    """

    state: Arrays
    progress: Mapping[str, Any]
    best: Arrays | None


@dataclass(frozen=True)
class Checkpoints:
    """The folder of one population; its members are known by the ids of their runs."""

    folder: Path

    def save(self, name: str, saved: SavedMember) -> None:
        """Write a member's state, completely or not at all.

        Training continues if it cannot be written: a disk may be full, and another process that
        trains the same population removes the folder at its end.
        """
        best = saved.best or []
        plain = [_WRITER, dict(saved.progress), len(saved.state), len(best)]
        text = np.frombuffer(json.dumps(plain).encode("utf-8"), np.uint8)
        unfinished = self.folder / f"{name}.{os.getpid()}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as stream:
                np.savez(stream, text, *saved.state, *best)
            unfinished.replace(self._file(name))
        except OSError:
            with suppress(OSError):
                unfinished.unlink()

    def load(self, name: str) -> SavedMember | None:
        """The state that was saved of a member; None where there is none that can be read."""
        for _ in range(_TRIES):
            with suppress(SystemError):
                return self._load(name)
        return None

    def _load(self, name: str) -> SavedMember | None:
        try:
            with (
                self._file(name).open("rb") as stream,
                np.load(stream, allow_pickle=False) as stored,
            ):
                return _read([stored[key] for key in stored.files])
        except (OSError, EOFError, ValueError, zipfile.BadZipFile):
            return None

    def drop(self, name: str) -> None:
        """Remove what was saved of a member."""
        with suppress(OSError):
            self._file(name).unlink(missing_ok=True)

    def drop_all(self, names: Iterable[str]) -> None:
        """Remove what was saved of members, and the folders that are empty then.

        Another process may train other members of the same population.
        """
        gone = frozenset(names)
        with suppress(OSError):
            for file in list(self.folder.iterdir()):
                if file.name.partition(".")[0] in gone:
                    with suppress(OSError):
                        file.unlink()
        for folder in (self.folder, self.folder.parent):
            with suppress(OSError):
                folder.rmdir()

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.npz"


def _read(arrays: Sequence[NDArray[Any]]) -> SavedMember:
    text, *numbers = arrays
    writer, progress, count, best = json.loads(text.tobytes().decode("utf-8"))
    if writer != _WRITER or len(numbers) != count + best:
        raise ValueError(f"written by {writer}")
    return SavedMember(numbers[:count], progress, numbers[count:] or None)
