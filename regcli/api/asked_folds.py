"""Folds that a caller of an estimator gives as scikit-learn takes them: a splitter, or pairs."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import check_cv

from regcli.config.row_keys import MOST_FOLDS
from regcli.data.parts.folds import TRAINS, VALIDATES

_RULE = "must be a number of folds, at least 2, a splitter such as KFold, or pairs of row numbers"


def number_of_folds(cv: object, rows: int) -> int | None:
    """The number of folds that are to be dealt; None where `cv` gives the folds themselves.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(cv, str) and (hasattr(cv, "split") or isinstance(cv, Iterable)):
        return None
    if isinstance(cv, bool) or not isinstance(cv, int | np.integer) or cv < 2:
        raise ValueError(f"cv: {_RULE}, got {cv!r}")
    if rows < cv:
        raise ValueError(f"cv: must be at most the rows, got cv={cv} for n_samples={rows}")
    return int(cv)


def parts_by_fold(cv: Any, x: NDArray[Any], y: NDArray[Any], groups: Any) -> NDArray[np.int8]:
    """What each row is in each fold, (rows, folds), as `data.dataset.Origin.fold_parts`.

    Args:
        cv: a splitter, or pairs of the numbers of rows that train and of those held out.
        x, y: what a splitter may look at.
        groups: (rows,) what a splitter such as `GroupKFold` keeps together; None for nothing.

    Raises:
        ValueError: there are fewer than 2 folds or too many, or one holds a row twice, holds out
            rows that it trains on, or lacks either kind.
        IndexError: a number is of no row.
    """
    folds = list(check_cv(cv).split(x, y, groups))
    if not 2 <= len(folds) <= MOST_FOLDS:
        raise ValueError(f"cv: must have 2 to {MOST_FOLDS:,} folds, got {len(folds)}")
    parts = np.zeros((len(x), len(folds)), np.int8)
    numbers = np.arange(len(x))
    for number, pair in enumerate(folds):
        train, held_out = (_rows_of(numbers, rows) for rows in pair)
        place = f"cv: fold {number}"
        if not len(train) or not len(held_out):
            raise ValueError(f"{place} must have rows that train and rows held out")
        for rows in (train, held_out):
            if len(np.unique(rows)) < len(rows):
                raise ValueError(f"{place} must have each row once; weights of rows are not taken")
        if len(np.intersect1d(train, held_out)):
            raise ValueError(f"{place} must not train on rows that it holds out")
        parts[train, number], parts[held_out, number] = TRAINS, VALIDATES
    return parts


def _rows_of(numbers: NDArray[np.int64], given: Any) -> NDArray[np.int64]:
    """Those of all row numbers that are given, by place or by truth; of none there is no type."""
    places = np.asarray(given)
    return numbers[places] if places.size else numbers[:0]
