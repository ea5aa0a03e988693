"""The shapes that data takes on its way to training."""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from regcli.config.task import Task
from regcli.data.features import PLAIN, Features, Floats, Kinds
from regcli.data.fingerprint import fingerprint
from regcli.data.preparing.preparation import VERSION, Preparation
from regcli.data.preparing.training_ranges import TrainingRanges
from regcli.data.target.target_transform import TargetTransform
from regcli.data.target.task_guess import Guess


@dataclass(frozen=True)
class Target:
    """What is to be predicted; the fields are those of `Table`."""

    y: NDArray[np.float32] | NDArray[np.int32]
    task: Task
    classes: tuple[str, ...]
    guess: Guess | None = None


@dataclass(frozen=True)
class Table:
    """All rows of a data set, before they are split.

    Attributes:
        source: the data set's name or the file's name.
        x: values (rows, columns), or (rows, …) where a file holds tensors, NaN for gaps; float32
            or float64 as the source has them, because rounding to float32 before scaling would
            wipe out the differences within a column of large numbers, such as times in seconds.
        y: targets; float32 (rows,) for regression, int32 class numbers from 0 (rows,) otherwise.
        task: what kind of target it is.
        columns: a name for each number in a row of `x`; for tensors in the order of `ravel`.
        classes: a name for each class number; empty for regression.
        true_columns: names of the columns, or of the inputs that they become, that the target
            depends on; None where that is not known.
        fingerprint: hash of the contents: equal exactly where x, y, the names, what the columns
            stand for and the origin are.
        origin: what decides which rows may be apart; None where nothing does.
        weights: what multiplies each row's loss, float32 (rows,); None where every row counts 1.
        guess: why the target is taken for what it is; None where the config or the source says so.
        kinds: what the numbers of `x` stand for where they are not plain numbers.
        notes: what a person should know of how the table was read, a sentence each.
        leaks: what of it predicts the target too well, a sentence each, which are notes too.
        dialect: how its file is written, where that is text but not plain CSV, as
            `files.dialect.Dialect.kept` has it.
        cache: the folder where `x` is, if it is a file that is mapped into memory, and where rows
            that are made of it are put; None for a table in memory.
    """

    source: str
    x: Floats
    y: NDArray[np.float32] | NDArray[np.int32]
    task: Task
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    true_columns: tuple[str, ...] | None
    fingerprint: str
    origin: "Origin | None" = None
    weights: NDArray[np.float32] | None = None
    guess: Guess | None = None
    kinds: Kinds = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    dialect: Mapping[str, str] = field(default_factory=dict)
    cache: Path | None = None

    @property
    def features(self) -> Features:
        """The rows without their targets."""
        return Features(self.x, self.columns, self.kinds)

    @classmethod
    def of(
        cls,
        source: str,
        x: Floats,
        target: Target,
        columns: tuple[str, ...],
        true_columns: tuple[str, ...] | None = None,
        origin: "Origin | None" = None,
        weights: NDArray[np.float32] | None = None,
        kinds: Kinds = PLAIN,
        notes: tuple[str, ...] = (),
    ) -> Self:
        """A table with the fingerprint that its contents have."""
        typed = _typed(x, columns, kinds)
        others = dict((origin or Origin()).arrays())
        if weights is not None:
            others["weights"] = weights
        return cls(
            source=source,
            x=x,
            y=target.y,
            task=target.task,
            columns=columns,
            classes=target.classes,
            true_columns=true_columns,
            fingerprint=fingerprint(x, target.y, columns, target.classes, others, typed),
            origin=origin,
            weights=weights,
            guess=target.guess,
            kinds=kinds,
            notes=notes,
        )


def _typed(x: Floats, columns: tuple[str, ...], kinds: Kinds) -> tuple[object, ...]:
    """What a fingerprint knows of how values are to be prepared; nothing for plain numbers.

    A boolean is a plain number unless it has gaps, which are filled in another way.
    """
    told = [
        (column, kinds[column].name, kinds[column].values)
        for place, column in enumerate(columns if kinds else ())
        if column in kinds and (kinds[column].name != "boolean" or np.isnan(x[:, place]).any())
    ]
    # The smallest of all is NaN where one is.
    return (VERSION, *told) if told or np.isnan(x.min()) else ()


