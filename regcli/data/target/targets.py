"""What is to be predicted: quantities, or class numbers."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from regcli.data.dataset import Target
from regcli.data.target.task_guess import (
    MOST_CLASSES,
    Guess,
    guess_task,
    holds_text,
    rare_classes_note,
)
from regcli.data.wording import quoted
from regcli.errors import DataError

AskedTask = Literal["classification", "regression"] | None

_MOST_ROUNDING = 1e-3
"""What rounding may change of a quantity, as a share of its standard deviation."""


def read_target(values: NDArray[Any], asked: AskedTask, place: str) -> Target:
    """The target that a column of values means.

    Args:
        values: numbers, booleans or text (rows,), without gaps.
        asked: the task that the config names; inferred where it names none.
        place: file and column, at the start of a message.

    Raises:
        DataError: the values are all equal, are text where numbers are needed, or are of more than
            1000 classes.
    """
    distinct, numbers = np.unique(values, return_inverse=True)
    _require_different(distinct, place)
    guess = None if asked else guess_task(distinct, len(values))
    if (asked or (guess and guess.task)) == "regression":
        return _regression(values, place, guess)
    return _classes(distinct, numbers, place, guess)


def read_text_target(
    categories: Sequence[str], codes: NDArray[Any], asked: AskedTask, place: str
) -> Target:
    """The target of a column of text: as `read_target`, from its different values in order.

    Args:
        categories: the different values.
        codes: the number of each row's value (rows,).
        asked, place: as `read_target`.

    Raises:
        DataError: as `read_target`.
    """
    distinct = np.array(categories, object)
    _require_different(distinct, place)
    if asked == "regression":
        return _regression(distinct[codes[:1]], place, None)
    return _classes(distinct, codes, place, None if asked else guess_task(distinct, len(codes)))


def target_notes(target: Target, name: str) -> tuple[str, ...]:
    """What a person should know of how a target was read, a sentence each."""
    notes = []
    if target.guess is not None and target.guess.is_doubtful:
        notes.append(f"the target {quoted(name)} is taken for {target.guess.sentence}")
    if target.classes:
        counts = np.bincount(target.y, minlength=len(target.classes))
        notes.append(rare_classes_note(counts, target.classes))
    return tuple(filter(None, notes))


def _require_different(distinct: NDArray[Any], place: str) -> None:
    if len(distinct) < 2:
        only = f", all are {quoted(class_name(distinct[0]))}"
        raise DataError(f"{place} must have at least 2 different values to tell apart{only}")


def _classes(
    distinct: NDArray[Any], numbers: NDArray[Any], place: str, guess: Guess | None
) -> Target:
    if len(distinct) > MOST_CLASSES:
        number = "to predict it as a number, set task: regression"
        text = "name another target, or give rare values one name"
        advice = f"; {text if holds_text(distinct) else number}"
        raise DataError(
            f"{place} must have at most {MOST_CLASSES} classes, it has {len(distinct)} different "
            f"values{advice}"
        )
    task: Literal["binary", "multiclass"] = "binary" if len(distinct) == 2 else "multiclass"
    return Target(numbers.astype(np.int32), task, class_names(distinct), guess)


def _regression(values: NDArray[Any], place: str, guess: Guess | None) -> Target:
    if holds_text(values):
        raise DataError(
            f"{place} must hold numbers for task: regression, it holds text such as "
            f"{quoted(values[0])}"
        )
    _check_digits(values, place)
    return Target(values.astype(np.float32), "regression", (), guess)


def _check_digits(values: NDArray[Any], place: str) -> None:
    """Check that float32, in which models are trained, can tell a target's values apart."""
    given = values.astype(np.int64) if values.dtype.kind == "b" else values
    # Differences first: those of large whole numbers are lost in float64 too. They are measured in
    # shares of the largest, because squares of very small ones would be 0.
    lowest = given.min()
    above, kept = _above(given, lowest), _as_trained(given) - float(lowest)
    extent = float(above.max())
    deviation = extent * (above / extent).std()
    error = extent * np.sqrt(np.mean(((kept - above) / extent) ** 2))
    if error <= _MOST_ROUNDING * deviation:
        return
    raise DataError(
        f"{place} must vary more than float32 rounding: rounding changes its values by "
        f"{error:.2g} on average, {error / deviation:.0%} of their standard deviation "
        f"{deviation:.3g}; {_how_to_keep(given, lowest, extent)}"
    )


def _how_to_keep(values: NDArray[Any], lowest: Any, extent: float) -> str:
    """What keeps the digits of values: another origin, or for tiny ones another unit."""
    power = int(np.ceil(np.log10(extent)))
    if np.abs(values).max() < np.finfo(np.float32).tiny / np.finfo(np.float32).eps:
        return f"multiply the target by 1e{-power}"
    if values.dtype.kind in "iu":
        unit = 10**power
        return f"subtract {int(lowest) // unit * unit} from the target"
    return f"subtract {round(values.mean() / 10.0**power) * 10.0**power:.15g} from the target"


def _above(values: NDArray[Any], lowest: Any) -> NDArray[np.float64]:
    """How far values lie above the lowest of them, (rows,)."""
    if values.dtype.kind == "i":  # of which the difference of two may not be one
        values, lowest = values.astype(np.uint64), np.uint64(int(lowest) % 2**64)
    above: NDArray[np.float64] = (values - lowest).astype(np.float64)
    return above


def _as_trained(values: NDArray[Any]) -> NDArray[np.float64]:
    """Values as float32 has them, (rows,); TensorFlow takes those below its normal ones for 0."""
    kept: NDArray[np.float64] = values.astype(np.float32).astype(np.float64)
    kept[np.abs(kept) < np.finfo(np.float32).tiny] = 0.0
    return kept


def class_names(distinct: NDArray[Any]) -> tuple[str, ...]:
    """Classes as a person would write them, from different values."""
    return tuple(map(class_name, distinct))


def class_name(value: Any) -> str:
    """A class as a person would write it: 3 rather than 3.0."""
    plain = value.item() if isinstance(value, np.generic) else value
    return str(int(plain)) if isinstance(plain, float) and plain.is_integer() else str(plain)
