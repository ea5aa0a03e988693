"""YAML text as plain data in which every key and value remembers its line and column.

The subset is what a config needs: YAML 1.2's core types (`1e-3` is a number, `off` is a string), no
tags, no objects, no duplicate keys. The tree is built from the parser's events with bounds on its
depth and size, so that neither nesting nor aliases can exhaust the machine.
"""

import copy
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from regcli.config.problems import Path, Place, Problem, dotted
from regcli.errors import ConfigError

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 50_000

_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], float("nan")),
    **{
        sign + word: float(sign + "inf")
        for sign in ("", "+", "-")
        for word in (".inf", ".Inf", ".INF")
    },
}


@dataclass
class Document:
    """Plain data and the places it came from.

    Attributes:
        data: dicts, lists, strings, numbers, booleans and None.
        keys: place of each key (or list item) by path; the empty path is the whole document.
        values: place of each value by path.
        problems: keys that are given twice; the first value is kept.
    """

    source: str
    data: Any = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    problems: list[tuple[Place, Problem]] = field(default_factory=list)

    def place(self, path: Path, at_key: bool = False) -> Place:
        """The place of a path, or of the nearest thing around it that has one."""
        places = self.keys if at_key else self.values
        for length in range(len(path), -1, -1):
            if path[:length] in places:
                return places[path[:length]]
        return Place(1, 1, self.source)

    def with_value(self, path: Path, value: object, source: str) -> "Document":
        """A copy in which `path` holds `value`, said to come from `source` (an option).

        Mappings that are missing on the way are made.

        Raises:
            ConfigError: if the path leads through something that is not a mapping or list.
        """
        changed = Document(
            self.source, copy.deepcopy(self.data), dict(self.keys), dict(self.values), self.problems
        )
        node = changed.data
        for depth, key in enumerate(path[:-1], start=1):
            node = _step_into(node, key, path[:depth], source)
        _assign(node, path, value, source)
        for places in (changed.keys, changed.values):
            for known in [known for known in places if known[: len(path)] == path]:
                del places[known]
            places[path] = Place(0, 0, source)
        return changed


def parse_path(text: str) -> Path:
    """`model.layers.0.Dense.units` as a path; digits are list positions."""
    return tuple(int(part) if part.isdigit() else part for part in text.split("."))


def _step_into(node: Any, key: str | int, so_far: Path, source: str) -> Any:
    if isinstance(node, list):
        _check_position(node, key, so_far, source)
        return node[int(key)]
    if isinstance(node, dict):
        if node.get(key) is None:
            node[key] = {}
        return node[key]
    raise _not_a_mapping(so_far[:-1], node, source)


def _assign(node: Any, path: Path, value: object, source: str) -> None:
    if isinstance(node, list):
        _check_position(node, path[-1], path, source)
        node[int(path[-1])] = value
    elif isinstance(node, dict):
        node[path[-1]] = value
    else:
        raise _not_a_mapping(path[:-1], node, source)


def _check_position(node: list[Any], key: str | int, path: Path, source: str) -> None:
    if not isinstance(key, int) or key >= len(node):
        rule = f"must be a position from 0 to {len(node) - 1}" if node else "is an empty list"
        raise ConfigError([f"{source}: {dotted(path[:-1])}: {rule}, got '{key}'"])


def _not_a_mapping(path: Path, node: object, source: str) -> ConfigError:
    return ConfigError([f"{source}: {dotted(path)}: has no keys of its own, it is {node!r}"])


