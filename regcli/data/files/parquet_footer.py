"""What a Parquet file will take in memory, read from its footer without reading its columns.

A file of a megabyte may hold a billion equal numbers. polars does not say how many bytes a file's
columns take uncompressed, so the footer's few fields are read here: it is a Thrift structure in the
compact protocol (https://parquet.apache.org/docs/file-format/metadata/ and
https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MAGIC = b"PAR1"
_CELL_BYTES = 16
"""What polars keeps for a cell of text; numbers take half of it."""

_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
_SCHEMA, _ROWS, _ROW_GROUPS, _TOTAL_BYTES, _CHILDREN = 2, 3, 4, 2, 5
_DEEPEST = 20


@dataclass(frozen=True)
class Footer:
    """Sizes that a file states: rows, leaf columns, and bytes of all columns uncompressed."""

    rows: int
    leaves: int
    uncompressed: int

    @property
    def bytes_in_memory(self) -> int:
        """About what the columns take once they are read."""
        return self.uncompressed + self.rows * self.leaves * _CELL_BYTES // 2


def read_footer(path: Path) -> Footer | None:
    """The sizes that a file states, or None where it is damaged, which polars then says."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size < 12:
            return None
        file.seek(size - 8)
        length, magic = int.from_bytes(file.read(4), "little"), file.read(4)
        if magic != _MAGIC or length > size - 8:
            return None
        file.seek(size - 8 - length)
        content = file.read(length)
    try:
        return _footer(_Compact(content).struct())
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError):
        return None


def _footer(fields: dict[int, Any]) -> Footer:
    leaves = sum(not element.get(_CHILDREN) for element in fields[_SCHEMA][1:])
    uncompressed = sum(group[_TOTAL_BYTES] for group in fields[_ROW_GROUPS])
    return Footer(max(fields[_ROWS], 0), leaves, max(uncompressed, 0))


class _Compact:
    """Reads a structure's fields by their numbers; raises IndexError or ValueError on damage."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        if depth > _DEEPEST:
            raise ValueError("too deep")
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 0x0F
            number = number + step if step else self._zigzag()
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_I16, _I32, _I64):
            return self._zigzag()
        if kind == _BINARY:
            return self._skip(self._varint())
        if kind in (_LIST, _SET):
            head = self._byte()
            count = head >> 4 if head >> 4 < 15 else self._varint()
            return [self._value(head & 0x0F, depth + 1) for _ in range(count)]
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind == _MAP:
            return self._map(depth)
        return self._skip({_TRUE: 1, _FALSE: 1, _BYTE: 1, _DOUBLE: 8}[kind])

    def _map(self, depth: int) -> None:
        count = self._varint()
        kinds = self._byte() if count else 0
        for _ in range(count):
            self._value(kinds >> 4, depth + 1)
            self._value(kinds & 0x0F, depth + 1)

    def _byte(self) -> int:
        self._at += 1
        return self._content[self._at - 1]

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _skip(self, count: int) -> None:
        self._at += count
        if self._at > len(self._content):
            raise IndexError
