"""Grid syntax: lists of numbers and ranges, such as `0,log:1e-5:1e-1:9`.

`log:A:B:N` and `lin:A:B:N` give exactly N numbers with both ends included, bit for bit. Ranges take
end points rather than exponents, because exponents are read differently by every tool.
"""

import math
import re
from collections.abc import Iterator

MAX_POINTS = 100_000
"""Most values one range may have: a guard against a slip of the finger."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_EXAMPLES = "0,0.01 or log:1e-5:1e-1:9"


class GridError(ValueError):
    """A grid that breaks a rule; the text is the rule, then the value."""


def parse_grid(value: object) -> tuple[float, ...]:
    """The numbers of a grid in the order they are written.

    Args:
        value: a number, a string of numbers and ranges parted by commas, or a list of both.

    Raises:
        GridError: for anything that is not a finite number or a range, for an empty grid, and for a
            number that appears twice.
    """
    values = list(_values(value))
    if not values:
        raise GridError(f"must have at least one value, like {_EXAMPLES}, got {value!r}")
    _refuse_duplicates(values)
    return tuple(values)


def _values(value: object) -> Iterator[float]:
    if isinstance(value, str):
        for item in value.split(","):
            yield from _item(item.strip())
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _values(entry)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield _finite(float(value), value)
    else:
        raise GridError(f"must be numbers or ranges, like {_EXAMPLES}, got {value!r}")


def _item(text: str) -> Iterator[float]:
    kind, colon, rest = text.partition(":")
    if not colon:
        yield _number(text)
        return
    if kind not in {"log", "lin"}:
        raise GridError(f"ranges are log:first:last:points or lin:first:last:points, got {text!r}")
    parts = rest.split(":")
    if len(parts) != 3:
        raise GridError(
            f"a range needs first, last and number of points, like {kind}:1e-5:1e-1:9, got {text!r}"
        )
    first, last = _number(parts[0]), _number(parts[1])
    points = _points(parts[2], text)
    if first == last:
        raise GridError(f"a range needs two different ends, got {text!r}")
    if kind == "log" and min(first, last) <= 0:
        raise GridError(f"a log range needs ends above 0, got {text!r}; write 0,{text} to add 0")
    yield from (log_range if kind == "log" else lin_range)(first, last, points)


def log_range(first: float, last: float, points: int) -> tuple[float, ...]:
    """`points` numbers with equal ratios; `first` and `last` are exact. Both must be above 0."""
    low, high = math.log(first), math.log(last)
    inner = (math.exp(low + (high - low) * step / (points - 1)) for step in range(1, points - 1))
    return (first, *inner, last)


def lin_range(first: float, last: float, points: int) -> tuple[float, ...]:
    """`points` numbers with equal gaps; `first` and `last` are exact."""
    inner = (first + (last - first) * step / (points - 1) for step in range(1, points - 1))
    return (first, *inner, last)


def _points(text: str, item: str) -> int:
    if not re.fullmatch(r"\d+", text.strip()) or not 2 <= int(text) <= MAX_POINTS:
        raise GridError(f"the number of points must be from 2 to {MAX_POINTS:,}, got {item!r}")
    return int(text)


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text.strip()):
        raise GridError(f"must be numbers or ranges, like {_EXAMPLES}, got {text.strip()!r}")
    return _finite(float(text), text.strip())


def _finite(number: float, written: object) -> float:
    if not math.isfinite(number):
        raise GridError(f"must be a finite number, got {written}")
    return number + 0.0  # -0.0 becomes 0.0: the same strength must not have two names


def _refuse_duplicates(values: list[float]) -> None:
    seen: set[float] = set()
    for number in values:
        if number in seen:
            raise GridError(f"must not name a value twice, got {number:g} again")
        seen.add(number)
