"""The members of a grid: what each value makes of a config, checked once and not once a member.

A grid of 20,000 members has few values a key. Rules that a key's value can break by itself are
checked value by value; keys that some rule joins, such as `regularization.group` and its strength,
are checked in every combination that they have. A member then takes its parts from both.
"""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from regcli.config import catalogue
from regcli.config.argument_checks import check_layer, check_named
from regcli.config.arguments import is_number
from regcli.config.dataset_section import Dataset
from regcli.config.document import parse_path
from regcli.config.keras_parts import KerasPart, Layer, Loss, Optimizer
from regcli.config.load import LoadedConfig
from regcli.config.problems import Path, Place
from regcli.config.schema import Config, Regularization, Training
from regcli.errors import ConfigError
from regcli.planning.identity import content_text

MAX_REFUSED = 1_000
"""Most values to report as refused: each takes a millisecond."""

Axes = Mapping[str, tuple[Any, ...]]

_SECTIONS: Mapping[str, tuple[type[BaseModel], dict[str, Any]]] = {
    "dataset": (Dataset, {"name": next(iter(catalogue.DATASETS))}),
    "regularization": (Regularization, {}),
    "training": (Training, {}),
}
"""Sections with the minimum that they need in addition to the checked value."""
_FREE_KEYS: frozenset[Path] = frozenset(
    {
        ("dataset", "seed"),
        ("regularization", "bias"),
        ("regularization", "l1"),
        ("regularization", "l2"),
        ("training", "batch_size"),
        ("training", "class_weight"),
        ("training", "seed"),
    }
)
"""Keys that no rule joins with another. A test holds this against checking every member."""
_DERIVED: tuple[Path, ...] = (("dataset", "scale"),)
"""Keys that joined keys decide too: the columns that an Embedding takes are not scaled."""
_PARTS: Mapping[Path, type[Optimizer] | type[Loss]] = {
    ("training", "optimizer"): Optimizer,
    ("training", "loss"): Loss,
}


def _place_in_config(path: Path) -> Path:
    """The part of a config that a key's value changes: a field, a layer, or another model."""
    if path[:1] == ("model",) and path[1:2] != ("layers",):
        return path[:1]
    return path[:3] if path[:2] == ("model", "layers") else path[:2]


def _is_joined(path: Path) -> bool:
    """Whether a rule may join a key with keys outside its own part of the config."""
    part = _place_in_config(path)
    if path in _FREE_KEYS:
        return False
    if part in _PARTS and len(path) > 2:
        argument = str(path[2])
        return argument == "name" or argument.endswith("weight_decay")
    if len(part) == 3 and len(path) > 4:
        argument = str(path[4])
        return argument in {"name", "layer"} or argument.endswith("_constraint")
    return True


@dataclass
class _Group:
    """Keys whose values are checked together, and what comes out for each combination.

    Attributes:
        axes: the keys with their values.
        part: the one part of the config that they change; None where it may be several.
        found: the new parts of the config by the positions of the values.
    """

    axes: dict[str, tuple[Any, ...]]
    part: Path | None
    found: dict[tuple[int, ...], dict[Path, Any]] = field(default_factory=dict)

    def combinations(self) -> Iterator[tuple[tuple[int, ...], dict[str, Any]]]:
        """Positions of the values, and the values by key."""
        for positions in itertools.product(*(range(len(values)) for values in self.axes.values())):
            pairs = zip(self.axes.items(), positions, strict=True)
            yield positions, {key: values[position] for (key, values), position in pairs}


def _groups(axes: Axes) -> tuple[_Group, list[_Group]]:
    """The keys that rules join, and the others by the part of the config that they change."""
    by_part: dict[Path, list[str]] = {}
    for key in axes:
        by_part.setdefault(_place_in_config(parse_path(key)), []).append(key)
    joined: set[str] = set()
    free = []
    for part, keys in by_part.items():
        if any(_is_joined(parse_path(key)) for key in keys):
            joined.update(keys)
        else:
            free.append(_Group({key: axes[key] for key in keys}, part))
    return _Group({key: axes[key] for key in axes if key in joined}, None), free


