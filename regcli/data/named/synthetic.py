"""Data sets made by formula, whose true columns are known.

Their generator's seed is fixed: each is one data set, as digits is one. The config's own seed only
splits it and draws its noise columns.
"""

from collections.abc import Callable, Mapping

import numpy as np

from regcli.data.dataset import Table, Target, numbered_columns

_SEED = 0


def row_sum() -> Table:
    """Is the sum of 10 uniform numbers in [0, 1) above 5? 100 rows; every column matters."""
    x = np.random.default_rng(_SEED).random((100, 10))
    y = (x.sum(axis=1) > 5).astype(np.int32)
    columns = numbered_columns("x", (10,))
    return Table.of("row_sum", x, Target(y, "binary", ("0", "1")), columns, columns)


def sparse_linear() -> Table:
    """Linear y = Xb + e: 200 rows, 100 standard-normal columns of which 5 are in b, e of sd 0.5."""
    rng = np.random.default_rng(_SEED)
    x = rng.standard_normal((200, 100))
    true = np.sort(rng.choice(100, size=5, replace=False))
    y = x[:, true] @ np.array([3.0, -2.5, 2.0, -1.5, 1.0]) + 0.5 * rng.standard_normal(200)
    columns = numbered_columns("x", (100,))
    target = Target(y.astype(np.float32), "regression", ())
    return Table.of("sparse_linear", x, target, columns, tuple(columns[i] for i in true))


def friedman1() -> Table:
    """Curved y = 10 sin(π x0 x1) + 20 (x2 − ½)² + 10 x3 + 5 x4 + e; 200 rows, 10 columns.

    Columns are uniform in [0, 1), the error e is standard normal. From J. H. Friedman, Multivariate
    adaptive regression splines, Annals of Statistics 19 (1991), 1-67.
    """
    rng = np.random.default_rng(_SEED)
    x = rng.random((200, 10))
    signal = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2
    y = signal + 10 * x[:, 3] + 5 * x[:, 4] + rng.standard_normal(200)
    columns = numbered_columns("x", (10,))
    target = Target(y.astype(np.float32), "regression", ())
    return Table.of("friedman1", x, target, columns, columns[:5])


LOADERS: Mapping[str, Callable[[], Table]] = {
    "row_sum": row_sum,
    "sparse_linear": sparse_linear,
    "friedman1": friedman1,
}
