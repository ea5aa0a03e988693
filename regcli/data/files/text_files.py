"""Text files as polars takes them: unpacked, and in UTF-8. Importing this imports polars.

A plain file in UTF-8 is handed to polars as it is. Any other is turned into that in memory.
"""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl

from regcli.config.dialect_keys import COMPRESSIONS
from regcli.data.files import zstandard
from regcli.data.files.dialect import UTF8
from regcli.data.free_memory import require_memory
from regcli.data.wording import quoted
from regcli.errors import DataError

_HEAD_BYTES = 2**20
_LONGEST_HEADER = 2**24
_CHUNK = 2**20
_LARGEST_CELL = 2**32 - 1
"""Bytes that one cell of polars can hold."""

_GZIP = b"\x1f\x8b"
_SAVE_IT = "save it as UTF-8, or name its encoding in dataset.encoding"
_NO_TEXT = f"it is not UTF-8 text; {_SAVE_IT}"

_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
"""Characters of UTF-8; two such letters in a row are hardly ever meant in cp1252 (`Ã¶`)."""
_DIFFERENT = re.compile(rb"[^\s,;|\"]*[\x80-\x9f][^\s,;|\"]*")
"""A word with a byte that cp1252 and Latin-1 read differently."""
_WESTERN = re.compile(rb"[^\s,;|\"]*[\xa0-\xff][^\s,;|\"]*")
"""A word with a letter that is not ASCII."""
_NOT_WESTERN = re.compile(rb"[^\s,;|\"]*[\x80-\xff]{3}[^\s,;|\"]*")
"""A word with three letters in a row that are not ASCII: no Western language writes so."""


@dataclass(frozen=True)
class TextFile:
    """A text file as polars takes it.

    Attributes:
        path: the file.
        source: what polars reads: the file itself, or its text in UTF-8.
        encoding: the name of the file's own encoding.
        example: a word that shows whether it is the right one, where it follows from bytes that
            others allow too.
        head: its beginning: the first line at least, without a byte-order mark.
        size: bytes of the text.
    """

    path: Path
    source: Path | bytes
    encoding: str
    head: str
    size: int
    example: str = ""

    def lines(self) -> Iterator[str]:
        """The lines of the text with their ends.

        Raises:
            OSError, UnicodeError: the file cannot be read.
        """
        if isinstance(self.source, bytes):
            yield from io.StringIO(self.source.decode("utf-8-sig"), newline="")
        else:
            with self.source.open(encoding="utf-8-sig", newline="") as lines:
                yield from lines


def open_text(path: Path, encoding: str | None) -> TextFile:
    """A file of text, unpacked where its name says that it is packed.

    Args:
        encoding: what the config says; None to follow the file's own bytes.

    Raises:
        DataError: it is damaged, no text, or of an encoding that its bytes leave open; its first
            line has no end; or its text does not fit into memory.
        OSError: it cannot be read.
    """
    found = _as_utf8(path, encoding)
    with _opened(found.source) as file:
        beginning, is_all = _beginning(file)
        size = file.seek(0, io.SEEK_END)
    if not is_all and not _has_line_end(beginning):
        raise DataError(
            f"{path}: must begin with a line of column names, its first line is longer "
            f"than {_LONGEST_HEADER:,} bytes"
        )
    # The last character may be cut in two.
    head = codecs.getincrementaldecoder("utf-8-sig")().decode(beginning, final=is_all)
    return TextFile(path, found.source, found.encoding, head, size, found.example)


@dataclass(frozen=True)
class _Utf8:
    """A file or its text in UTF-8, and the encoding that it was in; see `TextFile`."""

    source: Path | bytes
    encoding: str
    example: str = ""


def _as_utf8(path: Path, asked: str | None) -> _Utf8:
    ending = path.suffix.lower()
    source = _unpacked(path, ending) if ending in COMPRESSIONS else path
    with _opened(source) as file:
        if isinstance(source, Path):
            _require_unpacked(file, path)
        encoding, example = (asked, "") if asked else _encoding_of_bytes(file, path)
        if codecs.lookup(encoding).name in ("utf-8", "utf-8-sig"):
            return _Utf8(source, UTF8)
        require_memory(3 * file.seek(0, io.SEEK_END), f"{path}: ")
        file.seek(0)
        text = _decoded(file.read(), encoding, path)
    return _Utf8(text.removeprefix("\ufeff").encode(), encoding, example)


@contextmanager
def _opened(source: Path | bytes) -> Iterator[BinaryIO]:
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        yield file


def _beginning(file: BinaryIO) -> tuple[bytes, bool]:
    """The first line and what follows it, as far as it is read at once; whether that is all."""
    head = file.read(_HEAD_BYTES)
    if not _has_line_end(head):
        head += file.read(_LONGEST_HEADER - len(head))
    return head, not file.read(1)


def _has_line_end(head: bytes) -> bool:
    return b"\n" in head or b"\r" in head


