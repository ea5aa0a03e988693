"""The files of stored runs against what the database says of them."""

import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from regcli.store.store_rows import file_sizes, is_run_id

DAMAGED = ".damaged"
"""What the name of a file ends with that a repair has put aside."""

_ARCHIVE = ".npz"


@dataclass(frozen=True)
class LostFile:
    """A file of a run that is not as it was stored.

    Attributes:
        is_there: whether a file of that name is there, with another content.
    """

    run_id: str
    name: str
    is_there: bool


def lost_files(folder: Path, run_id: str, files: object) -> Iterator[LostFile]:
    """Those of a run's files that are missing, or differ in size or kind from what was stored.

    Args:
        files: what the database has of their sizes.
    """
    sizes = file_sizes(files)
    if not sizes or not is_run_id(run_id):
        return
    for name, size in sizes.items():
        path = folder / run_id / name
        try:
            found = path.stat().st_size if path.is_file() else None
        except OSError:
            found = None
        if found is None:
            yield LostFile(run_id, name, is_there=False)
        # After a power cut a file can have its size, and zeros in place of what was written.
        elif found != size or (path.suffix == _ARCHIVE and not zipfile.is_zipfile(path)):
            yield LostFile(run_id, name, is_there=True)


def run_folders(folder: Path) -> list[str]:
    """Ids by which folders of the store are named, in their order.

    Raises:
        OSError: the folder cannot be read.
    """
    with os.scandir(folder) as entries:
        found = [e.name for e in entries if is_run_id(e.name) and e.is_dir(follow_symlinks=False)]
    return sorted(found)


def sizes_in(folder: Path) -> Mapping[str, int]:
    """Sizes of the plain files that a run's folder holds, without those that were put aside."""
    with os.scandir(folder) as entries:
        return {
            entry.name: entry.stat().st_size
            for entry in sorted(entries, key=lambda entry: entry.name)
            if entry.is_file(follow_symlinks=False) and not entry.name.endswith(DAMAGED)
        }
