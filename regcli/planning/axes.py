"""The axes of a grid: which keys vary, and over which values."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, TypeGuard

from regcli.config.document import MAX_DEPTH, parse_path, read_yaml
from regcli.config.grid import GridError, count_points, parse_grid
from regcli.config.load import LoadedConfig
from regcli.config.schema import Config
from regcli.errors import ConfigError, UsageError

MAX_MEMBERS = 100_000
MAX_KEYS = 100
_LONG = 10**15
SHORT_NAMES: Mapping[str, str] = {
    "l1": "regularization.l1",
    "l2": "regularization.l2",
    "method": "regularization.method",
    "seed": "training.seed",
}
"""Keys by what a sweep may call them."""
FOLD = "dataset.fold"
_Values = Callable[[], tuple[Any, ...]]
"""Gives the values of a key, once how many there are has been checked."""
RANGES = ("log:", "lin:", "auto:")
"""How the text of a range begins."""
_STRENGTHS = frozenset({"regularization.l1", "regularization.l2"})


def axes_of(loaded: LoadedConfig) -> dict[str, tuple[Any, ...]]:
    """The values of each key that the sweep names, in order; folds and the seed come last.

    How many members they make is known, and refused, before the first range is written out.
    """
    sweep = loaded.config.sweep
    axes: dict[str, _Values] = {}
    size = 1
    problems: list[str] = []
    if sweep.l1 is not None:
        axes[SHORT_NAMES["l1"]] = partial(parse_grid, sweep.l1)
        size *= 1 if isinstance(sweep.l1, str) else len(sweep.l1)
    if sweep.l2 is not None:
        axes[SHORT_NAMES["l2"]] = partial(tuple, sweep.l2)
        size *= len(sweep.l2)
    if len(sweep.vary) > MAX_KEYS:
        raise UsageError(f"a sweep must vary at most {MAX_KEYS} keys, got {len(sweep.vary):,}")
    for key, values in sweep.vary.items():
        full = SHORT_NAMES.get(key, key)
        try:
            _check_key(full, axes)
            read = parse_grid if full in _STRENGTHS else vary_values
            size *= count_values(values)
        except GridError as error:
            problems.append(_varied_wrongly(loaded, key, error))
        else:
            axes[full] = partial(read, values)
    for name, (key, count, values) in _replicates(loaded.config).items():
        try:
            _check_key(key, axes)
        except GridError as error:
            problems.append(f"{loaded.document.place(('sweep', name))}: sweep.{name}: {error}")
        axes[key] = values
        size *= count
    require_size(size)
    if SHORT_NAMES["seed"] in axes:
        axes[SHORT_NAMES["seed"]] = axes.pop(SHORT_NAMES["seed"])
    return _expanded(loaded, axes, problems)


def _replicates(config: Config) -> Mapping[str, tuple[str, int, _Values]]:
    """The key that folds and seeds set, how many values it has, and what gives them."""
    sweep = config.sweep
    found: dict[str, tuple[str, int, _Values]] = {}
    if sweep.folds is not None:
        folds, repeats = sweep.folds, sweep.repeats or 1
        found["folds"] = FOLD, folds * repeats, partial(_folds, folds, repeats)
    if sweep.seeds is not None:
        seeds = range(config.training.seed, config.training.seed + sweep.seeds)
        found["seeds"] = SHORT_NAMES["seed"], sweep.seeds, partial(tuple, seeds)
    return found


def _folds(folds: int, repeats: int) -> tuple[dict[str, int], ...]:
    """Every fold of every repetition, as `dataset.fold` has it."""
    numbers = itertools.product(range(repeats), range(folds))
    return tuple({"number": fold, "of": folds, "repeat": repeat} for repeat, fold in numbers)


def require_size(members: int) -> None:
    """Refuse a grid of too many members.

    Raises:
        UsageError: says how many there are.
    """
    if members > MAX_MEMBERS:
        has = f"{members:,}" if members < _LONG else f"{Decimal(members):.0e}"
        raise UsageError(f"a sweep must have at most {MAX_MEMBERS:,} runs, got {has}")


def _expanded(
    loaded: LoadedConfig, axes: Mapping[str, _Values], problems: list[str]
) -> dict[str, tuple[Any, ...]]:
    """Every axis with its ranges written out.

    Raises:
        ConfigError: the problems found before, and those of values that cannot be written out.
    """
    expanded: dict[str, tuple[Any, ...]] = {}
    wrong = list(problems)
    for key, expand in axes.items():
        try:
            expanded[key] = expand()
        except GridError as error:
            spelt = [own for own in loaded.config.sweep.vary if SHORT_NAMES.get(own, own) == key]
            if not spelt:
                raise
            wrong.append(_varied_wrongly(loaded, spelt[0], error))
    if wrong:
        raise ConfigError(wrong)
    return expanded


def _varied_wrongly(loaded: LoadedConfig, key: str, error: GridError) -> str:
    return f"{loaded.document.place(('sweep', 'vary', key))}: sweep.vary.{key}: {error}"


def _check_key(key: str, axes: Mapping[str, object]) -> None:
    """Check that a key may vary, and that no other axis sets the same thing or a part of it."""
    path = parse_path(key)
    if len(path) > MAX_DEPTH:
        raise GridError(f"a key must have at most {MAX_DEPTH} steps, got {len(path):,}")
    if path[0] in {"name", "sweep", "metrics", "select_by", "verdict", "checks"}:
        raise GridError(f"must be a key that changes a run, got {key}")
    for other in axes:
        other_path = parse_path(other)
        shared = min(len(path), len(other_path))
        if path[:shared] == other_path[:shared]:
            how = "twice" if path == other_path else f"in the same sweep as {other}"
            raise GridError(f"must not be varied {how}, got {key}")


def vary_values(values: object) -> tuple[Any, ...]:
    """The values of a varied key: a list, or text such as `relu,tanh` or `log:1e-4:1e-2:3`.

    Raises:
        GridError: for no values, a value given twice, or a range that breaks a rule.
    """
    found = _read_values(values) if isinstance(values, str) else values
    entries = found if isinstance(found, list | tuple) else [found]
    expanded = [point for value in entries for point in _points(value)]
    if not expanded:
        raise GridError("must have at least one value")
    seen: set[str] = set()
    for value in expanded:
        identity = _identity(value)
        if identity in seen:
            raise GridError(f"must not name a value twice, got {_written(value)} again")
        seen.add(identity)
    return tuple(expanded)


def _read_values(text: str) -> Any:
    try:
        document = read_yaml(f"[{text}]", "values")
    except ConfigError as error:
        raise GridError(f"must be comma-separated values ({error})") from None
    for place, problem in document.problems:
        raise GridError(f"must be comma-separated values ({place}: {problem.message})")
    return document.data


def count_values(values: object) -> int:
    """How many values a varied key has, without writing out its ranges.

    Raises:
        GridError: the values cannot be read.
    """
    found = _read_values(values) if isinstance(values, str) else values
    entries = found if isinstance(found, list | tuple) else [found]
    return sum(count_points(value) if _is_range(value) else 1 for value in entries)


def _points(value: Any) -> Sequence[Any]:
    return parse_grid(value) if _is_range(value) else [value]


def _is_range(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and value.startswith(RANGES)


def _identity(value: Any) -> str:
    """The same text for values that are the same: 1 and 1.0, but not true."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(float(value) + 0.0)
    return _written(value)


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
