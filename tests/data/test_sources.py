import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn import datasets
from sklearn.linear_model import Lasso

from regcli.config.catalogue import NAMED_DATASETS
from regcli.config.dataset_section import Dataset
from regcli.data.dataset import Table
from regcli.data.named.named_tables import NAMES
from regcli.data.sources import load_table
from regcli.errors import DataError


def shipped(name: str, **options: object) -> Table:
    return load_table(Dataset(name=name, **options), Path())


def test_every_name_of_the_catalogue_has_a_loader_and_every_loader_a_name():
    assert sorted(NAMES) == sorted(NAMED_DATASETS)


@pytest.mark.parametrize(
    ("name", "shape", "task", "classes", "true_columns"),
    [
        ("digits", (1797, 64), "multiclass", 10, None),
        ("breast_cancer", (569, 30), "binary", 2, None),
        ("wine", (178, 13), "multiclass", 3, None),
        ("iris", (150, 4), "multiclass", 3, None),
        ("diabetes", (442, 10), "regression", 0, None),
        ("row_sum", (100, 10), "binary", 2, 10),
        ("sparse_linear", (200, 100), "regression", 0, 5),
        ("friedman1", (200, 10), "regression", 0, 5),
    ],
)
def test_a_shipped_data_set_is_what_the_catalogue_says(name, shape, task, classes, true_columns):
    table = shipped(name)
    assert (table.source, table.x.shape, table.task) == (name, shape, task)
    assert len(set(table.columns)) == shape[1]
    assert len(table.classes) == classes
    assert table.y.dtype == (np.float32 if task == "regression" else np.int32)
    assert sorted(set(table.y.tolist())) == list(range(classes)) or task == "regression"
    if true_columns is None:
        assert table.true_columns is None
    else:
        assert table.true_columns is not None
        assert len(table.true_columns) == true_columns
        assert set(table.true_columns) <= set(table.columns)


@pytest.mark.parametrize("name", ["digits", "breast_cancer", "wine", "iris", "diabetes"])
def test_scikit_learns_data_keeps_its_values_and_row_order(name):
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    table = shipped(name)
    np.testing.assert_array_equal(table.x, x)
    np.testing.assert_array_equal(table.y, y)


def test_scikit_learns_names_are_kept():
    cancer, diabetes = shipped("breast_cancer"), shipped("diabetes")
    assert cancer.classes == ("malignant", "benign")
    assert cancer.columns[:2] == ("mean radius", "mean texture")
    assert cancer.y.sum() == 357  # benign is class 1, as in scikit-learn
    assert diabetes.columns[:3] == ("age", "sex", "bmi")
    assert shipped("digits").classes == tuple("0123456789")
    assert shipped("digits").columns[9] == "pixel_1_1"


def test_row_sum_is_the_textbook_example():
    x = np.random.default_rng(0).random((100, 10))
    table = shipped("row_sum")
    np.testing.assert_array_equal(table.x, x)
    np.testing.assert_array_equal(table.y, x.sum(axis=1) > 5)


def test_the_lasso_finds_the_true_columns_of_sparse_linear():
    table = shipped("sparse_linear")
    fitted = Lasso(alpha=0.429193 / 2).fit(table.x, table.y)
    found = tuple(table.columns[i] for i in np.flatnonzero(fitted.coef_))
    assert found == table.true_columns


