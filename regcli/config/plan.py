"""The plan of a sweep: which members a grid has, in which order."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from regcli.config.document import read_yaml
from regcli.config.grid import GridError, parse_grid
from regcli.config.load import LoadedConfig
from regcli.config.schema import Config
from regcli.errors import ConfigError, UsageError

MAX_MEMBERS = 100_000
_KEYS = {"l1": "regularization.l1", "l2": "regularization.l2", "seed": "training.seed"}


@dataclass(frozen=True)
class Member:
    """One setting with one seed, as it is trained.

    Attributes:
        settings: what identifies the member among the others: l1, l2, the varied keys, seed.
        config: its whole config; `sweep` is empty.
        source: the loaded config it came from, to place errors that turn up later.
    """

    settings: Mapping[str, Any]
    config: Config
    source: LoadedConfig = field(repr=False, compare=False)


@dataclass(frozen=True)
class Plan:
    """The members of a sweep in the order of the grid, and the keys whose values differ."""

    members: tuple[Member, ...]
    axes: Mapping[str, tuple[Any, ...]]


def plan_sweep(loaded: LoadedConfig) -> Plan:
    """Expand a config's `sweep` to its members; the seed varies fastest.

    Raises:
        ConfigError: if a varied key or value breaks a rule, or two keys name the same thing.
        UsageError: if the grid is larger than `MAX_MEMBERS`.
    """
    axes = _axes(loaded)
    size = 1
    for values in axes.values():
        size *= len(values)
    if size > MAX_MEMBERS:
        raise UsageError(
            f"a sweep must not have more than {MAX_MEMBERS:,} runs, this one has {size:,}"
        )
    without_sweep = loaded.with_values({"sweep": {}}, "sweep")
    members = tuple(_members(without_sweep, axes))
    return Plan(members, MappingProxyType(axes))


def plan_single(loaded: LoadedConfig) -> Member:
    """The one member of a config whose `sweep` is left aside."""
    return next(_members(loaded.with_values({"sweep": {}}, "sweep"), {}))


def _axes(loaded: LoadedConfig) -> dict[str, tuple[Any, ...]]:
    sweep = loaded.config.sweep
    axes: dict[str, tuple[Any, ...]] = {}
    if sweep.l1 is not None:
        axes[_KEYS["l1"]] = sweep.l1
    if sweep.l2 is not None:
        axes[_KEYS["l2"]] = sweep.l2
    for key, values in sweep.vary.items():
        dotted = _KEYS.get(key, key)
        if dotted in axes:
            raise ConfigError([f"{_place_of(loaded, key)}: sweep.vary.{key}: is varied twice"])
        axes[dotted] = _vary_values(loaded, key, values)
    if sweep.seeds is not None:
        if _KEYS["seed"] in axes:
            raise ConfigError([f"{_place_of(loaded, 'seed')}: sweep.seeds: seeds are varied twice"])
        first = loaded.config.training.seed
        axes[_KEYS["seed"]] = tuple(range(first, first + sweep.seeds))
    return axes


def _place_of(loaded: LoadedConfig, key: str) -> str:
    return str(loaded.document.place(("sweep", "vary", key)))


def _vary_values(loaded: LoadedConfig, key: str, values: object) -> tuple[Any, ...]:
    try:
        return vary_values(values)
    except GridError as error:
        raise ConfigError([f"{_place_of(loaded, key)}: sweep.vary.{key}: {error}"]) from None


def vary_values(values: object) -> tuple[Any, ...]:
    """The values of a varied key: a list, or text such as `relu,tanh` or `log:1e-4:1e-2:3`.

    Raises:
        GridError: for no values, a value given twice, or a range that breaks a rule.
    """
    if isinstance(values, str):
        try:
            values = read_yaml(f"[{values}]", "value").data
        except ConfigError as error:
            raise GridError(f"must be values parted by commas ({error})") from None
    found = list(values) if isinstance(values, list | tuple) else [values]
    expanded = [point for value in found for point in _points(value)]
    if not expanded:
        raise GridError("must have at least one value")
    for position, value in enumerate(expanded):
        if any(value == other and type(value) is type(other) for other in expanded[:position]):
            raise GridError(f"must not name a value twice, got {value!r} again")
    return tuple(expanded)


def _points(value: Any) -> Sequence[Any]:
    is_range = isinstance(value, str) and value.startswith(("log:", "lin:"))
    return parse_grid(value) if is_range else [value]


def _members(loaded: LoadedConfig, axes: Mapping[str, tuple[Any, ...]]) -> Iterator[Member]:
    for values in itertools.product(*axes.values()):
        chosen = dict(zip(axes, values, strict=True))
        source = loaded.with_values(chosen, _spelt(chosen)) if chosen else loaded
        yield Member(_settings(source.config, chosen), source.config, source)


def _spelt(chosen: Mapping[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in chosen.items())


def _settings(config: Config, chosen: Mapping[str, Any]) -> Mapping[str, Any]:
    regularization = config.regularization
    varied = {key: value for key, value in chosen.items() if key not in _KEYS.values()}
    return {
        "l1": regularization.l1,
        "l2": regularization.l2,
        **varied,
        "seed": config.training.seed,
        "fold": None,
        "method": regularization.method,
    }
