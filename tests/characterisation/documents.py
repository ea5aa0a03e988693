"""The shape of JSON documents of trained runs: keys, types, what is null, settings and states.

Digits differ between processors, so numbers stand as `number` or `whole number`. What the config
alone decides is kept as it is. Items of a list that are alike stand once.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .command_line import regcli
from .plans import write_data

_KEPT = frozenset(
    {"along", "classes", "columns", "config", "engine", "epochs", "found_by", "method", "name"}
    | {"rows", "schema_version", "settings", "shape", "source", "state", "task", "threshold"}
)
"""Keys whose values do not depend on the processor."""

_DIGITS = 6

CLASSES = """\
name: classes
dataset: {file: rows.csv, target: kind}
model: {layers: [{Dense: {units: 4, activation: relu}}]}
training: {epochs: 3, class_weight: balanced, early_stopping: {patience: 9}}
sweep: {l1: "0,0.01"}
"""
QUANTITY = """\
name: quantity
dataset: {file: rows.csv, target: amount, noise_features: 2, true_columns: [a, c], test: 0}
model: {layers: [{Dense: {units: 4, activation: relu}}]}
regularization: {method: proximal, group: inputs, group_strength: 0.001}
training: {epochs: 2, polish: 3}
sweep: {l1: "0.001,0.01"}
"""
DIVERGED = """\
name: diverged
dataset: {file: rows.csv, target: amount, validation: 0}
training: {epochs: 2, optimizer: {name: sgd, learning_rate: 1e30}}
"""
TOKENS = """\
name: tokens
dataset: {file: tokens.npz}
model: {layers: [{Embedding: {input_dim: 9, output_dim: 2}}, {GlobalAveragePooling1D: {}}]}
training: {epochs: 1}
"""
POINTS = """\
name: points
dataset: {file: rows.csv, target: kind}
"""
EXPLAINED = """\
name: explained
dataset: {file: rows.csv, target: kind}
model:
  layers:
    - Dense: {units: 4, activation: relu, l1: 0.5}
    - Dense: {units: 6, activation: relu, kernel_constraint: non_neg}
regularization: {l1: 0.001, l2: 0.02, bias: {l1: 0.1}}
training: {class_weight: balanced, optimizer: {name: adamw, weight_decay: 0.01}}
"""

CPU = ("--device", "cpu")
KERAS, POPULATION = (*CPU, "--engine", "keras"), (*CPU, "--engine", "population")
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "sweep of classes": ("sweep", "classes.yaml", *KERAS),
    "sweep of a quantity": ("sweep", "quantity.yaml", *POPULATION),
    "training that diverges": ("train", "diverged.yaml", *KERAS),
    "training on tokens": ("train", "tokens.yaml", *KERAS),
    "path": ("path", "points.yaml", "--points", "2", "--refit", *CPU),
    "explain": ("explain", "explained.yaml"),
}


def documents(folder: Path) -> Mapping[str, str]:
    """Shapes of documents, and transcripts of `explain`, by the name of their file."""
    write_data(folder)
    texts = {"classes": CLASSES, "quantity": QUANTITY, "diverged": DIVERGED, "tokens": TOKENS}
    for name, text in {**texts, "points": POINTS, "explained": EXPLAINED}.items():
        (folder / f"{name}.yaml").write_text(text)
    return dict(_documents(folder))


def _documents(folder: Path) -> Iterator[tuple[str, str]]:
    for name, command in COMMANDS.items():
        written = regcli(*command, "--json", folder=folder)
        found = json.loads(written.out)
        yield f"{name}.json", _text(found)
        runs = found.get("runs", [])
        if runs and name != "path":
            shown = regcli("runs", "show", runs[0]["id"], "--json", folder=folder)
            yield f"{name}, one run.json", _text(json.loads(shown.out))
    for columns in (80, 140):
        written = regcli("explain", "explained.yaml", folder=folder, columns=columns)
        yield f"explain at {columns} columns.txt", written.out + written.err


def _text(document: Any) -> str:
    return json.dumps(shape(document), indent=1, ensure_ascii=False) + "\n"


def shape(value: Any, key: str = "") -> Any:
    """A document with the types of numbers and texts in their place."""
    if key in _KEPT:
        return _as_decided(value)
    if isinstance(value, dict):
        return {name: shape(item, name) for name, item in value.items()}
    if isinstance(value, list):
        shapes = [json.dumps(shape(item)) for item in value]
        return [json.loads(text) for text in dict.fromkeys(shapes)]
    if value is None or isinstance(value, bool):
        return value
    return {int: "whole number", float: "number", str: "text"}[type(value)]


def _as_decided(value: Any) -> Any:
    """A value without ids, and with the digits that a strength found by training always has."""
    if isinstance(value, dict):
        return {
            key: "an id" if key == "parent" and item else _as_decided(item)
            for key, item in value.items()
        }
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    return [_as_decided(item) for item in value] if isinstance(value, list) else value
