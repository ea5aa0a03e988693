"""Zip archives that are no `.keras` files, or are made to hurt whoever unpacks them."""

import json
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from keras_archives import (
    DENSE,
    WEIGHTS,
    in_list,
    members,
    patch,
    stack,
    write_keras,
    write_members,
)

from regcli.errors import KerasFileError
from regcli.keras_files.keras_file import read_keras_file

AGAIN = "save the model again with model.save('model.keras')"


def refusal(path: Path) -> str:
    with pytest.raises(KerasFileError) as refused:
        read_keras_file(path)
    start, text = f"{path}: ", str(refused.value)
    assert text.startswith(start)
    return text.removeprefix(start)


def test_a_file_as_keras_writes_it_is_read(tmp_path: Path) -> None:
    file = read_keras_file(write_keras(tmp_path / "größe 尺.keras"))
    assert file.architecture.layers == ("input", "dense")
    assert file.weights == WEIGHTS


def test_a_packed_archive_is_read_as_well(tmp_path: Path) -> None:
    path = tmp_path / "packed.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", json.dumps(stack(DENSE)))
        archive.writestr("model.weights.h5", WEIGHTS + bytes(range(256)) * 300)
    plain = read_keras_file(write_keras(tmp_path / "plain.keras"))
    file = read_keras_file(path)
    assert file.architecture_fingerprint == plain.architecture_fingerprint
    assert file.weights == WEIGHTS + bytes(range(256)) * 300


