"""Which rows train, which rank settings, which are kept for the test.

Written here rather than taken from scikit-learn, whose import takes a second and whose stratified
split neither keeps a class in training nor splits in three.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regcli.errors import DataError

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Partition:
    """Row numbers of each part, ascending; together they are every row once."""

    train: Integers
    validation: Integers
    test: Integers


@dataclass(frozen=True)
class Sizes:
    """Rows of each part."""

    train: int
    validation: int
    test: int


def part_sizes(rows: int, validation: float, test: float) -> Sizes:
    """Rows of each part: shares rounded to whole rows, and training keeps the rest.

    Raises:
        DataError: a requested part would have no row.
    """
    asked = {"validation": validation, "test": test}
    sizes = {name: round(rows * share) for name, share in asked.items()}
    for name, share in asked.items():
        if share > 0 and sizes[name] == 0:
            raise DataError(
                f"{name} must have at least 1 row, {share:g} of {rows} rows is none; use a larger "
                f"fraction, or 0 for no {name} rows"
            )
    train = rows - sum(sizes.values())
    if train < 1:
        raise DataError(
            f"at least 1 of {rows} rows must be left for training, validation takes "
            f"{sizes['validation']} and test takes {sizes['test']}"
        )
    return Sizes(train, **sizes)


def partition(labels: Integers, sizes: Sizes, rng: np.random.Generator) -> Partition:
    """Deal every class's rows, shuffled, to the parts in proportion to the parts' sizes.

    Args:
        labels: class numbers from 0, (rows,); all 0 where there are no classes.
        sizes: rows of each part, which add up to the rows.
        rng: decides which rows go where; the sizes depend on it only in ties.

    Raises:
        DataError: there are more classes than rows to train on, so that one would be missing.
    """
    counts = np.bincount(labels).astype(np.int64)
    if len(counts) > sizes.train:
        raise DataError(
            f"every class must have a training row, {sizes.train} training rows cannot hold "
            f"{len(counts)} classes; use smaller fractions for validation and test"
        )
    train = _with_every_class(allot(sizes.train, counts, rng))
    test = allot(sizes.test, counts - train, rng)
    dealt: dict[str, list[Integers]] = {"train": [], "test": [], "validation": []}
    for number in range(len(counts)):
        shuffled = rng.permutation(np.flatnonzero(labels == number))
        ends = [train[number], train[number] + test[number]]
        for part, rows in zip(dealt.values(), np.split(shuffled, ends), strict=True):
            part.append(rows)
    # In the table's order, so that without any split training sees the rows as a plain script
    # would; batches are shuffled in training anyway.
    return Partition(**{name: np.sort(np.concatenate(rows)) for name, rows in dealt.items()})


def allot(total: int, counts: Integers, rng: np.random.Generator) -> Integers:
    """Share `total` among classes in proportion to `counts` (classes,), by largest remainders.

    Every class gets its exact share rounded down or up, never more than its count; ties are drawn.
    """
    everything = max(int(counts.sum()), 1)
    shares, remainders = np.divmod(total * counts, everything)
    ties = rng.random(len(counts))
    largest = np.lexsort((ties, -remainders))[: total - int(shares.sum())]
    shares[largest] += 1
    return shares


def _with_every_class(shares: Integers) -> Integers:
    """Give each class without a row one of the largest class's; the total stays."""
    shares = shares.copy()
    for number in np.flatnonzero(shares == 0):
        shares[np.argmax(shares)] -= 1
        shares[number] = 1
    return shares
