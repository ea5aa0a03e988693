"""Which rows of a table train, which rank settings, which are kept for the test."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from regcli.config.dataset_section import Dataset
from regcli.config.row_keys import Fold
from regcli.data.dataset import Origin, Table
from regcli.data.parts.folds import deal, given_fold, rows_to_deal
from regcli.data.parts.grouped import deal_groups
from regcli.data.parts.partition import Integers, Partition, part_sizes, partition
from regcli.data.parts.timeline import Times, divide_by_time, rolling_origin
from regcli.data.wording import quoted
from regcli.errors import DataError

# One seed, independent draws; see `data.splits` and `data.row_order` for the others.
_SPLIT_STREAM = 1
_FOLD_STREAM = 4


@dataclass(frozen=True)
class _Rows:
    """Rows that are dealt to parts: their numbers in the table, and what decides where they go."""

    numbers: Integers
    labels: Integers
    groups: Integers | None
    times: Times | None

    def at(self, positions: Integers) -> "_Rows":
        """Some of the rows, by their positions."""
        groups = None if self.groups is None else self.groups[positions]
        times = None if self.times is None else self.times[positions]
        return _Rows(self.numbers[positions], self.labels[positions], groups, times)


def parts_of(table: Table, config: Dataset) -> Partition:
    """The rows of each part.

    They follow from the target, the shares and the seed, and from groups, times and files where
    there are any. The test rows are the same with folds and without.

    Raises:
        DataError: a part would be empty, training would lack a class, or a group would be torn.
    """
    rows = _rows_of(table)
    origin = table.origin or Origin()
    _require_no_fold(config)
    _require_whole_groups(origin)
    if config.fold is not None and origin.fold_parts is not None:
        found = given_fold(origin.fold_parts, config.fold, config)
        _require_every_class(rows.labels, found, table.classes, config)
        return found
    own = np.zeros(len(table.y), np.int8) if origin.files is None else origin.files
    free = rows.at(np.flatnonzero(own == 0))
    parts = _divide(free, config)
    if config.fold is not None:
        parts = _fold(parts, rows, config.fold, config.seed)
    found = Partition(
        parts.train,
        np.flatnonzero(own == 1) if isinstance(config.validation, str) else parts.validation,
        np.flatnonzero(own == 2) if isinstance(config.test, str) else parts.test,
    )
    if config.train_on_validation:
        found = Partition(rows_to_deal(found), np.array([], np.int64), found.test)
    _require_every_class(rows.labels, found, table.classes, config)
    return found


def test_rows(labels: Integers, config: Dataset) -> Integers:
    """The numbers of the rows that are held out for testing, with folds and without.

    Args:
        labels: class numbers of the rows of a table without groups and times, 0 for quantities.

    Raises:
        DataError: a part would be empty, or training would lack a class.
    """
    return _divide(_Rows(np.arange(len(labels)), labels, None, None), config).test


def require_rows(count: int, part: int, path: Path) -> None:
    """Refuse a file without rows, and one row for more than validation or test.

    Args:
        part: of the file, as `Origin.files` has it.

    Raises:
        DataError: there are too few rows.
    """
    least = "2 rows" if part == 0 else "1 row"
    if count < int(least[0]):
        raise DataError(f"{path}: must have at least {least}, got {count}")


def _rows_of(table: Table) -> _Rows:
    is_regression = table.task == "regression"
    labels = np.zeros(len(table.y), np.int64) if is_regression else table.y.astype(np.int64)
    origin = table.origin or Origin()
    return _Rows(np.arange(len(labels)), labels, origin.groups, origin.times)


def _divide(rows: _Rows, config: Dataset) -> Partition:
    """Training, validation and test rows, by fractions."""
    shares = [
        0.0 if isinstance(share, str) else share for share in (config.validation, config.test)
    ]
    sizes = part_sizes(len(rows.labels), *shares)
    rng = np.random.default_rng([config.seed, _SPLIT_STREAM])
    if rows.times is not None:
        parts = divide_by_time(rows.times, sizes)
    elif rows.groups is not None:
        parts = _by_groups(rows, np.array([1 - sum(shares), *shares]), rng, config.fold is not None)
    else:
        parts = partition(rows.labels, sizes, rng)
    return Partition(*(rows.numbers[part] for part in (parts.train, parts.validation, parts.test)))


def _by_groups(
    rows: _Rows, shares: NDArray[np.float64], rng: np.random.Generator, is_folded: bool
) -> Partition:
    assert rows.groups is not None
    _, groups = np.unique(rows.groups, return_inverse=True)
    dealt = deal_groups(rows.labels, groups, shares, rng)
    names = ("train", "validation", "test")
    for name, share, count in zip(names, shares, np.bincount(dealt, minlength=3), strict=True):
        if share > 0 and not count and not (is_folded and name == "validation"):
            there = "1 group is" if groups.max() == 0 else f"{groups.max() + 1} groups are"
            raise DataError(
                f"{name} must have at least 1 group, {there} too few for a fraction of {share:g}"
            )
    return Partition(*(np.flatnonzero(dealt == number) for number in range(3)))


def _fold(parts: Partition, rows: _Rows, fold: Fold, seed: int) -> Partition:
    """The parts of one fold: its rows for validation, those of the others for training."""
    numbers = rows_to_deal(parts)
    own = rows.at(numbers)
    if own.times is not None:
        train, validation = rolling_origin(numbers, own.times, fold.of)[fold.number]
        return Partition(train, validation, parts.test)
    rng = np.random.default_rng([seed, fold.repeat, _FOLD_STREAM])
    if own.groups is None:
        folds = deal(own.labels, fold.of, rng)
    else:
        _, groups = np.unique(own.groups, return_inverse=True)
        _require_groups(int(groups.max()) + 1, fold.of)
        folds = deal_groups(own.labels, groups, np.full(fold.of, 1 / fold.of), rng)
        if len(np.unique(folds)) < fold.of:
            raise DataError(
                f"every fold must have a group, these groups cannot be dealt to {fold.of} folds; "
                "use fewer folds"
            )
    return Partition(numbers[folds != fold.number], numbers[folds == fold.number], parts.test)


def _require_no_fold(config: Dataset) -> None:
    """Refuse to train on the rows of the fold that is to validate."""
    if config.train_on_validation and config.fold is not None:
        raise DataError(
            "train_on_validation must not be combined with folds, which it leaves no rows for; "
            "remove it here, and set it when you train the setting that folds have chosen"
        )


def _require_groups(count: int, folds: int) -> None:
    if count < folds:
        raise DataError(
            f"folds must be at most the groups that are not in the test rows, got {folds} folds of "
            f"{count} groups"
        )


def _require_whole_groups(origin: Origin) -> None:
    """Refuse a group with rows in the table's own file and in that of another part."""
    groups, files = origin.groups, origin.files
    if groups is None or files is None:
        return
    for number, name in ((1, "validation"), (2, "test")):
        torn = np.intersect1d(groups[files == number], groups[files != number])
        if len(torn):
            raise DataError(
                f"groups must stay together, {quoted(origin.group_names[torn[0]])} has rows in the "
                f"{name} file and in another one ({len(torn)} such groups)"
            )


def _require_every_class(
    labels: Integers, parts: Partition, classes: tuple[str, ...], config: Dataset
) -> None:
    fold = config.fold
    held_out = (
        ("validation", parts.validation, config.validation),
        ("test", parts.test, config.test),
    )
    for name, rows, share in held_out:
        missing = np.setdiff1d(labels[rows], labels[parts.train])
        if len(missing) and isinstance(share, str):
            raise DataError(
                f"every class must have a training row, class {quoted(classes[missing[0]])} has "
                f"rows in {Path(share).name} alone; add rows of it here, or leave it out there"
            )
        if len(missing):
            where = "" if fold is None else f"in fold {fold.number} of {fold.of} "
            advice = "other fractions" if fold is None or name == "test" else "fewer folds"
            raise DataError(
                f"every class must have a training row, {where}class "
                f"{quoted(classes[missing[0]])} has {name} rows alone; use {advice}, or leave the "
                "class out"
            )
