"""A population's state on disk while it trains, so that being killed costs at most a minute.

One file a program, replaced whole. What is read back is bit for bit what was written: numbers are
kept as arrays, histories as JSON, whose floats read back exactly.
"""

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = list[NDArray[Any]]

SECONDS_BETWEEN = 30.0
"""A program is saved after the first epoch that ends so long after the last save."""


@dataclass(frozen=True)
class SavedMember:
    """A member in training.

    Attributes:
        name: the id of its run.
        slot: where in the program it is.
        progress: epochs, history and patience, as plain data.
        best: its best weights so far, where early stopping keeps them.
    """

    name: str
    slot: int
    progress: Mapping[str, Any]
    best: Arrays | None


@dataclass(frozen=True)
class Saved:
    """A program's state: everything that training changes, and the members in its slots."""

    variables: Arrays
    members: tuple[SavedMember, ...]


@dataclass(frozen=True)
class CheckpointFile:
    """The file of one program."""

    path: Path

    def save(self, saved: Saved) -> None:
        """Write a state, whole or not at all."""
        arrays = {f"variable/{place}": array for place, array in enumerate(saved.variables)}
        for member in saved.members:
            for place, array in enumerate(member.best or ()):
                arrays[f"best/{member.slot}/{place}"] = array
        plain = [(m.name, m.slot, dict(m.progress), len(m.best or ())) for m in saved.members]
        text = np.frombuffer(json.dumps(plain).encode("utf-8"), np.uint8)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(f".{os.getpid()}")
        with unfinished.open("wb") as stream:
            savez: Any = np.savez
            savez(stream, members=text, **arrays)
        unfinished.replace(self.path)

    def load(self) -> Saved | None:
        """The state that was saved; None where there is none, or none that can be read."""
        try:
            with self.path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                return _read(dict(stored))
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            return None

    def drop(self) -> None:
        """Remove the file, and the folders above it that are empty then."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
            self.path.parent.rmdir()
            self.path.parent.parent.rmdir()


def _read(stored: Mapping[str, NDArray[Any]]) -> Saved:
    plain: Sequence[Any] = json.loads(stored["members"].tobytes().decode("utf-8"))
    count = sum(name.startswith("variable/") for name in stored)
    return Saved(
        variables=[stored[f"variable/{place}"] for place in range(count)],
        members=tuple(
            SavedMember(
                name,
                slot,
                progress,
                [stored[f"best/{slot}/{place}"] for place in range(parts)] or None,
            )
            for name, slot, progress, parts in plain
        ),
    )
