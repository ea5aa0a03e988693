"""Content hashes: the same content has the same name on every machine."""

import hashlib
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from regcli.config import catalogue
from regcli.config.arguments import canonical_arguments
from regcli.config.column_keys import ALL_PARTS, DEFAULT
from regcli.config.dataset_section import Dataset
from regcli.config.graph_layers import canonical_inputs
from regcli.config.keras_parts import KerasPart, Layer
from regcli.config.layer_names import layer_names
from regcli.config.model_section import Model
from regcli.config.problems import composed
from regcli.config.schema import BiasStrengths, Config, Regularization
from regcli.config.section import Section
from regcli.config.selection_keys import StrengthGroup
from regcli.data.row_form import USUAL_FORM, RowForm
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.registry import NAMED
from regcli.results.records import IDENTITY_VERSION

ID_DIGITS = 12
_SOURCE = ("name", "file", "target", "weights", "drop", "columns", "types")
_WRITTEN_AS = ("separator", "decimal", "thousands", "encoding", "comment", "null_values")
_IMAGES = ("image_size", "channels")
_READ = frozenset([*_SOURCE, *_WRITTEN_AS, *_IMAGES])
"""Keys of a data set that its fingerprint stands for."""

BORN_WITH: Mapping[str, Any] = MappingProxyType({})
"""Defaults that were others when their keys came to be, by dotted key.

A key at the default that it was born with takes no part in an id, so that a new key gives no stored
run another one. Where a release changes a default, the old one is written here: what was stored
under it keeps its id, and configs that leave the key out get another.
"""


def content_hash(content: Any) -> str:
    """The first 12 hex digits of the SHA-256 of plain data as canonical JSON (sorted keys)."""
    return _hash(_json(content))


def _json(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:ID_DIGITS]


def run_id(
    config: Config,
    data_fingerprint: str,
    parent: str | None = None,
    keep_zeros: bool = False,
    form: RowForm = USUAL_FORM,
) -> str:
    """The id of the run that a member's config makes on some data.

    Left out is what does not change the numbers: the config's name, its sweep, and where the data
    came from (the data's own fingerprint stands for that). What can be written in several ways
    counts in its canonical form: names of Keras's parts, numbers, arguments at Keras's defaults.

    Args:
        parent: the run whose weights it starts from, and whether its zeros stay so.
        form: of the data; what of it was once so in every run takes no part.
    """
    return RunIds().of(config, data_fingerprint, parent, keep_zeros, form)


def content_text(config: Config) -> str:
    """The same text for configs that make the same run, without a look at their data."""
    dataset = config.dataset.model_dump(mode="json", exclude_none=True)
    others = (config.model, config.regularization, config.training)
    return _json([dataset, *map(_projection, others)])


class RunIds:
    """Ids of many runs; a section that configs share is written out once."""

    def __init__(self) -> None:
        self._written: dict[int, tuple[Section, str]] = {}

    def of(
        self,
        config: Config,
        data_fingerprint: str,
        parent: str | None = None,
        keep_zeros: bool = False,
        form: RowForm = USUAL_FORM,
    ) -> str:
        """As `run_id`."""
        sections = (config.dataset, config.model, config.regularization, config.training)
        parts = [str(IDENTITY_VERSION), _json(data_fingerprint), *map(self._text, sections)]
        if parent is not None:
            parts.append(_json({"parent": parent, "keep_zeros": keep_zeros}))
        if form.joins_inputs and config.regularization.group == "inputs":
            parts.append(_json({"groups": "columns"}))
        if form.is_in_windows:
            parts.append(_json({"order": "windows"}))
        return _hash(f"[{','.join(parts)}]")

    def _text(self, section: Section) -> str:
        """The section's canonical JSON. It is kept with its text: ids of objects are used again."""
        known = self._written.get(id(section))
        if known is None:
            known = self._written[id(section)] = section, _json(_projection(section))
        return known[1]


