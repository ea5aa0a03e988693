"""What two sides tell of a case, compared bit for bit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Told = Mapping[str, Any]
Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Comparison:
    """Two sides of a case.

    Attributes:
        runs: how many there are.
        numbers: how many values were compared.
        differences: a line for each key that differs, in the order of the runs.
        removed, added: keys that only the base has, and only this checkout, without their run.
    """

    runs: int
    numbers: int
    differences: tuple[str, ...]
    removed: tuple[str, ...]
    added: tuple[str, ...]


def compare(base: tuple[Told, Arrays], now: tuple[Told, Arrays]) -> Comparison:
    """Compare what `measure.py` wrote of a case on two sides."""
    failed = [
        f"was not trained {when}: {text}"
        for when, (told, _) in (("before", base), ("now", now))
        for text in told.get("failed", ())
    ]
    if failed:
        return Comparison(0, 0, tuple(failed), (), ())
    before, after = (dict(_leaves(*told)) for told in (base, now))
    shared = [key for key in before if key in after]
    lines = [f"{key}: {text}" for key in shared if (text := _difference(before[key], after[key]))]
    count = sum(np.size(before[key]) for key in shared)
    only = [
        tuple(dict.fromkeys(_without_run(key) for key in one if key not in other))
        for one, other in ((before, after), (after, before))
    ]
    return Comparison(len(base[0].get("runs", ())), count, tuple(lines), *only)


def _leaves(told: Told, arrays: Arrays) -> Iterator[tuple[str, Any]]:
    """Every value by its key: those of a run together, each behind `run 3: `."""
    runs = told.get("runs", [])
    yield from _flat({key: value for key, value in told.items() if key != "runs"}, "")
    yield "number of runs", len(runs)
    for place, run in enumerate(runs):
        yield from _flat(run, f"run {place + 1}: ")
        for name, values in arrays.items():
            own, _, rest = name.partition("/")
            if int(own) == place:
                yield f"run {place + 1}: {rest}", values


def _flat(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Dotted keys; a list has its length beside its items."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _flat(
                item, f"{key}{name}" if key.endswith(": ") or not key else f"{key}.{name}"
            )
    elif isinstance(value, list):
        yield f"{key} length", len(value)
        for position, item in enumerate(value):
            yield from _flat(item, f"{key}.{position}")
    else:
        yield key, value


def _difference(base: Any, now: Any) -> str:
    """What differs, with both values; empty where nothing does."""
    if isinstance(base, np.ndarray):
        return _array_difference(base, now)
    if (type(base), base) == (type(now), now):
        return ""
    return f"{base!r} before, {now!r} now"


def _array_difference(base: NDArray[Any], now: NDArray[Any]) -> str:
    if (base.dtype, base.shape) != (now.dtype, now.shape):
        return f"{base.dtype}{base.shape} before, {now.dtype}{now.shape} now"
    if base.tobytes() == now.tobytes():
        return ""
    places = np.argwhere((base != now) & ~((base != base) & (now != now)))
    if not len(places):
        return "signs of zeros, or bits of NaN"
    first = tuple(map(int, places[0]))
    return f"{base[first]!r} before, {now[first]!r} now at {list(first)}, {len(places)} places"


def _without_run(key: str) -> str:
    return key.partition(": ")[2] if key.startswith("run ") else key
