"""Whether a record can be read back from JSON, which has no NaN and no infinities."""

import math
from collections.abc import Iterator
from typing import get_args

from regcli.results.records import Record, RunRecord


def all_finite(record: Record) -> bool:
    """Whether no number that a record must have is NaN or infinite, which JSON has as null.

    Nothing else changes on the way to JSON and back: values were checked when the record was made.
    """
    numbers, parts = _PLACES[type(record)]
    own = vars(record)
    if not all(math.isfinite(own[name]) for name in numbers):
        return False
    for name in parts:
        part = own[name]
        if isinstance(part, tuple):
            if not all(map(all_finite, part)):
                return False
        elif part is not None and not all_finite(part):
            return False
    return True


def _places(kind: type[Record]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields of a kind of record that must be a number, and those that hold further records."""
    fields = {name: field.annotation for name, field in kind.model_fields.items()}
    numbers = tuple(name for name, type_ in fields.items() if type_ is float)
    parts = tuple(name for name, type_ in fields.items() if _kinds_in(type_))
    return numbers, parts


def _kinds_in(type_: object) -> frozenset[type[Record]]:
    """The kinds of record that a type is made of, such as of `tuple[LayerSparsity, ...] | None`."""
    if isinstance(type_, type) and issubclass(type_, Record):
        return frozenset({type_})
    return frozenset().union(*map(_kinds_in, get_args(type_)))


def _within(kind: type[Record]) -> Iterator[type[Record]]:
    """A kind of record, and every kind that it holds."""
    yield kind
    for field in kind.model_fields.values():
        for part in _kinds_in(field.annotation):
            yield from _within(part)


_PLACES = {kind: _places(kind) for kind in _within(RunRecord)}
"""Found once, for a sweep has thousands of records."""