def read_scalar(text: str) -> Any:
    """A plain (unquoted) scalar by YAML 1.2's core schema."""
    if text in _SPECIAL:
        return _SPECIAL[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < 1_000 else text
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def read_yaml(text: str, source: str) -> Document:
    """Parse one YAML document.

    Args:
        text: the YAML.
        source: the file's name as it should appear in messages.

    Raises:
        ConfigError: with place, for anything outside the subset. Duplicate keys are noted in the
            document, to be reported with the other problems.
    """
    try:
        return _Builder(source).build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = _place(mark, source) if mark else Place(1, 1, source)
        raise ConfigError([f"{place}: must be valid YAML: {_one_line(error)}"]) from None
    except yaml.reader.ReaderError as error:
        what = f"character #x{error.character:04x} at position {error.position}"
        raise ConfigError([f"{source}:1:1: must be text, got the {what}"]) from None


def _one_line(error: yaml.MarkedYAMLError) -> str:
    parts = (error.context, error.problem)
    return ", ".join(" ".join(part.split()) for part in parts if part)


def _place(mark: Any, source: str) -> Place:
    return Place(mark.line + 1, mark.column + 1, source)


class _Builder:
    """Builds a `Document` from the parser's events, keeping the open containers on a stack."""

    def __init__(self, source: str) -> None:
        self.document = Document(source)
        self.stack: list[_Container] = []
        self.anchors: dict[str, Any] = {}
        self.nodes = 0
        self.roots = 0

    def build(self, text: str) -> Document:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            self._take(event)
        return self.document

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.roots += 1
            if self.roots > 1:
                raise self._error(event, "must be one YAML document, got a second one")
        elif isinstance(event, yaml.MappingStartEvent):
            self._open(event, {})
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open(event, [])
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.stack.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._add(event, self._alias(event))
        elif isinstance(event, yaml.ScalarEvent):
            value = read_scalar(event.value) if event.implicit[0] else event.value
            self._add(event, self._checked_scalar(event, value))

    def _checked_scalar(self, event: Any, value: Any) -> Any:
        if event.tag is not None:
            raise self._error(event, f"must not have a tag, got {event.tag}")
        if event.anchor:
            self.anchors[event.anchor] = value
        return value

    def _open(self, event: Any, container: Any) -> None:
        if event.tag is not None:
            raise self._error(event, f"must not have a tag, got {event.tag}")
        if len(self.stack) >= MAX_DEPTH:
            raise self._error(event, f"must not nest deeper than {MAX_DEPTH} levels")
        path = self._add(event, container)
        if event.anchor:
            self.anchors[event.anchor] = container
        self.stack.append(_Container(container, path))

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self.anchors:
            raise self._error(event, f"refers to an anchor that is not there, got *{event.anchor}")
        target = self.anchors[event.anchor]
        if any(open_container.node is target for open_container in self.stack):
            raise self._error(event, f"must not contain itself, got *{event.anchor}")
        self._count(event, _size(target, MAX_NODES))
        return copy.deepcopy(target)

    def _count(self, event: Any, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise self._error(
                event, f"must not hold more than {MAX_NODES:,} values, aliases included"
            )

    def _add(self, event: Any, value: Any) -> Path:
        """Put a value where it belongs; returns its path."""
        self._count(event, 1)
        place = _place(event.start_mark, self.document.source)
        if not self.stack:
            self.document.data = value
            self.document.values[()] = self.document.keys[()] = place
            return ()
        top = self.stack[-1]
        if isinstance(top.node, list):
            path = (*top.path, len(top.node))
            top.node.append(value)
            self.document.keys[path] = place
        elif top.key is None:
            self._take_key(event, value, place, top)
            return top.path
        else:
            path = (*top.path, top.key)
            top.node[top.key] = value
            top.key = None
        self.document.values[path] = place
        return path

    def _take_key(self, event: Any, value: Any, place: Place, top: "_Container") -> None:
        if not isinstance(value, str | int | float):
            raise self._error(event, "a key must be a plain word")
        if isinstance(value, bool | float):
            value = str(event.value)
        key: str | int = value
        path = (*top.path, key)
        if key in top.node:
            first = self.document.keys[path]
            message = f"must not be given twice, first on line {first.line}"
            self.document.problems.append((place, Problem(path, message)))
        else:
            self.document.keys[path] = place
        top.key = key

    def _error(self, event: Any, message: str) -> ConfigError:
        return ConfigError([f"{_place(event.start_mark, self.document.source)}: {message}"])


@dataclass
class _Container:
    """An open mapping or list; `key` is the mapping key that waits for its value."""

    node: Any
    path: Path
    key: str | int | None = None


def _size(node: Any, limit: int) -> int:
    """Number of values below a node, counted no further than `limit`."""
    count, waiting = 0, [node]
    while waiting and count <= limit:
        current = waiting.pop()
        count += 1
        if isinstance(current, dict):
            waiting.extend(current.values())
        elif isinstance(current, list):
            waiting.extend(current)
    return count
