"""The check of model.weights.h5: numbers in groups, and nothing that leads anywhere else."""

import io
import math
from collections.abc import Iterator
from typing import NoReturn

import h5py

from regcli.keras_files.refused import SAVE_AGAIN, Refused

_MOST_ENTRIES = 100_000
_MOST_LEVELS = 100
_KINDS_OF_NUMBERS = "fiub"
_BFLOAT16 = "V2"
"""How Keras stores bfloat16, a type that HDF5 does not have."""
_NAME = "model.weights.h5"


def check_stored_weights(data: bytes) -> None:
    """Look at every entry of a file of weights.

    Raises:
        Refused: it is no HDF5 file, or holds a link, an array kept elsewhere or packed, or anything
            but numbers; names the entry.
    """
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            _check_entries(file, len(data))
    except Refused:
        raise
    except Exception as error:  # the library raises whatever fits
        raise Refused(f"{_NAME}: is damaged ({error}); {SAVE_AGAIN}") from error


def _check_entries(file: h5py.File, size: int) -> None:
    seen: set[object] = {h5py.h5o.get_info(file.id).addr}
    total = 0
    for name, entry in _entries(file):
        address = h5py.h5o.get_info(entry.id).addr
        if address in seen:
            _refuse(name, "entries must be there once; this one has two names")
        seen.add(address)
        if len(seen) > _MOST_ENTRIES:
            _refuse(name, f"there must be at most {_MOST_ENTRIES:,} entries; there are more")
        if isinstance(entry, h5py.Dataset):
            total += _checked_bytes(name, entry)
            if total > size:
                _refuse(name, "arrays must not be larger together than their file")


def _entries(file: h5py.File) -> Iterator[tuple[str, h5py.Group | h5py.Dataset]]:
    """Groups and arrays by their full names, without following any link but plain ones."""
    waiting: list[tuple[str, h5py.Group]] = [("", file)]
    while waiting:
        parent, group = waiting.pop()
        for key in group:
            name = f"{parent}/{key}"
            link = group.get(key, getlink=True)
            if not isinstance(link, h5py.HardLink):
                _refuse(name, "links to other places or files are refused")
            entry = group[key]
            if not isinstance(entry, h5py.Group | h5py.Dataset):
                _refuse(name, "must be a group or an array")
            yield name, entry
            if isinstance(entry, h5py.Group):
                if name.count("/") > _MOST_LEVELS:
                    _refuse(name, f"there must be at most {_MOST_LEVELS} levels")
                waiting.append((name, entry))


def _checked_bytes(name: str, array: h5py.Dataset) -> int:
    """The bytes of an array of numbers that lies in the file as it is."""
    if array.is_virtual or array.external:
        _refuse(name, "arrays whose numbers are in other files are refused")
    if array.id.get_create_plist().get_nfilters():
        _refuse(name, "arrays must not be compressed")
    if array.dtype.kind not in _KINDS_OF_NUMBERS and array.dtype.str[1:] != _BFLOAT16:
        _refuse(name, f"must be numbers; these are of type {array.dtype}")
    if array.shape is None:
        _refuse(name, "must be an array; it is empty")
    declared = math.prod(array.shape) * array.dtype.itemsize
    stored = array.id.get_storage_size()
    if declared != stored:
        _refuse(
            name,
            f"must have all of its numbers in the file; it declares {declared:,} bytes "
            f"and has {stored:,}",
        )
    return int(declared)


def _refuse(name: str, problem: str) -> NoReturn:
    raise Refused(f"{_NAME}: {name}: {problem}; {SAVE_AGAIN}")
