"""The members of a `.keras` file, unpacked in memory under bounds.

Nothing is written to a disk, so no name of a member can lead out of a folder; names that try are
refused all the same, and so is whatever another reader of zip archives could take another way.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections import Counter
from typing import NamedTuple

from regcli.keras_files.other_formats import check_member_names, check_start
from regcli.keras_files.refused import SAVE_AGAIN, Refused, size_text

LARGEST_FILE = 2 * 10**9
"""Bytes of a file: the place of zip archives whose numbers have 32 bits."""
LARGEST = {"config.json": 16 * 10**6, "metadata.json": 10**5, "model.weights.h5": LARGEST_FILE}
"""Bytes of each member, unpacked. These are all the members that there may be."""
_MOST_MEMBERS = 16
"""Members that are looked at to say which one is not allowed."""
_LARGEST_RATIO = 100
_RATIO_FROM = 10**5
"""Bytes from which on a ratio counts: a short text of blanks packs well."""
_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_CHUNK = 1 << 20
_DAMAGED = "the zip archive is damaged"


class Members(NamedTuple):
    """What a `.keras` file holds."""

    config: bytes
    """config.json: the architecture."""
    weights: bytes
    """model.weights.h5."""


def read_members(data: bytes) -> Members:
    """Unpack a `.keras` file.

    Args:
        data: all of the file.

    Raises:
        Refused: it is no such file, breaks a bound, or holds anything else.
    """
    check_start(data)
    _check_end(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed, start_of_list = archive.infolist(), archive.start_dir
    except Exception as error:  # zipfile raises five kinds of its own, and struct's
        raise Refused(f"{_DAMAGED} ({error}); {SAVE_AGAIN}") from error
    _check_names(listed)
    for member in listed:
        _check_kind(member)
        _check_sizes(member)
    contents = _contents(data, listed, start_of_list)
    unpacked = {name: _unpack(packed, member) for name, (member, packed) in contents.items()}
    return Members(unpacked["config.json"], unpacked["model.weights.h5"])


def _check_end(data: bytes) -> None:
    """The list of members has to end the file: nothing is hidden behind it."""
    if len(data) < _END.size or not data[-_END.size :].startswith(b"PK\x05\x06"):
        raise Refused(
            "the file must end where its zip archive ends: it is cut off, or there is data after "
            f"the end; {SAVE_AGAIN}"
        )
    _, disk, list_disk, here, count, size, offset, comment = _END.unpack(data[-_END.size :])
    if 0xFFFF in (count, here) or 0xFFFFFFFF in (size, offset):
        raise Refused(f"zip64 archives, which are for files above 4 GB, are refused; {SAVE_AGAIN}")
    if disk or list_disk or here != count or comment or offset + size + _END.size != len(data):
        raise Refused(f"{_DAMAGED} (its end does not describe it); {SAVE_AGAIN}")
    if count > _MOST_MEMBERS:
        raise Refused(f"must have 3 members at most; there are {count}; {SAVE_AGAIN}")


def _check_names(listed: list[zipfile.ZipInfo]) -> None:
    names = [member.orig_filename for member in listed]
    check_member_names(names)
    for name, times in Counter(names).items():
        if reason := _reason_against(name):
            raise Refused(f"member {name!r}: {reason}; {SAVE_AGAIN}")
        if times > 1:
            raise Refused(
                f"each member must be there once; {name} is there {times} times; {SAVE_AGAIN}"
            )
    for needed in ("config.json", "model.weights.h5"):
        if needed not in names:
            raise Refused(f"must hold {needed}; it holds {', '.join(names)}; {SAVE_AGAIN}")


def _reason_against(name: str) -> str | None:
    if name in LARGEST:
        return None
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return "absolute paths are refused"
    if ".." in parts:
        return "paths that lead out of the archive are refused"
    if "\\" in name or "\0" in name:
        return "names with a backslash or a zero byte are refused"
    if parts[0] == "assets":
        return "files of layers, such as vocabularies, are refused; use numbers as inputs"
    if name == "model.weights.npz":
        return "weights as NumPy arrays are refused"
    return f"only {', '.join(LARGEST)} are read"


def _check_kind(member: zipfile.ZipInfo) -> None:
    name, mode = member.filename, member.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise Refused(f"member {name}: must be a plain file, not a link or a device; {SAVE_AGAIN}")
    if member.flag_bits & _ENCRYPTED:
        raise Refused(f"member {name}: encrypted members are refused; {SAVE_AGAIN}")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(
            f"member {name}: must be stored or deflated; its compression is number "
            f"{member.compress_type}; {SAVE_AGAIN}"
        )


def _check_sizes(member: zipfile.ZipInfo) -> None:
    """What a member says of itself; `_unpack` checks that it is true."""
    name, size, packed = member.filename, member.file_size, member.compress_size
    if size > LARGEST[name]:
        raise Refused(
            f"member {name}: must have at most {LARGEST[name]:,} bytes; it has {size:,}; "
            f"{SAVE_AGAIN}"
        )
    if member.compress_type == zipfile.ZIP_STORED and size != packed:
        raise Refused(
            f"member {name}: must take as many bytes as it has, because it is not packed; it has "
            f"{size:,} and takes {packed:,}; {SAVE_AGAIN}"
        )
    if size > max(_RATIO_FROM, _LARGEST_RATIO * packed):
        raise Refused(
            f"member {name}: must unpack to at most {_LARGEST_RATIO} times its size; "
            f"{size_text(packed)} unpack to {size_text(size)}; {SAVE_AGAIN}"
        )


def _contents(
    data: bytes, listed: list[zipfile.ZipInfo], end_of_all: int
) -> dict[str, tuple[zipfile.ZipInfo, bytes]]:
    """What each member takes of the file, as it is packed."""
    contents = {}
    end = 0
    for member in sorted(listed, key=lambda member: member.header_offset):
        begin = _begin_of_content(data, member)
        if member.header_offset < end or begin + member.compress_size > end_of_all:
            raise Refused(f"members must not overlap; {member.filename} does; {SAVE_AGAIN}")
        end = begin + member.compress_size
        contents[member.filename] = member, data[begin:end]
    return contents


def _begin_of_content(data: bytes, member: zipfile.ZipInfo) -> int:
    header = data[member.header_offset : member.header_offset + _LOCAL.size]
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise Refused(
            f"{_DAMAGED} (there is no member where {member.filename} should be); {SAVE_AGAIN}"
        )
    fields = _LOCAL.unpack(header)
    name_length, extra_length = fields[-2:]
    begin = member.header_offset + _LOCAL.size
    if data[begin : begin + name_length] != member.orig_filename.encode():
        raise Refused(f"member {member.filename}: has another name in its own header; {SAVE_AGAIN}")
    if fields[2] & _ENCRYPTED or fields[3] != member.compress_type:
        raise Refused(
            f"member {member.filename}: its own header contradicts the list of members; "
            f"{SAVE_AGAIN}"
        )
    return int(begin + name_length + extra_length)


def _unpack(packed: bytes, member: zipfile.ZipInfo) -> bytes:
    """The content, which has to be what is said of it: sizes in a zip archive may lie."""
    deflated = member.compress_type == zipfile.ZIP_DEFLATED
    content = _inflated(packed, member) if deflated else packed
    if content is None or len(content) != member.file_size or zlib.crc32(content) != member.CRC:
        raise Refused(
            f"member {member.filename}: is not what the list of members says of its size and "
            f"checksum; {SAVE_AGAIN}"
        )
    return content


def _inflated(packed: bytes, member: zipfile.ZipInfo) -> bytes | None:
    """Unpacked in pieces, not further than the size that is declared; None where that is untrue."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    content = bytearray()
    rest = packed
    try:
        while not inflater.eof and len(content) <= member.file_size:
            piece = inflater.decompress(rest, _CHUNK)
            rest = inflater.unconsumed_tail
            if not piece and not rest:
                break
            content += piece
    except zlib.error as error:
        raise Refused(f"member {member.filename}: is damaged ({error}); {SAVE_AGAIN}") from error
    return bytes(content) if inflater.eof and not inflater.unused_data else None
