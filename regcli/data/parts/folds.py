"""Folds for cross-validation: every row that is not a test row is held out once."""

import numpy as np

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
