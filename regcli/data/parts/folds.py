"""Folds for cross-validation: every row that is not a test row is held out once.

Folds that come with the data may be others: of blocks of rows, or of random ones each time.
"""

import numpy as np
from numpy.typing import NDArray

from regcli.config.dataset_section import Dataset
from regcli.config.row_keys import Fold
from regcli.data.parts.partition import Integers, Partition
from regcli.errors import DataError


def rows_to_deal(parts: Partition) -> Integers:
    """The rows that are not test rows, in the table's order."""
    return np.sort(np.concatenate([parts.train, parts.validation]))


def deal(labels: Integers, count: int, rng: np.random.Generator) -> Integers:
    """The fold of each row, (rows,): stratified, and drawn at random.

    The rows of one class after the other are dealt out like cards, so that folds differ by at most
    one row, in all and of each class.

    Args:
        labels: class numbers from 0, (rows,); all 0 where there are no classes.

    Raises:
        DataError: there are fewer rows than folds.
    """
    if len(labels) < count:
        raise DataError(
            f"folds must be at most the rows that are not test rows, got {count} folds of "
            f"{len(labels)} rows"
        )
    folds = np.empty(len(labels), np.int64)
    folds[np.lexsort((rng.random(len(labels)), labels))] = np.arange(len(labels)) % count
    return folds


TRAINS, VALIDATES = 1, 2
"""What a row can be in a fold that comes with the data, beside 0 for neither."""


def given_fold(fold_parts: NDArray[np.int8], fold: Fold, config: Dataset) -> Partition:
    """The parts of a fold that comes with the data.

    Args:
        fold_parts: (rows, folds), as `Origin.fold_parts`.

    Raises:
        DataError: the config asks for other folds, for repetitions, or for test rows.
    """
    count = fold_parts.shape[1]
    if fold.of != count:
        raise DataError(f"folds must be the {count} that come with the data, got {fold.of}")
    if fold.repeat:
        raise DataError("repeats must be left out where folds come with the data")
    if config.test:
        raise DataError(f"test must be 0 where folds come with the data, got {config.test}")
    own = fold_parts[:, fold.number]
    return Partition(
        np.flatnonzero(own == TRAINS), np.flatnonzero(own == VALIDATES), np.array([], np.int64)
    )
