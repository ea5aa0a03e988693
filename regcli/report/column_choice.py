"""What a person chooses of a table: its columns, the order of its rows, whether seeds share one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from regcli.config.problems import did_you_mean
from regcli.errors import UsageError
from regcli.results.settings import Spread

Item = TypeVar("Item")


@dataclass(frozen=True)
class Sort:
    """By which key rows are sorted, and whether the largest comes first."""

    key: str
    descending: bool = False


@dataclass(frozen=True)
class Choice:
    """The requested columns, order and aggregation of a table.

    Attributes:
        columns: keys in order; None for the columns that suit what is shown.
        sort: None for the order of the grid.
        aggregate: whether the seeds of a setting share a row also in formats for other programs.
    """

    columns: tuple[str, ...] | None = None
    sort: Sort | None = None
    aggregate: bool = False


EVERYTHING = Choice()


def read_columns(text: str) -> tuple[str, ...]:
    """Comma-separated keys.

    Raises:
        UsageError: one is empty or there twice.
    """
    keys = tuple(part.strip() for part in text.split(","))
    if not all(keys):
        raise UsageError(f"must be comma-separated keys, got '{text}'")
    twice = [key for place, key in enumerate(keys) if key in keys[:place]]
    if twice:
        raise UsageError(f"must not name a column twice, got '{twice[0]}' again")
    return keys


def read_sort(text: str) -> Sort:
    """A key, with a `-` before it for the largest first.

    Raises:
        UsageError: there is no key.
    """
    key = text.strip()
    descending = key.startswith("-")
    key = key.removeprefix("-").strip()
    if not key:
        raise UsageError(f"must be KEY (smallest first) or -KEY (largest first), got '{text}'")
    return Sort(key, descending)


@dataclass(frozen=True)
class Keys:
    """What columns may be of: settings, results and facts by name, and keys of configs."""

    named: tuple[str, ...]
    of_config: tuple[str, ...] = ()

    def __contains__(self, key: str) -> bool:
        return key in self.named or key in self.of_config


def check_keys(keys: Iterable[str], known: Keys) -> None:
    """Check that there are such results and settings.

    Raises:
        UsageError: there is no such key; suggests a similar key, or lists the known ones.
    """
    for key in keys:
        if key not in known:
            hint = _near(key, list(dict.fromkeys([*known.named, *known.of_config])))
            hint = hint or f"; known: {in_short(known.named)} and every key of the config"
            raise UsageError(f"there is no result or setting '{key}'{hint}")


def _near(key: str, known: Sequence[str]) -> str:
    """A suggestion by spelling or meaning, or the one key that ends so, as tables head it."""
    ends = [other for other in known if other.endswith(f".{key}")]
    return f"; did you mean '{ends[0]}'?" if len(ends) == 1 else did_you_mean(key, known)


def in_short(keys: Iterable[str]) -> str:
    """Keys in little room: `l1, id, train.…, validation.…`."""
    parted = (key.partition(".") for key in keys)
    return ", ".join(dict.fromkeys(f"{head}.…" if dot else head for head, dot, _ in parted))


def in_order(
    items: Sequence[Item], sort: Sort | None, value: Callable[[Item, str], Any]
) -> list[Item]:
    """Items sorted by what `value` gives for the key; equal ones stay, missing ones come last."""
    if sort is None:
        return list(items)
    keyed = [(_sortable(value(item, sort.key)), item) for item in items]
    found = [pair for pair in keyed if pair[0] is not None]
    found.sort(key=lambda pair: pair[0] or (), reverse=sort.descending)
    return [item for _, item in found] + [item for key, item in keyed if key is None]


def _sortable(value: Any) -> tuple[int, Any] | None:
    """Numbers (of means, only the mean) before texts; None for missing values."""
    if isinstance(value, Spread):
        return 0, value.mean
    if isinstance(value, int | float):
        return 0, value
    return None if value is None else (1, str(value))
