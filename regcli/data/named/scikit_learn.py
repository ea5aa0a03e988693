"""Real data sets that travel inside scikit-learn, read without a network.

Importing this module imports scikit-learn, which takes a second; `named_tables` does so only
for one of these data sets.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn import datasets

from regcli.data.dataset import Table, Target

LOADERS: Mapping[str, Callable[[], Any]] = {
    "digits": datasets.load_digits,
    "breast_cancer": datasets.load_breast_cancer,
    "wine": datasets.load_wine,
    "iris": datasets.load_iris,
    "diabetes": datasets.load_diabetes,
}


def load(name: str) -> Table:
    """The data set with scikit-learn's own values, row order, class numbers and names."""
    bunch = LOADERS[name]()
    columns = tuple(map(str, bunch.feature_names))
    return Table.of(name, np.asarray(bunch.data, np.float64), _target(bunch), columns)


def _target(bunch: Any) -> Target:
    if "target_names" not in bunch:
        return Target(bunch.target.astype(np.float32), "regression", ())
    classes = tuple(map(str, bunch.target_names))
    y = bunch.target.astype(np.int32)
    return Target(y, "binary" if len(classes) == 2 else "multiclass", classes)
