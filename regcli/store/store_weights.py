"""The weights of stored runs, and what is said where their file is damaged."""

import struct
import zipfile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from regcli.errors import StoreError
from regcli.store.store import Store
from regcli.store.store_errors import changed_file

WEIGHTS = "weights.npz"
_HEADER = 30
"""Bytes before a member's name in an archive, of which the last four are two lengths."""


def read_weights(store: Store, run_id: str) -> dict[str, NDArray[Any]]:
    """A run's weights by name, and the scaling of its columns under `CENTER` and `WIDTH`.

    Raises:
        StoreError: there is no such run, it was stored without weights, or their file is not as it
            was stored: after a power cut it can hold zeros in place of what was written.
    """
    path = store.file(run_id, WEIGHTS)
    try:
        with path.open("rb") as stream:
            _require_every_member(stream)
            with np.load(stream, allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
    # The parts of a damaged archive raise whatever they like: ValueError, BadZipFile, zlib.error,
    # struct.error, UnicodeDecodeError, EOFError, MemoryError …
    except Exception as error:
        raise StoreError(changed_file(path, run_id)) from error


def _require_every_member(stream: IO[bytes]) -> None:
    """Check that an archive's members follow each other without a gap, so that none is lost.

    What they hold has a checksum each; how many there are has none.

    Raises:
        ValueError: there is a gap.
    """
    with zipfile.ZipFile(stream) as archive:
        end = 0
        for member in sorted(archive.infolist(), key=lambda member: member.header_offset):
            if member.header_offset != end:
                raise ValueError(f"a gap before {member.filename}")
            stream.seek(end + _HEADER - 4)
            end += _HEADER + sum(struct.unpack("<HH", stream.read(4))) + member.compress_size
        if end != archive.start_dir:
            raise ValueError("a gap before the directory")
    stream.seek(0)