NAMES = {
    "/etc/cron.d/x": "absolute paths are refused",
    "\\windows\\x": "absolute paths are refused",
    "C:/x": "absolute paths are refused",
    "../../.bashrc": "paths that lead out of the archive are refused",
    "a/..\\x": "paths that lead out of the archive are refused",
    "a\\x": "names with a backslash or a zero byte are refused",
    "assets/layers/text/vocabulary.txt": (
        "files of layers, such as vocabularies, are refused; use numbers as inputs"
    ),
    "model.weights.npz": "weights as NumPy arrays are refused",
    "__init__.py": "only config.json, metadata.json, model.weights.h5 are read",
    "Config.json": "only config.json, metadata.json, model.weights.h5 are read",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_members(name: str, tmp_path: Path) -> None:
    path = write_members(tmp_path / "m.keras", [*members(), (name, b"x")])
    assert refusal(path) == f"member {name!r}: {NAMES[name]}; {AGAIN}"
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_name_that_ends_early_for_other_readers(tmp_path: Path) -> None:
    path = write_members(tmp_path / "m.keras", [*members(), ("config.jsonXx", b"x")])
    path.write_bytes(path.read_bytes().replace(b"config.jsonXx", b"config.json\0x"))
    assert refusal(path) == (
        r"member 'config.json\x00x': names with a backslash or a zero byte are refused; " + AGAIN
    )


def test_a_name_twice(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    with pytest.warns(UserWarning, match="Duplicate name"):
        write_members(path, [*members(), ("config.json", b"{}")])
    assert refusal(path) == f"each member must be there once; config.json is there 2 times; {AGAIN}"


@pytest.mark.parametrize("missing", ["config.json", "model.weights.h5"])
def test_a_missing_member(missing: str, tmp_path: Path) -> None:
    rest = [(name, content) for name, content in members() if name != missing]
    path = write_members(tmp_path / "m.keras", rest)
    assert refusal(path) == f"must hold {missing}; it holds {rest[0][0]}; {AGAIN}"


def test_too_many_members(tmp_path: Path) -> None:
    many = [(f"{number}", b"") for number in range(17)]
    path = write_members(tmp_path / "m.keras", [*members(), *many])
    assert refusal(path) == f"must have 3 members at most; there are 19; {AGAIN}"


@pytest.mark.parametrize("mode", [0o120777, 0o040755, 0o020666])
def test_links_folders_and_devices(mode: int, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("metadata.json")
    link.external_attr = mode << 16
    path = write_members(tmp_path / "m.keras", [*members(), (link, b"/etc/passwd")])
    assert refusal(path) == (
        f"member metadata.json: must be a plain file, not a link or a device; {AGAIN}"
    )


def encrypted(path: Path) -> None:
    patch(path, in_list(path, "config.json") + 8, "<H", 1)


def packed_in_an_unknown_way(path: Path) -> None:
    patch(path, in_list(path, "config.json") + 10, "<H", 93)


def encrypted_in_its_own_header_only(path: Path) -> None:
    patch(path, path.read_bytes().index(b"PK\x03\x04") + 6, "<H", 1)


def of_another_name_in_its_own_header(path: Path) -> None:
    patch(path, path.read_bytes().index(b"config.json"), "<B", ord("C"))


def smaller_than_said(path: Path) -> None:
    patch(path, in_list(path, "config.json") + 24, "<L", 10**5)


def larger_than_said(path: Path) -> None:
    patch(path, in_list(path, "config.json") + 24, "<L", 10)


def of_another_checksum(path: Path) -> None:
    patch(path, in_list(path, "config.json") + 16, "<L", 1)


def one_over_the_other(path: Path) -> None:
    patch(path, in_list(path, "config.json") + 20, "<LL", 500, 500)


def beyond_the_end(path: Path) -> None:
    patch(path, in_list(path, "model.weights.h5") + 20, "<LL", 10**5, 10**5)


def elsewhere(path: Path) -> None:
    patch(path, in_list(path, "config.json") + 42, "<L", 7)


def with_data_in_front(path: Path) -> None:
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())


def with_an_archive_in_front(path: Path) -> None:
    path.write_bytes(path.read_bytes() + path.read_bytes())


def with_data_behind(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def with_a_comment(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"more"


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def said_to_be_zip64(path: Path) -> None:
    patch(path, len(path.read_bytes()) - 6, "<L", 0xFFFFFFFF)


def of_two_disks(path: Path) -> None:
    patch(path, len(path.read_bytes()) - 18, "<H", 1)


STORED = "must take as many bytes as it has, because it is not packed"
UNTRUE = "is not what the list of members says of its size and checksum"
ENDS = "the file must end where its zip archive ends: it is cut off, or there is data after the end"
TRICKS: dict[Callable[[Path], None], str] = {
    encrypted: "member config.json: encrypted members are refused",
    packed_in_an_unknown_way: (
        "member config.json: must be stored or deflated; its compression is number 93"
    ),
    encrypted_in_its_own_header_only: (
        "member config.json: its own header contradicts the list of members"
    ),
    of_another_name_in_its_own_header: ("member config.json: has another name in its own header"),
    smaller_than_said: f"member config.json: {STORED}; it has 100,000 and takes 405",
    larger_than_said: f"member config.json: {STORED}; it has 10 and takes 405",
    of_another_checksum: f"member config.json: {UNTRUE}",
    one_over_the_other: "members must not overlap; model.weights.h5 does",
    beyond_the_end: "members must not overlap; model.weights.h5 does",
    elsewhere: "the zip archive is damaged (there is no member where config.json should be)",
    with_data_in_front: "must be a zip archive, as model.save writes it; this is a script",
    with_an_archive_in_front: "the zip archive is damaged (its end does not describe it)",
    with_data_behind: ENDS,
    with_a_comment: ENDS,
    cut_off: ENDS,
    said_to_be_zip64: "zip64 archives, which are for files above 4 GB, are refused",
    of_two_disks: "the zip archive is damaged (its end does not describe it)",
}


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_tricks(trick: Callable[[Path], None], tmp_path: Path) -> None:
    path = write_members(tmp_path / "m.keras", members())
    read_keras_file(path)
    trick(path)
    assert refusal(path) == f"{TRICKS[trick]}; {AGAIN}"


def bomb(path: Path, size: int) -> Path:
    """Weights that pack a thousand times."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("config.json", json.dumps(stack(DENSE)))
        archive.writestr("model.weights.h5", bytes(size))
    return path


def test_a_bomb_that_says_what_it_is(tmp_path: Path) -> None:
    path = bomb(tmp_path / "m.keras", 10**7)
    assert refusal(path) == (
        "member model.weights.h5: must unpack to at most 100 times its size; 9.73 kB unpack to "
        f"10 MB; {AGAIN}"
    )


def test_a_bomb_that_says_less_is_not_unpacked_further_than_it_says(tmp_path: Path) -> None:
    path = bomb(tmp_path / "m.keras", 10**8)
    patch(path, in_list(path, "model.weights.h5") + 24, "<L", 2000)
    tracemalloc.start()
    try:
        assert refusal(path) == f"member model.weights.h5: {UNTRUE}; {AGAIN}"
        assert tracemalloc.get_traced_memory()[1] < 5 * 10**6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("name", "limit"), [("config.json", 16 * 10**6), ("metadata.json", 10**5)])
def test_large_members(name: str, limit: int, tmp_path: Path) -> None:
    rest = [(other, content) for other, content in members() if other != name]
    path = write_members(tmp_path / "m.keras", [*rest, (name, b" " * (limit + 1))])
    sizes = f"at most {limit:,} bytes; it has {limit + 1:,}"
    assert refusal(path) == f"member {name}: must have {sizes}; {AGAIN}"


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    with path.open("wb") as file:
        file.truncate(2 * 10**9 + 1)  # a hole: it takes no space
    assert refusal(path) == f"must have at most 2,000,000,000 bytes; it has 2,000,000,001; {AGAIN}"


def test_a_file_that_grows_while_it_is_read_is_not_followed() -> None:
    assert refusal(Path("/dev/zero")).startswith("must be a regular file")