def test_friedman1_is_its_formula_plus_standard_normal_noise():
    table = shipped("friedman1")
    a, b, c, d, e = table.x[:, :5].T
    noise = table.y - (10 * np.sin(np.pi * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e)
    assert abs(noise.mean()) < 0.2
    assert 0.9 < noise.std() < 1.1
    assert table.true_columns == ("x_0", "x_1", "x_2", "x_3", "x_4")
    assert 0 <= table.x.min() < table.x.max() < 1


@pytest.mark.parametrize("name", ["row_sum", "sparse_linear", "friedman1"])
def test_a_synthetic_data_set_does_not_depend_on_the_configs_seed(name):
    assert shipped(name, seed=0).fingerprint == shipped(name, seed=7).fingerprint


def test_naming_the_room_and_splitting_a_synthetic_data_set_loads_no_heavy_library():
    script = """
import sys
import regcli.data
assert "numpy" not in sys.modules
from pathlib import Path
from regcli.config.dataset_section import Dataset
from regcli.data.sources import load_table
from regcli.data.splits import split
for shares in ({"test": 0, "validation": 0}, {"test": 0.2, "validation": 0.2}):
    config = Dataset(name="row_sum", noise_features=3, **shares)
    split(load_table(config, Path()), config)
heavy = {"sklearn", "scipy", "polars", "pandas", "tensorflow", "keras"} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "digit"}, "there is no data set 'digit'; did you mean 'digits'?"),
        (
            {"name": "qqq"},
            "there is no data set 'qqq'; known: digits, breast_cancer, wine, iris, diabetes, "
            "row_sum, sparse_linear, friedman1, mnist, fashion_mnist, boston_housing, "
            "california_housing, covtype, olivetti_faces, mnist5k",
        ),
        (
            {"name": "row_sum", "task": "regression"},
            "task must be classification or left out for the data set 'row_sum', got regression",
        ),
        (
            {"name": "friedman1", "task": "classification"},
            "task must be regression or left out for the data set 'friedman1', got classification",
        ),
    ],
)
def test_a_name_or_task_that_does_not_fit_is_refused(options, message):
    with pytest.raises(DataError) as refused:
        shipped(**options)
    assert str(refused.value) == message


def test_the_task_may_be_repeated_where_it_fits():
    assert shipped("row_sum", task="classification").task == "binary"


def test_a_file_is_found_from_the_configs_folder_or_by_its_full_path(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.csv").write_text("a,y\n1,0\n2,1\n")
    relative = load_table(Dataset(file="data/t.csv", target="y"), tmp_path)
    absolute = load_table(Dataset(file=str(tmp_path / "data/t.csv"), target="y"), Path("elsewhere"))
    assert relative.source == absolute.source == "t.csv"
    assert relative.fingerprint == absolute.fingerprint


TRUE_COLUMNS = {
    (): (),
    ("b", "a"): ("a", "b"),
    ("city",): ("city",),
    ("city=Rome", "a", "a"): ("a", "city=Rome"),
}


@pytest.mark.parametrize("chosen", TRUE_COLUMNS)
def test_a_file_may_come_with_its_true_columns(tmp_path, chosen):
    load = planted(tmp_path)
    found = load(true_columns=chosen)
    assert found.true_columns == TRUE_COLUMNS[chosen]
    assert load().true_columns is None
    assert found.fingerprint == load().fingerprint


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("cty=Bonn", "; did you mean 'city=Bonn'?"),
        ("zz", "; known: a, b, city, city=Bonn, city=Rome"),
    ],
)
def test_true_columns_must_be_there(tmp_path, name, known):
    with pytest.raises(DataError) as refused:
        planted(tmp_path)(true_columns=("a", name))
    assert str(refused.value) == (
        f"{tmp_path / 'p.csv'}: true_columns must name inputs, there is no column {name!r}{known}"
    )


def planted(folder):
    rows = [f"{n},{n * n % 7},{'Bonn' if n % 2 else 'Rome'},{n / 3}" for n in range(20)]
    (folder / "p.csv").write_text("\n".join(["a,b,city,y", *rows]))
    return lambda **options: load_table(Dataset(file="p.csv", target="y", **options), folder)


def test_a_file_may_lie_in_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "t.csv").write_text("a,y\n1,0\n2,1\n")
    assert load_table(Dataset(file="~/t.csv", target="y"), Path("elsewhere")).source == "t.csv"


@pytest.mark.parametrize("name", ["run[1].csv", "a*.csv", "TRAIN.CSV", "x=1.csv", "ö.csv"])
def test_a_path_is_a_path_and_no_pattern(tmp_path, name):
    (tmp_path / name).write_text("a,y\n1,0\n2,1\n")
    (tmp_path / "another.csv").write_text("a,y\n3,0\n4,1\n")
    assert load_table(Dataset(file=name, target="y"), tmp_path).x.tolist() == [[1], [2]]


@pytest.mark.parametrize("name", ["run[1].parquet", "a*.parquet"])
def test_a_path_of_a_parquet_file_is_no_pattern_either(tmp_path, name):
    pl.DataFrame({"a": [1, 2], "y": [0, 1]}).write_parquet(tmp_path / name)
    pl.DataFrame({"a": [3, 4], "y": [0, 1]}).write_parquet(tmp_path / "another.parquet")
    assert load_table(Dataset(file=name, target="y"), tmp_path).x.tolist() == [[1], [2]]


ENDINGS = "must end in .csv, .tsv, .txt, .parquet, .xlsx or .npz, or be a folder of images"


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("trian.csv", "{}: there is no such file; did you mean 'train.csv'?"),
        ("nowhere/t.csv", "{}: there is no such file"),
        ("folder.csv", "{}: must be a file, it is a folder"),
        ("empty.csv", "{}: must hold a table, it is empty"),
        ("empty.npz", "{}: must hold a table, it is empty"),
        ("table.xls", f"{{}}: {ENDINGS}; got '.xls'"),
        ("table", f"{{}}: {ENDINGS}; got ''"),
        ("table.xlsx", "{}: cannot be read as Excel: it is not an .xlsx file"),
        ("part-*.csv", "{}: there is no file with such a name"),
        ("train.csv/t.csv", "{}: there is no such file"),
    ],
)
def test_a_path_that_leads_to_no_table_is_refused(tmp_path, file, message):
    (tmp_path / "train.csv").write_text("a,y\n1,0\n")
    (tmp_path / "folder.csv").mkdir()
    for name in ("empty.csv", "empty.npz"):
        (tmp_path / name).touch()
    for name in ("table.xls", "table.xlsx", "table"):
        (tmp_path / name).write_text("a,y\n1,0\n")
    with pytest.raises(DataError) as refused:
        load_table(Dataset(file=file, target="y"), tmp_path)
    assert str(refused.value) == message.format(tmp_path / file)


def test_a_path_that_the_system_refuses_is_one_line(tmp_path):
    file = "n" * 300 + ".csv"
    with pytest.raises(DataError) as refused:
        load_table(Dataset(file=file, target="y"), tmp_path)
    assert str(refused.value) == f"{tmp_path / file}: cannot be read: File name too long"


class TestPlaces:
    """What stands where a config says that a file is."""

    @pytest.fixture
    def refusal(self, tmp_path):
        def of(file):
            with pytest.raises(DataError) as refused:
                load_table(Dataset(file=file, target="y"), tmp_path)
            return str(refused.value).replace(f"{tmp_path}/", "")

        return of

    @pytest.mark.parametrize("ending", ["csv", "parquet", "npz"])
    def test_nothing_is_read_from_pipes_devices_and_sockets(self, tmp_path, refusal, ending):
        os.mkfifo(tmp_path / f"pipe.{ending}")
        (tmp_path / f"zero.{ending}").symlink_to("/dev/zero")
        (tmp_path / f"link.{ending}").symlink_to(f"pipe.{ending}")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(tmp_path / f"s.{ending}"))
            for file, kind in {
                "pipe": "pipe",
                "link": "pipe",
                "zero": "device",
                "s": "socket",
            }.items():
                assert (
                    refusal(f"{file}.{ending}")
                    == f"{file}.{ending}: must be a file, it is a {kind}"
                )

    def test_a_link_to_a_file_is_followed(self, tmp_path):
        (tmp_path / "t.csv").write_text("a,y\n1,0\n2,1\n")
        (tmp_path / "link.csv").symlink_to("t.csv")
        assert load_table(Dataset(file="link.csv", target="y"), tmp_path).source == "link.csv"

    def test_links_that_lead_nowhere_are_one_line(self, tmp_path, refusal):
        (tmp_path / "loop.csv").symlink_to("loop.csv")
        (tmp_path / "lost.csv").symlink_to("gone.csv")
        assert refusal("loop.csv") == "loop.csv: cannot be read: Too many levels of symbolic links"
        assert refusal("lost.csv") == ("lost.csv: is a link to gone.csv, and there is no such file")

    def test_a_file_that_the_system_makes_up_is_empty(self, tmp_path, refusal):
        (tmp_path / "maps.csv").symlink_to("/proc/self/maps")
        assert refusal("maps.csv") == "maps.csv: must hold a table, it is empty"

    def test_a_home_folder_of_nobody_is_one_line(self, refusal):
        assert refusal("~nosuchuser/t.csv") == (
            "~nosuchuser/t.csv: '~nosuchuser' must be the home folder of a user of this machine, "
            "there is no such user; write the whole path"
        )

    def test_a_path_with_nul_is_one_line(self, refusal):
        assert refusal("a\0b.csv") == r"a\x00b.csv: must be a path without NUL characters"

    def test_a_file_that_must_not_be_read_is_one_line(self, tmp_path, refusal, monkeypatch):
        (tmp_path / "t.csv").write_text("a,y\n1,0\n2,1\n")

        def refuse(*_, **__):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        assert refusal("t.csv") == "t.csv: cannot be read: Permission denied"

    @pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.npz"])
    def test_a_file_that_vanishes_is_one_line(self, tmp_path, refusal, monkeypatch, name):
        (tmp_path / name).write_text("a,y\n1,0\n2,1\n")

        def vanish(path):
            path.unlink()

        monkeypatch.setattr("regcli.data.sources.require_regular_file", vanish)
        assert refusal(name).endswith(": No such file or directory")

    def test_a_file_of_nul_bytes_is_not_read_to_its_end(self, tmp_path, refusal):
        with (tmp_path / "t.csv").open("wb") as file:
            file.truncate(2**40)
        assert refusal("t.csv") == (
            "t.csv: cannot be read as CSV: it is not UTF-8 text, it holds NUL bytes like UTF-16 "
            "and binary files; save it as UTF-8, or name its encoding in dataset.encoding"
        )

    def test_a_first_line_without_end_is_one_line(self, tmp_path, refusal):
        (tmp_path / "t.csv").write_bytes(b"a" * (2**24 + 1))
        assert refusal("t.csv") == (
            "t.csv: must begin with a line of column names, its first line is longer than "
            "16,777,216 bytes"
        )


class TestFingerprint:
    ROWS = "a,b,y\n1,2,u\n3,4,v\n5,6,u\n"

    @pytest.mark.parametrize(
        "changed",
        [
            pytest.param("a,b,y\n1,2,u\n3,4,v\n5,6.5,u\n", id="a value"),
            pytest.param("a,b,y\n1,2,u\n3,4,u\n5,6,v\n", id="a target"),
            pytest.param("a,c,y\n1,2,u\n3,4,v\n5,6,u\n", id="a column's name"),
            pytest.param("a,b,y\n1,2,u\n3,4,w\n5,6,u\n", id="a class's name"),
            pytest.param("a,b,y\n3,4,v\n1,2,u\n5,6,u\n", id="the order of rows"),
            pytest.param("a,b,y\n1,2,u\n3,4,v\n", id="the number of rows"),
        ],
    )
    def test_changes_with(self, load_csv, changed):
        assert load_csv(changed).fingerprint != load_csv(self.ROWS).fingerprint

    def test_is_the_contents_and_not_the_format_or_the_place(self, load_csv, load_parquet):
        columns = {"a": [1, 3, 5], "b": [2.0, 4.0, 6.0], "y": ["u", "v", "u"]}
        fingerprint = load_csv(self.ROWS).fingerprint
        assert load_parquet(columns).fingerprint == fingerprint
        assert load_csv(self.ROWS.replace(",", " , ")).fingerprint == fingerprint

    def test_changes_with_the_shape_of_the_same_bytes(self, load_npz):
        x, y = np.arange(12.0), np.array([0, 1])
        wide = load_npz({"x": x.reshape(2, 6), "y": y})
        deep = load_npz({"x": x.reshape(2, 2, 3), "y": y})
        assert wide.fingerprint != deep.fingerprint

    def test_changes_with_the_task(self, load_csv):
        rows = "a,y\n1,0\n3,1\n5,0\n"
        as_class = load_csv(rows, task="classification")
        assert as_class.fingerprint != load_csv(rows, task="regression").fingerprint

    def test_is_the_same_on_every_machine(self):
        assert shipped("iris").fingerprint == "75a847bb28ccd975"
