"""The plan of a sweep: which members a grid has, in which order."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any, TypeGuard

from regcli.config.document import MAX_DEPTH, Document, parse_path, read_yaml
from regcli.config.grid import GridError, count_points, parse_grid
from regcli.config.grid_members import Grid
from regcli.config.load import LoadedConfig
from regcli.config.problems import Place
from regcli.config.schema import Config, Regularization
from regcli.errors import ConfigError, UsageError
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.registry import NAMED, SHAPE_KEYS

MAX_MEMBERS = 100_000
MAX_KEYS = 100
_LONG = 10**15
_KEYS = {
    "l1": "regularization.l1",
    "l2": "regularization.l2",
    "method": "regularization.method",
    "seed": "training.seed",
}
_NO_SETTINGS = frozenset({*_KEYS.values(), "sweep"})
_GROUP = "regularization.group"
_PENALTY = "regularization.penalty"
_STRENGTHS = frozenset({"regularization.l1", "regularization.l2"})


@dataclass(frozen=True)
class Member:
    """One setting with one seed, as it is trained.

    Attributes:
        settings: what identifies the member among the others: l1, l2, groups and another penalty
            where it has any, the varied keys, seed.
        config: its whole config; `sweep` is empty.
        origin: the loaded config that it is a member of.
        changes: what it has in place of that by dotted key, and `places` where that comes from.
    """

    settings: Mapping[str, Any]
    config: Config
    origin: LoadedConfig = field(repr=False, compare=False)
    changes: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    places: Mapping[str, Place] = field(default_factory=dict, repr=False, compare=False)

    @property
    def source(self) -> LoadedConfig:
        """The member as a loaded config, to place errors that turn up later."""
        if not self.changes:
            return self.origin
        document = self.origin.document_with(self.changes, self.places)
        return LoadedConfig(self.config, document, self.origin.folder)


@dataclass(frozen=True)
class Plan:
    """The members of a sweep in the order of the grid, and the keys whose values differ."""

    members: tuple[Member, ...]
    axes: Mapping[str, tuple[Any, ...]]


def plan_sweep(loaded: LoadedConfig) -> Plan:
    """Expand a config's `sweep` to its members; the seed varies fastest.

    Raises:
        ConfigError: every varied key and value that breaks a rule, and keys that overlap.
        GridError: `sweep.l1` has an `auto` in it still.
        UsageError: if the grid is larger than `MAX_MEMBERS`.
    """
    grid = _grid(loaded, _axes(loaded))
    return Plan(tuple(_members(loaded, grid)), MappingProxyType(grid.axes))


def plan_single(loaded: LoadedConfig) -> Member:
    """The one member of a config whose `sweep` is left aside."""
    (member,) = _members(loaded, _grid(loaded, {}))
    return member


def _axes(loaded: LoadedConfig) -> dict[str, tuple[Any, ...]]:
    """The values of each key that the sweep names, in order; the seed comes last.

    How many members they make is known, and refused, before the first range is written out.
    """
    sweep = loaded.config.sweep
    axes: dict[str, Callable[[], tuple[Any, ...]]] = {}
    size = 1
    problems: list[str] = []
    if sweep.l1 is not None:
        axes[_KEYS["l1"]] = partial(parse_grid, sweep.l1)
        size *= 1 if isinstance(sweep.l1, str) else len(sweep.l1)
    if sweep.l2 is not None:
        axes[_KEYS["l2"]] = partial(tuple, sweep.l2)
        size *= len(sweep.l2)
    if len(sweep.vary) > MAX_KEYS:
        raise UsageError(
            f"a sweep must not vary more than {MAX_KEYS} keys, got {len(sweep.vary):,}"
        )
    for key, values in sweep.vary.items():
        dotted = _KEYS.get(key, key)
        try:
            _check_key(dotted, axes)
            read = parse_grid if dotted in _STRENGTHS else vary_values
            size *= count_values(values)
        except GridError as error:
            problems.append(_varied_wrongly(loaded, key, error))
        else:
            axes[dotted] = partial(read, values)
    if sweep.seeds is not None:
        try:
            _check_key(_KEYS["seed"], axes)
        except GridError as error:
            problems.append(f"{loaded.document.place(('sweep', 'seeds'))}: sweep.seeds: {error}")
        first = loaded.config.training.seed
        axes[_KEYS["seed"]] = partial(tuple, range(first, first + sweep.seeds))
        size *= sweep.seeds
    _check_size(size)
    if _KEYS["seed"] in axes:
        axes[_KEYS["seed"]] = axes.pop(_KEYS["seed"])
    return _expanded(loaded, axes, problems)


def _check_size(members: int) -> None:
    if members > MAX_MEMBERS:
        has = f"{members:,}" if members < _LONG else f"{Decimal(members):.0e}"
        raise UsageError(
            f"a sweep must not have more than {MAX_MEMBERS:,} runs, this one has {has}"
        )


def _expanded(
    loaded: LoadedConfig, axes: Mapping[str, Callable[[], tuple[Any, ...]]], problems: list[str]
) -> dict[str, tuple[Any, ...]]:
    """Every axis with its ranges written out.

    Raises:
        ConfigError: the problems found before, and those of values that cannot be written out.
    """
    expanded: dict[str, tuple[Any, ...]] = {}
    wrong = list(problems)
    for dotted, expand in axes.items():
        try:
            expanded[dotted] = expand()
        except GridError as error:
            spelt = [key for key in loaded.config.sweep.vary if _KEYS.get(key, key) == dotted]
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
    if path[0] in {"name", "sweep"}:
        raise GridError(f"must be a key that changes a run, got {key}")
    for other in axes:
        other_path = parse_path(other)
        shared = min(len(path), len(other_path))
        if path[:shared] == other_path[:shared]:
            how = "twice" if path == other_path else f"together with {other}"
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
        raise GridError(f"must be values parted by commas ({error})") from None
    for place, problem in document.problems:
        raise GridError(f"must be values parted by commas ({place}: {problem.message})")
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
    return isinstance(value, str) and value.startswith(("log:", "lin:", "auto:"))


def _identity(value: Any) -> str:
    """The same text for values that are the same: 1 and 1.0, but not true."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(float(value) + 0.0)
    return _written(value)


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _grid(loaded: LoadedConfig, axes: Mapping[str, tuple[Any, ...]]) -> Grid:
    """Every member of the product of the axes.

    Raises:
        ConfigError: the problems of all of them, each once.
    """
    document = loaded.document
    places = {key: _place_of(document, key) for key in axes}
    places["sweep"] = document.place(("sweep",))
    hints = {f"{places[key]}: ": hint for key, hint in _hints(loaded.config, axes)}
    try:
        return Grid(loaded, axes, places, partial(_completed, loaded.config.regularization))
    except ConfigError as error:
        raise ConfigError(_with_hints(error.problems, hints)) from None


