import io
import re
import struct
import zipfile

import numpy as np
import pytest

from regcli.config.dataset_section import Dataset
from regcli.data.sources import load_table
from regcli.errors import DataError

X = np.arange(8.0).reshape(4, 2)
Y = np.array([0, 1, 0, 1])


def refusal(load, *given) -> str:
    with pytest.raises(DataError) as refused:
        load(*given)
    message = str(refused.value)
    assert "\n" not in message
    return re.sub(r"^.*/(?=data\.)", "", message)


def test_rows_and_columns_are_read_and_columns_numbered(load_npz):
    table = load_npz({"x": X, "y": Y, "more": X})
    np.testing.assert_array_equal(table.x, X)
    np.testing.assert_array_equal(table.y, Y)
    assert (table.source, table.task, table.columns) == ("data.npz", "binary", ("x_0", "x_1"))


def test_tensors_keep_their_shape_and_name_every_number_in_a_row(load_npz):
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    table = load_npz({"x": x, "y": np.array([0, 1])})
    np.testing.assert_array_equal(table.x, x)
    assert table.columns[:3] == ("x_0_0_0", "x_0_0_1", "x_0_1_0")
    assert len(table.columns) == 12
    assert table.x[0, 2, 1, 0] == table.x[0].ravel()[table.columns.index("x_2_1_0")]


@pytest.mark.parametrize(
    ("stored", "kept"),
    [
        ("u1", "f4"),
        ("i2", "f4"),
        ("f2", "f4"),
        ("f4", "f4"),
        (">f4", "f4"),
        ("?", "f4"),
        ("i4", "f8"),
        ("i8", "f8"),
        ("f8", "f8"),
    ],
)
def test_types_become_the_smallest_float_that_holds_all_their_values(load_npz, stored, kept):
    table = load_npz({"x": (X > 3).astype(stored), "y": Y})
    assert table.x.dtype == np.dtype(kept)
    np.testing.assert_array_equal(table.x, X > 3)


@pytest.mark.parametrize(
    ("y", "task", "classes"),
    [
        (np.array([True, False, True, True]), "binary", ("False", "True")),
        (np.array(["u", "v", "w", "u"]), "multiclass", ("u", "v", "w")),
        (np.array([0.5, 1.25, 2.0, 3.0]), "regression", ()),
        (np.array([3, 7, 3, 7], np.uint8), "binary", ("3", "7")),
    ],
)
def test_a_target_may_be_of_any_plain_type(load_npz, y, task, classes):
    table = load_npz({"x": X, "y": y})
    assert (table.task, table.classes) == (task, classes)
    found = table.y if task == "regression" else [table.classes[number] for number in table.y]
    assert list(found) == (y.tolist() if task == "regression" else [str(value) for value in y])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X}, "must hold the arrays x and y, y is missing (it has 'x')"),
        (
            {"inputs": X, "targets": Y},
            "must hold the arrays x and y, x and y are missing (it has 'inputs', 'targets')",
        ),
        ({}, "must hold the arrays x and y, x and y are missing (it has no arrays)"),
        (
            {"x": X, "y": np.array(["u", None, "v", 1], object)},
            "array y must be numbers, booleans or text; it holds pickled Python objects, which "
            "could run code and are never loaded",
        ),
        (
            {"x": X.astype(object), "y": Y},
            "array x must be numbers, booleans or text; it holds pickled Python objects, which "
            "could run code and are never loaded",
        ),
        ({"x": X[:, 0], "y": Y}, "array x must have rows and columns, its shape is (4,)"),
        ({"x": X[:, :0], "y": Y}, "array x must have rows and columns, its shape is (4, 0)"),
        ({"x": X, "y": Y[:, None]}, "array y must have the shape (rows,), its shape is (4, 1)"),
        ({"x": X, "y": Y[:3]}, "x and y must have the same number of rows, got 4 and 3"),
        ({"x": X[:1], "y": Y[:1]}, "must have at least 2 rows, got 1"),
        (
            {"x": X.astype(str), "y": Y},
            "array x must hold numbers or booleans, its type is <U32",
        ),
        (
            {"x": X.astype(complex), "y": Y},
            "array x must hold numbers or booleans, its type is complex128",
        ),
        (
            {"x": X, "y": Y.astype("datetime64[D]")},
            "array y must hold numbers, booleans or text, its type is datetime64[D]",
        ),
        (
            {"x": X, "y": np.array([0, 1, np.nan, 0])},
            "column 'y' must have a value in every row, row 3 of 4 has none; fill the gap or leave "
            "the row out",
        ),
        (
            {"x": X, "y": np.array(["u", "v", "u", " "])},
            "column 'y' must have a value in every row, row 4 of 4 has none; fill the gap or leave "
            "the row out",
        ),
        (
            {"x": X, "y": np.array(["u", "NA", "u", "n/a"])},
            "column 'y' must have a value in every row, 2 of 4 rows have none, the first of them "
            "row 2 with 'NA'; fill the gaps or leave the rows out",
        ),
        (
            {"x": np.where(X == 5, np.nan, X), "y": Y},
            "column 'x_1' must have a value in every row, row 3 of 4 has none; fill the gap or "
            "leave the row out",
        ),
        (
            {"x": np.where(X == 6, np.inf, X).reshape(4, 1, 2), "y": Y},
            "column 'x_0_0' must hold finite numbers of at most 3.4e38, row 4 of 4 has inf",
        ),
        (
            {"x": X, "y": np.array([2, 2, 2, 2])},
            "array y must have at least 2 different values to tell apart, all are '2'",
        ),
    ],
)
def test_arrays_that_cannot_be_trained_on_are_refused(load_npz, arrays, message):
    assert refusal(load_npz, arrays) == f"data.npz: {message}"


