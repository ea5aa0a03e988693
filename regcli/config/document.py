"""YAML text as plain data in which every key and value remembers its line and column.

The subset is what a config needs: YAML 1.2's core types (`1e-3` is a number, `off` is a string), no
tags, no objects, no duplicate keys. The tree is built from the parser's events with bounds on its
depth and size, so that neither nesting nor aliases can exhaust the machine.
"""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from regcli.config.problems import Path, Place, Problem, dotted, shown
from regcli.errors import ConfigError

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 50_000
MAX_KEY = 200

_POSITION = re.compile(r"[0-9]{1,9}")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
UNWRITABLE = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_LONGEST_INTEGER = 250
"""Digits up to which an integer stays one: beyond, it would not fit a float and stops being read
as anything but infinite."""

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
        problems: keys that are given twice; the last value is kept.
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

    def option(self, path: Path) -> Place | None:
        """The option that set a path, or what is around it; None where the document itself does."""
        place = self.place(path)
        return None if place.line or place == self.values.get(()) else place

    def get(self, path: Path) -> Any:
        """The value at a path, or None where there is none."""
        node = self.data
        for key in path:
            if isinstance(node, list) and isinstance(key, int) and key < len(node):
                node = node[key]
            else:
                node = node.get(key) if isinstance(node, dict) else None
        return node

    def with_value(self, path: Path, value: object, place: Place) -> "Document":
        """A copy in which `path` holds `value`, said to come from `place`.

        Mappings that are missing on the way are made.

        Raises:
            ConfigError: if the path leads through something that is not a mapping or list.
        """
        changed = Document(
            self.source, copy.copy(self.data), dict(self.keys), dict(self.values), self.problems
        )
        node: Any = changed.data
        above: Path = ()
        for key in path[:-1]:
            step = _step(node, key, above, place)
            if isinstance(node, dict) and node.get(step) is None:
                node[step] = {}
                # A problem of the whole mapping is placed at the option: the file does not have it.
                changed.keys.setdefault((*above, step), place)
            else:
                node[step] = copy.copy(node[step])
            node, above = node[step], (*above, step)
        last = _step(node, path[-1], above, place)
        node[last] = value
        changed._move((*above, last), place)
        return changed

    def _move(self, path: Path, place: Place) -> None:
        """Say that a path and all below it come from another place."""
        for places in (self.keys, self.values):
            for known in [known for known in places if known[: len(path)] == path]:
                del places[known]
            places[path] = place


def parse_path(text: str) -> Path:
    """`model.layers.0.Dense.units` as a path; digits are list positions."""
    return tuple(int(part) if _POSITION.fullmatch(part) else part for part in text.split("."))


def value_at(config: Mapping[str, Any], key: str) -> Any:
    """A config's value by its dotted key; None where it has none."""
    found: Any = config
    for step in parse_path(key):
        if isinstance(found, dict):
            found = found.get(str(step))
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            return None
    return found


def _step(node: Any, key: str | int, above: Path, place: Place) -> Any:
    """The position or key of `node` (which stands at `above`) that a step of a path means."""
    if isinstance(node, dict):
        return str(key)
    if isinstance(node, list) and isinstance(key, int) and key < len(node):
        return key
    if isinstance(node, list) and node:
        rule = f"must be followed by a position from 0 to {len(node) - 1}, got '{key}'"
    else:
        rule = f"must be a mapping to hold '{key}', got {shown(node)}"
    raise ConfigError([f"{place}: {dotted(above)}: {rule}"])


def read_scalar(text: str) -> Any:
    """A plain (unquoted) scalar by YAML 1.2's core schema."""
    if text in _SPECIAL:
        return _SPECIAL[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= _LONGEST_INTEGER else float(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0) if len(text) <= _LONGEST_INTEGER // 2 else float("inf")
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
        before = text[: error.position]
        place = Place(before.count("\n") + 1, error.position - before.rfind("\n"), source)
        what = f"the character U+{error.character:04X}"
        raise ConfigError([f"{place}: must be plain text, got {what}"]) from None


def write_yaml(data: Any) -> str:
    """Plain data as YAML that `read_yaml` reads back the same.

    By default PyYAML writes texts such as `1e-3` and `0o17` without quotes: YAML 1.1 has no such
    numbers.
    """
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def inline_text(value: Any) -> str:
    """Plain data on one line, as it may stand after a key, as an item of a list, or as a key."""
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": float("inf")}
    if isinstance(value, str):
        text = str(yaml.dump(value, Dumper=_Dumper, **options)).removesuffix("\n...\n").rstrip("\n")
        if "\n" not in text:
            return text
    flow = str(yaml.dump([value], Dumper=_Dumper, default_flow_style=True, **options))
    return flow.strip().removeprefix("[").removesuffix("]")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if isinstance(read_scalar(text), str) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


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
        loader = yaml.SafeLoader(text)
        while event := self._next_event(loader):
            self._take(event)
        return self.document

    def _next_event(self, loader: yaml.SafeLoader) -> Any:
        try:
            return loader.get_event()  # type: ignore[no-untyped-call]
        except ValueError:
            # For escapes and versions out of range PyYAML raises a plain ValueError.
            place = _place(loader.get_mark(), self.document.source)
            message = "must be valid YAML: a number or an escape is out of range"
            raise ConfigError([f"{place}: {message}"]) from None

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
        if unwritable := UNWRITABLE.search(event.value):
            code = f"U+{ord(unwritable.group()):04X}"
            raise self._error(event, f"must be plain text, got the character {code}")
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
            raise self._error(event, f"refers to an undefined anchor, got *{event.anchor}")
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
        if not isinstance(event, yaml.ScalarEvent) or not event.value:
            got = f"*{event.anchor}" if isinstance(event, yaml.AliasEvent) else shown(value)
            raise self._error(event, f"a key must be a plain word, got {got}")
        key = str(event.value)
        if len(key) > MAX_KEY:
            message = f"a key must have at most {MAX_KEY} characters, got {len(key):,}"
            raise self._error(event, message)
        if key == "<<" and event.style is None:
            rule = "merge keys (<<) are not part of YAML 1.2: write the keys out"
            raise self._error(event, f"{rule}; an alias alone (*name) works")
        path = (*top.path, key)
        if key in top.node:
            first = self.document.keys[path]
            message = f"must not be given twice; it is first given on line {first.line}"
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
    key: str | None = None


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