def _require_unpacked(file: BinaryIO, path: Path) -> None:
    head = file.read(len(zstandard.MAGIC))
    for magic, ending, called in ((_GZIP, ".gz", "gzip"), (zstandard.MAGIC, ".zst", "Zstandard")):
        if head.startswith(magic):
            raise _no_csv(
                path,
                f"it is not UTF-8 text, it is packed by {called}; call it {path.name}{ending}",
            )


def _unpacked(path: Path, ending: str) -> bytes:
    """The text of a packed file, as long as there is memory for it and what is made of it."""
    if ending == ".zst":
        return _unpacked_zstandard(path)
    content = bytearray()
    try:
        with gzip.open(path) as file:
            while chunk := file.read(16 * _CHUNK):
                content += chunk
                require_memory(2 * len(content), f"{path}: ")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise _no_csv(path, "it is not a whole gzip file; pack it again") from None
    return bytes(content)


def _unpacked_zstandard(path: Path) -> bytes:
    """As polars unpacks it: all of it as one cell, which no mark ends."""
    damaged = "it is not a whole Zstandard file; pack it again"
    try:
        with path.open("rb") as file:
            size = zstandard.unpacked_size(file)
    except ValueError:
        raise _no_csv(path, damaged) from None
    require_memory(3 * size, f"{path}: ")
    if size > _LARGEST_CELL:
        raise _no_csv(path, f"it holds more than {_LARGEST_CELL:,} bytes of text; unpack it")
    try:
        cells = pl.read_csv(
            path,
            glob=False,
            has_header=False,
            schema={"text": pl.String},
            separator="\x1f",
            eol_char="\x1e",
            quote_char=None,
        )
    except pl.exceptions.NoDataError:
        return b""
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = (
            "it does not hold UTF-8 text; save it as UTF-8" if "utf-8" in str(error) else damaged
        )
        raise _no_csv(path, reason) from None
    return "\x1e".join(cells.to_series().fill_null("").to_list()).encode()


def _encoding_of_bytes(file: BinaryIO, path: Path) -> tuple[str, str]:
    """What a byte-order mark says, UTF-8 where all bytes are that, else what they show.

    Returns:
        The encoding, and a word by which a person sees whether it is right, where others are
        possible.

    Raises:
        DataError: they are no text, or more than one encoding can be meant.
    """
    file.seek(0)
    chunk = file.read(_CHUNK)
    if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", ""
    if b"\0" in chunk:
        like = "it holds NUL bytes like UTF-16 and binary files"
        raise _no_csv(path, f"it is not UTF-8 text, {like}; {_SAVE_IT}")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk:
            if not chunk.isascii() or decoder.getstate()[0]:
                decoder.decode(chunk)
            chunk = file.read(_CHUNK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        file.seek(0)
        return _western(file, path)
    return UTF8, ""


def is_utf8_beyond_ascii(path: Path) -> bool:
    """Whether a file holds characters that are not ASCII, and all of it is UTF-8.

    Raises:
        DataError: it is packed, and damaged.
        OSError: it cannot be read.
    """
    ending = path.suffix.lower()
    source = _unpacked(path, ending) if ending in COMPRESSIONS else path
    decoder, is_ascii = codecs.getincrementaldecoder("utf-8")(), True
    with _opened(source) as file:
        try:
            while chunk := file.read(_CHUNK):
                if b"\0" in chunk:
                    return False
                is_ascii = is_ascii and chunk.isascii()
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return not is_ascii


def _western(file: BinaryIO, path: Path) -> tuple[str, str]:
    example = b""
    while chunk := file.read(_CHUNK):
        if _CONTROLS.search(chunk):
            raise _no_csv(path, _NO_TEXT)
        if _MULTIBYTE.search(chunk):
            raise _no_csv(path, f"it is UTF-8 text in part only; {_SAVE_IT}")
        word, one, other = _NOT_WESTERN.search(chunk), "cp1252", "cp1251"
        if word is None:
            word, one, other = _DIFFERENT.search(chunk), "cp1252", "latin-1"
        if word is not None:
            raise _two_readings(path, word[0], one, other)
        if not example and (found := _WESTERN.search(chunk)):
            example = found[0]
    return "cp1252", example.decode("cp1252")


def _two_readings(path: Path, word: bytes, one: str, other: str) -> DataError:
    try:
        readings = [word.decode(name) for name in (one, other)]
    except UnicodeDecodeError:
        return _no_csv(path, _NO_TEXT)
    return _no_csv(
        path,
        f"it is not UTF-8 text, and a word of it is {quoted(readings[0])} in {one}, "
        f"{quoted(readings[1])} in {other}; write dataset.encoding: {one}, {other}, or the name of "
        "another encoding",
    )


def _decoded(content: bytes, encoding: str, path: Path) -> str:
    try:
        return content.decode(encoding)
    except UnicodeError as error:
        where = f" at byte {error.start + 1:,}" if isinstance(error, UnicodeDecodeError) else ""
        raise _no_csv(path, f"it is not {encoding} text{where}; {_SAVE_IT}") from None


def _no_csv(path: Path, reason: str) -> DataError:
    return DataError(f"{path}: cannot be read as CSV: {reason}")