FOLD_PARTS = np.array([[1, 2], [1, 0], [2, 1], [2, 1]])


def test_folds_that_come_with_the_arrays_make_another_table(load_npz):
    plain, given = load_npz({"x": X, "y": Y}), load_npz({"x": X, "y": Y, "fold_parts": FOLD_PARTS})
    assert plain.origin is None
    np.testing.assert_array_equal(given.origin.fold_parts, FOLD_PARTS)
    assert given.fingerprint != plain.fingerprint


RULE = "must have the shape (4, folds) with 2 folds or more, its shape is"
VALUES = "must hold 1 where a row trains, 2 where it validates, and 0 where it does neither"


@pytest.mark.parametrize(
    ("fold_parts", "message"),
    [
        (FOLD_PARTS[:, 0], f"{RULE} (4,)"),
        (FOLD_PARTS[:, :1], f"{RULE} (4, 1)"),
        (FOLD_PARTS[:3], f"{RULE} (3, 2)"),
        (FOLD_PARTS + 1, VALUES),
        (FOLD_PARTS * 1.0, VALUES),
        (
            FOLD_PARTS[:, [0, 0]] % 2,
            "must have a row that validates in every fold, fold 0 has none",
        ),
        (
            np.maximum(FOLD_PARTS, [0, 2]),
            "must have a row that trains in every fold, fold 1 has none",
        ),
    ],
)
def test_folds_that_come_malformed_are_refused(load_npz, fold_parts, message):
    arrays = {"x": X, "y": Y, "fold_parts": fold_parts}
    assert refusal(load_npz, arrays) == f"data.npz: array fold_parts {message}"


def test_every_column_with_gaps_and_the_target_are_named_at_once(load_npz):
    x = X.copy()
    x[1:3, 1] = np.nan
    x[3, 0] = np.inf
    with pytest.raises(DataError) as refused:
        load_npz({"x": x, "y": np.array([0, 1, np.nan, 0])})
    assert [line.rpartition("data.npz: ")[2] for line in refused.value.problems] == [
        "column 'x_0' must hold finite numbers of at most 3.4e38, row 4 of 4 has inf",
        "column 'x_1' must have a value in every row, 2 of 4 rows have none, the first of them row "
        "2; fill the gaps or leave the rows out",
        "column 'y' must have a value in every row, row 3 of 4 has none; fill the gap or leave the "
        "row out",
    ]


def test_gaps_are_found_in_every_row_of_a_long_array(load_npz):
    x = np.zeros((3, 2**20), np.float32)
    x[2, -1] = np.nan
    y = np.array([0, 1, 0])
    assert refusal(load_npz, {"x": x, "y": y}) == (
        "data.npz: column 'x_1048575' must have a value in every row, row 3 of 3 has none; fill "
        "the gap or leave the row out"
    )


