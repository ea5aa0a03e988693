"""What killed processes have left in a store, and nothing needs: claims, folders, checkpoints."""

import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from regcli.store import store_claims
from regcli.store.store_claims import Claimant
from regcli.store.store_folders import abandoned_folders, begun_removals

CHECKPOINTS = ".checkpoints"
"""Folder in the store for the state of populations in training: a folder for each of them."""


@dataclass(frozen=True)
class Leftovers:
    """What can go without a loss.

    Attributes:
        claims: tokens of processes that are dead, and how many runs each has claimed.
        folders: of files on their way into or out of the store, when their process died.
        checkpoints: states of runs that are stored, or of processes that died while writing.
        in_training: how many runs living processes have claimed.
    """

    claims: dict[str, int]
    folders: tuple[Path, ...]
    checkpoints: tuple[Path, ...]
    in_training: int

    @property
    def stale(self) -> int:
        """How many runs dead processes have claimed."""
        return sum(self.claims.values())


def find_leftovers(
    folder: Path, connection: sqlite3.Connection, final: Collection[str]
) -> Leftovers:
    """What is left over in a store.

    Args:
        final: ids of the stored runs whose state is final.

    Raises:
        sqlite3.Error: the claims cannot be read.
        OSError: a folder cannot be read.
    """
    claims, in_training = _claims(connection)
    folders = (*abandoned_folders(folder), *begun_removals(folder).values())
    return Leftovers(claims, folders, tuple(_checkpoints(folder, final)), in_training)


def _claims(connection: sqlite3.Connection) -> tuple[dict[str, int], int]:
    """Runs that dead processes have claimed, by token, and how many living ones have."""
    now, dead, living = time.time(), dict[str, int](), 0
    rows = connection.execute("SELECT token, process, machine, beat FROM claims").fetchall()
    for token, process, machine, beat in rows:
        if isinstance(beat, float) and Claimant(token, str(process), machine).is_alive(beat, now):
            living += 1
        else:
            dead[token] = dead.get(token, 0) + 1
    return dead, living


def _checkpoints(folder: Path, final: Collection[str]) -> Iterator[Path]:
    """States that no training will read: `<run>.npz`, and `<run>.<process>` while it is written."""
    for path in sorted((folder / CHECKPOINTS).glob("*/*")):
        run_id, _, rest = path.name.partition(".")
        is_cut_off = rest.isdigit() and not store_claims.runs(int(rest))
        if run_id in final or is_cut_off:
            yield path


def remove_checkpoints(folder: Path, paths: Collection[Path]) -> int:
    """Remove states, and the folders that are empty then; how many are gone.

    What cannot be removed stays.
    """
    gone = 0
    for path in paths:
        with suppress(OSError):
            path.unlink()
            gone += 1
    for parent in [*{path.parent for path in paths}, folder / CHECKPOINTS]:
        with suppress(OSError):  # something else is in it, or there is none
            parent.rmdir()
    return gone
