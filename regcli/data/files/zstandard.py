"""How large a Zstandard file becomes, from its headers alone, before anything is unpacked.

Source: RFC 8878, sections 3.1.1 (frames and blocks) and 3.1.2 (skippable frames).
"""

from typing import BinaryIO

MAGIC = b"\x28\xb5\x2f\xfd"
_LARGEST_BLOCK = 128 * 1024
_SKIPPABLE = range(0x184D2A50, 0x184D2A60)
_RAW, _RUN, _PACKED = 0, 1, 2


def unpacked_size(file: BinaryIO) -> int:
    """Bytes that a file's frames hold, or a bound above that where a frame does not say.

    Raises:
        ValueError: the file is no Zstandard, or ends too early.
    """
    size = 0
    while magic := file.read(4):
        if int.from_bytes(magic, "little") in _SKIPPABLE:
            _skip(file, _number(file, 4))
        elif magic == MAGIC:
            size += _size_of_frame(file)
        else:
            raise ValueError("no Zstandard frame")
    return size


def _size_of_frame(file: BinaryIO) -> int:
    """The size that the frame's header states, else that of its blocks at most."""
    descriptor = _number(file, 1)
    is_single, has_checksum = bool(descriptor & 0x20), bool(descriptor & 0x04)
    _skip(file, (0 if is_single else 1) + (0, 1, 2, 4)[descriptor & 0x03])
    digits = (1 if is_single else 0, 2, 4, 8)[descriptor >> 6]
    stated = _number(file, digits) + (256 if digits == 2 else 0) if digits else None
    most, is_last = 0, False
    while not is_last:
        header = _number(file, 3)
        is_last, kind, size = bool(header & 1), header >> 1 & 0x03, header >> 3
        _skip(file, 1 if kind == _RUN else size)
        most += _LARGEST_BLOCK if kind == _PACKED else size
    _skip(file, 4 if has_checksum else 0)
    return most if stated is None else stated


def _number(file: BinaryIO, digits: int) -> int:
    found = file.read(digits)
    if len(found) < digits:
        raise ValueError("the file ends within a frame")
    return int.from_bytes(found, "little")


def _skip(file: BinaryIO, count: int) -> None:
    file.seek(count, 1)
