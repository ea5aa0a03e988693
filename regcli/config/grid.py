"""Grid syntax: lists of numbers and ranges, such as `0,log:1e-5:1e-1:9`.

`log:A:B:N` and `lin:A:B:N` give exactly N numbers with both ends included, bit for bit. Ranges take
end points rather than exponents, because exponents are read differently by every tool.
"""

import math
import re
from collections.abc import Iterable, Iterator
from decimal import Context, Decimal
from fractions import Fraction
from itertools import islice

from regcli.config.problems import shown

MAX_POINTS = 100_000
"""Most values that a grid may have: a guard against typing errors."""

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_POINTS = re.compile(r"[0-9]{1,9}")
_PRECISE = Context(prec=40)
_EXAMPLES = "0,0.01 or log:1e-5:1e-1:9"


class GridError(ValueError):
    """A grid that breaks a rule; the text is the rule, then the value."""


_AUTO = re.compile(r"auto:([0-9]{1,9})")


def parse_auto(value: object) -> tuple[object, int] | None:
    """The rest of a grid that contains `auto:N`, and N; None for a grid of numbers only.

    Raises:
        GridError: `auto` without a number of points, or twice.
    """
    entries = value if isinstance(value, list | tuple) else [value]
    items = [
        item.strip() if isinstance(item, str) else item
        for entry in entries
        for item in (entry.split(",") if isinstance(entry, str) else [entry])
    ]
    autos = [item for item in items if isinstance(item, str) and item.startswith("auto")]
    if not autos:
        return None
    found = _AUTO.fullmatch(autos[0])
    if len(autos) > 1:
        raise GridError(f"must not have auto twice, got {shown(autos[1])} again")
    if not found:
        raise GridError(f"auto needs a number of points, like auto:9, got {shown(autos[0])}")
    return [item for item in items if item not in autos], _points(found[1], autos[0])


def auto_range(largest: float, points: int) -> tuple[float, ...]:
    """`points` strengths with equal ratios, from the largest useful one down to its thousandth."""
    return log_range(largest, largest / 1000, points)


def parse_grid(value: object) -> tuple[float, ...]:
    """The numbers of a grid in the order they are written.

    Args:
        value: a number, a string of comma-separated numbers and ranges, or a list of both.

    Raises:
        GridError: for anything that is not a finite number or a range, for an empty grid, for more
            than `MAX_POINTS` numbers, and for a number that appears twice.
    """
    entries = value if isinstance(value, list | tuple) else [value]
    values = list(islice(_values(entries), MAX_POINTS + 1))
    if not values:
        raise GridError(f"must have at least one value, like {_EXAMPLES}, got {shown(value)}")
    if len(values) > MAX_POINTS:
        raise GridError(f"must not have more than {MAX_POINTS:,} values, got {shown(value)}")
    _refuse_duplicates(values)
    return tuple(values)


def _values(entries: Iterable[object]) -> Iterator[float]:
    for entry in entries:
        if isinstance(entry, str):
            for item in entry.split(","):
                yield from _item(item.strip())
        elif isinstance(entry, int | float) and not isinstance(entry, bool):
            yield _finite(entry, entry)
        else:
            raise GridError(f"must be numbers or ranges, like {_EXAMPLES}, got {shown(entry)}")


def _item(text: str) -> Iterator[float]:
    kind, colon, rest = text.partition(":")
    if kind == "auto":
        raise GridError(
            "auto is only for l1, which has a largest useful strength; "
            f"write numbers or a range, like {_EXAMPLES}, got {shown(text)}"
        )
    if not colon:
        yield _number(text)
        return
    if kind not in {"log", "lin"}:
        raise GridError(
            f"ranges are log:first:last:points or lin:first:last:points, got {shown(text)}"
        )
    parts = rest.split(":")
    if len(parts) != 3:
        raise GridError(
            f"a range needs first, last and number of points, like {kind}:1e-5:1e-1:9, "
            f"got {shown(text)}"
        )
    first, last = _number(parts[0]), _number(parts[1])
    points = _points(parts[2], text)
    if first == last:
        raise GridError(f"a range needs two different ends, got {shown(text)}")
    if kind == "log" and min(first, last) <= 0:
        raise GridError(
            "a log range needs ends above 0; to include 0, write it before the range, like "
            f"0,log:1e-5:1e-1:9, got {shown(text)}"
        )
    yield from (log_range if kind == "log" else lin_range)(first, last, points)


def log_range(first: float, last: float, points: int) -> tuple[float, ...]:
    """`points` numbers with equal ratios; `first` and `last` are exact. Both must be above 0.

    Computed in decimals and rounded once, so that a range over decades contains exactly 0.001: a
    wider range then shares its values, and so its runs, with a narrower one.
    """
    low, high = (_PRECISE.ln(Decimal(repr(end))) for end in (first, last))
    gap = _PRECISE.divide(_PRECISE.subtract(high, low), Decimal(points - 1))
    inner = (
        float(_PRECISE.exp(_PRECISE.fma(gap, Decimal(step), low))) for step in range(1, points - 1)
    )
    # Between two neighbouring floats, rounding can move a value outside the range.
    lower, upper = min(first, last), max(first, last)
    return (first, *(min(max(value, lower), upper) for value in inner), last)


def lin_range(first: float, last: float, points: int) -> tuple[float, ...]:
    """`points` numbers with equal gaps; `first` and `last` are exact.

    Computed in fractions of the decimals as written and rounded once: `lin:0:0.3:4` contains 0.1.
    """
    low, high = Fraction(repr(first)), Fraction(repr(last))
    gap = (high - low) / (points - 1)
    inner = (float(low + gap * step) for step in range(1, points - 1))
    return (first, *inner, last)


def _points(text: str, item: str) -> int:
    if not _POINTS.fullmatch(text.strip()) or not 2 <= int(text) <= MAX_POINTS:
        raise GridError(f"the number of points must be from 2 to {MAX_POINTS:,}, got {shown(item)}")
    return int(text)


def count_points(text: str) -> int:
    """How many numbers a range gives, without computing them; 1 where that is unknown."""
    found = _POINTS.fullmatch(text.rpartition(":")[2].strip())
    return int(found.group()) if found else 1


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text.strip()):
        raise GridError(f"must be numbers or ranges, like {_EXAMPLES}, got {shown(text.strip())}")
    return _finite(float(text), text.strip())


def _finite(number: float, written: object) -> float:
    try:
        number = float(number)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise GridError(f"must be a finite number, got {shown(written)}")
    return number + 0.0  # -0.0 becomes 0.0: the same strength must not have two names


def _refuse_duplicates(values: list[float]) -> None:
    seen: set[float] = set()
    for number in values:
        if number in seen:
            raise GridError(f"must not name a value twice, got {_shortest(number)} again")
        seen.add(number)


def _shortest(number: float) -> str:
    """`0.01` and `0`, but every digit where fewer would name another number."""
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)