@dataclass(frozen=True)
class Origin:
    """Where the rows of a table come from, as far as a split has to heed it.

    Attributes:
        groups: the number of each row's group, (rows,): rows of a group stay together.
        times: when each row was, (rows,), as numbers in that order.
        files: 0 for rows of the table's own file, 1 for those of the validation file, 2 for those
            of the test file, (rows,).
        fold_parts: what each row is in each fold, (rows, folds): 1 where it trains, 2 where it
            validates, 0 where it does neither.
        group_names: a name for each group number.
    """

    groups: NDArray[np.int64] | None = None
    times: NDArray[Any] | None = None
    files: NDArray[np.int8] | None = None
    fold_parts: NDArray[np.int8] | None = None
    group_names: tuple[str, ...] = ()

    def at(self, rows: NDArray[np.bool_]) -> "Origin":
        """That of some rows."""
        return Origin(
            None if self.groups is None else self.groups[rows],
            None if self.times is None else self.times[rows],
            None if self.files is None else self.files[rows],
            None if self.fold_parts is None else self.fold_parts[rows],
            self.group_names,
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What there is of it, by name."""
        arrays = {
            "groups": self.groups,
            "times": self.times,
            "files": self.files,
            "fold_parts": self.fold_parts,
        }
        return {name: values for name, values in arrays.items() if values is not None}

    def __bool__(self) -> bool:
        """Whether a split has anything to heed."""
        return bool(self.arrays())


@dataclass(frozen=True)
class Part:
    """Rows of one part of a split, in the table's order.

    Attributes:
        x: float32 (rows, …), scaled.
        y: as in `Table`, so in the target's own unit whatever is done to it for training.
        weights: as in `Table`.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32] | NDArray[np.int32]
    weights: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Splits:
    """A data set as it is trained on: split, prepared, scaled, noise columns added.

    Attributes:
        table: the data set as it was loaded, without noise columns, unprepared and unscaled.
        train: the rows to fit; never empty.
        validation: the rows that rank settings, or None.
        test: the rows held out for testing, or None.
        preparation: from the table's columns to inputs, as fitted on the training rows.
        columns: names of the inputs, then of the noise columns.
        center, width: what scaling subtracted from and divided each input by, (columns,).
        positive: of two classes the one that precision, recall and the like are about.
        target_transform: what is done to a quantity before a model is trained on it; None where
            nothing is.
        ranges: of the columns in the training rows; None of tensors.
    """

    table: Table
    train: Part
    validation: Part | None
    test: Part | None
    preparation: Preparation
    columns: tuple[str, ...]
    center: NDArray[np.float64] = field(repr=False)
    width: NDArray[np.float64] = field(repr=False)
    positive: int = 1
    target_transform: TargetTransform | None = None
    ranges: TrainingRanges | None = None

    def parts(self) -> Iterator[tuple[str, Part | None]]:
        """The parts by name, in the order they are shown."""
        yield "train", self.train
        yield "validation", self.validation
        yield "test", self.test

    def as_learnt(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of the target as a model is trained on them, of any shape."""
        transform = self.target_transform
        return values if transform is None else transform.apply(values)

    def in_own_unit(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """What a model gives as the target has it, of any shape: what metrics compare it with."""
        transform = self.target_transform
        return outputs if transform is None else transform.invert(outputs)

    @property
    def outputs(self) -> int:
        """Units that the output layer needs."""
        return len(self.table.classes) if self.table.task == "multiclass" else 1

    @property
    def noise(self) -> int:
        """How many of the columns, from the end, were added as noise."""
        return len(self.columns) - len(self.preparation.inputs)

    @cached_property
    def true_columns(self) -> tuple[str, ...] | None:
        """Names of the inputs that the target depends on, where that is known."""
        return self.preparation.inputs_of(self.table.true_columns)

    @cached_property
    def columns_of_inputs(self) -> tuple[int, ...] | None:
        """The number of the column that each input was made of, counted from 0, (inputs,).

        A noise column is one by itself. None where every input has a column to itself.
        """
        sources = self.preparation.sources
        numbers = {source: number for number, source in enumerate(dict.fromkeys(sources))}
        if len(numbers) == len(sources):
            return None
        noise = range(len(numbers), len(numbers) + self.noise)
        return (*(numbers[source] for source in sources), *noise)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how rows were read and prepared, a sentence each."""
        return self.table.notes + self.preparation.notes

    @property
    def is_scanned(self) -> bool:
        """Whether rows stay in files, because they do not fit into memory."""
        return self.table.cache is not None

    @property
    def row_numbers(self) -> int:
        """How many numbers the inputs of one row are."""
        return math.prod(self.train.x.shape[1:])

    @property
    def rank(self) -> int:
        """Axes of one row: 1 for columns, 3 for images."""
        return self.train.x.ndim - 1


def numbered_columns(prefix: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Names by position for rows of a shape, in the order of `ravel`: `x_0`, or `x_0_3`."""
    positions = itertools.product(*map(range, shape))
    return tuple("_".join([prefix, *map(str, position)]) for position in positions)
