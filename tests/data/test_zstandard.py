import io

import polars as pl
import pytest

from regcli.data.files.zstandard import MAGIC, unpacked_size


@pytest.mark.parametrize("rows", [1, 300, 100_000])
def test_the_size_is_what_polars_unpacks_or_a_little_more(tmp_path, rows):
    path = tmp_path / "t.zst"
    frame = pl.DataFrame({"a": range(rows), "b": ["x"] * rows})
    frame.write_csv(path, compression="zstd")
    size = len(frame.write_csv())
    with path.open("rb") as file:
        assert size <= unpacked_size(file) <= size + 2 * 128 * 1024


def frame(descriptor: int, header: bytes, blocks: bytes) -> bytes:
    return MAGIC + bytes([descriptor]) + header + blocks


RUN = (1 | 1 << 1 | 1000 << 3).to_bytes(3, "little") + b"x"  # the last block: a byte, 1000 times
RAW = (1 | 3 << 3).to_bytes(3, "little") + b"abc"
WINDOW = b"\x00"
SKIPPED = b"\x5a\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"notes"


@pytest.mark.parametrize(
    ("content", "size"),
    [
        pytest.param(b"", 0, id="nothing"),
        pytest.param(frame(0x00, WINDOW, RUN), 1000, id="a run"),
        pytest.param(frame(0x00, WINDOW, RAW), 3, id="as it is"),
        pytest.param(frame(0x20, b"\x07", RAW), 7, id="stated in a byte"),
        pytest.param(frame(0x40, WINDOW + b"\x01\x00", RAW), 257, id="stated in two"),
        pytest.param(frame(0x80, WINDOW + b"\x00\x01\x00\x00", RAW), 256, id="stated in four"),
        pytest.param(frame(0xC4, WINDOW + bytes([9, *[0] * 7]), RAW + b"sums"), 9, id="in eight"),
        pytest.param(frame(0x03, WINDOW + b"dict", RAW), 3, id="with a dictionary"),
        pytest.param(SKIPPED + frame(0, WINDOW, RAW) + frame(0, WINDOW, RUN), 1003, id="several"),
    ],
)
def test_headers_are_added_up(content, size):
    assert unpacked_size(io.BytesIO(content)) == size


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a,y\n1,0\n", "no Zstandard frame"),
        (MAGIC, "the file ends within a frame"),
        (frame(0x00, WINDOW, RAW[:2]), "the file ends within a frame"),
        (b"\x5a\x2a\x4d\x18\x05", "the file ends within a frame"),
    ],
)
def test_other_bytes_are_refused(content, reason):
    with pytest.raises(ValueError, match=reason):
        unpacked_size(io.BytesIO(content))
