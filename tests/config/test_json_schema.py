"""The JSON Schema that editors check configs with."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from regcli.config.document import read_yaml
from regcli.config.json_schema import config_schema
from regcli.config.shipped import shipped_names, shipped_path, starter_text

NEWER_THAN_DRAFT_7 = {
    "$defs", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef",
    "$vocabulary", "dependentRequired", "dependentSchemas", "maxContains", "minContains",
    "prefixItems", "unevaluatedItems", "unevaluatedProperties", "deprecated",
}  # fmt: skip


@cache
def validator() -> Any:
    return jsonschema.Draft7Validator(config_schema())


def keywords(schema: Any) -> Iterator[str]:
    """Keys of a schema that are keywords rather than names of properties or definitions."""
    if isinstance(schema, list):
        for item in schema:
            yield from keywords(item)
    if isinstance(schema, dict):
        for key, item in schema.items():
            yield key
            is_named = key in {"properties", "definitions"}
            yield from keywords(list(item.values()) if is_named else item)


def test_it_is_a_schema_of_draft_7() -> None:
    schema = config_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert NEWER_THAN_DRAFT_7.isdisjoint(keywords(schema))


def test_every_reference_leads_somewhere() -> None:
    schema = config_schema()
    references = set(_values(schema, "$ref"))
    assert references == {f"#/definitions/{name}" for name in schema["definitions"]}


def _values(node: Any, key: str) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _values(item, key)
    if isinstance(node, dict):
        if key in node:
            yield node[key]
        for item in node.values():
            yield from _values(item, key)


@pytest.mark.parametrize("name", [*shipped_names(), "starter"])
def test_configs_that_come_with_regcli_keep_it(name: str) -> None:
    text = starter_text() if name == "starter" else Path(shipped_path(name)).read_text()
    assert list(validator().iter_errors(read_yaml(text, name).data)) == []


@pytest.mark.parametrize(
    "line",
    [
        "model: {layers: [Flatten, {Flatten: }, {Dense: {units: 3, l1: 0.1}}]}",
        "model: {layers: [{Conv1D: {filters: 2, kernel_size: 3, strides: [1]}}]}",
        "model: {layers: [{LayerNormalization: {axis: [1, 2]}}]}",
        "regularization: {layers: [dense]}",
        "regularization: {layers: conv*, groups: [{layers: [head, gamma], l2: 0.1}]}",
        "training: {optimizer: {name: sgd, learning_rate: {CosineDecay: {}}}, loss: mse}",
        "sweep: {l1: 0, l2: [0, 'log:1e-3:1:4'], vary: {training.epochs: 1}}",
        "sweep: {l1: ~}",
    ],
)
def test_good_lines(line: str) -> None:
    data = read_yaml(f"dataset: {{name: digits}}\n{line}\n", "f").data
    assert list(validator().iter_errors(data)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name: x",
        "dataset: digits",
        "dataset: {name: digitz}",
        "dataset: {name: digits, test: 1}",
        "dataset: {name: digits, scale: std}",
        "dataset: {name: digits}\nnam: x",
        "dataset: {name: digits}\nname: ''",
        "dataset: {name: digits}\nmodel: {layers: [Dense]}",
        "dataset: {name: digits}\nmodel: {layers: [Lambda]}",
        "dataset: {name: digits}\nmodel: {layers: [{Dense: {}}]}",
        "dataset: {name: digits}\nmodel: {layers: [{Dense: {units: 3, unit: 3}}]}",
        "dataset: {name: digits}\nmodel: {layers: [{Dense: {units: 3, use_bias: 1}}]}",
        "dataset: {name: digits}\nmodel: {layers: [{Dense: {units: 3, l1: -1}}]}",
        "dataset: {name: digits}\nmodel: {layers: [{Dense: {units: 3}, Flatten: {}}]}",
        "dataset: {name: digits}\nregularization: {l1: -1}",
        "dataset: {name: digits}\nregularization: {l1: '0'}",
        "dataset: {name: digits}\nregularization: {layers: 5}",
        "dataset: {name: digits}\ntraining: {epochs: -1}",
        "dataset: {name: digits}\ntraining: {optimizer: 5}",
        "dataset: {name: digits}\ntraining: {early_stopping: {monitor: loss}}",
        "dataset: {name: digits}\nsweep: {l1: [[0]]}",
        "dataset: {name: digits}\nsweep: {seeds: 0}",
    ],
)
def test_bad_configs_break_it(text: str) -> None:
    assert list(validator().iter_errors(read_yaml(text, "f").data)) != []
