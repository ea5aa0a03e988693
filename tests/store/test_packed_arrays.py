"""Arrays as bytes: what is read back is bit for bit what was written, and damage is noticed."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from numpy.typing import NDArray

from regcli.store.packed_arrays import pack, unpack

DTYPES = st.sampled_from(["f4", ">f4", "f8", "f2", "i8", "i4", "u1", "?", "c16"]).map(np.dtype)
SHAPES = arrays_of.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)
ARRAYS = st.dictionaries(st.text(max_size=8), arrays_of.arrays(DTYPES, SHAPES), max_size=4)


@given(ARRAYS)
@settings(deadline=None)
def test_what_is_read_back_is_what_was_written(arrays: dict[str, NDArray[Any]]) -> None:
    found = unpack(pack(arrays))
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        native = array.astype(array.dtype.newbyteorder("="))
        assert (found[name].shape, found[name].dtype) == (array.shape, native.dtype)
        assert found[name].tobytes() == native.tobytes()  # of NaN and -0.0 every bit too
        assert found[name].flags.writeable


def test_what_is_no_number_and_what_lies_in_another_order() -> None:
    kernel = np.array([[np.nan, np.inf, -np.inf], [-0.0, 1e-45, 3.4e38]], np.float32)
    found = unpack(pack({"kernel": kernel.T, "scalar": np.float64(2.0), "none": np.zeros((0, 3))}))
    assert found["kernel"].tobytes() == kernel.T.tobytes()
    assert (found["scalar"].shape, found["none"].shape) == ((), (0, 3))


def test_the_bytes_of_a_release_stay_readable() -> None:
    content = b"RGA1" + bytes([18, 0, 0, 0]) + b'[["w/b","<f4",[2]]]'
    content = content.replace(bytes([18]), bytes([19])) + np.array([1, -2], "<f4").tobytes()
    assert pack({"w/b": np.array([1, -2], np.float32)}) == content
    np.testing.assert_array_equal(unpack(content)["w/b"], [1, -2])


@pytest.mark.parametrize(
    "damaged",
    [
        lambda content: content[:-1],
        lambda content: content[:6],
        lambda content: content + b"0",
        lambda content: b"RGA2" + content[4:],
        lambda content: b"",
        lambda content: content.replace(b"<f4", b"|O8"),
        lambda content: content.replace(b"[2]", b"[3]"),
    ],
)
def test_other_bytes_are_refused(damaged: Any) -> None:
    content = pack({"kernel": np.ones(2, np.float32)})
    with pytest.raises((ValueError, TypeError)):
        unpack(damaged(content))


def test_objects_are_not_packed() -> None:
    with pytest.raises(ValueError, match="kernel must be of plain numbers, got object"):
        pack({"kernel": np.array([None])})