class TestFiles:
    @pytest.fixture
    def load(self, tmp_path):
        return lambda: load_table(Dataset(file="data.npz"), tmp_path)

    def test_a_single_array_is_no_archive(self, load, tmp_path):
        with (tmp_path / "data.npz").open("wb") as file:
            np.save(file, X)
        assert refusal(load) == (
            "data.npz: cannot be read as NPZ; write it with numpy.savez(path, x=x, y=y)"
        )

    @pytest.mark.parametrize("content", [b"a,y\n1,0\n", b"PK\x03\x04 broken", b"\x80\x04N."])
    def test_what_is_no_archive_is_refused(self, load, tmp_path, content):
        (tmp_path / "data.npz").write_bytes(content)
        assert refusal(load) == (
            "data.npz: cannot be read as NPZ; write it with numpy.savez(path, x=x, y=y)"
        )

    def test_a_damaged_array_is_refused(self, load, tmp_path):
        path = tmp_path / "data.npz"
        np.savez(path, x=X, y=Y)
        content = bytearray(path.read_bytes())
        content[content.index(X.tobytes())] ^= 255
        path.write_bytes(content)
        assert refusal(load) == "data.npz: array x cannot be read: the file is damaged"

    def test_a_damaged_compressed_array_is_refused(self, load, tmp_path):
        path = tmp_path / "data.npz"
        np.savez_compressed(path, x=X, y=Y)
        content = bytearray(path.read_bytes())
        name_length, extra_length = struct.unpack("<HH", content[26:30])
        content[30 + name_length + extra_length] = 0b111  # a deflate block of the reserved kind
        path.write_bytes(content)
        assert refusal(load) == "data.npz: array x cannot be read: the file is damaged"

    def test_a_compression_that_python_lacks_is_refused(self, load, tmp_path):
        path = tmp_path / "data.npz"
        np.savez(path, x=X, y=Y)
        content = bytearray(path.read_bytes())
        content[content.index(b"PK\x01\x02") + 10] = 99
        path.write_bytes(content)
        assert refusal(load) == "data.npz: array x cannot be read: the file is damaged"

    def test_a_member_that_is_no_array_is_refused(self, load, tmp_path):
        with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
            archive.writestr("x", "text")
            archive.writestr("y", "text")
        rule = "data.npz: array x must be a NumPy array"
        assert refusal(load) == f"{rule}, got 4 bytes in another format"

    def test_a_compressed_archive_is_read(self, load, tmp_path):
        np.savez_compressed(tmp_path / "data.npz", x=X, y=Y)
        np.testing.assert_array_equal(load().x, X)

    @pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
    def test_every_compression_of_python_is_read_and_its_damage_named(self, load, tmp_path, method):
        path = tmp_path / "data.npz"
        write_members(path, {"x.npy": stored(X), "y.npy": stored(Y)}, method)
        np.testing.assert_array_equal(load().x, X)
        content = bytearray(path.read_bytes())
        for place in range(45, 75):
            content[place] ^= 255
        path.write_bytes(content)
        assert refusal(load) == "data.npz: array x cannot be read: the file is damaged"

    @pytest.mark.parametrize(
        "header",
        [
            "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 1000), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000000000000, 2), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-4, 2), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (4, 2",
            "{'descr': 'zz', 'fortran_order': False, 'shape': (4, 2), }",
            "{'descr': '<V0', 'fortran_order': False, 'shape': (4, 2), }",
            "(" * 9000,
            "'''",
            "",
        ],
    )
    @pytest.mark.parametrize("version", [b"\x01\x00", b"\x02\x00", b"\x09\x00"])
    def test_a_header_that_lies_or_cannot_be_read_is_damage(self, load, tmp_path, header, version):
        length = len(header + "\n").to_bytes(2 if version[0] == 1 else 4, "little")
        content = b"\x93NUMPY" + version + length + f"{header}\n".encode() + X.tobytes()
        members = {"x.npy": content, "y.npy": stored(Y)}
        write_members(tmp_path / "data.npz", members, zipfile.ZIP_STORED)
        assert refusal(load) == "data.npz: array x cannot be read: the file is damaged"


def stored(array):
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def write_members(path, members, method):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
