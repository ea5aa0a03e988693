"""The weights of stored runs: where they lie, and what is said where they are damaged.

They are a file in the run's folder, where a person looks for them. Small ones of a grid of many
runs are blobs in the database: to write so many folders took longer than to train.
"""

import io
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from regcli.config.document import write_yaml
from regcli.errors import StoreError
from regcli.results.records import RunRecord
from regcli.store.found_runs import CONFIG
from regcli.store.packed_arrays import pack, unpack
from regcli.store.store import NO_FILES, Files, Store
from regcli.store.store_errors import changed_blob, changed_file

WEIGHTS = "weights"
_FILE = "weights.npz"
MOST_IN_DATABASE = 100_000
"""Bytes of weights that are a blob. Below, a blob is written two to ten times as fast as a file."""

MOST_FOLDERS = 100
"""Runs of a grid that each have a folder, however small their weights are."""

_HEADER = 30
"""Bytes before a member's name in an archive, of which the last four are two lengths."""


def as_stored(
    record: RunRecord, weights: Mapping[str, NDArray[Any]], runs: int
) -> tuple[Files, Files]:
    """What a store takes of a run's weights, as files and as blobs; neither where it has none.

    Beside the file is the run's resolved config.

    Args:
        runs: how many its grid has.
    """
    if not weights:
        return NO_FILES, NO_FILES
    size = sum(array.nbytes for array in weights.values())
    if runs > MOST_FOLDERS and size <= MOST_IN_DATABASE:
        return NO_FILES, {WEIGHTS: pack(weights)}
    config = write_yaml(record.config).encode("utf-8")
    return {CONFIG: config, _FILE: as_archive(weights)}, NO_FILES


def as_archive(weights: Mapping[str, NDArray[Any]]) -> bytes:
    """Weights as a file of NumPy's own kind."""
    buffer = io.BytesIO()
    arrays: dict[str, Any] = dict(weights)
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def has_weights(store: Store, run_id: str) -> bool:
    """Whether a run was stored with its weights.

    Raises:
        StoreError: it was, and they are not as they were stored.
    """
    return store.blob(run_id, WEIGHTS) is not None or store.was_stored_with(run_id, _FILE)


def read_weights(store: Store, run_id: str) -> dict[str, NDArray[Any]]:
    """A run's weights by name, and the scaling of its columns under `CENTER` and `WIDTH`.

    Raises:
        StoreError: there is no such run, it was stored without weights, or they are not as they
            were stored: after a power cut a file can hold zeros in place of what was written.
    """
    content = store.blob(run_id, WEIGHTS)
    if content is None:
        return _from_file(store.file(run_id, _FILE), run_id)
    try:
        return unpack(content)
    except (ValueError, TypeError) as error:
        raise StoreError(changed_blob(WEIGHTS, run_id)) from error


def _from_file(path: Path, run_id: str) -> dict[str, NDArray[Any]]:
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