def _projection(section: Section) -> dict[str, Any]:
    """What of a section decides a run's numbers, in its canonical form."""
    if isinstance(section, Model) and not section.is_stack:
        return _own_model(section)
    if isinstance(section, Model):
        return {"layers": _layers(section.layers)}
    if isinstance(section, Dataset):
        plain = _chosen(section, "dataset", _READ)
        if target := _chosen(section.target_settings, "dataset.target", frozenset({"column"})):
            plain["target"] = target
        plain.update(missing=_missing(section), dates=_dates(section))
        plain = {key: value for key, value in plain.items() if value is not None}
        files = {key for key in ("test", "validation") if isinstance(plain.get(key), str)}
        return plain | dict.fromkeys(files, "file")  # of which the fingerprint knows the rows
    if isinstance(section, Regularization):
        plain = _chosen(section, "regularization", frozenset({"groups"}))
        if not isinstance(section.layers, str):
            plain["layers"] = _texts(section.layers)
        if section.groups:
            plain["groups"] = sorted(map(_group, section.groups), key=_json)  # they do not overlap
        if section.existing == "add":
            del plain["existing"]  # as without
        if section.penalty == ELASTIC_NET.name:
            del plain["penalty"]  # as without
        for parameter in NAMED[section.penalty].shape_parameters if section.penalty else ():
            plain.setdefault(parameter.config_key, parameter.default)
        return plain
    return _chosen(section, "training")


def _own_model(model: Model) -> dict[str, Any]:
    """A model that the config names: by what is in its files, wherever they are."""
    if model.python is not None:
        plain: dict[str, Any] = {"code": model.fingerprint, "function": model.function}
        return plain | {"args": model.args or {}}
    chosen = {"start": model.start, "trainable": model.trainable}
    plain = {"file": model.fingerprint}
    return plain | {key: value for key, value in chosen.items() if value not in (None, "fresh")}


def _texts(selection: str | tuple[str, ...]) -> str | list[str]:
    """A selection, whose texts may stand in any order."""
    return selection if isinstance(selection, str) else sorted(set(selection))


def _group(group: StrengthGroup) -> dict[str, Any]:
    own = {"l1": group.l1, "l2": group.l2}
    given = {key: value for key, value in own.items() if value is not None}
    return {"layers": _texts(group.layers), **given}


def _missing(section: Dataset) -> str | dict[str, str] | None:
    """Rules for gaps: one for all, or only those that differ from it; None for none."""
    given = section.missing
    rules: dict[str, str] = {DEFAULT: given} if isinstance(given, str) else {**(given or {})}
    default = rules.pop(DEFAULT, "error")
    others = {composed(name): rule for name, rule in rules.items() if rule != default}
    if not others:
        return None if default == "error" else default
    return others if default == "error" else {DEFAULT: default, **others}


def _dates(section: Dataset) -> list[str] | None:
    """Parts of dates; None for all, which dates have that only `types` names."""
    parts = section.dates
    return None if parts is None or parts == ALL_PARTS else list(parts)


def _chosen(section: Section, place: str, left_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The values of a section's keys that are not at the default they were born with."""
    chosen = {}
    for name, field in type(section).model_fields.items():
        key = f"{place}.{name}"
        value = _plain(getattr(section, name), key)
        default = field.get_default(call_default_factory=True)
        born = BORN_WITH.get(key, _plain(default, key))
        if name not in left_out and value is not None and value != born:
            chosen[name] = value
    return chosen


def _plain(value: Any, key: str) -> Any:
    """A key's value as plain data in its canonical form; None for what says nothing."""
    if isinstance(value, KerasPart):
        return _part(value)
    if isinstance(value, BiasStrengths):
        return _chosen(value, key) or None  # none at all are as without
    if isinstance(value, Section):
        return _chosen(value, key)
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _layers(layers: tuple[Layer, ...]) -> list[dict[str, Any]]:
    """Layers in their canonical form; what they take counts where it is not the one before."""
    inputs = canonical_inputs(layers, layer_names(layers))
    return [_layer(layer, taken) for layer, taken in zip(layers, inputs, strict=True)]


def _layer(layer: Layer, inputs: list[str] | None) -> dict[str, Any]:
    own = {"inputs": inputs, "l1": layer.l1, "l2": layer.l2}
    arguments = canonical_arguments("layers", layer.kind, layer.arguments)
    strengths = {key: value for key, value in own.items() if value is not None}
    return {catalogue.first_name("layers", layer.kind): arguments | strengths}


def _part(part: KerasPart) -> dict[str, Any]:
    name = catalogue.canonical_name(part.KIND, part.name) or part.name
    return {name: canonical_arguments(part.KIND, part.name, part.arguments)}
