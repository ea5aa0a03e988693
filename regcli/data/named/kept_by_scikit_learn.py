"""Data sets that scikit-learn has fetched before, from its own cache.

They are read by scikit-learn's own functions, which are told to fetch nothing. What they read is a
pickle that scikit-learn wrote on this machine. Importing this module imports scikit-learn.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import datasets

from regcli.data.columns.gaps import faults_of_numbers, faults_together
from regcli.data.dataset import Table, Target, numbered_columns
from regcli.data.named.kept_files import not_kept, scikit_learn_folder
from regcli.errors import DataError


@dataclass(frozen=True)
class _Kept:
    """A data set of scikit-learn's.

    Attributes:
        fetch: the function that reads it.
        shape: of its rows.
        values: where a bunch has them.
    """

    fetch: Callable[..., Any]
    shape: tuple[int, ...]
    values: str = "data"


_KEPT: Mapping[str, _Kept] = {
    "california_housing": _Kept(datasets.fetch_california_housing, (20_640, 8)),
    "covtype": _Kept(datasets.fetch_covtype, (581_012, 54)),
    "olivetti_faces": _Kept(datasets.fetch_olivetti_faces, (400, 64, 64), "images"),
}


def load(name: str) -> Table:
    """A data set with scikit-learn's own values and row order.

    Raises:
        DataError: it was never fetched, or what is in the cache cannot be read.
    """
    kept, folder = _KEPT[name], scikit_learn_folder()
    fetch = f"from sklearn.datasets import {kept.fetch.__name__} as f; f()"
    missing = not_kept(folder, name, "scikit-learn", fetch)
    if not folder.is_dir():  # which scikit-learn would make
        raise missing
    try:
        bunch = kept.fetch(data_home=str(folder), download_if_missing=False)
    except FileNotFoundError:
        raise missing from None
    except OSError as error:
        if "download_if_missing" in str(error):
            raise missing from None
        raise _damaged(folder, name) from None
    except Exception:  # a damaged pickle raises nearly everything
        raise _damaged(folder, name) from None
    x = np.asarray(bunch[kept.values])
    if x.shape != kept.shape or x.dtype.kind != "f" or len(bunch.target) != len(x):
        raise _damaged(folder, name)
    if x.ndim == 3:
        x = x[..., np.newaxis]
        columns = numbered_columns("x", x.shape[1:])
    else:
        columns = tuple(map(str, bunch.feature_names))
        x = x.astype(np.float64, copy=False)
    faults = faults_of_numbers(x, columns, folder)
    if faults:
        raise DataError(*faults_together(faults, folder))
    return Table.of(name, x, _target(bunch), columns)


def _damaged(folder: Path, name: str) -> DataError:
    return DataError(
        f"{folder}: what scikit-learn keeps of {name!r} cannot be read; remove it, and let "
        "scikit-learn fetch it again"
    )


def _target(bunch: Any) -> Target:
    if bunch.target.dtype.kind == "f":
        return Target(bunch.target.astype(np.float32), "regression", ())
    distinct, numbers = np.unique(bunch.target, return_inverse=True)
    return Target(numbers.astype(np.int32), "multiclass", tuple(map(str, distinct.tolist())))
