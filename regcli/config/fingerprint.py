"""Content hashes: the same content has the same name on every machine."""

import hashlib
import json
from typing import Any

from regcli.config import catalogue
from regcli.config.arguments import canonical_arguments
from regcli.config.schema import (
    Config,
    Dataset,
    KerasPart,
    Layer,
    Model,
    Regularization,
    Section,
    Training,
)
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.registry import NAMED

ID_DIGITS = 12
IDENTITY_VERSION = 2
"""Part of every run's id: a release in which runs of some kind give other numbers counts it up."""


def content_hash(content: Any) -> str:
    """The first 12 hex digits of the SHA-256 of plain data as canonical JSON (sorted keys)."""
    return _hash(_json(content))


def _json(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:ID_DIGITS]


def run_id(config: Config, data_fingerprint: str) -> str:
    """The id of the run that a member's config makes on some data.

    Left out is what does not change the numbers: the config's name, its sweep, and where the data
    came from (the data's own fingerprint stands for that). What can be written in several ways
    counts in its canonical form: names of Keras's parts, numbers, arguments at Keras's defaults.
    """
    return RunIds().of(config, data_fingerprint)


def content_text(config: Config) -> str:
    """The same text for configs that make the same run, without a look at their data."""
    dataset = config.dataset.model_dump(mode="json", exclude_none=True)
    others = (config.model, config.regularization, config.training)
    return _json([dataset, *map(_projection, others)])


class RunIds:
    """Ids of many runs; a section that configs share is written out once."""

    def __init__(self) -> None:
        self._written: dict[int, tuple[Section, str]] = {}

    def of(self, config: Config, data_fingerprint: str) -> str:
        """As `run_id`."""
        sections = (config.dataset, config.model, config.regularization, config.training)
        content = ",".join(map(self._text, sections))
        return _hash(f"[{IDENTITY_VERSION},{_json(data_fingerprint)},{content}]")

    def _text(self, section: Section) -> str:
        """The section's canonical JSON. It is kept with its text: ids of objects are used again."""
        known = self._written.get(id(section))
        if known is None:
            known = self._written[id(section)] = section, _json(_projection(section))
        return known[1]


def _projection(section: Section) -> dict[str, Any]:
    """What of a section decides a run's numbers, in its canonical form."""
    if isinstance(section, Dataset):
        return section.model_dump(
            mode="json", exclude_none=True, exclude={"name", "file", "target"}
        )
    if isinstance(section, Model):
        return {"layers": [_layer(layer) for layer in section.layers]}
    if isinstance(section, Regularization):
        return _regularization(section)
    plain = section.model_dump(mode="json", exclude_none=True, exclude={"optimizer", "loss"})
    if isinstance(section, Training):
        plain["optimizer"] = _part(section.optimizer)
        if section.loss is not None:
            plain["loss"] = _part(section.loss)
    return plain


def _layer(layer: Layer) -> dict[str, Any]:
    own = {"l1": layer.l1, "l2": layer.l2}
    arguments = canonical_arguments("layers", layer.kind, layer.arguments)
    strengths = {key: value for key, value in own.items() if value is not None}
    return {catalogue.first_name("layers", layer.kind): arguments | strengths}


def _part(part: KerasPart) -> dict[str, Any]:
    name = catalogue.canonical_name(part.kind(), part.name) or part.name
    return {name: canonical_arguments(part.kind(), part.name, part.arguments)}


def _regularization(section: Regularization) -> dict[str, Any]:
    plain = section.model_dump(mode="json", exclude_none=True)
    if not isinstance(section.layers, str):
        plain["layers"] = sorted(set(section.layers))
    if section.bias is not None and not (section.bias.l1 or section.bias.l2):
        del plain["bias"]  # as without
    if section.penalty == ELASTIC_NET.name:
        del plain["penalty"]  # as without
    for parameter in NAMED[section.penalty].shape_parameters if section.penalty else ():
        plain.setdefault(parameter.config_key, parameter.default)
    return plain
