"""HDF5 files of weights that lead elsewhere, declare what they do not have, or are no numbers."""

import io
from collections.abc import Callable
from contextlib import suppress

import h5py
import numpy as np
import pytest

from regcli.keras_files.refused import Refused
from regcli.keras_files.stored_weights import check_stored_weights

AGAIN = "save the model again with model.save('model.keras')"


def made(fill: Callable[[h5py.File], None]) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        fill(file)
    return content.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        check_stored_weights(data)
    return str(refused.value).removeprefix("model.weights.h5: ")


def plain(file: h5py.File) -> None:
    group = file.create_group("layers/dense")
    group.attrs["name"] = "dense"
    group["vars/0"] = np.ones((3, 2), np.float32)
    group["vars/1"] = np.uint32(7)
    group["vars/2"] = np.zeros((0, 3), np.float16)
    file.create_group("empty")
    half = group.create_dataset("vars/3", data=np.zeros(4, "V2"))
    half.attrs["dtype"] = "bfloat16"


def test_numbers_in_groups_are_what_keras_writes() -> None:
    check_stored_weights(made(plain))


def link_to_another_file(file: h5py.File) -> None:
    file["layers/x"] = h5py.ExternalLink("/etc/passwd", "/")


def link_by_name(file: h5py.File) -> None:
    file["layers/x"] = h5py.SoftLink("/other")


def numbers_in_another_file(file: h5py.File) -> None:
    """CVE-2026-1669: any file's bytes become weights."""
    external = [("/etc/passwd", 0, 400)]
    file.create_dataset("layers/x", (100,), np.float32, external=external)


def numbers_of_another_dataset(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), np.float32)
    layout[:] = h5py.VirtualSource("/tmp/other.h5", "x", (4,))
    file.create_virtual_dataset("layers/x", layout)


def declared_and_not_there(file: h5py.File) -> None:
    """CVE-2026-0897: terabytes that are nothing but a shape."""
    file.create_dataset("layers/x", (10**6, 10**6), np.float32, chunks=(100, 100))


def compressed(file: h5py.File) -> None:
    file.create_dataset("layers/x", data=np.zeros((1000, 1000)), compression="gzip")


def texts(file: h5py.File) -> None:
    file["layers/x"] = ["a", "b"]


def structures(file: h5py.File) -> None:
    file["layers/x"] = np.zeros(3, [("a", "f4"), ("b", "i4")])


def references(file: h5py.File) -> None:
    file.create_dataset("layers/x", data=file.ref, dtype=h5py.ref_dtype)


def nothing(file: h5py.File) -> None:
    file["layers/x"] = h5py.Empty("f4")


def a_type(file: h5py.File) -> None:
    file["layers/x"] = np.dtype("f4")


def a_circle(file: h5py.File) -> None:
    file["layers/x"] = file["/"]


def one_array_under_two_names(file: h5py.File) -> None:
    file["a"] = np.ones(3)
    file["b"] = file["a"]


TRICKS: dict[Callable[[h5py.File], None], str] = {
    link_to_another_file: "/layers/x: links to other places or files are refused",
    link_by_name: "/layers/x: links to other places or files are refused",
    numbers_in_another_file: "/layers/x: arrays whose numbers are in other files are refused",
    numbers_of_another_dataset: "/layers/x: arrays whose numbers are in other files are refused",
    declared_and_not_there: (
        "/layers/x: must have all of its numbers in the file; it declares 4,000,000,000,000 bytes "
        "and has 0"
    ),
    compressed: "/layers/x: arrays must not be compressed",
    texts: "/layers/x: must be numbers; these are of type object",
    structures: "/layers/x: must be numbers; these are of type [('a', '<f4'), ('b', '<i4')]",
    references: "/layers/x: must be numbers; these are of type object",
    nothing: "/layers/x: must be an array; it is empty",
    a_type: "/layers/x: must be a group or an array",
    a_circle: "/layers/x: entries must be there once; this one has two names",
    one_array_under_two_names: "/b: entries must be there once; this one has two names",
}


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_tricks(trick: Callable[[h5py.File], None]) -> None:
    assert refusal(made(trick)) == f"{TRICKS[trick]}; {AGAIN}"


def test_damaged_files() -> None:
    data = made(plain)
    for place in range(0, len(data), 37):
        damaged = bytearray(data)
        damaged[place] ^= 0xFF
        with suppress(Refused):  # and nothing else
            check_stored_weights(bytes(damaged))
    assert refusal(b"x" * 100).startswith("is damaged (")
    assert refusal(data[: len(data) // 2]).startswith("is damaged (")
