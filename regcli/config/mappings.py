"""Configs that a program gives as a mapping: plain data without a file, as YAML would give it."""

import os
from collections.abc import Mapping
from typing import Any

from regcli.config.document import MAX_DEPTH, MAX_KEY, MAX_NODES, UNWRITABLE, Document
from regcli.config.problems import Path, Place, dotted, shown
from regcli.errors import ConfigError

SOURCE = "config"
"""What messages call a mapping, which has no file and no lines."""


def document_of(given: Mapping[Any, Any]) -> Document:
    """A mapping as a document, in which all has one place.

    Tuples and arrays become lists, NumPy's numbers become Python's, paths become text. Nothing of
    the mapping itself is kept.

    Raises:
        ConfigError: with every value that no YAML could give, by its key.
    """
    place = Place(0, 0, SOURCE)
    copied = _Copy()
    document = Document(SOURCE, copied.plain(given, ()), {(): place}, {(): place})
    if copied.problems:
        raise ConfigError(copied.problems)
    return document


def plain_value(value: object, place: str) -> Any:
    """A single value as `document_of` takes it.

    Args:
        place: what to call it in a message.

    Raises:
        ConfigError: no YAML could give it.
    """
    copied = _Copy(place)
    found = copied.plain(value, ())
    if copied.problems:
        raise ConfigError(copied.problems)
    return found


class _Copy:
    """Copies values, and notes what is wrong with them."""

    def __init__(self, source: str = SOURCE) -> None:
        self.problems: list[str] = []
        self._source = source
        self._count = 0

    def plain(self, value: Any, path: Path) -> Any:
        """A value as plain data; None where it cannot be."""
        self._count += 1
        if self._count == MAX_NODES + 1:
            self._refuse((), f"must not hold more than {MAX_NODES:,} values")
        if self._count > MAX_NODES:
            return None
        if len(path) > MAX_DEPTH:
            self._refuse(path[:1], f"must not nest deeper than {MAX_DEPTH} levels")
            return None
        if isinstance(value, os.PathLike):
            value = os.fspath(value)
        elif not isinstance(value, type) and callable(getattr(value, "tolist", None)):
            value = value.tolist()  # an array or a number of NumPy
        if isinstance(value, str):
            return self._text(value, path)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return int(value) if isinstance(value, int) else float(value)
        if isinstance(value, Mapping):
            return self._mapping(value, path)
        if isinstance(value, list | tuple | range):
            return [self.plain(item, (*path, place)) for place, item in enumerate(value)]
        rule = "must be text, a number, true or false, None, a list or a mapping"
        self._refuse(path, f"{rule}, got an object of the type {type(value).__name__}")
        return None

    def _mapping(self, value: Mapping[Any, Any], path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item in value.items():
            is_word = isinstance(key, str | int | float) and not isinstance(key, bool)
            if not is_word or not (word := self._text(str(key), path)):
                self._refuse(path, f"a key must be a word, got {shown(key)}")
            elif len(word) > MAX_KEY:
                rule = f"a key must have at most {MAX_KEY} characters"
                self._refuse(path, f"{rule}, got {len(word):,}")
            elif word in found:
                self._refuse((*path, word), "must not be given twice, as text and as a number")
            else:
                found[word] = self.plain(item, (*path, word))
        return found

    def _text(self, value: str, path: Path) -> str:
        if unwritable := UNWRITABLE.search(value):
            code = f"U+{ord(unwritable.group()):04X}"
            self._refuse(path, f"must be plain text, got the character {code}")
            return ""
        return str(value)

    def _refuse(self, path: Path, message: str) -> None:
        key = f"{dotted(path)}: " if path else ""
        problem = f"{self._source}: {key}{message}"
        if problem not in self.problems:
            self.problems.append(problem)
