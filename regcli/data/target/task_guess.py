"""Which kind of task a target's values suggest, and why."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from regcli.data.wording import quoted

MOST_CLASSES = 1000
"""More classes than this is a sign of a wrong column: an id, a free text, a measurement."""

_MOST_INFERRED_CLASSES = 20
_LEAST_ROWS_PER_CLASS = 3
_MOST_LABELS = 100
_ROWS_PER_LABEL = 10
"""Rows for each of up to 100 whole numbers, on average, from which on they may be labels."""
_TEXT_KINDS = "OU"
_USUAL_PAIRS = ({0, 1}, {1, 2}, {-1, 1})
"""Numbers that two classes are usually called."""


@dataclass(frozen=True)
class Guess:
    """What a target is taken for where a config does not say.

    Attributes:
        task: classification or regression.
        reason: why, as what follows `because`.
        other: what it may be instead; empty where it cannot be.
        is_doubtful: whether that is about as likely.
    """

    task: Literal["classification", "regression"]
    reason: str
    other: str = ""
    is_doubtful: bool = False

    @property
    def sentence(self) -> str:
        """`regression, because …; if they are labels, set dataset.task: classification`."""
        instead = "regression" if self.task == "classification" else "classification"
        override = f"; if {self.other}, set dataset.task: {instead}" if self.other else ""
        return f"{self.task}, because {self.reason}{override}"


def holds_text(values: NDArray[Any]) -> bool:
    """Whether values are text rather than numbers or booleans."""
    return values.dtype.kind in _TEXT_KINDS


def guess_task(distinct: NDArray[Any], rows: int) -> Guess:
    """The task that follows from a target's different values.

    Text is classes, and so are any two values, booleans among them. Other numbers are classes where
    they are whole, at most 20, and each stands for three rows or more on average: fewer could not
    be split in three. Everything else is a quantity.

    Args:
        distinct: the values in order, two or more.
        rows: how many rows there are.
    """
    count = len(distinct)
    if holds_text(distinct):
        return Guess("classification", "it holds text")
    if count == 2:
        return _of_two(distinct)
    is_whole = bool((distinct == np.round(distinct)).all())
    if not is_whole:
        return Guess("regression", f"it has {count:,} different numbers that are not all whole")
    reason = f"it has {count:,} different whole numbers"
    is_few = count <= _MOST_INFERRED_CLASSES
    if is_few and count <= rows / _LEAST_ROWS_PER_CLASS:
        return Guess("classification", reason, "it is a quantity", is_doubtful=True)
    if is_few:
        reason += f" in {rows:,} rows, too few rows for classes"
    rows_each = 2 if is_few else _ROWS_PER_LABEL
    may_be_labels = count <= _MOST_LABELS and rows >= rows_each * count
    other = "they are labels" if count <= MOST_CLASSES else ""
    return Guess("regression", reason, other, is_doubtful=may_be_labels and bool(other))


def _of_two(distinct: NDArray[Any]) -> Guess:
    if distinct.dtype.kind == "b":
        return Guess("classification", "it is true or false")
    names = " and ".join(f"{value:g}" for value in distinct.tolist())
    is_usual = set(distinct.tolist()) in _USUAL_PAIRS
    reason = f"it has only the values {names}"
    return Guess("classification", reason, "it is a quantity", is_doubtful=not is_usual)


def rare_classes_note(counts: NDArray[np.int64], classes: tuple[str, ...]) -> str:
    """What is to be known of classes with a single row; empty where there are none.

    Args:
        counts: rows of each class, (classes,).
    """
    rare = np.flatnonzero(counts == 1)
    if not len(rare):
        return ""
    first = quoted(classes[rare[0]])
    which = (
        f"class {first} has" if len(rare) == 1 else f"{len(rare)} classes, such as {first}, have"
    )
    return (
        f"{which} 1 row, which trains and is never scored; leave rare classes out, or give them "
        "one name"
    )
