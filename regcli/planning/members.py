"""The plan of a sweep: which members a grid has, in which order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from regcli.config.document import Document, value_at
from regcli.config.load import LoadedConfig
from regcli.config.problems import Place, dotted
from regcli.config.row_keys import Fold
from regcli.config.schema import Config, Regularization
from regcli.errors import ConfigError, ModelError
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.registry import NAMED, SHAPE_KEYS
from regcli.planning.axes import FOLD, SHORT_NAMES, axes_of, require_size
from regcli.planning.combinations import Grid
from regcli.planning.variants import variants_of, varied_keys
from regcli.results.settings import VARIANT

_NO_SETTINGS = frozenset({*SHORT_NAMES.values(), FOLD, "sweep"})
_COUNTED = {"seed": "seeds", FOLD: "folds"}
"""The keys of a sweep that say how many values a key has."""
_GROUP = "regularization.group"
_PENALTY = "regularization.penalty"


@dataclass(frozen=True)
class Member:
    """One setting with one seed and fold, as it is trained.

    Attributes:
        settings: what identifies the member among the others: l1, l2, groups and another penalty
            where it has any, the varied keys, seed, and the fold with its repetition.
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

    def placed(self, error: ModelError) -> ConfigError:
        """A model's error as that of the place in the config which asks for it."""
        place = self.source.document.place(error.path)
        return ConfigError([f"{place}: {dotted(error.path)}: {error.message}"])


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
    if loaded.config.sweep.variants:
        return _plan_variants(loaded)
    grid = _grid(loaded, axes_of(loaded))
    return Plan(tuple(_members(loaded, grid)), MappingProxyType(grid.axes))


def _plan_variants(loaded: LoadedConfig) -> Plan:
    """The members of every variant's grid, one after the other.

    Their settings have the variant's name, and every key that some variant sets.
    """
    keys = varied_keys(loaded)
    members: list[Member] = []
    axes: dict[str, tuple[Any, ...]] = {VARIANT: ()}
    for name, variant in variants_of(loaded):
        plan = plan_sweep(variant)
        axes[VARIANT] += (name,)
        for key, values in plan.axes.items():
            axes[key] = tuple({repr(v): v for v in (*axes.get(key, ()), *values)}.values())
        for member in plan.members:
            resolved = member.config.resolved()
            others = {key: value_at(resolved, key) for key in keys if key not in member.settings}
            settings = {VARIANT: name, **member.settings, **others}
            members.append(replace(member, settings=settings))
        require_size(len(members))
    return Plan(tuple(members), MappingProxyType(axes))


def plan_single(loaded: LoadedConfig) -> Member:
    """The one member of a config whose `sweep` is left aside."""
    (member,) = _members(loaded, _grid(loaded, {}))
    return member


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
        full = SHORT_NAMES.get(key, key)
        values = axes.get(full, ())
        if isinstance(text, str) and len(values) == 1 and isinstance(values[0], list):
            yield full, "write the values comma-separated, without brackets around them"


def _with_hints(problems: Sequence[str], hints: Mapping[str, str]) -> Iterator[str]:
    for line in problems:
        hint = next((hint for place, hint in hints.items() if line.startswith(place)), None)
        yield line if hint is None else f"{line}; {hint}"


def _completed(given: Regularization, chosen: dict[str, Any]) -> dict[str, Any]:
    """What is chosen, and what a key that is varied takes along of what the config gives to all.

    A null group also clears its strength, and a penalty clears shape keys that only others have.

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
    short = next((short for short, full in SHORT_NAMES.items() if full == key), key)
    spelt = [("sweep", "vary", key), ("sweep", "vary", short)]
    found = (path for path in spelt if document.get(path) is not None)
    return document.place(next(found, ("sweep", _COUNTED.get(short, short))))


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
        **_varied_groups(regularization, varied),
        "seed": config.training.seed,
        **_fold(config.dataset.fold),
        "method": regularization.method,
    }


def _varied_groups(regularization: Regularization, varied: Mapping[str, Any]) -> dict[str, Any]:
    """The layers of every group of which a strength is varied."""
    found = {}
    for number, group in enumerate(regularization.groups or ()):
        key = f"regularization.groups.{number}"
        if key + ".layers" not in varied and any(name.startswith(f"{key}.") for name in varied):
            own = group.layers
            found[f"{key}.layers"] = own if isinstance(own, str) else ", ".join(own)
    return found


def _fold(fold: Fold | None) -> dict[str, int | None]:
    return {"fold": None} if fold is None else {"fold": fold.number, "repeat": fold.repeat}


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