def _members(loaded: LoadedConfig, grid: Grid) -> Iterator[Member]:
    for chosen, config in grid.members():
        changes = {"sweep": {}} | _completed(loaded.config.regularization, chosen)
        yield Member(_settings(config, changes), config, loaded, changes, grid.places)


def _hints(config: Config, axes: Mapping[str, tuple[Any, ...]]) -> Iterator[tuple[str, str]]:
    """What to say of keys whose text, such as `[0,0.1]`, is one list where values may be meant.

    It may be right: one value of `regularization.layers` is a list.
    """
    for key, text in config.sweep.vary.items():
        dotted = _KEYS.get(key, key)
        values = axes.get(dotted, ())
        if isinstance(text, str) and len(values) == 1 and isinstance(values[0], list):
            yield dotted, "values are parted by commas, without brackets around them all"


def _with_hints(problems: Sequence[str], hints: Mapping[str, str]) -> Iterator[str]:
    for line in problems:
        hint = next((hint for place, hint in hints.items() if line.startswith(place)), None)
        yield line if hint is None else f"{line}; {hint}"


def _completed(given: Regularization, chosen: dict[str, Any]) -> dict[str, Any]:
    """What is chosen, and what a key that is varied takes along of what the config gives to all.

    A group that is null takes its strength along, and a penalty what shapes others alone.

    Args:
        given: the config's own.
    """
    if _GROUP in chosen:
        strength = None if chosen[_GROUP] is None else given.group_strength
        chosen = {f"{_GROUP}_strength": strength} | chosen
    if _PENALTY in chosen:
        penalty = NAMED.get(str(chosen[_PENALTY]), ELASTIC_NET)
        own = {parameter.config_key for parameter in penalty.shape_parameters}
        shape = {key: getattr(given, key) if key in own else None for key in SHAPE_KEYS}
        chosen = {f"regularization.{key}": value for key, value in shape.items()} | chosen
    return chosen


def _place_of(document: Document, key: str) -> Place:
    """Where the sweep says which values a key takes."""
    short = next((short for short, dotted in _KEYS.items() if dotted == key), key)
    spelt = [("sweep", "vary", key), ("sweep", "vary", short)]
    found = (path for path in spelt if document.get(path) is not None)
    return document.place(next(found, ("sweep", "seeds" if short == "seed" else short)))


def _settings(config: Config, chosen: Mapping[str, Any]) -> Mapping[str, Any]:
    regularization = config.regularization
    varied = {key: value for key, value in chosen.items() if key not in _NO_SETTINGS}
    strength = {f"{_GROUP}_strength": regularization.group_strength}
    groups = {_GROUP: regularization.group, **strength} if regularization.group else {}
    return {
        "l1": regularization.l1,
        "l2": regularization.l2,
        **groups,
        **_named_penalty(regularization),
        **varied,
        "seed": config.training.seed,
        "fold": None,
        "method": regularization.method,
    }


def _named_penalty(regularization: Regularization) -> dict[str, Any]:
    """The penalty by its name, where it has one, and what shapes it."""
    name = regularization.penalty
    if name is None:
        return {}
    numbers = NAMED[name].of(regularization).numbers
    shape = {
        f"regularization.{p.config_key}": numbers[p.name] for p in NAMED[name].shape_parameters
    }
    return {_PENALTY: name, **shape}
