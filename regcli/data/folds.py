"""Folds for cross-validation: every row is held out once, by the rows of one fold at a time."""

import numpy as np

from regcli.data.partition import Integers, Partition
from regcli.errors import DataError


def held_out(parts: Partition, labels: Integers, number: int, folds: Integers) -> Partition:
    """The parts of one fold: its rows for validation, those of the others for training.

    The test rows stay, so that they are the same for all folds, and without folds.

    Args:
        labels: class numbers from 0, (rows,); all 0 where there are no classes.
        folds: the fold of each row that is not a test row, in the table's order.

    Raises:
        DataError: training would lack a class.
    """
    rows = rows_to_deal(parts)
    train, validation = rows[folds != number], rows[folds == number]
    missing = np.setdiff1d(labels, labels[train])
    if len(missing):
        raise DataError(
            f"every class must have training rows in every fold, fold {number} holds all "
            f"{np.sum(labels == missing[0])} of class number {missing[0]} that are not test rows"
        )
    return Partition(train, validation, parts.test)


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