class Grid:
    """The members of a product of axes.

    Args:
        loaded: the config, whose sweep is left aside.
        places: the place of each key's values.
        complete: adds to chosen values those that follow from them.

    Attributes:
        axes: the values as the config has them: `64.0` is 64 where a whole number is required.

    Raises:
        ConfigError: every value or combination that breaks a rule, each once.
    """

    def __init__(
        self,
        loaded: LoadedConfig,
        axes: Axes,
        places: Mapping[str, Place],
        complete: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> None:
        self.places = places
        self._loaded, self._complete = loaded, complete
        self._problems: dict[str, None] = {}
        self._refused = 0
        self._joined, self._free = _groups(axes)
        self._first: dict[str, Any] = {}
        self._base = self._check_joined()
        for group in self._free:
            self._check_free(group)
        if self._problems:
            raise ConfigError(self._problems)
        self.axes: dict[str, tuple[Any, ...]] = dict(axes)
        for group in (self._joined, *self._free):
            self.axes |= _typed_axes(group)
        self._refuse_duplicates()
        if self._problems:
            raise ConfigError(self._problems)

    def members(self) -> Iterator[tuple[dict[str, Any], Config]]:
        """The values that are chosen by key, and the config, of every member in order."""
        keys = list(self.axes)
        groups = [group for group in (self._joined, *self._free) if group.axes]
        where = [[keys.index(key) for key in group.axes] for group in groups]
        sections: dict[Any, BaseModel] = {}
        for positions in itertools.product(*(range(len(values)) for values in self.axes.values())):
            pairs = zip(self.axes.items(), positions, strict=True)
            chosen = {key: values[position] for (key, values), position in pairs}
            parts = [tuple(positions[place] for place in places) for places in where]
            found = [group.found[part] for group, part in zip(groups, parts, strict=True)]
            yield chosen, self._assembled(parts, found, sections)

    def _assembled(
        self,
        positions: Sequence[tuple[int, ...]],
        found: Sequence[Mapping[Path, Any]],
        known: dict[Any, BaseModel],
    ) -> Config:
        """The base with new parts; sections that are equal are one object."""
        changed: dict[str, list[tuple[int, Path]]] = {}
        for number, parts in enumerate(found):
            for path in parts:
                changed.setdefault(str(path[0]), []).append((number, path))
        update: dict[str, BaseModel] = {}
        for section, sources in changed.items():
            key = (section, *((number, positions[number]) for number, _ in sources))
            if key not in known:
                parts = {path: found[number][path] for number, path in sources}
                known[key] = _section_with(getattr(self._base, section), section, parts)
            update[section] = known[key]
        return self._base.model_copy(update=update)

    def _check_joined(self) -> Config:
        """Check every combination of joined keys; gives a config to take other parts from."""
        base: Config | None = None
        for positions, chosen in self._joined.combinations():
            whole = self._complete(chosen)
            self._first = self._first or whole
            config = self._checked(whole)
            if config is not None:
                base = base or config
                parts = dict.fromkeys(_place_in_config(parse_path(key)) for key in whole)
                derived = _DERIVED if parts else ()
                self._joined.found[positions] = {
                    part: _part_of(config, part) for part in (*parts, *derived)
                }
        return base or self._loaded.config

    def _check_free(self, group: _Group) -> None:
        document = self._loaded.document
        for positions, chosen in group.combinations():
            part = _quick_part(document.get(group.part or ()), group.part or (), chosen)
            if part is None:
                config = self._checked(self._first | chosen)
                if config is None:
                    continue
                part = _part_of(config, group.part or ())
            group.found[positions] = {group.part or (): part}

    def _checked(self, chosen: Mapping[str, Any]) -> Config | None:
        if self._refused >= MAX_REFUSED:
            return None
        try:
            return self._loaded.with_values({"sweep": {}} | dict(chosen), self.places).config
        except ConfigError as error:
            self._refused += 1
            self._problems |= dict.fromkeys(error.problems)
        return None

    def _refuse_duplicates(self) -> None:
        """Refuse values of a key that are written differently and mean the same run."""
        for group in (self._joined, *self._free):
            for number, (key, values) in enumerate(group.axes.items()):
                if len(values) > 1 and not all(map(is_number, values)):
                    self._refuse_duplicates_of(group, number, key, values)

    def _refuse_duplicates_of(
        self, group: _Group, number: int, key: str, values: tuple[Any, ...]
    ) -> None:
        seen: dict[str, Any] = {}
        for position, value in enumerate(values):
            positions = [0] * len(group.axes)
            positions[number] = position
            found = group.found[tuple(positions)]
            text = content_text(self._assembled([tuple(positions)], [found], {}))
            if text in seen:
                rule = f"must not name a value twice, got {_named(value)}, as {_named(seen[text])}"
                self._problems[f"{self.places[key]}: {key}: {rule}"] = None
            seen[text] = value


def _named(value: object) -> str:
    """A value as a config has it: `null` rather than None."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _quick_part(data: Any, part: Path, chosen: Mapping[str, Any]) -> Any:
    """A part of the config with new values, or None where anything may be wrong with it."""
    if part in _FREE_KEYS:
        model, least = _SECTIONS[str(part[0])]
        (value,) = chosen.values()
        name = str(part[1])
        try:
            return getattr(model.model_validate(least | {name: value}), name)
        except ValidationError:
            return None
    for key, value in chosen.items():
        data = _with_value(data, parse_path(key)[len(part) :], value)
        if data is None:
            return None
    named = _PARTS.get(part)
    problems = check_named(data, named.KIND, part) if named else check_layer(data, part)
    if any(problems):
        return None
    try:
        return (named or Layer).model_validate(data)
    except ValidationError:
        return None


def _with_value(data: Any, path: Path, value: Any) -> Any:
    """Nested mappings with one value changed, or None where they are something else."""
    if not path:
        return value
    if not isinstance(data, dict):
        return None
    inner = value
    if len(path) > 1:
        inner = _with_value(data.get(str(path[0])), path[1:], value)
        if inner is None:
            return None
    return data | {str(path[0]): inner}


def _part_of(config: Config, part: Path) -> Any:
    found: Any = config
    for step in part:
        found = found[step] if isinstance(step, int) else getattr(found, step)
    return found


def _section_with(base: BaseModel, section: str, parts: Mapping[Path, Any]) -> BaseModel:
    update: dict[str, Any] = {}
    for path, value in parts.items():
        if len(path) == 1:
            whole: BaseModel = value
            return whole
        if len(path) == 2:
            update[str(path[1])] = value
        else:
            layers = list(update.get("layers", getattr(base, "layers", ())))
            layers[int(path[2])] = value
            update["layers"] = tuple(layers)
    return base.model_copy(update=update)


def _typed_axes(group: _Group) -> dict[str, tuple[Any, ...]]:
    """A group's values with numbers in the types that the config has them in."""
    typed = {}
    for number, (key, values) in enumerate(group.axes.items()):
        path = parse_path(key)
        found = []
        for position, value in enumerate(values):
            positions = [0] * len(group.axes)
            positions[number] = position
            part = _place_in_config(path)
            typed_value = value
            if is_number(value):
                typed_value = _value_at(group.found[tuple(positions)][part], path[len(part) :])
            found.append(typed_value if is_number(typed_value) else value)
        typed[key] = tuple(found)
    return typed


def _value_at(part: Any, path: Path) -> Any:
    """The value at a path inside a part of the config."""
    found = part
    if isinstance(found, Layer) and path:
        own = {"l1": found.l1, "l2": found.l2}
        found = {found.kind: own | found.arguments}
    elif isinstance(found, KerasPart):
        found = found.arguments
    for step in path:
        if isinstance(found, BaseModel):
            found = getattr(found, str(step), None)
        elif isinstance(found, dict):
            found = found.get(str(step))
        elif isinstance(found, list | tuple) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            return None
    return found
